-- What the sandbox knows of customers, companies and owners.
set client_min_messages = warning;
create temporary table truth (account text, day date, currency text, arr numeric, gross_arr numeric);
\copy truth from :truth_file with (format csv, header)
create temporary table link (company text, customer text);
\copy link from :links_file with (format csv, header)
create temporary table noted (company text, attribute text, day date, value text);
\copy noted from :attributes_file with (format csv, header, force_not_null (value))

-- What each company had on the last day of each month, by its customers' charges.
create temporary table days as select (generate_series(date :first_day, :to_day, '1 month') - interval '1 day')::date as day;
create temporary table had as
  select d.day, coalesce('crm/' || l.company, :source || t.account) as customer, t.currency, sum(t.arr) as arr
    from (select *, lead(day, 1, 'infinity') over (partition by account, currency order by day) as until from truth) t
    join days d on d.day >= t.day and d.day < t.until
    left join link l on l.customer = t.account
   group by 1, 2, 3 having sum(t.arr) <> 0;
create temporary table expected as
  select h.day, h.customer, h.currency, h.arr from had h;
create temporary table found as
  select d.day, m.source || '/' || m.account as customer, m.currency_code as currency, m.arr
    from days d cross join lateral account_mrr(d.day, 'all', 'own') m where m.arr <> 0;
create temporary table different as
  select day, customer, currency, e.arr as expected, f.arr as found
    from expected e full join found f using (day, customer, currency) where e.arr is distinct from f.arr;
