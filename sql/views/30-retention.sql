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
