-- How MRR came from one month to the next, of the book and of each account.

create or replace view report.movements_by_month as
  select date_trunc('month', m.period_start::timestamp)::date as month,
         m.opening::numeric(20, 2) as opening, m.new::numeric(20, 2) as new,
         m.reactivation::numeric(20, 2) as reactivation, m.expansion::numeric(20, 2) as expansion,
         m.contraction::numeric(20, 2) as contraction, m.churn::numeric(20, 2) as churn,
         m.fx::numeric(20, 2) as fx, m.closing::numeric(20, 2) as closing
    from public.mrr_known_days() p cross join lateral public.mrr_movements(lower(p), upper(p), 'month', decimals => 2) m;
comment on view report.movements_by_month is
  'Opening + new + reactivation + expansion - contraction - churn + fx = closing, to the cent: mrr_movements has all decimals.';
comment on column report.movements_by_month.month is 'The first day of the month.';
comment on column report.movements_by_month.opening is 'MRR as the month begins.';
comment on column report.movements_by_month.new is 'Of accounts that never had MRR before.';
comment on column report.movements_by_month.reactivation is 'Of accounts that had MRR before, and none at the opening.';
comment on column report.movements_by_month.expansion is 'Of accounts that have more than at the opening.';
comment on column report.movements_by_month.contraction is 'Of accounts that have less than at the opening.';
comment on column report.movements_by_month.churn is 'Of accounts that have none any more.';
comment on column report.movements_by_month.fx is 'What changed exchange rates alone did.';
comment on column report.movements_by_month.closing is 'MRR as the month ends, of the last one as far as it was synced.';

create or replace view report.movements_by_account as
  select date_trunc('month', m.period_start::timestamp)::date as month, m.account, m.name, m.source, m.movement, m.opening::numeric(20, 2) as opening,
         m.change::numeric(20, 2) as change, m.fx::numeric(20, 2) as fx, m.closing::numeric(20, 2) as closing, m.reason
    from public.mrr_known_days() p cross join lateral public.account_movement_series(lower(p), upper(p), 'month', decimals => 2) m;
comment on view report.movements_by_account is 'Every account in every month in which its MRR moved.';
comment on column report.movements_by_account.month is 'The first day of the month.';
comment on column report.movements_by_account.account is 'The source''s id of the account.';
comment on column report.movements_by_account.name is 'The account''s name.';
comment on column report.movements_by_account.source is 'The source that knows the account.';
comment on column report.movements_by_account.movement is 'new, reactivation, expansion, contraction, churn, or fx where the rate alone moved.';
comment on column report.movements_by_account.opening is 'Its MRR as the month begins.';
comment on column report.movements_by_account.change is 'What its own changes did to it.';
comment on column report.movements_by_account.fx is 'What a changed exchange rate did to it.';
comment on column report.movements_by_account.closing is 'Its MRR as the month ends.';
comment on column report.movements_by_account.reason is 'Why it has nothing left: ended, pause, free plan or trial; empty while it has some.';
