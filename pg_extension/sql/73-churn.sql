-- Gross revenue churn.

create function @extschema@.gross_churn_result(internal) returns numeric
  language c immutable parallel safe as 'MODULE_PATHNAME', 'gross_churn_result_wrapper';
comment on function @extschema@.gross_churn_result(internal) is 'Says the result; a part of the aggregates over timelines.';

create aggregate @extschema@.gross_revenue_churn(steps @extschema@.mrr_timeline, exchange bytea) (
  sfunc = @extschema@.retention_add, stype = internal, finalfunc = @extschema@.gross_churn_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.gross_revenue_churn(@extschema@.mrr_timeline, bytea) is
  'Gross revenue churn of a set of accounts between the two days of mrr_exchange(currency, array[day before the period, last day of it]), in constant currency; null when none had MRR at the opening.';
create aggregate @extschema@.gross_churn(steps @extschema@.mrr_timeline, period daterange) (
  sfunc = @extschema@.retention_add_period, stype = internal, finalfunc = @extschema@.gross_churn_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.gross_churn(@extschema@.mrr_timeline, daterange) is
  'Gross revenue churn of a set of accounts that have one currency over a half-open period; null when none had MRR at the opening. A set of several currencies takes gross_revenue_churn and mrr_exchange.';

create function @extschema@.gross_churn(cohort text, period daterange, currency text default null,
                              as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.mrr_retention('gross_revenue_churn', cohort, period, currency, as_of, at, policy)
$$;
comment on function @extschema@.gross_churn(text, daterange, text, timestamptz, text, text) is
  'Gross revenue churn: contraction and churn of the accounts of the cohort that had MRR at the opening, over their opening MRR; 0.05 is 5 %, and 1 less it is grr. In constant currency (both ends at the opening''s rates); the cohort is taken at the opening (at => ''now'': as it is now); null when none had MRR at the opening. as_of is a known time.';

-- Net revenue churn.

create function @extschema@.net_churn_result(internal) returns numeric
  language c immutable parallel safe as 'MODULE_PATHNAME', 'net_churn_result_wrapper';
comment on function @extschema@.net_churn_result(internal) is 'Says the result; a part of the aggregates over timelines.';

create aggregate @extschema@.net_revenue_churn(steps @extschema@.mrr_timeline, exchange bytea) (
  sfunc = @extschema@.retention_add, stype = internal, finalfunc = @extschema@.net_churn_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.net_revenue_churn(@extschema@.mrr_timeline, bytea) is
  'Net revenue churn of a set of accounts between the two days of mrr_exchange(currency, array[day before the period, last day of it]), in constant currency; null when none had MRR at the opening.';
create aggregate @extschema@.net_churn(steps @extschema@.mrr_timeline, period daterange) (
  sfunc = @extschema@.retention_add_period, stype = internal, finalfunc = @extschema@.net_churn_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.net_churn(@extschema@.mrr_timeline, daterange) is
  'Net revenue churn of a set of accounts that have one currency over a half-open period; null when none had MRR at the opening. A set of several currencies takes net_revenue_churn and mrr_exchange.';

create function @extschema@.net_churn(cohort text, period daterange, currency text default null,
                              as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.mrr_retention('net_revenue_churn', cohort, period, currency, as_of, at, policy)
$$;
comment on function @extschema@.net_churn(text, daterange, text, timestamptz, text, text) is
  'Net revenue churn: contraction and churn less expansion of the accounts of the cohort that had MRR at the opening, over their opening MRR; -0.1 is a growth of 10 %, and 1 less it is nrr. In constant currency (both ends at the opening''s rates); the cohort is taken at the opening (at => ''now'': as it is now); null when none had MRR at the opening. as_of is a known time.';

-- Logo churn.

create function @extschema@.logo_churn_result(internal) returns numeric
  language c immutable parallel safe as 'MODULE_PATHNAME', 'logo_churn_result_wrapper';
comment on function @extschema@.logo_churn_result(internal) is 'Says the result; a part of the aggregates over timelines.';

create aggregate @extschema@.account_churn(steps @extschema@.mrr_timeline, exchange bytea) (
  sfunc = @extschema@.retention_add, stype = internal, finalfunc = @extschema@.logo_churn_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.account_churn(@extschema@.mrr_timeline, bytea) is
  'Logo churn of a set of accounts between the two days of mrr_exchange(currency, array[day before the period, last day of it]), in constant currency; null when none had MRR at the opening.';
create aggregate @extschema@.logo_churn(steps @extschema@.mrr_timeline, period daterange) (
  sfunc = @extschema@.retention_add_period, stype = internal, finalfunc = @extschema@.logo_churn_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.logo_churn(@extschema@.mrr_timeline, daterange) is
  'Logo churn of a set of accounts that have one currency over a half-open period; null when none had MRR at the opening. A set of several currencies takes account_churn and mrr_exchange.';

create function @extschema@.logo_churn(cohort text, period daterange, currency text default null,
                              as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.mrr_retention('account_churn', cohort, period, currency, as_of, at, policy)
$$;
comment on function @extschema@.logo_churn(text, daterange, text, timestamptz, text, text) is
  'Logo churn: how many of the accounts of the cohort that had MRR at the opening have none at the close, over how many there were; 0.1 is 10 %. In constant currency (both ends at the opening''s rates); the cohort is taken at the opening (at => ''now'': as it is now); null when none had MRR at the opening. as_of is a known time.';
