-- What an account adds to its cohort's MRR is additive, so changes are summed by cohort and month.
with born as (
  select account_key, date_trunc('month', min(day)::timestamp) as cohort from plain.change
   group by account_key having min(day) >= '2023-01-01' and min(day) < '2026-01-01'
), flow as (
  select b.cohort, date_trunc('month', c.day::timestamp) as month, sum(c.change) as change
    from plain.change c join born b using (account_key)
   where c.day < '2026-01-01'
   group by b.cohort, month
), cell as (
  select c.cohort, m.month
    from generate_series(timestamp '2023-01-01', '2025-12-01', '1 month') c(cohort)
   cross join lateral generate_series(c.cohort, '2025-12-01', '1 month') m(month)
)
select cohort::date, row_number() over cohort - 1 as months, sum(coalesce(change, 0)) over cohort as annual
  from cell left join flow using (cohort, month)
window cohort as (partition by cohort order by month)
