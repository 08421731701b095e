-- Sixty accounts with segments and attributes on days that nobody chose, half of them once known otherwise.
select setseed(0.4);
insert into revenue.book (currency, time_zone, synced_at, last_day) values ('EUR', 'UTC', '2026-03-31', '2026-03-31');
insert into revenue.account (source, id, name) select 'test', i, i from generate_series(1, 60) i;
create function pg_temp.some(most integer) returns integer language sql volatile as 'select floor(random() * most)::integer';
insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount,
                             quantity, billing_interval, evidence, origin, known_since, known_until)
  select key, 's', 'i', substr('abc', 1 + pg_temp.some(3), 1), 'EUR', start, start + 1 + pg_temp.some(40), 0, 0, 0, 1, '1 month', 'observed', '{}',
         date '2026-01-01' + pg_temp.some(2) * 31, case pg_temp.some(2) when 0 then '2026-02-01' else 'infinity'::date end
    from revenue.account cross join generate_series(1, 6) cross join lateral (select date '2024-12-20' + pg_temp.some(120) + key::integer * 0 as start) s;
insert into revenue.attribute (account_key, name, value, valid_from, valid_until, known_since, known_until)
  select key, case pg_temp.some(2) when 0 then 'tier' else 'owner' end, substr('xyz', 1 + pg_temp.some(3), 1), start, start + 1 + pg_temp.some(40),
         date '2026-01-01' + pg_temp.some(2) * 31, case pg_temp.some(2) when 0 then '2026-02-01' else 'infinity'::date end
    from revenue.account cross join generate_series(1, 6) cross join lateral (select date '2024-12-20' + pg_temp.some(120) + key::integer * 0 as start) s;
select create_cohort('ab', 'plan:a,b'), create_cohort('xy', 'tier:x,y');
