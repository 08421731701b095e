-- Policies: what counts as recurring revenue, as data; and what segments must tell so that another
-- policy than the default can be asked for.

alter table revenue.segment
  add column standing    text    not null default 'active' check (standing in ('active', 'trial', 'paused', 'past_due')),
  add column stood_from  date,
  add column ending      boolean not null default false,
  add column list        bigint,
  add column net_forever bigint,
  add column net_running bigint,
  add column net_all     bigint,
  add check (standing not in ('trial', 'paused') or (gross = 0 and net = 0)),
  add check (standing = 'active' or stood_from <= valid_from);
create index segment_not_counted_now on revenue.segment (currency)
  where known_until = 'infinity' and standing in ('trial', 'paused');
comment on column revenue.segment.gross is
  'Annual run rate before discounts, in millionths of the major unit; 0 on trial and while paused, so that a sum is what counts by default.';
comment on column revenue.segment.net is
  'Annual run rate after running discounts, in millionths of the major unit; 0 on trial and while paused.';
comment on column revenue.segment.standing is
  'How the contract stands: active, trial, paused (both count nothing by default) or past_due (counts).';
comment on column revenue.segment.stood_from is 'The first day on which it stood so; null when active.';
comment on column revenue.segment.ending is 'Whether the end of the contract had been asked for.';
comment on column revenue.segment.list is 'Annual run rate before discounts if it counted, in millionths; null where it is gross.';
comment on column revenue.segment.net_forever is
  'Annual run rate after discounts granted for as long as the contract, if it counted, in millionths; null where it is net.';
comment on column revenue.segment.net_running is
  'Annual run rate after discounts granted for as long as the contract or for several billings, if it counted, in millionths; null where it is net.';
comment on column revenue.segment.net_all is
  'Annual run rate after all discounts, also those of one billing, if it counted, in millionths; null where it is net.';

-- A plan's members are those with a charge that counts.
drop index revenue.segment_plan_now;
create index segment_plan_now on revenue.segment (plan, account_key) include (currency, valid_from, valid_until, standing)
  where known_until = 'infinity';

create table revenue.policy (
    name          text primary key check (name <> ''),
    discounts     text    not null default 'running' check (discounts in ('running', 'forever', 'all', 'none')),
    trials        boolean not null default false,
    paused        boolean not null default false,
    past_due_days integer check (past_due_days >= 0),
    ending        boolean not null default true,
    constant_rate boolean not null default false,
    rate_day      date check (isfinite(rate_day)),
    description   text,
    check (constant_rate or rate_day is null)
);
create unique index policy_by_name on revenue.policy (lower(name));
comment on table revenue.policy is
  'What counts as recurring revenue, by name: policy => ''stripe_like'' in any metric. Add rows of your own; the row default says what everything else rests on and can''t be changed. Without a history: a report as of an earlier time reads the policy of today.';
comment on column revenue.policy.name is 'What it is called; upper and lower case are the same.';
comment on column revenue.policy.discounts is
  'Which discounts reduce MRR: running (those granted for as long as the contract and those of several billings while they run), forever (the former alone), all (also those of one billing), none.';
comment on column revenue.policy.trials is 'Whether what is on trial counts from the trial''s start.';
comment on column revenue.policy.paused is 'Whether what is paused keeps counting.';
comment on column revenue.policy.past_due_days is
  'After how many days past due it no longer counts: 0 never counts it, null counts it until the source ends it or marks it unpaid.';
comment on column revenue.policy.ending is
  'Whether what is to end counts until service ends; false ends it on the day on which the end was asked for.';
comment on column revenue.policy.constant_rate is
  'Constant currency: whether every day is converted at the exchange rates of one day instead of its own.';
comment on column revenue.policy.rate_day is
  'The day of those rates; null for the last day that a complete sync has seen.';
comment on column revenue.policy.description is 'What it is for, in words.';

insert into revenue.policy (name, discounts, trials, paused, past_due_days, ending, constant_rate, description) values
  ('default', 'running', false, false, null, true, false, 'The rules of this product.'),
  ('stripe_like', 'forever', false, true, null, true, false,
   'Near to the MRR of Stripe''s dashboard: active and past due subscriptions, also those whose collection is paused; only discounts without an end reduce it.'),
  ('chartmogul_like', 'all', false, true, null, true, false,
   'Near to ChartMogul with its usual settings: what is invoiced, after all discounts; subscriptions whose collection is paused and those past due count until they end.'),
  ('with_trials', 'running', true, false, null, true, false,
   'The default with trials from their start: less the default it is the MRR that is on trial.'),
  ('board', 'running', false, false, null, true, true,
   'The default in constant currency: all days at the exchange rates of one day, so that rates move nothing.');
create function revenue.keep_default_policy() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'the policy "default" can''t be changed: the stored timelines are built by it'
    using errcode = '55000', hint = 'Add a policy of your own to revenue.policy and name it in policy => ''...''.';
end
$$;
comment on function revenue.keep_default_policy() is 'Refuses to change or delete the policy that the stored timelines are built by.';
create trigger keep_default before update or delete on revenue.policy
  for each row when (old.name = 'default') execute function revenue.keep_default_policy();
