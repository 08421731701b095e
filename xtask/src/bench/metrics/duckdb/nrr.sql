select (sum(closing) * 2000000000000000000 + sum(opening)) // (sum(opening) * 2)
  from (
    select sum(case when valid_from <= date '2024-12-31' then net else 0 end) as opening,
           sum(case when valid_until > date '2025-12-31' then net else 0 end) as closing
      from segment where valid_until > date '2024-12-31' and valid_from <= date '2025-12-31'
     group by account_key
  )
 where opening > 0
