-- What arrived where each list is a table, and each field a column.
select id, null from stripe.products
union all select id, unit_amount::text from stripe.prices
union all select id, balance::text from stripe.customers
union all select id, null from stripe.subscriptions
union all select id, total::text from stripe.invoices;
