-- Movements: every account at both ends of a period, and what that is called.

create function oracle.ends(starts date, ends date, cohort text, currency text, as_of timestamptz, at text)
  returns table (account_key bigint, opening numeric, opening_at_closing numeric, closing numeric,
                 was_open boolean, is_open boolean, belonged boolean, belongs boolean, had_before boolean) language sql stable as $$
  with o as materialized (select * from oracle.state(starts - 1, starts - 1, ends.currency, ends.as_of)),
  x as materialized (select * from oracle.state(starts - 1, ends.ends - 1, ends.currency, ends.as_of)),
  c as materialized (select * from oracle.state(ends.ends - 1, ends.ends - 1, ends.currency, ends.as_of)),
  members_before as materialized (select oracle.members(ends.cohort, starts - 1, ends.as_of, ends.at) as account_key),
  members_after as materialized (select oracle.members(ends.cohort, ends.ends - 1, ends.as_of, ends.at) as account_key),
  free_before as materialized (select oracle.stays_free(starts - 1, ends.as_of) as account_key),
  free_after as materialized (select oracle.stays_free(ends.ends - 1, ends.as_of) as account_key),
  ever_before as materialized (select distinct s.account_key from oracle.counted(ends.as_of) s where s.net > 0 and s.valid_from < starts)
  select a.key, coalesce(o.net, 0), coalesce(x.net, 0), coalesce(c.net, 0),
         coalesce(o.net, 0) > 0 or a.key in (select account_key from free_before), coalesce(c.net, 0) > 0 or a.key in (select account_key from free_after),
         a.key in (select account_key from members_before),
         a.key in (select account_key from members_after), a.key in (select account_key from ever_before)
    from revenue.account a
    left join o on o.account_key = a.key
    left join x on x.account_key = a.key
    left join c on c.account_key = a.key
$$;

-- Annual amounts, an account a row.
create function oracle.flows(starts date, ends date, cohort text, currency text, as_of timestamptz, at text)
  returns table (account_key bigint, opening numeric, new numeric, reactivation numeric, expansion numeric, contraction numeric,
                 churn numeric, fx numeric, transfer numeric, closing numeric) language sql stable as $$
  select e.account_key,
         case when e.belonged then e.opening else 0 end,
         case when not e.was_open and e.closing > 0 and e.belongs and not e.had_before then e.closing else 0 end,
         case when not e.was_open and e.closing > 0 and e.belongs and e.had_before then e.closing else 0 end,
         case when k.stays and e.closing > e.opening_at_closing then e.closing - e.opening_at_closing else 0 end,
         case when k.stays and e.closing < e.opening_at_closing then e.opening_at_closing - e.closing else 0 end,
         case when k.leaves then e.opening_at_closing else 0 end,
         case when k.stays or k.leaves then e.opening_at_closing - e.opening else 0 end,
         case when k.both and e.belongs and not e.belonged then e.closing
              when k.both and e.belonged and not e.belongs then -e.opening else 0 end,
         case when e.belongs then e.closing else 0 end
    from oracle.ends(flows.starts, flows.ends, flows.cohort, flows.currency, flows.as_of, flows.at) e
   cross join lateral (
     select e.was_open and e.is_open as both,
            e.was_open and e.is_open and e.belonged and e.belongs as stays,
            e.was_open and not e.is_open and e.belonged as leaves
   ) k
$$;

-- offset 0 where this is used: else PostgreSQL writes its text out for each element.
-- A twelfth of each signed flow such that twelfth(opening) + their sum = twelfth(closing): the units of the
-- eighteenth decimal that are missing go to the largest remainders, of equal ones to the earlier.
create function oracle.monthly(opening numeric, flows numeric[], closing numeric) returns numeric[] language sql immutable as $$
  select array_agg((p.whole + case when p.rank <= p.missing then 1 else 0 end) * 0.000000000000000001 order by p.place)
    from (
      select f.place, oracle.floored(f.flow * 1000000000000000000, 12) as whole,
             row_number() over (order by f.flow * 1000000000000000000 - 12 * oracle.floored(f.flow * 1000000000000000000, 12) desc, f.place) as rank,
             (oracle.twelfth(closing) - oracle.twelfth(opening)) * 1000000000000000000
               - sum(oracle.floored(f.flow * 1000000000000000000, 12)) over () as missing
        from unnest(flows) with ordinality f(flow, place)
    ) p
$$;

create function oracle.mrr_movements(from_day date, to_day date, grain text, cohort text, currency text, as_of timestamptz, at text default 'then')
  returns table (period_start date, period_end date, opening numeric, new numeric, reactivation numeric, expansion numeric,
                 contraction numeric, churn numeric, fx numeric, transfer numeric, closing numeric) language sql stable as $$
  select s.period_start, s.period_end, oracle.twelfth(s.opening), m[1], m[2], m[3], -m[4], -m[5], m[6], m[7], oracle.twelfth(s.closing)
    from (
      select p.period_start, p.period_end, sum(f.opening) as opening, sum(f.closing) as closing,
             array[sum(f.new), sum(f.reactivation), sum(f.expansion), -sum(f.contraction), -sum(f.churn), sum(f.fx), sum(f.transfer)] as flows
        from oracle.periods(from_day, to_day, grain) p
       cross join lateral oracle.flows(p.period_start, p.period_end, mrr_movements.cohort, mrr_movements.currency, mrr_movements.as_of, mrr_movements.at) f
       group by p.period_start, p.period_end
    ) s
   cross join lateral (select oracle.monthly(s.opening, s.flows, s.closing) as m offset 0) r
$$;

-- The first of these that anything in force can say.
create function oracle.loss_reason(account bigint, day date, as_of timestamptz) returns text language sql stable as $$
  select coalesce((
    select r.reason
      from oracle.segments(as_of) s
     cross join lateral (
       select 1 as rank, 'pause' as reason where s.standing = 'paused' union all
       select 2, 'refund' where s.net > 0 and s.refunded union all
       select 3, 'past due' where s.net > 0 and s.standing = 'past_due' union all
       select 4, 'end requested' where s.net > 0 and s.ending union all
       select 5, 'trial' where s.standing = 'trial' union all
       select 6, 'free plan' where not s.usage
     ) r
     where s.account_key = account and s.valid_from <= loss_reason.day and loss_reason.day < s.valid_until
     order by r.rank limit 1
  ), 'ended')
$$;

create function oracle.account_movements(period daterange, cohort text, currency text, as_of timestamptz, at text default 'then')
  returns table (account text, name text, source text, movement text, reason text, opening numeric, change numeric, fx numeric, closing numeric)
  language sql stable as $$
  select a.id, a.name, a.source, k.movement,
         case when k.movement in ('churn', 'contraction') and f.closing = 0
              then oracle.loss_reason(f.account_key, upper(period) - 1, account_movements.as_of) end, oracle.twelfth(f.opening), oracle.twelfth(f.closing) - oracle.twelfth(f.opening) - m[6], m[6],
         oracle.twelfth(f.closing)
    from oracle.flows(lower(period), upper(period), account_movements.cohort, account_movements.currency, account_movements.as_of, account_movements.at) f
   cross join lateral (
     select case when f.new > 0 then 'new' when f.reactivation > 0 then 'reactivation' when f.churn > 0 then 'churn'
                 when f.transfer <> 0 then 'transfer' when f.expansion > 0 then 'expansion' when f.contraction > 0 then 'contraction'
                 when f.fx <> 0 then 'fx' end as movement
   ) k
   cross join lateral (
     select oracle.monthly(f.opening, array[f.new, f.reactivation, f.expansion, -f.contraction, -f.churn, f.fx, f.transfer], f.closing) as m offset 0
   ) r
    join revenue.account a on a.key = f.account_key
   where k.movement is not null
$$;

create function oracle.account_movement_series(from_day date, to_day date, grain text, cohort text, currency text, as_of timestamptz,
                                               at text default 'then')
  returns table (period_start date, account text, name text, source text, movement text, reason text, opening numeric, change numeric, fx numeric, closing numeric)
  language sql stable as $$
  select p.period_start, m.*
    from oracle.periods(from_day, to_day, grain) p
   cross join lateral oracle.account_movements(daterange(p.period_start, p.period_end), account_movement_series.cohort, account_movement_series.currency,
                                               account_movement_series.as_of, account_movement_series.at) m
$$;

create function oracle.quick_ratio(cohort text, period daterange, currency text, as_of timestamptz, at text default 'then')
  returns numeric language sql stable as $$
  select oracle.ratio(sum(f.new + f.reactivation + f.expansion), sum(f.contraction + f.churn))
    from oracle.flows(lower(period), upper(period), quick_ratio.cohort, quick_ratio.currency, quick_ratio.as_of, quick_ratio.at) f
$$;
