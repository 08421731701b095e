-- Compares the functions of the database with the truth. Prints the numbers of days, of pairs of
-- account and day, and of differences, and then the first twenty differences.
set client_min_messages = warning;
create temporary table truth (account text, day date, currency text, arr numeric, gross_arr numeric);
\copy truth from :truth_file with (format csv, header)
-- As many currencies as the file has. The layout ends every line with a comma, so there is a column of nothing.
create temporary table rates_file (day date, :rates_columns, nothing text);
\copy rates_file from :rates_file with (format csv, header, null 'N/A')
create temporary table rates as
  select day, r.key as currency, r.value::numeric as rate
    from rates_file f cross join jsonb_each_text(to_jsonb(f) - 'day' - 'nothing') r where r.value is not null;
create index on rates (currency, day);

create temporary table days as
  select generate_series(:from_day, :to_day - 1, '1 day')::date as day;

create temporary table expected as
  select d.day, t.account, t.currency, t.arr, t.gross_arr
    from (select *, lead(day, 1, 'infinity') over (partition by account, currency order by day) as until from truth) t
    join days d on d.day >= t.day and d.day < t.until
   where t.arr <> 0 or t.gross_arr <> 0;

-- One unit of a currency in EUR is the reciprocal of its last rate within a week, to 12 decimals.
create temporary table exchange as
  select d.day, c.currency,
         case c.currency when 'EUR' then 1 else (
           select round(1 / r.rate, 12) from rates r
            where r.currency = c.currency and r.day between d.day - 7 and d.day order by r.day desc limit 1
         ) end as rate
    from (select day from days union select :from_day - 1) d cross join (select distinct currency from truth) c;
create unique index on exchange (day, currency);

create index on expected (account, day);
analyze expected, exchange;

create temporary table found as
  select d.day, m.account, m.currency_code as currency, m.arr, m.mrr, m.gross_mrr
    from days d cross join lateral account_mrr(d.day, 'all', 'own') m;

create temporary table different as
  select day, account, currency, e.arr as expected, f.arr as found, e.gross_arr as expected_gross, f.gross_mrr * 12 as found_gross
    from expected e full join found f using (day, account, currency)
   where e.arr is distinct from f.arr
      or f.mrr is distinct from mrr_monthly(e.arr)
      or f.gross_mrr is distinct from mrr_monthly(e.gross_arr);

insert into different
  select day, 'the whole book', 'EUR', s.arr, arr_at(day), null, null
    from (
      select d.day, coalesce(sum(e.arr * x.rate), 0) as arr
        from days d
        left join expected e using (day)
        left join exchange x using (day, currency)
       group by d.day
    ) s
   where s.arr is distinct from arr_at(s.day);

-- Movements of each month and NRR and GRR over each twelve, classified here from the truth: a
-- second way to the same numbers, written out plainly. Annual amounts, so that nothing is rounded.
create temporary table months as
  select m::date - 1 as opens, (m + interval '1 month')::date - 1 as closes
    from generate_series(:from_day::timestamp, :to_day::timestamp - interval '1 month', '1 month') m;

create temporary table first_days as select account, min(day) as first_day from truth where arr > 0 group by account;

create temporary table states as
  select m.opens, m.closes, f.account, f.first_day,
         coalesce(sum(e.arr * o.rate) filter (where e.day = m.opens), 0) as opening,
         coalesce(sum(e.arr * c.rate) filter (where e.day = m.opens), 0) as opening_at_closing,
         coalesce(sum(e.arr * c.rate) filter (where e.day = m.closes), 0) as closing
    from months m cross join first_days f
    left join expected e on e.account = f.account and e.day in (m.opens, m.closes)
    left join exchange o on o.currency = e.currency and o.day = m.opens
    left join exchange c on c.currency = e.currency and c.day = m.closes
   group by m.opens, m.closes, f.account, f.first_day;

insert into different
  select opens + 1, 'movements of the month', 'EUR', t.closing, r.closing, null, null
    from (
      select opens, sum(opening) as opening,
             sum(closing) filter (where opening = 0 and closing > 0 and first_day > opens) as new,
             sum(closing) filter (where opening = 0 and closing > 0 and first_day <= opens) as reactivation,
             sum(closing - opening_at_closing) filter (where opening > 0 and closing > opening_at_closing) as expansion,
             sum(opening_at_closing - closing) filter (where closing > 0 and closing < opening_at_closing) as contraction,
             sum(opening_at_closing) filter (where opening > 0 and closing = 0) as churn,
             sum(opening_at_closing - opening) as fx, sum(closing) as closing
        from states group by opens
    ) t
    full join (
      select r.period_start - 1 as opens, r.*
        from mrr_movement_rows('net', mrr_borders(:from_day, :to_day, 'month'), 'all', 'EUR', null, 'then', 'default', null) r
    ) r using (opens)
   where (t.opening, coalesce(t.new, 0), coalesce(t.reactivation, 0), coalesce(t.expansion, 0), coalesce(t.contraction, 0),
          coalesce(t.churn, 0), t.fx, 0, t.closing)
         is distinct from
         (r.opening, r.new, r.reactivation, r.expansion, r.contraction, r.churn, r.fx, r.transfer, r.closing);

-- numeric divides to the scale of its arguments and not further, so they are given thirty decimals.
insert into different
  select closes, 'retention over twelve months', 'EUR', round(sum(c) / sum(o), 18), nrr('all', trailing_period('12 months', closes)),
         round(sum(least(o, c)) / sum(o), 18), grr('all', trailing_period('12 months', closes))
    from (
      select b.closes, o.account, o.opening::numeric(60, 30) as o,
             coalesce((select sum(e.arr * x.rate) from expected e join exchange x on x.currency = e.currency and x.day = a.opens
                        where e.account = o.account and e.day = b.closes), 0)::numeric(60, 30) as c
        from months a join months b on b.closes = (a.opens + 1 + interval '1 year')::date - 1
        join states o on o.opens = a.opens and o.opening > 0
    ) ends
   group by closes
  having round(sum(c) / sum(o), 18) is distinct from nrr('all', trailing_period('12 months', closes))
      or round(sum(least(o, c)) / sum(o), 18) is distinct from grr('all', trailing_period('12 months', closes));

select (select count(*) from days), (select count(*) from expected), (select count(*) from different);
select day, account, currency, 'expected ' || coalesce(expected::text, 'nothing') || ' of ' || coalesce(expected_gross::text, '-'),
       'found ' || coalesce(found::text, 'nothing') || ' of ' || coalesce(found_gross::text, '-')
  from different order by day, account limit 20;
