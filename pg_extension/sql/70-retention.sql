-- What NRR and GRR share: one state over the accounts that had MRR at the opening.

create function @extschema@.retention_add(internal, steps @extschema@.mrr_timeline, exchange bytea) returns internal
  language c immutable parallel safe cost 20 as 'MODULE_PATHNAME', 'retention_add_wrapper';
comment on function @extschema@.retention_add(internal, @extschema@.mrr_timeline, bytea) is 'Takes one row; a part of the aggregates over timelines.';
create function @extschema@.retention_add_period(internal, steps @extschema@.mrr_timeline, period daterange) returns internal
  language c immutable parallel safe cost 20 as 'MODULE_PATHNAME', 'retention_add_period_wrapper';
comment on function @extschema@.retention_add_period(internal, @extschema@.mrr_timeline, daterange) is 'Takes one row; a part of the aggregates over timelines.';
create function @extschema@.retention_combine(internal, internal) returns internal
  language c immutable parallel safe as 'MODULE_PATHNAME', 'retention_combine_wrapper';
comment on function @extschema@.retention_combine(internal, internal) is 'Joins the states of two workers; a part of the aggregates over timelines.';
create function @extschema@.retention_serialize(internal) returns bytea
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'retention_serialize_wrapper';
comment on function @extschema@.retention_serialize(internal) is 'Sends a state to another worker; a part of the aggregates over timelines.';
create function @extschema@.retention_deserialize(bytea, internal) returns internal
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'retention_deserialize_wrapper';
comment on function @extschema@.retention_deserialize(bytea, internal) is 'Receives a state from another worker; a part of the aggregates over timelines.';

create function @extschema@.retention_sums_result(internal) returns numeric[]
  language c immutable parallel safe as 'MODULE_PATHNAME', 'retention_sums_result_wrapper';
comment on function @extschema@.retention_sums_result(internal) is 'Says the result; a part of the aggregates over timelines.';
create aggregate @extschema@.retention_sums(steps @extschema@.mrr_timeline, exchange bytea) (
  sfunc = @extschema@.retention_add, stype = internal, finalfunc = @extschema@.retention_sums_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.retention_sums(@extschema@.mrr_timeline, bytea) is
  'The sums under NRR, GRR and churn, over the accounts that had MRR at the first day of mrr_exchange(currency, days): their annual run rate then, at the second day, what of it was kept, how many they were, and how many of them have none any more.';

create function @extschema@.mrr_given_period(period daterange) returns date[]
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  if period is null or isempty(period) or lower(period) is null or upper(period) is null
     or not isfinite(lower(period)) or not isfinite(upper(period)) then
    raise exception 'period must have a first and a last day, not %', coalesce(period::text, 'null')
      using errcode = '22023', hint = 'Ranges are half-open: the first quarter of 2026 is [2026-01-01,2026-04-01).';
  end if;
  return array[lower(period) - 1, upper(period) - 1];
end
$$;
comment on function @extschema@.mrr_given_period(daterange) is
  'The days at whose ends a period opens and closes: the one before it and its last. Raises 22023 for null, empty and endless periods.';

create function @extschema@.trailing_period(period interval, day date) returns daterange
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  until date := @extschema@.mrr_given_day(day, 'day') + 1;
  start timestamp := until::timestamp - period;
begin
  if start is null or start <> date_trunc('day', start) or start >= until::timestamp then
    raise exception 'period "%" is not a number of whole days, months or years', coalesce(period::text, 'null')
      using errcode = '22023', hint = 'Write an interval such as 12 months, 1 year or 90 days.';
  end if;
  return daterange(start::date, until);
end
$$;
comment on function @extschema@.trailing_period(interval, date) is
  'The period of this length that ends with a day: [day + 1 - period, day + 1), so that a month-end stays a month-end.';

create function @extschema@.mrr_retention(ratio text, cohort text, period daterange, currency text, as_of timestamptz, at text, policy text) returns numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
  set jit = off
as $$
declare
  exchange bytea := @extschema@.mrr_exchange(currency, @extschema@.mrr_given_period(period), as_of, policy => policy);
  result numeric;
begin
  -- A ratio over a fixed set: the accounts that belong at the opening, wherever they belong later.
  execute format('select @extschema@.%I(t.steps, $1) from %s t', ratio,
                 @extschema@.mrr_timelines_on('net', cohort, as_of, at, policy, lower(period) - 1))
     into result using exchange;
  return result;
end
$$;
comment on function @extschema@.mrr_retention(text, text, daterange, text, timestamptz, text, text) is
  'A ratio (net_retention, gross_retention, ...) over the accounts of a cohort at the opening of a period, in constant currency. Called by nrr, grr and their like.';

create function @extschema@.mrr_retention_sums(cohort text, period daterange, currency text, as_of timestamptz, at text, policy text) returns numeric[]
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
  set jit = off
as $$
declare
  exchange bytea := @extschema@.mrr_exchange(currency, @extschema@.mrr_given_period(period), as_of, policy => policy);
  sums numeric[];
begin
  execute 'select @extschema@.retention_sums(t.steps, $1) from '
          || @extschema@.mrr_timelines_on('net', cohort, as_of, at, policy, lower(period) - 1) || ' t'
     into sums using exchange;
  return sums;
end
$$;
comment on function @extschema@.mrr_retention_sums(text, daterange, text, timestamptz, text, text) is
  'retention_sums over the accounts of a cohort at the opening of a period.';
