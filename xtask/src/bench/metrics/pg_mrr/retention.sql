select cohort, months, round(mrr * 12e6) as annual
  from retention('month', '2023-01-01', '2026-01-01') r(cohort, months, mrr)
