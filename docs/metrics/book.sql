-- The small book that the examples of docs/metrics ask about.
insert into revenue.book (currency, time_zone, synced_at, last_day) values ('EUR', 'UTC', '2026-01-01', '2026-03-15');
insert into revenue.account (source, id, name) values
  ('stripe', 'cus_acme', 'Acme'), ('stripe', 'cus_bolt', 'Bolt'), ('stripe', 'cus_core', 'Core'),
  ('stripe', 'cus_dune', 'Dune'), ('stripe', 'cus_echo', 'Echo'), ('stripe', 'cus_flux', 'Flux');
insert into revenue.attribute (account_key, name, value, known_since)
  select key, 'country', case id when 'cus_dune' then 'US' when 'cus_flux' then 'FR' else 'DE' end, '2026-01-01' from revenue.account;
insert into revenue.attribute (account_key, name, value, valid_from, valid_until, known_since, known_until)
  select a.key, t.name, t.value, t.valid_from, t.valid_until, t.known_since, t.known_until
    from (values
      ('cus_acme', 'segment', 'SMB',        date '-infinity', date '2025-03-15', timestamptz '2026-01-01', timestamptz 'infinity'),
      ('cus_acme', 'segment', 'Enterprise', '2025-03-15', 'infinity', '2026-01-01', 'infinity'),
      ('cus_bolt', 'segment', 'Enterprise', '-infinity',  'infinity', '2026-01-01', 'infinity'),
      ('cus_core', 'segment', 'SMB',        '-infinity',  'infinity', '2026-01-01', 'infinity'),
      ('cus_acme', 'csm', 'Ana, Maria',     '-infinity',  'infinity', '2026-01-01', 'infinity'),
      ('cus_bolt', 'csm', 'Tom',            '-infinity',  'infinity', '2026-01-01', 'infinity'),
      ('cus_core', 'csm', 'Tom',            '-infinity',  'infinity', '2026-01-01', 'infinity'),
      ('cus_core', 'sales region', 'North', '-infinity',  'infinity', '2026-01-01', 'infinity'),
      ('cus_flux', 'segment', 'Enterprise', '-infinity',  'infinity', '2025-12-01', '2026-01-01')
    ) t (id, name, value, valid_from, valid_until, known_since, known_until)
    join revenue.account a using (id);
-- What the source itself says, from July on: rounded, without Echo's discount, and without Core's last seat.
insert into revenue.attribute (account_key, name, value, valid_from, known_since)
  select a.key, 'vendor_mrr', t.value, '2025-07-01', '2026-01-01'
    from (values ('cus_acme', '160.00 EUR'), ('cus_core', '40.00 EUR'), ('cus_dune', '50.00 USD'),
                 ('cus_echo', '50.00 EUR (items to 0.01, limited discounts monthly)'), ('cus_flux', '120.00 EUR')) t (id, value)
    join revenue.account a using (id);
insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount,
                             quantity, billing_interval, evidence, origin, known_since)
  select a.key, s.contract, s.contract || '_item', s.plan, s.currency, s.valid_from, s.valid_until,
         s.amount * s.yearly * 1000000, s.amount * s.yearly * (100 - s.percent_off) * 10000, s.amount, s.seats,
         case s.yearly when 12 then '1 month' else '1 year' end, case when s.valid_until = 'infinity' then 'observed' else 'invoice' end,
         array['subscriptions/' || s.contract, 'invoices/in_' || s.contract], '2026-01-01'
    from (values
      ('cus_acme', 'sub_1', 'Team', 'EUR', date '2024-11-10', date '2025-03-15', 100.00, 5, 12, 0),
      ('cus_acme', 'sub_1', 'Team', 'EUR', '2025-03-15', 'infinity', 160.00, 8, 12, 0),
      ('cus_bolt', 'sub_2', 'Pro',  'EUR', '2024-05-20', '2025-05-20', 1200.00, 1, 1, 0),
      ('cus_bolt', 'sub_9', 'Free', 'EUR', '2025-05-20', 'infinity', 0.00, 1, 12, 0),
      ('cus_core', 'sub_3', 'Team', 'EUR', '2024-09-05', '2025-02-05', 40.00, 2, 12, 0),
      ('cus_core', 'sub_4', 'Team', 'EUR', '2025-06-01', 'infinity', 60.00, 3, 12, 0),
      ('cus_dune', 'sub_5', 'Pro',  'USD', '2024-12-01', 'infinity', 50.00, 1, 12, 0),
      ('cus_echo', 'sub_6', 'Solo', 'EUR', '2025-03-01', 'infinity', 599.95, 1, 1, 10),
      ('cus_flux', 'sub_7', 'Pro',  'EUR', '2024-12-24', '2025-05-10', 200.00, 1, 12, 0),
      ('cus_flux', 'sub_7', 'Team', 'EUR', '2025-05-10', 'infinity', 120.00, 6, 12, 0)
    ) s (id, contract, plan, currency, valid_from, valid_until, amount, seats, yearly, percent_off)
    join revenue.account a using (id);
insert into revenue.exchange_rate (base, quote, day, rate, source)
  select 'EUR', 'USD', day::date, case when day < '2025-04-01' then 1.04 else 1.16 end, 'ECB'
    from generate_series(date '2024-01-01', date '2026-03-31', interval '1 day') day where extract(isodow from day) < 6;
insert into revenue.doubt (account_key, contract, valid_from, valid_until, reason, origin)
  select key, 'sub_2', '2025-04-20', '2025-05-20', 'a change without proration between two invoices; counted as before until the later one',
         array['invoices/in_sub_2', 'subscriptions/sub_2'] from revenue.account where id = 'cus_bolt';
insert into raw.record (source, stream, id, version, account, payload, hash, observed_at, landed_at) values
  ('stripe', 'subscriptions', 'sub_6', 1, 'cus_echo', '{"status":"active","items":{"data":[{"quantity":1}]}}', decode(repeat('01', 16), 'hex'), '2026-01-01', '2026-01-01'),
  ('stripe', 'invoices', 'in_sub_6', 1, 'cus_echo', '{"status":"paid"}', decode(repeat('02', 16), 'hex'), '2026-01-01', '2026-01-01');
-- How contracts stood: Core asked for the end of sub_3 on the 10th of January, Flux pays late since July, and Echo's
-- discount is one of several billings. A second contract of Echo's was on trial and lapsed.
update revenue.segment set net_forever = gross where contract = 'sub_6';
create temporary table later as select * from revenue.segment where contract = 'sub_3' or contract = 'sub_7' and plan = 'Team';
update revenue.segment set valid_until = case contract when 'sub_3' then date '2025-01-10' else '2025-07-01' end
 where segment_id in (select segment_id from later);
insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount,
                             quantity, billing_interval, evidence, origin, known_since, standing, stood_from, ending)
  select account_key, contract, item, plan, currency, s.day, valid_until, gross, net, amount, quantity, billing_interval, evidence,
         origin, known_since, s.standing, s.stood_from, s.ending
    from later
    join (values ('sub_3', date '2025-01-10', 'active', null, true), ('sub_7', '2025-07-01', 'past_due', date '2025-07-01', false))
         s (contract, day, standing, stood_from, ending) using (contract)
  union all
  select account_key, 'sub_8', 'sub_8_item', 'Team', 'EUR', '2025-06-20', '2025-07-20', 0, 0, 40.00, 2, '1 month', evidence,
         array['subscriptions/sub_8'], known_since, 'trial', '2025-06-20', false
    from revenue.segment where contract = 'sub_6';
update revenue.segment set list = 480000000, net_running = 480000000, net_forever = 480000000, net_all = 480000000 where contract = 'sub_8';
-- Dune's bill of July has 90 dollars for what was used.
insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, list, net_forever, net_running,
                             net_all, amount, quantity, billing_interval, evidence, origin, known_since, usage)
  select account_key, contract, 'sub_5_calls', 'API calls', currency, '2025-07-01', '2025-10-01', 0, 0, 360000000, 360000000, 360000000,
         360000000, 90.00, 45000, '3 months', 'invoice', array['invoices/in_july'], known_since, true
    from revenue.segment where contract = 'sub_5';
drop table later;
select mrr_refresh(array_agg(key)) from revenue.account;
-- A correction that a later sync found: two seats more since November, known since February.
update revenue.segment set known_until = '2026-02-10' where contract = 'sub_1' and valid_until = 'infinity';
insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount,
                             quantity, billing_interval, evidence, origin, known_since)
  select account_key, contract, item, plan, currency, s.valid_from, s.valid_until, s.amount * 12000000, s.amount * 12000000, s.amount,
         s.seats, billing_interval, evidence, origin, '2026-02-10'
    from revenue.segment
   cross join (values (date '2025-03-15', date '2025-11-03', 160.00, 8), ('2025-11-03', 'infinity', 200.00, 10)) s (valid_from, valid_until, amount, seats)
   where contract = 'sub_1' and known_until < 'infinity';
select mrr_refresh(array_agg(key)) from revenue.account;
