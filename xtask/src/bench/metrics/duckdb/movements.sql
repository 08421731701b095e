-- Changes summed by account and month, and their running sum. Faster than arg_max of the last
-- state with lag, than date_trunc, and than sixty-one conditional sums.
with monthly as (
  select account_key, year(day) * 12 + month(day) as month, sum(change)::bigint as change
    from change where day < date '2026-01-01' group by all
), state as (
  select month, change, sum(change) over a as closing, row_number() over a = 1 as first
    from monthly window a as (partition by account_key order by month rows unbounded preceding)
), flow as (
  select make_date((month - 1) // 12, (month - 1) % 12 + 1, 1) as month, sum(change) as change,
         coalesce(sum(closing) filter (where first), 0) as new,
         coalesce(sum(closing) filter (where not first and closing = change), 0) as reactivation,
         coalesce(sum(change) filter (where change > 0 and closing > change), 0) as expansion,
         coalesce(-sum(change) filter (where change < 0 and closing > 0), 0) as contraction,
         coalesce(-sum(change) filter (where closing = 0), 0) as churn
    from state group by month
)
select month, sum(change) over m - change as opening, new, reactivation, expansion, contraction, churn,
       sum(change) over m as closing
  from flow window m as (order by month)
