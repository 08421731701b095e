insert into revenue.book (currency, time_zone, synced_at, last_day) values ('EUR', 'Europe/Berlin', '2026-03-31 23:30+00', '2026-04-01');
insert into revenue.account (source, id, name) select 'test', id, id from unnest(array['a', 'b', 'c', 'd']) id;
insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount,
                             quantity, billing_interval, evidence, origin, known_since, known_until)
  select key, 's', 'i', s.plan, s.currency, s.valid_from, s.valid_until, 1200000000, s.net * 12000000, 100, 1, '1 month', 'observed', '{}',
         s.known_since, s.known_until
    from (values
      ('a', 'Pro',  'EUR', 0,   date '2025-01-01', date '2025-02-01', timestamptz '2026-01-01', timestamptz 'infinity'),
      ('a', 'Pro',  'EUR', 100, '2025-02-01', '2025-06-01', '2026-01-01', 'infinity'),
      ('a', 'Team', 'EUR', 100, '2025-05-01', 'infinity',   '2026-01-01', 'infinity'),
      ('b', 'pro',  'EUR', 100, '2025-03-01', '2025-04-01', '2026-01-01', 'infinity'),
      ('b', 'Pro',  'EUR', 100, '2025-08-01', 'infinity',   '2026-01-01', 'infinity'),
      ('c', 'Solo', 'USD', 100, '2024-07-01', 'infinity',   '2026-02-01', 'infinity'),
      ('c', 'Lite', 'USD', 100, '2024-12-01', 'infinity',   '2026-01-01', '2026-02-01'),
      ('d', 'Team and Talk', 'EUR', 100, '2025-07-01', '2025-09-01', '2026-01-01', 'infinity')
    ) s(id, plan, currency, net, valid_from, valid_until, known_since, known_until)
    join revenue.account using (id);
insert into revenue.attribute (account_key, name, value, valid_from, valid_until, known_since, known_until)
  select key, t.name, t.value, t.valid_from, t.valid_until, t.known_since, t.known_until
    from (values
      ('a', 'country',  'DE', date '-infinity', date 'infinity', timestamptz '2026-01-01', timestamptz 'infinity'),
      ('b', 'country',  'de', '-infinity',  'infinity',   '2026-01-01', 'infinity'),
      ('c', 'country',  'US', '-infinity',  'infinity',   '2026-01-01', 'infinity'),
      ('d', 'country',  'AT', '-infinity',  'infinity',   '2026-02-01', 'infinity'),
      ('d', 'country',  'CH', '-infinity',  'infinity',   '2026-01-01', '2026-02-01'),
      ('a', 'segment',  'Enterprise', '2025-03-01', '2025-05-01', '2026-01-01', 'infinity'),
      ('a', 'segment',  'SMB',        '2025-05-01', 'infinity',   '2026-01-01', 'infinity'),
      ('b', 'segment',  'SMB',        '2025-01-01', '2025-03-15', '2026-01-01', 'infinity'),
      ('a', 'csm',      'Ana, Maria', '-infinity',  'infinity',   '2026-01-01', 'infinity'),
      ('b', 'csm',      'Ana "Mia" Roth', '-infinity', 'infinity', '2026-01-01', 'infinity'),
      ('c', 'my field', 'it''s \ "%L"',  '-infinity',  'infinity', '2026-01-01', 'infinity'),
      ('c', '%L = any (%L)', 'x', '-infinity', 'infinity', '2026-01-01', 'infinity'),
      ('c', 'plan',     'Pro',        '-infinity',  'infinity',   '2026-01-01', 'infinity'),
      ('c', 'Tier',     '1',          '-infinity',  'infinity',   '2026-01-01', 'infinity'),
      ('d', 'tier',     '1',          '-infinity',  'infinity',   '2026-01-01', 'infinity')
    ) t(id, name, value, valid_from, valid_until, known_since, known_until)
    join revenue.account using (id);
select mrr_refresh(array_agg(key)) from revenue.account;
insert into revenue.exchange_rate values ('EUR', 'USD', '2025-03-31', 1, 'test');
