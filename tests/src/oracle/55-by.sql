-- Every value of a dimension: the cohort of that value. Accounts without a value are checked by the sum.

create function oracle.values(dimension text, days date[], as_of timestamptz) returns setof text language sql stable as $$
  select distinct a.value from oracle.attributes(as_of) a, unnest(days) d
   where a.name = dimension and a.valid_from <= d and d < a.valid_until
  union
  select distinct case dimension when 'plan' then s.plan else s.currency end from oracle.segments(as_of) s, unnest(days) d
   where dimension in ('plan', 'currency') and s.valid_from <= d and d < s.valid_until and oracle.counts(s.standing, s.usage)
  union
  select to_char(min(s.valid_from) filter (where s.net > 0), 'YYYY-MM') from oracle.segments(as_of) s
   where dimension = 'signup' group by s.account_key having count(*) filter (where s.net > 0) > 0
$$;

create function oracle.mrr_by(dimension text, day date, cohort text, currency text, as_of timestamptz)
  returns table (value text, accounts bigint, mrr numeric, arr numeric) language sql stable as $$
  select v, s.accounts, oracle.twelfth(s.annual), s.annual
    from oracle.values(dimension, array[day], mrr_by.as_of) v
   cross join lateral (
     select count(*) as accounts, sum(s.net) as annual from oracle.state(mrr_by.day, mrr_by.day, mrr_by.currency, mrr_by.as_of) s
      where (s.net > 0 or s.account_key in (select oracle.stays_free(mrr_by.day, mrr_by.as_of)))
        and s.account_key in (select oracle.members(mrr_by.cohort || ';' || dimension || ':' || v, mrr_by.day, mrr_by.as_of, 'then'))
   ) s
   where s.accounts > 0
$$;

create function oracle.movements_by(dimension text, period daterange, cohort text, currency text, as_of timestamptz)
  returns table (value text, opening numeric, new numeric, reactivation numeric, expansion numeric, contraction numeric, churn numeric,
                 fx numeric, transfer numeric, closing numeric) language sql stable as $$
  select v, oracle.twelfth(s.opening), m[1], m[2], m[3], -m[4], -m[5], m[6], m[7], oracle.twelfth(s.closing)
    from oracle.values(dimension, array[lower(period) - 1, upper(period) - 1], movements_by.as_of) v
   cross join lateral (
     select sum(f.opening) as opening, sum(f.closing) as closing,
            array[sum(f.new), sum(f.reactivation), sum(f.expansion), -sum(f.contraction), -sum(f.churn), sum(f.fx), sum(f.transfer)] as flows
       from oracle.flows(lower(period), upper(period), movements_by.cohort || ';' || dimension || ':' || v, movements_by.currency, movements_by.as_of, 'then') f
   ) s
   cross join lateral (select oracle.monthly(s.opening, s.flows, s.closing) as m offset 0) r
   where s.opening <> 0 or s.closing <> 0 or m[1] <> 0 or m[5] <> 0
$$;

create function oracle.nrr_by(dimension text, period daterange, cohort text, currency text, as_of timestamptz)
  returns table (value text, accounts bigint, opening_mrr numeric, nrr numeric, grr numeric, logo_churn numeric) language sql stable as $$
  select v, k.accounts::bigint, oracle.twelfth(k.opening), oracle.ratio(k.closing, k.opening), oracle.ratio(k.kept, k.opening), oracle.ratio(k.lost, k.accounts)
    from oracle.values(dimension, array[lower(period) - 1], nrr_by.as_of) v
   cross join lateral oracle.kept(array(select oracle.members(nrr_by.cohort || ';' || dimension || ':' || v, lower(period) - 1, nrr_by.as_of, 'then')),
                                  nrr_by.period, nrr_by.currency, nrr_by.as_of) k
   where k.accounts > 0
$$;

-- All rows together are the cohort, by a dimension of which an account has one value at most.
create function oracle.sum_by(dimension text, period daterange, cohort text, currency text, as_of timestamptz)
  returns table (opening numeric, closing numeric) language sql stable as $$
  select round(oracle.mrr_at(lower(period) - 1, sum_by.cohort, sum_by.currency, sum_by.as_of), 12),
         round(oracle.mrr_at(upper(period) - 1, sum_by.cohort, sum_by.currency, sum_by.as_of), 12)
$$;

-- Who began in which period, and what is left of them at the end of each, at the rates of the first of these ends.
create function oracle.retention(grain text, from_day date, to_day date, cohort text, currency text, as_of timestamptz)
  returns table (cohort_start date, period_number integer, period_start date, base_accounts bigint, accounts bigint, logo_retention numeric,
                 base_mrr numeric, mrr numeric, mrr_retention numeric) language sql stable as $$
  with p as materialized (select row_number() over (order by o.period_start)::integer as n, o.* from oracle.periods(from_day, to_day, grain) o),
  first as materialized (
    select s.account_key, min(s.valid_from) filter (where s.net > 0) as day from oracle.counted(retention.as_of) s group by s.account_key
  ),
  base as materialized (
    select p.n, p.period_start, p.last_day, s.account_key, s.net
      from p
      join first f on f.day >= p.period_start and f.day <= p.last_day
     cross join lateral oracle.state(p.last_day, p.last_day, retention.currency, retention.as_of) s
     where s.account_key = f.account_key and (s.net > 0 or s.account_key in (select oracle.stays_free(p.last_day, retention.as_of)))
       and s.account_key in (select oracle.members(retention.cohort, p.last_day, retention.as_of, 'then'))
  )
  select b.period_start, later.n - b.n, later.period_start, count(*), count(*) filter (where o.is_open),
         oracle.ratio(count(*) filter (where o.is_open), count(*)), oracle.twelfth(sum(b.net)), oracle.twelfth(coalesce(sum(s.net), 0)),
         oracle.ratio(coalesce(sum(s.net), 0), sum(b.net))
    from base b
    join p later on later.n >= b.n
    left join lateral (
      select s.net from oracle.state(later.last_day, b.last_day, retention.currency, retention.as_of) s where s.account_key = b.account_key
    ) s on true
   cross join lateral (
     select coalesce(s.net, 0) > 0 or b.account_key in (select oracle.stays_free(later.last_day, retention.as_of)) as is_open
   ) o
   group by b.period_start, b.n, later.n, later.period_start
$$;

-- Every loss on the way, day of change by day of change, at the opening's rates.
create function oracle.grr_path(cohort text, period daterange, currency text, as_of timestamptz) returns numeric language sql stable as $$
  with days as materialized (
    select lower(period) - 1 as day
    union
    select d from oracle.counted(grr_path.as_of) s, unnest(array[s.valid_from, s.valid_until]) d where d >= lower(period) and d < upper(period)
  ),
  states as materialized (
    select o.account_key, days.day, coalesce(s.net, 0) as net
      from oracle.state(lower(period) - 1, lower(period) - 1, grr_path.currency, grr_path.as_of) o
     cross join days
      left join lateral (
        select s.net from oracle.state(days.day, lower(period) - 1, grr_path.currency, grr_path.as_of) s where s.account_key = o.account_key
      ) s on true
     where o.net > 0 and o.account_key in (select oracle.members(grr_path.cohort, lower(period) - 1, grr_path.as_of, 'then'))
  ),
  steps as (select account_key, day, net, lag(net) over (partition by account_key order by day) as before from states)
  select oracle.ratio(sum(greatest(a.opening - a.lost, 0)), sum(a.opening))
    from (
      select account_key, max(net) filter (where before is null) as opening, coalesce(sum(before - net) filter (where net < before), 0) as lost
        from steps group by account_key
    ) a
$$;
