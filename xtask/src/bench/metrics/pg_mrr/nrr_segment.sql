-- Cohorts know no attribute of this name, so the aggregate is asked: the accounts that belonged at the opening.
select nrr(t.steps, daterange('2025-01-01', '2026-01-01')) * 1e18
  from revenue.timeline_net t
  join revenue.attribute a using (account_key)
 where a.name = 'segment' and a.value = 'large' and a.known_until = 'infinity'
   and a.valid_from <= '2024-12-31' and a.valid_until > '2024-12-31'
