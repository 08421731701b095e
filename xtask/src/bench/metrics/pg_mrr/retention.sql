-- In millionths a year, as movements.sql.
select cohort_start, period_number, round(mrr * 12e6) as annual from retention('month', '2023-01-01', '2026-01-01')
