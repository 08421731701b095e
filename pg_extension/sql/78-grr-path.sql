-- GRR, path form.

create function @extschema@.path_add(internal, steps @extschema@.mrr_timeline, exchange bytea) returns internal
  language c immutable parallel safe cost 40 as 'MODULE_PATHNAME', 'path_add_wrapper';
comment on function @extschema@.path_add(internal, @extschema@.mrr_timeline, bytea) is 'Takes one row; a part of the aggregates over timelines.';
create function @extschema@.path_add_period(internal, steps @extschema@.mrr_timeline, period daterange) returns internal
  language c immutable parallel safe cost 40 as 'MODULE_PATHNAME', 'path_add_period_wrapper';
comment on function @extschema@.path_add_period(internal, @extschema@.mrr_timeline, daterange) is 'Takes one row; a part of the aggregates over timelines.';
create function @extschema@.path_combine(internal, internal) returns internal
  language c immutable parallel safe as 'MODULE_PATHNAME', 'path_combine_wrapper';
comment on function @extschema@.path_combine(internal, internal) is 'Joins the states of two workers; a part of the aggregates over timelines.';
create function @extschema@.path_serialize(internal) returns bytea
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'path_serialize_wrapper';
comment on function @extschema@.path_serialize(internal) is 'Sends a state to another worker; a part of the aggregates over timelines.';
create function @extschema@.path_deserialize(bytea, internal) returns internal
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'path_deserialize_wrapper';
comment on function @extschema@.path_deserialize(bytea, internal) is 'Receives a state from another worker; a part of the aggregates over timelines.';
create function @extschema@.grr_path_result(internal) returns numeric
  language c immutable parallel safe as 'MODULE_PATHNAME', 'grr_path_result_wrapper';
comment on function @extschema@.grr_path_result(internal) is 'Says the result; a part of the aggregates over timelines.';

create aggregate @extschema@.path_retention(steps @extschema@.mrr_timeline, exchange bytea) (
  sfunc = @extschema@.path_add, stype = internal, finalfunc = @extschema@.grr_path_result,
  combinefunc = @extschema@.path_combine, serialfunc = @extschema@.path_serialize,
  deserialfunc = @extschema@.path_deserialize, parallel = safe
);
comment on aggregate @extschema@.path_retention(@extschema@.mrr_timeline, bytea) is
  'GRR in its path form of a set of accounts between the two days of mrr_exchange(currency, array[day before the period, last day of it]), in constant currency; null when none had MRR at the opening.';
create aggregate @extschema@.grr_path(steps @extschema@.mrr_timeline, period daterange) (
  sfunc = @extschema@.path_add_period, stype = internal, finalfunc = @extschema@.grr_path_result,
  combinefunc = @extschema@.path_combine, serialfunc = @extschema@.path_serialize,
  deserialfunc = @extschema@.path_deserialize, parallel = safe
);
comment on aggregate @extschema@.grr_path(@extschema@.mrr_timeline, daterange) is
  'GRR in its path form of a set of accounts that have one currency over a half-open period; null when none had MRR at the opening. A set of several currencies takes path_retention and mrr_exchange.';

create function @extschema@.grr_path(cohort text, period daterange, currency text default null,
                              as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.mrr_retention('path_retention', cohort, period, currency, as_of, at, policy)
$$;
comment on function @extschema@.grr_path(text, daterange, text, timestamptz, text, text) is
  'Gross revenue retention, path form: like grr, but every contraction and churn on the way counts, also what was made good later: 100 to 150 to 120 keeps 70 %. In constant currency (both ends at the opening''s rates); the cohort is taken at the opening (at => ''now'': as it is now); null when none had MRR at the opening. as_of is a known time.';
