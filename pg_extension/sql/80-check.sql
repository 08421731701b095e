-- Proving the numbers against each other.

create function @extschema@.mrr_check(from_day date, to_day date, grain text default 'month')
  returns table (finding text, place text, expected numeric, found numeric)
  language plpgsql stable parallel safe rows 1
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  borders date[] := @extschema@.mrr_given_borders(from_day, to_day, grain);
  ends date[] := array(select b - 1 from unnest(borders) b);
begin
  -- The identity of the movements, and the same states by the other way, from the day changes.
  return query
    with m as materialized (
      select row_number() over (order by r.period_start) as n, r.* from @extschema@.mrr_movement_rows('net', borders, 'all', null, null, null, 'default', 18) r
    ), s as materialized (
      select o.n, @extschema@.mrr_monthly(o.annual) as mrr
        from @extschema@.mrr_states('net', ends, 'all', @extschema@.mrr_exchange(null, ends), null, null, 'default') with ordinality o(annual, n)
    )
    select 'opening + movements = closing', m.period_start::text, m.closing,
           m.opening + m.new + m.reactivation + m.expansion - m.contraction - m.churn + m.fx + m.transfer
      from m
     where m.closing <> m.opening + m.new + m.reactivation + m.expansion - m.contraction - m.churn + m.fx + m.transfer
    union all
    select 'opening = closing of the period before', m.period_start::text, b.closing, m.opening
      from m join m b on b.n = m.n - 1 where m.opening <> b.closing
    union all
    select 'opening = MRR of the day before', m.period_start::text, s.mrr, m.opening from m join s on s.n = m.n where s.mrr <> m.opening
    union all
    select 'closing = MRR of the last day', m.period_start::text, s.mrr, m.closing from m join s on s.n = m.n + 1 where s.mrr <> m.closing;

  -- Every timeline, built anew from the segments.
  return query
    with built as (
      select x.measure, g.account_key,
             @extschema@.timeline_agg(g.currency, g.valid_from, g.valid_until, case x.measure when 'net' then g.net else g.gross end) as steps
        from revenue.segment g cross join (values ('net'), ('gross')) x(measure)
       where g.known_until = 'infinity' group by 1, 2
    ), different as (
      select measure, account_key, built.steps as expected, t.steps as found
        from built full join revenue.timeline t using (measure, account_key)
       where built.steps::bytea is distinct from t.steps::bytea
    )
    select d.measure || ' timeline = segments', a.source || '/' || a.id || coalesce(' on ' || c.day, ''), c.expected, c.found
      from different d join revenue.account a on a.key = d.account_key
      left join lateral (
        select day, e.change as expected, f.change as found
          from @extschema@.timeline_changes(d.expected) e
          full join @extschema@.timeline_changes(d.found) f using (currency, day)
         where e.change is distinct from f.change order by day limit 1
      ) c on true;

  -- The day changes, added up anew from the timelines.
  return query
    with added as (
      select t.measure, c.currency, c.day, sum(c.change) as change
        from revenue.timeline t cross join @extschema@.timeline_changes(t.steps) c
       group by 1, 2, 3 having sum(c.change) <> 0
    )
    select measure || ' day change = timelines', currency || ' on ' || day, added.change, r.change
      from added full join revenue.day_change r using (measure, currency, day)
     where added.change is distinct from r.change and @extschema@.mrr_sees_all();

  return query
    with added as (
      select d.measure, d.currency, @extschema@.mrr_month(d.day) as month, sum(d.change) as change
        from revenue.day_change d group by 1, 2, 3 having sum(d.change) <> 0
    )
    select measure || ' month change = day changes', currency || ' in ' || to_char(month, 'YYYY-MM'), added.change, r.change
      from added full join revenue.month_change r using (measure, currency, month)
     where added.change is distinct from r.change and @extschema@.mrr_sees_all();
end
$$;
comment on function @extschema@.mrr_check(date, date, text) is
  'Proves the numbers; no row means that everything agrees. Checks in every period of [from_day, to_day) that opening + movements = closing to the last digit, that each period opens as the one before closed, and that both ends are what the day changes say; and over all time that every timeline is what its account''s segments add up to, every day change what the timelines add up to, and every month change what its day changes do. Who sees some accounts only has those proved. Each row says what should agree, where, and both values.';
