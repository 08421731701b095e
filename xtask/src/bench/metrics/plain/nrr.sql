-- Two scans and a semi-join run in parallel; grouping by account with conditional sums does not.
select div(c.closing * 2e18 + o.opening, o.opening * 2)
  from (select sum(net) as opening from plain.segment where valid_from <= '2024-12-31' and valid_until > '2024-12-31') o
 cross join (
   select coalesce(sum(net), 0) as closing from plain.segment
    where valid_from <= '2025-12-31' and valid_until > '2025-12-31'
      and account_key in (select account_key from plain.segment where valid_from <= '2024-12-31' and valid_until > '2024-12-31')
 ) c
