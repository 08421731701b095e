-- MRR and ARR of a day, of each period's end, and of each account.

create function @extschema@.states_add(internal, steps @extschema@.mrr_timeline, exchange bytea, membership date[]) returns internal
  language c immutable parallel safe cost 20 as 'MODULE_PATHNAME', 'states_add_wrapper';
comment on function @extschema@.states_add(internal, @extschema@.mrr_timeline, bytea, date[]) is 'Takes one row; a part of the aggregates over timelines.';
create function @extschema@.states_result(internal) returns numeric[]
  language c immutable parallel safe as 'MODULE_PATHNAME', 'states_result_wrapper';
comment on function @extschema@.states_result(internal) is 'Says the result; a part of the aggregates over timelines.';
create function @extschema@.states_combine(internal, internal) returns internal
  language c immutable parallel safe as 'MODULE_PATHNAME', 'states_combine_wrapper';
comment on function @extschema@.states_combine(internal, internal) is 'Joins the states of two workers; a part of the aggregates over timelines.';
create function @extschema@.states_serialize(internal) returns bytea
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'states_serialize_wrapper';
comment on function @extschema@.states_serialize(internal) is 'Sends a state to another worker; a part of the aggregates over timelines.';
create function @extschema@.states_deserialize(bytea, internal) returns internal
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'states_deserialize_wrapper';
comment on function @extschema@.states_deserialize(bytea, internal) is 'Receives a state from another worker; a part of the aggregates over timelines.';
create aggregate @extschema@.arr_states(steps @extschema@.mrr_timeline, exchange bytea, membership date[]) (
  sfunc = @extschema@.states_add, stype = internal, finalfunc = @extschema@.states_result,
  combinefunc = @extschema@.states_combine, serialfunc = @extschema@.states_serialize,
  deserialfunc = @extschema@.states_deserialize, parallel = safe
);
comment on aggregate @extschema@.arr_states(@extschema@.mrr_timeline, bytea, date[]) is
  'The annual run rate of a set of accounts at the end of each day of mrr_exchange(currency, days), in its currency; membership lists the days on which the account belongs (null: always). Null when there was no account.';

create function @extschema@.mrr_states(measure text, days date[], cohort text, exchange bytea, as_of timestamptz, at text, policy text)
  returns setof numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
  set jit = off
as $$
declare
  rules jsonb := @extschema@.mrr_policy(policy);
  stored boolean := as_of is null and @extschema@.mrr_counts_as_stored(rules);
  annual numeric[];
begin
  if not stored and cardinality(days) = 1 then
    -- Putting timelines together for one of their days would take several times as long.
    return query execute
      'select @extschema@.exchange_sum($1, 1, coalesce(array_agg(c.currency), ''{}''), coalesce(array_agg(c.annual), ''{}''))
         from (select s.currency, sum(s.annual) * 0.000001 as annual
                 from (' || @extschema@.mrr_counted(measure, as_of, rules) || ') s '
                 || @extschema@.mrr_members(cohort, as_of, coalesce(@extschema@.cohort_at(at), days[1]), rules) || '
                where s.valid_from <= $2 and $2 < s.valid_until group by 1) c'
      using exchange, days[1];
  elsif cohort <> 'all' or cohort is null or not stored or not @extschema@.mrr_sees_all() then
    execute 'select @extschema@.arr_states(t.steps, $1, t.days) from '
            || case cardinality(days) when 1 then @extschema@.mrr_timelines_on(measure, cohort, as_of, at, policy, days[1])
                                      else @extschema@.mrr_timelines(measure, cohort, as_of, at, policy) end || ' t'
       into annual using exchange;
    return query select coalesce(annual[place], 0) from generate_subscripts(days, 1) place;
  elsif cardinality(days) = 1 then
    return query
      select @extschema@.exchange_sum(exchange, 1, coalesce(array_agg(c.currency), '{}'), coalesce(array_agg(c.sum), '{}'))
        from (
          select d.currency, sum(d.change)
            from (
              select m.currency, m.change from revenue.month_change m
               where m.measure = mrr_states.measure and m.month < @extschema@.mrr_month(days[1])
              union all
              select c.currency, c.change from revenue.day_change c
               where c.measure = mrr_states.measure and c.day between @extschema@.mrr_month(days[1]) and days[1]
            ) d
           group by d.currency
        ) c;
  else
    -- Each day that is asked for joins the days of change as a change of nothing.
    select @extschema@.exchange_sums(exchange, coalesce(array_agg(s.place), '{}'), coalesce(array_agg(s.currency), '{}'),
                                     coalesce(array_agg(s.sum), '{}'))
      into annual
      from (
        select e.place, e.currency, sum(e.change) over (partition by e.currency order by e.day)
          from (
            select null::integer as place, c.currency, c.day, c.change from revenue.day_change c
             where c.measure = mrr_states.measure and c.day <= (select max(d) from unnest(days) d)
            union all
            select d.place::integer, c.code, d.day, 0
              from unnest(days) with ordinality d(day, place) cross join @extschema@.mrr_currencies() c(code)
          ) e
      ) s
     where s.place is not null and s.sum <> 0;
    return query select unnest(annual);
  end if;
end
$$;
comment on function @extschema@.mrr_states(text, date[], text, bytea, timestamptz, text, text) is
  'The annual run rate (measure net or gross) of a cohort at the end of each day, in the order of the days of mrr_exchange(currency, days). For the whole book as it is known now its cost depends on the number of days with a change (for one day: of months), not on the number of accounts.';

create function @extschema@.arr_at(day date, cohort text default 'all', currency text default null,
                                   as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (select s from @extschema@.mrr_states('net', array[day], cohort,
                                               @extschema@.mrr_exchange(currency, array[@extschema@.mrr_given_day(day, 'day')], as_of, policy => policy),
                                               as_of, at, policy) s);
end
$$;
comment on function @extschema@.arr_at(date, text, text, timestamptz, text, text) is
  'ARR at the end of a local day, exact, in the book''s currency or the one asked for: the sum of the annual run rates in force, net of running discounts. The cohort counts the accounts that belong to it on that day (at => ''now'': those that belong now). as_of is a known time: what would have been reported then. policy names what counts, a row of revenue.policy.';

create function @extschema@.mrr_at(day date, cohort text default 'all', currency text default null,
                                   as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return @extschema@.mrr_monthly(@extschema@.arr_at(day, cohort, currency, as_of, at, policy));
end
$$;
comment on function @extschema@.mrr_at(date, text, text, timestamptz, text, text) is
  'MRR at the end of a local day: a twelfth of arr_at, kept to 18 decimals and not rounded to cents. Arguments as of arr_at.';

create function @extschema@.cmrr_at(day date, horizon interval default '12 months', cohort text default 'all', currency text default null,
                                    as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  until timestamp := @extschema@.mrr_given_day(day, 'day')::timestamp + horizon;
begin
  if until is null or until <> date_trunc('day', until) or until < day then
    raise exception 'horizon "%" is not a number of whole days, months or years', coalesce(horizon::text, 'null')
      using errcode = '22023', hint = 'Write an interval such as 12 months, 1 year or 90 days.';
  end if;
  -- Rates of a day to come are not known: the day's own.
  return @extschema@.mrr_monthly((
    select s from @extschema@.mrr_states('net', array[until::date], cohort,
                                         @extschema@.mrr_exchange(currency, array[until::date], as_of, rates_on => array[day], policy => policy),
                                         as_of, at, policy) s));
end
$$;
comment on function @extschema@.cmrr_at(date, interval, text, text, timestamptz, text, text) is
  'Committed MRR: the MRR of a day plus everything already contracted to change by the horizon: future starts, price changes and cancellations that are known (with as_of: that were known then). At the exchange rates of the day. For a day long past name as_of, else what was contracted since is in it.';

create function @extschema@.mrr_series(from_day date, to_day date, grain text default 'month', cohort text default 'all', currency text default null,
                                       as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns table (day date, mrr numeric, arr numeric, gross_mrr numeric)
  language plpgsql stable parallel safe rows 36
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ends date[] := array(select b - 1 from unnest((@extschema@.mrr_given_borders(from_day, to_day, grain))[2:]) b);
  exchange bytea := @extschema@.mrr_exchange(mrr_series.currency, ends, mrr_series.as_of, policy => mrr_series.policy);
begin
  return query
    select d, @extschema@.mrr_monthly(n), n, @extschema@.mrr_monthly(g)
      from rows from (unnest(ends),
                      @extschema@.mrr_states('net', ends, mrr_series.cohort, exchange, mrr_series.as_of, mrr_series.at, mrr_series.policy),
                      @extschema@.mrr_states('gross', ends, mrr_series.cohort, exchange, mrr_series.as_of, mrr_series.at, mrr_series.policy)) s(d, n, g);
end
$$;
comment on function @extschema@.mrr_series(date, date, text, text, text, timestamptz, text, text) is
  'MRR, ARR and MRR before discounts at the end of each day, week, month, quarter or year in [from_day, to_day); day is the last day of each period. cohort, currency, as_of and at as of arr_at.';

create function @extschema@.account_mrr(day date, cohort text default 'all', currency text default null,
                                        as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns table (account text, name text, source text, currency_code text, mrr numeric, arr numeric, gross_mrr numeric, since date)
  language plpgsql stable parallel safe rows 1000
  set search_path = pg_catalog, pg_temp
  set jit = off
as $$
#variable_conflict use_column
declare
  target text := case when account_mrr.currency = 'own' then null else @extschema@.mrr_book(account_mrr.currency) end;
  exchange bytea := @extschema@.mrr_exchange(target, array[@extschema@.mrr_given_day(account_mrr.day, 'day')], account_mrr.as_of, policy => account_mrr.policy);
  amounts text := case when target is null then
    'lateral (select coalesce(n.currency, g.currency) as currency, coalesce(n.annual, 0) as net, coalesce(g.annual, 0) as gross
                from @extschema@.timeline_at(n.steps, $2) n full join @extschema@.timeline_at(g.steps, $2) g using (currency)) m'
  else
    'lateral (select $3 as currency, @extschema@.timeline_amount(n.steps, $1) as net, @extschema@.timeline_amount(g.steps, $1) as gross) m'
  end;
begin
  return query execute
    'select a.id, a.name, a.source, m.currency, @extschema@.mrr_monthly(m.net), m.net, @extschema@.mrr_monthly(m.gross),
            @extschema@.timeline_first_day(n.steps)
       from ' || @extschema@.mrr_timelines_on('net', account_mrr.cohort, account_mrr.as_of, account_mrr.at, account_mrr.policy, account_mrr.day) || ' n
       join ' || @extschema@.mrr_timelines('gross', 'all', account_mrr.as_of, null, account_mrr.policy) || ' g using (account_key)
       join revenue.account a on a.key = n.account_key
      cross join ' || amounts || '
      where m.net <> 0 or m.gross <> 0
      order by m.net desc, a.id'
    using exchange, account_mrr.day, target;
end
$$;
comment on function @extschema@.account_mrr(date, text, text, timestamptz, text, text) is
  'Every account with a charge in force at the end of a local day: MRR, ARR and MRR before discounts in the book''s currency, in the one asked for, or with currency => ''own'' in each account''s own (a row a currency). since is the first day it ever had MRR. An account whose discounts take everything is listed with 0 and is not active. cohort, as_of and at as of arr_at.';
