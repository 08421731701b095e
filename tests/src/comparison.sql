-- Compares the functions of the database with the truth. Prints the numbers of days, of pairs of
-- account and day, and of differences, and then the first twenty differences.
set client_min_messages = warning;
create temporary table truth (account text, day date, currency text, arr numeric, gross_arr numeric);
\copy truth from :truth_file with (format csv, header)
-- The layout ends every line with a comma, so there is a column of nothing.
create temporary table rates (day date, usd numeric, nothing text);
\copy rates from :rates_file with (format csv, header)

create temporary table days as
  select generate_series(:from_day, :to_day - 1, '1 day')::date as day;

create temporary table expected as
  select d.day, t.account, t.currency, t.arr, t.gross_arr
    from (select *, lead(day, 1, 'infinity') over (partition by account, currency order by day) as until from truth) t
    join days d on d.day >= t.day and d.day < t.until
   where t.arr <> 0 or t.gross_arr <> 0;

create temporary table found as
  select d.day, m.account, m.currency_code as currency, m.arr, m.mrr, m.gross_mrr
    from days d cross join lateral account_mrr(d.day, 'all', 'own') m;

create temporary table different as
  select day, account, currency, e.arr as expected, f.arr as found, e.gross_arr as expected_gross, f.gross_mrr * 12 as found_gross
    from expected e full join found f using (day, account, currency)
   where e.arr is distinct from f.arr
      or f.mrr is distinct from mrr_monthly(e.arr)
      or f.gross_mrr is distinct from mrr_monthly(e.gross_arr);

-- The whole book in EUR: one USD is the reciprocal of its last rate within a week, to 12 decimals.
insert into different
  select day, 'the whole book', 'EUR', s.arr, arr_at(day), null, null
    from (
      select d.day, coalesce(sum(case e.currency when 'EUR' then e.arr else e.arr * r.rate end), 0) as arr
        from days d
        left join expected e using (day)
        left join lateral (
          select round(1 / rates.usd, 12) as rate from rates
           where rates.day between d.day - 7 and d.day order by rates.day desc limit 1
        ) r on true
       group by d.day
    ) s
   where s.arr is distinct from arr_at(s.day);

select (select count(*) from days), (select count(*) from expected), (select count(*) from different);
select day, account, currency, 'expected ' || coalesce(expected::text, 'nothing') || ' of ' || coalesce(expected_gross::text, '-'),
       'found ' || coalesce(found::text, 'nothing') || ' of ' || coalesce(found_gross::text, '-')
  from different order by day, account limit 20;
