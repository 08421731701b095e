-- States: MRR and ARR of a day, of each period's end, of each account.

create function oracle.arr_of(day date, rates_of date, cohort text, currency text, as_of timestamptz, at text)
  returns numeric language sql stable as $$
  select coalesce(sum(s.net), 0) from oracle.state(arr_of.day, rates_of, arr_of.currency, arr_of.as_of) s
   where s.account_key in (select oracle.members(arr_of.cohort, arr_of.day, arr_of.as_of, arr_of.at))
$$;

create function oracle.arr_at(day date, cohort text, currency text, as_of timestamptz, at text default 'then')
  returns numeric language sql stable as $$
  select oracle.arr_of(day, day, cohort, currency, as_of, at)
$$;

create function oracle.mrr_at(day date, cohort text, currency text, as_of timestamptz, at text default 'then')
  returns numeric language sql stable as $$
  select oracle.twelfth(oracle.arr_of(day, day, cohort, currency, as_of, at))
$$;

-- Rates of a day to come are not known: the day's own.
create function oracle.cmrr_at(day date, horizon interval, cohort text, currency text, as_of timestamptz, at text default 'then')
  returns numeric language sql stable as $$
  select oracle.twelfth(oracle.arr_of((day + horizon)::date, day, cohort, currency, as_of, at))
$$;

create function oracle.mrr_series(from_day date, to_day date, grain text, cohort text, currency text, as_of timestamptz, at text default 'then')
  returns table (day date, mrr numeric, arr numeric, gross_mrr numeric) language sql stable as $$
  select p.last_day, oracle.twelfth(coalesce(sum(s.net), 0)), coalesce(sum(s.net), 0), oracle.twelfth(coalesce(sum(s.gross), 0))
    from oracle.periods(from_day, to_day, grain) p
    left join lateral (
      select s.net, s.gross from oracle.state(p.last_day, p.last_day, mrr_series.currency, mrr_series.as_of) s
       where s.account_key in (select oracle.members(mrr_series.cohort, p.last_day, mrr_series.as_of, mrr_series.at))
    ) s on true
   group by p.last_day
$$;

create function oracle.account_mrr(day date, cohort text, currency text, as_of timestamptz, at text default 'then')
  returns table (account text, name text, source text, currency_code text, mrr numeric, arr numeric, gross_mrr numeric, since date)
  language sql stable as $$
  select a.id, a.name, a.source, s.currency, oracle.twelfth(s.net), s.net, oracle.twelfth(s.gross),
         (select min(f.valid_from) from oracle.counted(account_mrr.as_of) f where f.account_key = a.key and f.net > 0)
    from (
      select s.account_key, oracle.report_currency(account_mrr.currency) as currency, s.net, s.gross
        from oracle.state(account_mrr.day, account_mrr.day, account_mrr.currency, account_mrr.as_of) s where account_mrr.currency is distinct from 'own'
      union all
      select s.account_key, s.currency, sum(s.net) * 0.000001, sum(s.gross) * 0.000001
        from oracle.counted(account_mrr.as_of) s
       where account_mrr.currency = 'own' and s.valid_from <= account_mrr.day and account_mrr.day < s.valid_until
       group by s.account_key, s.currency
    ) s
    join revenue.account a on a.key = s.account_key
   where s.gross <> 0
     and a.key in (select oracle.members(account_mrr.cohort, account_mrr.day, account_mrr.as_of, account_mrr.at))
$$;

create function oracle.arpa(day date, cohort text, currency text, as_of timestamptz, at text default 'then')
  returns numeric language sql stable as $$
  select oracle.ratio(sum(s.net), 12 * count(*) filter (where s.net > 0 or s.account_key in (select oracle.stays_free(arpa.day, arpa.as_of))))
    from oracle.state(arpa.day, arpa.day, arpa.currency, arpa.as_of) s
   where s.account_key in (select oracle.members(arpa.cohort, arpa.day, arpa.as_of, arpa.at))
$$;
