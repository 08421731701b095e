-- One customer out of many records, and what a CRM has as contracts beside what is billed.

create or replace view report.customer_records as
  select c.source, c.id as account, c.name, a.source as record_source, a.id as record, a.name as record_name,
         m.rule, m.because, m.known_since
    from revenue.account a
    join revenue.account c on c.key = coalesce(a.part_of, a.key)
    left join revenue.membership m on m.account_key = a.key and m.known_until = 'infinity';
comment on view report.customer_records is 'Which records of which sources are counted as which account, and why. An account that stands alone has one row.';
comment on column report.customer_records.source is 'The source of the account that all is counted as.';
comment on column report.customer_records.account is 'That source''s id of it.';
comment on column report.customer_records.name is 'Its name.';
comment on column report.customer_records.record_source is 'The source of the record.';
comment on column report.customer_records.record is 'That source''s id of the record.';
comment on column report.customer_records.record_name is 'The name in that source.';
comment on column report.customer_records.rule is 'By which rule it was linked: decided, absorbed, foreign_id, domain or email; null for the account itself.';
comment on column report.customer_records.because is 'What the rule found.';
comment on column report.customer_records.known_since is 'Since when it is counted so.';

create or replace view report.contracted as
  with today as (
    select b.last_day as day, b.currency from revenue.book b where b.last_day is not null
  ), contracted as (
    select s.account_key, sum(s.net_running * 0.000001 * public.mrr_rate(s.currency, t.currency, t.day)) as annual,
           count(distinct s.contract) as contracts, min(nullif(s.valid_until, 'infinity')) as ends_on
      from today t
      join revenue.segment s on s.known_until = 'infinity' and s.standing = 'contracted' and s.valid_from <= t.day and t.day < s.valid_until
     group by s.account_key
  ), billed as (
    select m.source, m.account, m.mrr from today t cross join lateral public.account_mrr(t.day) m
  )
  select a.source, a.id as account, a.name, round(c.annual / 12, 2)::numeric(20, 2) as contracted_mrr,
         round(coalesce(b.mrr, 0), 2)::numeric(20, 2) as billed_mrr,
         round(coalesce(b.mrr, 0) - c.annual / 12, 2)::numeric(20, 2) as difference, c.contracts, c.ends_on
    from contracted c
    join revenue.account a on a.key = c.account_key
    left join billed b on b.source = a.source and b.account = a.id;
comment on view report.contracted is
  'What a CRM has as contracts on the last day that was synced, beside what is billed: where the two differ, one of them is wrong or late. In the book''s currency.';
comment on column report.contracted.source is 'The source that knows the account.';
comment on column report.contracted.account is 'The source''s id of the account.';
comment on column report.contracted.name is 'The account''s name.';
comment on column report.contracted.contracted_mrr is 'Monthly recurring revenue by its contracts; null where a rate is missing.';
comment on column report.contracted.billed_mrr is 'MRR as all metrics count it.';
comment on column report.contracted.difference is 'billed_mrr less contracted_mrr.';
comment on column report.contracted.contracts is 'How many contracts are in force.';
comment on column report.contracted.ends_on is 'The day on which the first of them ends; null when none has an end.';
