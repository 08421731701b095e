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

create function @extschema@.mrr_states(measure text, days date[], cohort text, exchange bytea) returns setof numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  annual numeric[];
begin
  if cohort = 'all' then
    -- Each day that is asked for joins the days of change as a change of nothing.
    return query
      select @extschema@.exchange_sum(exchange, s.place,
                                      coalesce(array_agg(s.currency) filter (where s.currency is not null), '{}'),
                                      coalesce(array_agg(s.sum) filter (where s.currency is not null), '{}'))
        from (
          select e.place, e.currency, sum(e.change) over (partition by e.currency order by e.day)
            from (
              select null::integer as place, c.currency, c.day, c.change from revenue.day_change c
               where c.measure = mrr_states.measure and c.day <= (select max(d) from unnest(days) d)
              union all
              select d.place::integer, c.code, d.day, 0
                from unnest(days) with ordinality d(day, place)
                left join @extschema@.mrr_currencies() c(code) on true
            ) e
        ) s
       where s.place is not null
       group by s.place
       order by s.place;
  else
    execute 'select @extschema@.arr_states(t.steps, $1, c.days)
               from revenue.timeline t join @extschema@.mrr_cohort($2) c using (account_key) where t.measure = $3'
       into annual using exchange, cohort, measure;
    return query select coalesce(annual[place], 0) from generate_subscripts(days, 1) place;
  end if;
end
$$;
comment on function @extschema@.mrr_states(text, date[], text, bytea) is
  'The annual run rate (measure net or gross) of a cohort at the end of each day, in the order of the days of mrr_exchange(currency, days). For the whole book its cost depends on the number of days with a change, not on the number of accounts.';

create function @extschema@.arr_at(day date, cohort text default 'all', currency text default null) returns numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (select s from @extschema@.mrr_states('net', array[day], cohort,
                                               @extschema@.mrr_exchange(currency, array[@extschema@.mrr_given_day(day, 'day')])) s);
end
$$;
comment on function @extschema@.arr_at(date, text, text) is
  'ARR at the end of a local day, exact, in the book''s currency or the one asked for: the sum of the annual run rates in force, net of running discounts. The cohort counts the accounts that belong to it on that day.';

create function @extschema@.mrr_at(day date, cohort text default 'all', currency text default null) returns numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return @extschema@.mrr_monthly(@extschema@.arr_at(day, cohort, currency));
end
$$;
comment on function @extschema@.mrr_at(date, text, text) is
  'MRR at the end of a local day: a twelfth of arr_at, kept to 18 decimals and not rounded to cents.';

create function @extschema@.mrr_series(from_day date, to_day date, grain text default 'month', cohort text default 'all', currency text default null)
  returns table (day date, mrr numeric, arr numeric, gross_mrr numeric)
  language plpgsql stable parallel safe rows 36
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ends date[] := array(select b - 1 from unnest((@extschema@.mrr_given_borders(from_day, to_day, grain))[2:]) b);
  exchange bytea := @extschema@.mrr_exchange(mrr_series.currency, ends);
begin
  return query
    select d, @extschema@.mrr_monthly(n), n, @extschema@.mrr_monthly(g)
      from rows from (unnest(ends), @extschema@.mrr_states('net', ends, mrr_series.cohort, exchange),
                      @extschema@.mrr_states('gross', ends, mrr_series.cohort, exchange)) s(d, n, g);
end
$$;
comment on function @extschema@.mrr_series(date, date, text, text, text) is
  'MRR, ARR and MRR before discounts at the end of each day, week, month, quarter or year in [from_day, to_day); day is the last day of each period.';

create function @extschema@.account_mrr(day date, cohort text default 'all', currency text default null)
  returns table (account text, name text, source text, currency_code text, mrr numeric, arr numeric, gross_mrr numeric, since date)
  language plpgsql stable parallel safe rows 1000
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  target text := case when account_mrr.currency = 'own' then null else @extschema@.mrr_book(account_mrr.currency) end;
  exchange bytea := @extschema@.mrr_exchange(target, array[@extschema@.mrr_given_day(account_mrr.day, 'day')]);
  members text := case when account_mrr.cohort = 'all' then '' else
    'join @extschema@.mrr_cohort($4) c on c.account_key = n.account_key and @extschema@.membership_on(c.days, $2)' end;
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
       from revenue.timeline_net n
       join revenue.timeline_gross g using (account_key)
       join revenue.account a on a.key = n.account_key ' || members || '
      cross join ' || amounts || '
      where m.net <> 0 or m.gross <> 0
      order by m.net desc, a.id'
    using exchange, account_mrr.day, target, account_mrr.cohort;
end
$$;
comment on function @extschema@.account_mrr(date, text, text) is
  'Every account with a charge in force at the end of a local day: MRR, ARR and MRR before discounts in the book''s currency, in the one asked for, or with currency => ''own'' in each account''s own (a row a currency). since is the first day it ever had MRR. An account whose discounts take everything is listed with 0 and is not active.';
