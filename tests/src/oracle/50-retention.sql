-- Ratios over a fixed set: the accounts that had MRR at the opening. Both ends at the opening's rates.

create function oracle.kept(who bigint[], period daterange, currency text, as_of timestamptz)
  returns table (opening numeric, closing numeric, kept numeric, accounts numeric, lost numeric) language sql stable as $$
  select sum(o.net), sum(coalesce(c.net, 0)), sum(least(o.net, coalesce(c.net, 0))), count(*),
         count(*) filter (where coalesce(c.net, 0) = 0 and o.account_key not in (select oracle.stays_free(upper(period) - 1, kept.as_of)))
    from oracle.state(lower(period) - 1, lower(period) - 1, kept.currency, kept.as_of) o
    left join oracle.state(upper(period) - 1, lower(period) - 1, kept.currency, kept.as_of) c on c.account_key = o.account_key
   where (o.net > 0 or o.account_key in (select oracle.stays_free(lower(period) - 1, kept.as_of))) and o.account_key = any (who)
$$;

create function oracle.ratios(who bigint[], period daterange, currency text, as_of timestamptz)
  returns table (nrr numeric, grr numeric, gross_churn numeric, net_churn numeric, logo_churn numeric, lifetime numeric) language sql stable as $$
  select oracle.ratio(k.closing, k.opening), oracle.ratio(k.kept, k.opening), oracle.ratio(k.opening - k.kept, k.opening),
         oracle.ratio(k.opening - k.closing, k.opening), oracle.ratio(k.lost, k.accounts), oracle.ratio(k.accounts, k.lost)
    from oracle.kept(who, ratios.period, ratios.currency, ratios.as_of) k
$$;

-- The functions of these names, of the members at the opening.
do $$
declare
  metric text;
begin
  foreach metric in array '{nrr,grr,gross_churn,net_churn,logo_churn,lifetime}'::text[] loop
    execute format(
      'create function oracle.%1$s(cohort text, period daterange, currency text, as_of timestamptz, at text default ''then'')
         returns numeric language sql stable as $f$
         select r.%1$s from oracle.ratios(array(select oracle.members(cohort, lower(period) - 1, %1$s.as_of, %1$s.at)), period, %1$s.currency, %1$s.as_of) r
       $f$', metric);
  end loop;
end
$$;

-- ARPA and each month's churn as they are reported, over the months that have a churn.
create function oracle.ltv(day date, margin numeric, cohort text, currency text, as_of timestamptz, at text default 'then')
  returns numeric language sql stable as $$
  select oracle.ratio(round(oracle.arpa(day, cohort, ltv.currency, ltv.as_of, ltv.at) * margin * count(c), 18), sum(c))
    from generate_series(1, 6) n
   cross join lateral oracle.logo_churn(cohort, daterange((day + 1 - n * interval '1 month')::date, (day + 1 - (n - 1) * interval '1 month')::date),
                                        ltv.currency, ltv.as_of, ltv.at) c
$$;

-- The aggregates: by an attribute at the opening, and by currency of the accounts that only ever had one.
create function oracle.retention_by(attribute text, period daterange, currency text)
  returns table (value text, nrr numeric, grr numeric, gross_churn numeric, net_churn numeric, logo_churn numeric, lifetime numeric)
  language sql stable as $$
  select g.value, r.* from (
    select a.value, array_agg(a.account_key) as accounts from oracle.attributes(null) a
     where a.name = attribute and a.valid_from < lower(period) and lower(period) <= a.valid_until group by a.value
  ) g cross join lateral oracle.ratios(g.accounts, period, retention_by.currency, null) r
$$;

create function oracle.retention_of_one_currency(period daterange)
  returns table (value text, nrr numeric, grr numeric, gross_churn numeric, net_churn numeric, logo_churn numeric, lifetime numeric)
  language sql stable as $$
  select g.code, r.* from (
    select o.code, array_agg(o.account_key) as accounts from (
      select s.account_key, min(s.currency) as code from oracle.segments(null) s group by s.account_key having count(distinct s.currency) = 1
    ) o group by o.code
  ) g cross join lateral oracle.ratios(g.accounts, period, g.code, null) r
$$;
