-- Compares each account on each day, from the first on which it has an amount on either side, with
-- the truth, and says of each difference whether it was announced. Prints the numbers of pairs of
-- account and day that were compared, that agree, that
-- differ where a doubt is listed or the evidence is graded `projected`, that differ where the
-- source leaves no trace at all, and that are wrong; then the first of those that must not be.
set client_min_messages = warning;
create temporary table truth (account text, day date, currency text, arr numeric, gross_arr numeric);
\copy truth from :truth_file with (format csv, header)
create temporary table blind (account text, from_day date, until_day date, kind text);
\copy blind from :blind_file with (format csv, header)

create temporary table days as
  select generate_series(:from_day, :to_day - 1, '1 day')::date as day;
create temporary table compared as
  select day, account, currency, e.arr is not distinct from f.arr
         and mrr_monthly(coalesce(e.gross_arr, 0)) = coalesce(f.gross_mrr, 0) as agrees,
         e.arr as expected, f.arr as found
    from (
      select d.day, t.account, t.currency, t.arr, t.gross_arr
        from (select *, lead(day, 1, 'infinity') over (partition by account, currency order by day) as until from truth) t
        join days d on d.day >= t.day and d.day < t.until
       where t.arr <> 0 or t.gross_arr <> 0
    ) e
    full join (
      select d.day, m.account, m.currency_code as currency, m.arr, m.gross_mrr
        from days d cross join lateral account_mrr(d.day, 'all', 'own', policy => :policy) m
    ) f using (day, account, currency);

create temporary table judged as
  select c.*, case
           when agrees then 'exact'
           when exists (select from revenue.doubt d join revenue.account a on a.key = d.account_key
                         where a.id = c.account and c.day >= d.valid_from and c.day < d.valid_until)
             or exists (select from revenue.segment s join revenue.account a on a.key = s.account_key
                         where a.id = c.account and s.known_until = 'infinity' and s.evidence = 'projected'
                           and c.day >= s.valid_from and c.day < s.valid_until) then 'graded'
           when :traceless and exists (select from blind b where b.account = c.account and c.day >= b.from_day and c.day < b.until_day)
             or :excused then 'untraceable'
           else 'wrong'
         end as verdict
    from compared c;

-- A day without a row is one without an amount on both sides.
select total, total - different, graded, untraceable, wrong
  from (select sum(:to_day - first) as total
          from (select min(day) as first from judged group by account, currency) f) t,
       (select count(*) filter (where verdict <> 'exact') as different, count(*) filter (where verdict = 'graded') as graded,
               count(*) filter (where verdict = 'untraceable') as untraceable, count(*) filter (where verdict = 'wrong') as wrong
          from judged) v;
select day, account, currency, 'expected ' || coalesce(expected::text, 'nothing'), 'found ' || coalesce(found::text, 'nothing')
       , verdict
  from judged where verdict <> 'exact' and (:exactly or verdict = 'wrong') order by account, day limit 40;
