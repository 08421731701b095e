-- MRR and ARR of a day, of each period's end, and of each account.

create function @extschema@.arr_add(internal, steps @extschema@.timeline, exchange bytea) returns internal
  language c immutable parallel safe cost 20 as 'MODULE_PATHNAME', 'arr_add_wrapper';
create function @extschema@.arr_result(internal) returns numeric
  language c immutable parallel safe as 'MODULE_PATHNAME', 'arr_result_wrapper';
create function @extschema@.arr_combine(internal, internal) returns internal
  language c immutable parallel safe as 'MODULE_PATHNAME', 'arr_combine_wrapper';
create function @extschema@.arr_serialize(internal) returns bytea
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'arr_serialize_wrapper';
create function @extschema@.arr_deserialize(bytea, internal) returns internal
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'arr_deserialize_wrapper';
create aggregate @extschema@.arr(steps @extschema@.timeline, exchange bytea) (
  sfunc = @extschema@.arr_add, stype = internal, finalfunc = @extschema@.arr_result,
  combinefunc = @extschema@.arr_combine, serialfunc = @extschema@.arr_serialize,
  deserialfunc = @extschema@.arr_deserialize, parallel = safe
);
comment on aggregate @extschema@.arr(@extschema@.timeline, bytea) is
  'The annual run rate of a set of accounts at the end of the first day of mrr_exchange(currency, days), in its currency.';

create function @extschema@.mrr_states(measure text, days date[], exchange bytea) returns setof numeric
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  -- Each day that is asked for joins the days of change as a change of nothing.
  select @extschema@.exchange_sum(exchange, s.place, coalesce(array_agg(s.currency) filter (where s.currency is not null), '{}'),
                                  coalesce(array_agg(s.annual) filter (where s.currency is not null), '{}'))
    from (
      select e.place, e.currency, sum(e.change) over (partition by e.currency order by e.day) as annual
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
   order by s.place
$$;
comment on function @extschema@.mrr_states(text, date[], bytea) is
  'The whole book''s annual run rate (measure net or gross) at the end of each day, in the order of the days. Its cost depends on the number of days with a change, not on the number of accounts.';

create function @extschema@.arr_at(day date, cohort text default 'all', currency text default null) returns numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  exchange bytea := @extschema@.mrr_exchange(currency, array[@extschema@.mrr_given_day(day, 'day')]);
  annual numeric;
begin
  if cohort = 'all' then
    select s into annual from @extschema@.mrr_states('net', array[day], exchange) s;
  else
    execute 'select @extschema@.arr(t.steps, $1)
               from revenue.timeline_net t join @extschema@.mrr_cohort($2) c using (account_key)
              where @extschema@.membership_on(c.days, $3)'
       into annual using exchange, cohort, day;
  end if;
  return annual;
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
  borders date[] := @extschema@.mrr_given_borders(from_day, to_day, grain);
  ends date[] := array(select b - 1 from unnest(borders[2:]) b);
  exchange bytea;
begin
  if cohort = 'all' then
    exchange := @extschema@.mrr_exchange(currency, ends);
    return query
      select d, @extschema@.mrr_monthly(n), n, @extschema@.mrr_monthly(g)
        from rows from (unnest(ends), @extschema@.mrr_states('net', ends, exchange), @extschema@.mrr_states('gross', ends, exchange)) s(d, n, g);
  else
    return query
      select n.period_end - 1, @extschema@.mrr_monthly(n.closing), n.closing, @extschema@.mrr_monthly(g.closing)
        from @extschema@.mrr_movement_rows('net', borders, cohort, currency, true) n
        join @extschema@.mrr_movement_rows('gross', borders, cohort, currency, true) g using (period_end)
       order by 1;
  end if;
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
