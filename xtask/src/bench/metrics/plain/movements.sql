-- In the order of the primary key neither sort nor hash is needed: the running sum is the state,
-- the last change of a month is its closing, and the closing before it is the opening.
with state as (
  select account_key, day, date_trunc('month', day::timestamp) as month, sum(change) over a as net,
         lead(date_trunc('month', day::timestamp)) over a as next_month
    from plain.change where day < '2026-01-01'
  window a as (partition by account_key order by day)
), closed as (
  select month, net as closing, lag(net) over (partition by account_key order by day) as opening
    from state where next_month is distinct from month
), flow as (
  select month::date, coalesce(sum(closing) filter (where opening is null), 0) as new,
         coalesce(sum(closing) filter (where opening = 0), 0) as reactivation,
         coalesce(sum(closing - opening) filter (where closing > opening and opening > 0), 0) as expansion,
         coalesce(sum(opening - closing) filter (where closing < opening and closing > 0), 0) as contraction,
         coalesce(sum(opening) filter (where closing = 0), 0) as churn
    from closed group by month
)
select month, sum(new + reactivation + expansion - contraction - churn) over m - (new + reactivation + expansion - contraction - churn) as opening,
       new, reactivation, expansion, contraction, churn, sum(new + reactivation + expansion - contraction - churn) over m as closing
  from flow window m as (order by month)
