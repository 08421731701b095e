-- Net revenue retention.

create function @extschema@.nrr_result(internal) returns numeric
  language c immutable parallel safe as 'MODULE_PATHNAME', 'nrr_result_wrapper';
comment on function @extschema@.nrr_result(internal) is 'Says the result; a part of the aggregates over timelines.';

create aggregate @extschema@.net_retention(steps @extschema@.mrr_timeline, exchange bytea) (
  sfunc = @extschema@.retention_add, stype = internal, finalfunc = @extschema@.nrr_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.net_retention(@extschema@.mrr_timeline, bytea) is
  'NRR of a set of accounts between the two days of mrr_exchange(currency, array[day before the period, last day of it]), in constant currency; null when none had MRR at the opening.';
create aggregate @extschema@.nrr(steps @extschema@.mrr_timeline, period daterange) (
  sfunc = @extschema@.retention_add_period, stype = internal, finalfunc = @extschema@.nrr_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.nrr(@extschema@.mrr_timeline, daterange) is
  'NRR of a set of accounts that have one currency over a half-open period; null when none had MRR at the opening. A set of several currencies takes net_retention and mrr_exchange.';

create function @extschema@.nrr(cohort text, period daterange, currency text default null,
                              as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.mrr_retention('net_retention', cohort, period, currency, as_of, at, policy)
$$;
comment on function @extschema@.nrr(text, daterange, text, timestamptz, text, text) is
  'Net revenue retention: the closing MRR of the accounts of the cohort that had MRR at the opening, over their opening MRR; 1.1 is 110 %. In constant currency (both ends at the opening''s rates); the cohort is taken at the opening (at => ''now'': as it is now); null when none had MRR at the opening. as_of is a known time.';
