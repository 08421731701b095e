-- Lifetime.

create function @extschema@.lifetime_result(internal) returns numeric
  language c immutable parallel safe as 'MODULE_PATHNAME', 'lifetime_result_wrapper';
comment on function @extschema@.lifetime_result(internal) is 'Says the result; a part of the aggregates over timelines.';

create aggregate @extschema@.account_lifetime(steps @extschema@.mrr_timeline, exchange bytea) (
  sfunc = @extschema@.retention_add, stype = internal, finalfunc = @extschema@.lifetime_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.account_lifetime(@extschema@.mrr_timeline, bytea) is
  'Lifetime of a set of accounts between the two days of mrr_exchange(currency, array[day before the period, last day of it]), in constant currency; null when none had MRR at the opening.';
create aggregate @extschema@.lifetime(steps @extschema@.mrr_timeline, period daterange) (
  sfunc = @extschema@.retention_add_period, stype = internal, finalfunc = @extschema@.lifetime_result,
  combinefunc = @extschema@.retention_combine, serialfunc = @extschema@.retention_serialize,
  deserialfunc = @extschema@.retention_deserialize, parallel = safe
);
comment on aggregate @extschema@.lifetime(@extschema@.mrr_timeline, daterange) is
  'Lifetime of a set of accounts that have one currency over a half-open period; null when none had MRR at the opening. A set of several currencies takes account_lifetime and mrr_exchange.';

create function @extschema@.lifetime(cohort text, period daterange, currency text default null,
                              as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.mrr_retention('account_lifetime', cohort, period, currency, as_of, at, policy)
$$;
comment on function @extschema@.lifetime(text, daterange, text, timestamptz, text, text) is
  'Lifetime: 1 over logo churn, in the churn''s own period: 8 % a year is 12.5 years. Null when nobody left. The cohort is taken at the opening (at => ''now'': as it is now); null when none had MRR at the opening. as_of is a known time.';

-- ARPA and LTV.

create function @extschema@.arpa(day date, cohort text default 'all', currency text default null,
                                 as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  exchange bytea := @extschema@.mrr_exchange(currency, array[@extschema@.mrr_given_day(day, 'day')], as_of, policy => policy);
  result numeric;
begin
  execute 'select @extschema@.mrr_ratio(sum(a.annual), 12 * count(*) filter (where a.annual > 0 or a.stays_free))
             from (select @extschema@.timeline_amount(t.steps, $1) as annual, @extschema@.timeline_stays_free(t.steps, $2) as stays_free
                     from ' || @extschema@.mrr_timelines_on('net', cohort, as_of, at, policy, day) || ' t) a'
     into result using exchange, day;
  return result;
end
$$;
comment on function @extschema@.arpa(date, text, text, timestamptz, text, text) is
  'Average MRR per active account at the end of a local day: MRR over the accounts with MRR above 0 (with free_plan = contraction also those that moved to a free plan). Null when there is none. cohort, currency, as_of and at as of arr_at.';

create function @extschema@.ltv(day date, margin numeric default 1, cohort text default 'all', currency text default null,
                                as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  until timestamp := @extschema@.mrr_given_day(day, 'day') + 1;
  churn numeric;
  months integer;
begin
  if margin is null or margin not between 0 and 1 then
    raise exception 'margin must be between 0 and 1, not %', coalesce(margin::text, 'null')
      using errcode = '22023', hint = 'A gross margin of 80 % is 0.8.';
  end if;
  select sum(m.churn), count(m.churn) into churn, months
    from generate_series(0, 5) n
   cross join lateral @extschema@.logo_churn(cohort, daterange((until - (n + 1) * interval '1 month')::date, (until - n * interval '1 month')::date),
                                             currency, as_of, at, policy) m(churn);
  return @extschema@.mrr_ratio(round(@extschema@.arpa(day, cohort, currency, as_of, at, policy) * margin * months, 18), churn);
end
$$;
comment on function @extschema@.ltv(date, numeric, text, text, timestamptz, text, text) is
  'Lifetime value at the end of a local day: ARPA times margin (1: revenue, 0.8: a gross margin of 80 %) over the mean monthly logo churn of the six months that end with the day; months without accounts at their opening are left out of the mean. Null when nobody churned.';
