-- A book of :accounts accounts with about seven segments each, from 2021 to the end of 2025:
-- everything is a hash of the account's key, so every run builds the same book.
insert into revenue.book (currency, time_zone, synced_at) values ('EUR', 'UTC', now());
insert into revenue.account (source, id, name)
  select 'bench', 'cus_' || i, 'Account ' || i from generate_series(1, :accounts) i;
insert into revenue.attribute (account_key, name, value, known_since)
  select a.key, v.name, v.value, now()
    from revenue.account a
   cross join lateral (values
     ('owner', 'owner ' || lpad(((hashint8extended(a.key, 1) & 1048575) % 200)::text, 3, '0')),
     ('segment', (array['small', 'middle', 'large'])[1 + (hashint8extended(a.key, 2) & 1048575) % 3])
   ) v(name, value);

-- A term of about 128 days follows the other, each at its own seats. Between some lies a gap of
-- up to six weeks, some are left out altogether (churn and reactivation), and a quarter of the
-- accounts leaves for good after two to nine terms. What lasts beyond 2025 has no end.
create temporary table life as
  select a.key, date '2021-01-01' + ((hashint8extended(a.key, 3) & 1048575) % 1826)::integer as start,
         case when hashint8extended(a.key, 4) & 3 = 0 then 2 + (hashint8extended(a.key, 5) & 7) else 99 end as last_term,
         a.key % 5 as plan, 1 + (hashint8extended(a.key, 6) & 15) as seats,
         (array[100, 100, 100, 90])[1 + (hashint8extended(a.key, 7) & 3)] as paid_percent,
         case when hashint8extended(a.key, 8) & 15 = 0 then 7 else 1 end as months
    from revenue.account a;
create temporary table term as
  select l.*, n, l.start + n * 128 + case n when 0 then 0 else (hashint8extended(l.key * 64 + n, 9) & 63)::integer - 32 end as valid_from,
         l.start + (n + 1) * 128 + (hashint8extended(l.key * 64 + n + 1, 9) & 63)::integer - 32 as next,
         hashint8extended(l.key * 64 + n, 10) & 1048575 as chance
    from life l
   cross join lateral generate_series(0, least(l.last_term, (date '2026-01-01' - l.start + 32) / 128)::integer) n;
-- A fifth of the accounts has an add-on in every third term, which begins and ends on days of its own.
insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount,
                             quantity, billing_interval, evidence, origin, known_since)
  select t.key, s.contract || t.key, 'si_' || s.contract || t.key, 'plan ' || t.plan, 'EUR', s.valid_from, s.valid_until,
         s.gross, s.gross * t.paid_percent / 100, s.amount, s.seats, t.months || ' months', 'observed', '{}', now()
    from term t
   cross join lateral (
     select case when t.n = t.last_term then t.next
                 when t.next >= '2026-01-01' then 'infinity'
                 else t.next - case when t.chance % 8 = 0 then (t.chance % 43)::integer else 0 end end as ends
   ) e
   cross join lateral (
     select c.*, round(c.amount * 12000000 / t.months)::bigint as gross
       from (values ('sub_', t.valid_from, e.ends, t.seats + t.n / 2 + t.chance % 4,
                     (19 + 20 * t.plan) * (t.seats + t.n / 2 + t.chance % 4) * t.months * 0.99),
                    ('add_', t.valid_from + 20, e.ends + 30, 1::bigint, 49.90 * t.months)
            ) c(contract, valid_from, valid_until, seats, amount)
      where c.contract = 'sub_' or t.key % 5 = 0 and t.n % 3 = 1
   ) s
   where t.valid_from < '2026-01-01' and (t.n = 0 or t.chance % 17 <> 0)
   order by t.key;
drop table life, term;
vacuum (analyze) revenue.account, revenue.attribute, revenue.segment;
