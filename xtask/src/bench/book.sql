-- A book of :accounts accounts with seven segments each, over 1,096 days.
insert into revenue.book (currency, time_zone, synced_at) values ('EUR', 'UTC', now());
insert into revenue.account (source, id, name)
  select 'bench', 'cus_' || i, 'Account ' || i from generate_series(1, :accounts) i;
insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount,
                             quantity, billing_interval, evidence, origin, known_since)
  select a.key, 'sub_' || a.key, 'si_' || a.key, 'plan ' || a.key % 5, 'EUR', s.start,
         case when s.n < 6 then s.start + 140 when a.key % 10 < 8 then 'infinity' else s.start + 90 end,
         (20 + a.key % 50 + s.n * 3) * 12000000, (18 + a.key % 50 + s.n * 3) * 12000000,
         20 + a.key % 50 + s.n * 3, 1, '1 month', 'observed', '{}', now()
    from revenue.account a
   cross join lateral (
     select n, date '2023-01-01' + ((a.key * 7919) % 90)::integer + n * 150 as start from generate_series(0, 6) n
   ) s;
do $$
begin
  for batch in 0 .. :accounts / 10000 loop
    perform mrr_refresh(array_agg(key)) from revenue.account where key / 10000 = batch having count(*) > 0;
  end loop;
end
$$;
vacuum (analyze) revenue.account, revenue.segment, revenue.timeline_net, revenue.timeline_gross, revenue.day_change;
select count(*) from revenue.segment;
