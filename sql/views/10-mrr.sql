-- MRR over time, for tools that list views and not functions. Amounts are rounded to two decimals
-- here and nowhere else.

create schema if not exists report;
comment on schema report is 'The commonest questions as plain views in the book''s currency, for tools that list views and not functions.';

create or replace view report.mrr_by_day as
  select s.day, round(s.mrr, 2)::numeric(20, 2) as mrr, round(s.arr, 2)::numeric(20, 2) as arr, round(s.gross_mrr, 2)::numeric(20, 2) as gross_mrr
    from public.mrr_known_days() p cross join lateral public.mrr_series(lower(p), upper(p), 'day') s;
comment on view report.mrr_by_day is 'MRR at the end of each local day, from the first charge to the last day that was synced.';
comment on column report.mrr_by_day.day is 'The local day.';
comment on column report.mrr_by_day.mrr is 'Monthly recurring revenue after discounts, in the book''s currency.';
comment on column report.mrr_by_day.arr is 'Annual recurring revenue: 12 times MRR.';
comment on column report.mrr_by_day.gross_mrr is 'Monthly recurring revenue before discounts.';

create or replace view report.mrr_by_month as
  select date_trunc('month', s.day::timestamp)::date as month, s.day, round(s.mrr, 2)::numeric(20, 2) as mrr,
         round(s.arr, 2)::numeric(20, 2) as arr, round(s.gross_mrr, 2)::numeric(20, 2) as gross_mrr
    from public.mrr_known_days() p cross join lateral public.mrr_series(lower(p), upper(p), 'month') s;
comment on view report.mrr_by_month is 'MRR at the end of each month, of the last one as far as it was synced.';
comment on column report.mrr_by_month.month is 'The first day of the month.';
comment on column report.mrr_by_month.day is 'The day at whose end the amounts are taken: the last of the month, or the last that was synced.';
comment on column report.mrr_by_month.mrr is 'Monthly recurring revenue after discounts, in the book''s currency.';
comment on column report.mrr_by_month.arr is 'Annual recurring revenue: 12 times MRR.';
comment on column report.mrr_by_month.gross_mrr is 'Monthly recurring revenue before discounts.';
