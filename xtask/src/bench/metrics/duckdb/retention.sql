with born as (
  select account_key, year(min(day)) * 12 + month(min(day)) as cohort from change
   group by account_key having min(day) >= date '2023-01-01' and min(day) < date '2026-01-01'
), flow as (
  select cohort, year(day) * 12 + month(day) as month, sum(change) as change
    from change join born using (account_key)
   where day < date '2026-01-01'
   group by all
), cell as (
  select c.cohort, m.month from range(2023 * 12 + 1, 2026 * 12 + 1) c(cohort), range(2023 * 12 + 1, 2026 * 12 + 1) m(month)
   where m.month >= c.cohort
)
select make_date((cohort - 1) // 12, (cohort - 1) % 12 + 1, 1), month - cohort,
       sum(coalesce(change, 0)) over (partition by cohort order by month)
  from cell left join flow using (cohort, month)
