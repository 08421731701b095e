select a.owner, div(coalesce(c.closing, 0) * 2e18 + o.opening, o.opening * 2)
  from (select distinct owner from plain.account) a
  left join (
    select owner, sum(net) as opening from plain.segment join plain.account using (account_key)
     where valid_from <= '2024-12-31' and valid_until > '2024-12-31' group by owner
  ) o using (owner)
  left join (
    select owner, sum(net) as closing from plain.segment join plain.account using (account_key)
     where valid_from <= '2025-12-31' and valid_until > '2025-12-31'
       and account_key in (select account_key from plain.segment where valid_from <= '2024-12-31' and valid_until > '2024-12-31')
     group by owner
  ) c using (owner)
