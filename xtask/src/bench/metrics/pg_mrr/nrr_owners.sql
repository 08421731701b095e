select a.value, nrr(t.steps, daterange('2025-01-01', '2026-01-01')) * 1e18
  from revenue.timeline_net t
  join revenue.attribute a using (account_key)
 where a.name = 'owner' and a.known_until = 'infinity'
   and a.valid_from <= '2024-12-31' and a.valid_until > '2024-12-31'
 group by a.value
