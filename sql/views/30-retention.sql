-- Whether customers stay and grow.

create or replace view report.nrr_by_month as
  select date_trunc('month', s.day::timestamp)::date as month, s.day,
         round(public.nrr('all', t.period), 4)::numeric(12, 4) as nrr, round(public.grr('all', t.period), 4)::numeric(12, 4) as grr,
         round(public.logo_churn('all', t.period), 4)::numeric(12, 4) as logo_churn
    from public.mrr_known_days() p
   cross join lateral unnest((public.mrr_borders(lower(p), upper(p), 'month'))[2:]) b(border)
   cross join lateral (select b.border - 1 as day) s
   cross join lateral (select public.trailing_period('12 months', s.day) as period) t
   where lower(t.period) > lower(p);
comment on view report.nrr_by_month is 'Retention over the twelve months that end with each month, from the first that is a whole year after the first charge.';
comment on column report.nrr_by_month.month is 'The first day of the month that the twelve end with.';
comment on column report.nrr_by_month.day is 'The day that the twelve months end with: the last of the month, or the last that was synced.';
comment on column report.nrr_by_month.nrr is 'Net revenue retention: 1.1 is 110 %.';
comment on column report.nrr_by_month.grr is 'Gross revenue retention: 0.95 is 95 %.';
comment on column report.nrr_by_month.logo_churn is 'Share of the accounts that left: 0.1 is 10 %.';

create or replace view report.retention_by_month as
  select r.cohort_start as cohort_month, r.period_number as month_number, r.period_start as month, r.base_accounts, r.accounts,
         round(r.logo_retention, 4)::numeric(12, 4) as logo_retention, round(r.base_mrr, 2)::numeric(20, 2) as base_mrr,
         round(r.mrr, 2)::numeric(20, 2) as mrr, round(r.mrr_retention, 4)::numeric(12, 4) as mrr_retention
    from public.mrr_known_days() p
   cross join lateral public.retention('month', lower(p), upper(p)) r;
comment on view report.retention_by_month is
  'What became of the customers of each month: a row for each month in which customers began and each month since.';
comment on column report.retention_by_month.cohort_month is 'The first day of the month in which they had MRR for the first time.';
comment on column report.retention_by_month.month_number is 'How many months after that: 0 is the month itself.';
comment on column report.retention_by_month.month is 'The first day of the month that is looked at, at its end.';
comment on column report.retention_by_month.base_accounts is 'How many had MRR at the end of month 0.';
comment on column report.retention_by_month.accounts is 'How many of them have MRR at the end of this month.';
comment on column report.retention_by_month.logo_retention is 'Those over the base: 0.9 is 90 %; null when there was nobody.';
comment on column report.retention_by_month.base_mrr is 'Their MRR at the end of month 0.';
comment on column report.retention_by_month.mrr is 'Their MRR at the end of this month, at the exchange rates of month 0''s end.';
comment on column report.retention_by_month.mrr_retention is 'That over the base: 1.1 is 110 %; null when there was nothing.';
