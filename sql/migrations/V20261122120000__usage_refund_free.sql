-- What was used, what was given back in full, and what a move to a free plan is, as rules of a policy.

alter table revenue.segment
  add column refunded boolean not null default false,
  add column usage    boolean not null default false,
  add check (not usage or (gross = 0 and net = 0)),
  -- ISO 4217's code for no currency: in timelines it says something else.
  add check (currency <> 'XXX');
comment on column revenue.segment.gross is
  'Annual run rate before discounts, in millionths of the major unit; 0 on trial, while paused and of usage, so that a sum is what counts by default.';
comment on column revenue.segment.net is
  'Annual run rate after running discounts, in millionths of the major unit; 0 on trial, while paused and of usage.';
comment on column revenue.segment.refunded is
  'Whether the contract is to end and what was paid for these days was given back in full.';
comment on column revenue.segment.usage is
  'Whether it is what was used, as a bill told it afterwards: spread over the three months from that bill on.';

-- What the stored days of change don't know, because it does not count by default.
drop index revenue.segment_not_counted_now;
create index segment_not_counted_now on revenue.segment (currency)
  where known_until = 'infinity' and (standing in ('trial', 'paused') or usage);
drop index revenue.segment_plan_now;
create index segment_plan_now on revenue.segment (plan, account_key) include (currency, valid_from, valid_until, standing, usage)
  where known_until = 'infinity';

alter table revenue.policy
  add column refunded  boolean not null default true,
  add column usage     boolean not null default false,
  add column free_plan text    not null default 'churn' check (free_plan in ('churn', 'contraction'));
comment on column revenue.policy.refunded is
  'Whether what was given back in full counts until its contract ends; false ends it on the day of the refund.';
comment on column revenue.policy.usage is
  'Whether what was used counts: the trailing three months of bills for usage, as a rate.';
comment on column revenue.policy.free_plan is
  'What it is when an account moves from paid to nothing while something of it is in force: churn, or contraction, with which it stays a customer until nothing is in force.';

update revenue.policy set free_plan = 'contraction' where name = 'chartmogul_like';
insert into revenue.policy (name, usage, description) values
  ('with_usage', true, 'The default with usage of the trailing three months: less the default it is the MRR from usage.');
