-- Gross revenue retention.

create function @extschema@.grr_result(internal) returns numeric
  language c immutable parallel safe as 'MODULE_PATHNAME', 'grr_result_wrapper';
comment on function @extschema@.grr_result(internal) is 'Says the result; a part of the aggregates over timelines.';

create aggregate @extschema@.gross_retention(steps @extschema@.mrr_timeline, exchange bytea) (
  sfunc = @extschema@.retention_add, stype = internal, finalfunc = @extschema@.grr_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.gross_retention(@extschema@.mrr_timeline, bytea) is
  'GRR of a set of accounts between the two days of mrr_exchange(currency, array[day before the period, last day of it]), in constant currency; null when none had MRR at the opening.';
create aggregate @extschema@.grr(steps @extschema@.mrr_timeline, period daterange) (
  sfunc = @extschema@.retention_add_period, stype = internal, finalfunc = @extschema@.grr_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.grr(@extschema@.mrr_timeline, daterange) is
  'GRR of a set of accounts that have one currency over a half-open period; null when none had MRR at the opening. A set of several currencies takes gross_retention and mrr_exchange.';

create function @extschema@.grr(cohort text, period daterange, currency text default null,
                              as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.mrr_retention('gross_retention', cohort, period, currency, as_of, at, policy)
$$;
comment on function @extschema@.grr(text, daterange, text, timestamptz, text, text) is
  'Gross revenue retention, endpoint form: the sum over the accounts of the cohort that had MRR at the opening of the smaller of opening and closing MRR, over their opening MRR; 0.95 is 95 %. In constant currency (both ends at the opening''s rates); the cohort is taken at the opening (at => ''now'': as it is now); null when none had MRR at the opening. as_of is a known time.';
