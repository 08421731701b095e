-- Accounts, one a row: what a customer-success team looks at.

create or replace view report.accounts as
  select m.account, m.name, m.source, round(m.mrr, 2)::numeric(20, 2) as mrr, round(m.arr, 2)::numeric(20, 2) as arr, m.since,
         s.plans, s.currencies, s.seats, l.day as last_change_on, l.movement as last_movement, round(l.change, 2)::numeric(20, 2) as last_change,
         w.segment, w.owner, w.csm, w.country, w.stage, w.renewal_date, w.seats_in_use, round(w.seats_in_use / nullif(s.seats, 0), 4) as seat_use,
         w.health, w.nps
    from (select k.day, public.mrr_exchange(null, array[k.day]) as exchange from (select upper(p) - 1 as day from public.mrr_known_days() p) k) d
   cross join lateral public.account_mrr(d.day) m
    join revenue.account a on a.source = m.source and a.id = m.account
   cross join lateral (
     select string_agg(distinct g.plan, ', ' order by g.plan) as plans, string_agg(distinct g.currency, ', ' order by g.currency) as currencies,
            sum(g.quantity) as seats
       from revenue.segment g
      where g.account_key = a.key and g.known_until = 'infinity' and g.valid_from <= d.day and d.day < g.valid_until
        and g.standing in ('active', 'past_due') and not g.usage
   ) s
    join revenue.timeline_net t on t.account_key = a.key
    left join lateral public.timeline_last_change(t.steps, d.exchange) l on true
   cross join lateral (
     select max(v.value) filter (where v.name = 'segment') as segment, max(v.value) filter (where v.name = 'owner') as owner,
            max(v.value) filter (where v.name = 'csm') as csm, max(v.value) filter (where v.name = 'country') as country,
            max(v.value) filter (where v.name = 'stage') as stage, max(v.value) filter (where v.name = 'renewal_date') as renewal_date,
            -- Whatever a source has there: what is no number is none.
            max(case when v.value ~ '^-?[0-9]{1,15}(\.[0-9]{1,9})?$' then v.value::numeric end) filter (where v.name = 'seats_in_use') as seats_in_use,
            max(v.value) filter (where v.name = 'health') as health, max(v.value) filter (where v.name = 'nps') as nps
       from revenue.attribute v
      where v.account_key = a.key and v.known_until = 'infinity' and v.valid_from <= d.day and d.day < v.valid_until
        and v.name in ('segment', 'owner', 'csm', 'country', 'stage', 'renewal_date', 'seats_in_use', 'health', 'nps')
   ) w;
comment on view report.accounts is 'The accounts with a charge in force on the last day that was synced, in the book''s currency.';
comment on column report.accounts.account is 'The source''s id of the account.';
comment on column report.accounts.name is 'The account''s name.';
comment on column report.accounts.source is 'The source that knows the account.';
comment on column report.accounts.mrr is 'Monthly recurring revenue after discounts.';
comment on column report.accounts.arr is 'Annual recurring revenue: 12 times MRR.';
comment on column report.accounts.since is 'The first day it ever had MRR.';
comment on column report.accounts.plans is 'Its plans by name, separated by commas.';
comment on column report.accounts.currencies is 'The currencies it is charged in.';
comment on column report.accounts.seats is 'Seats or units of all its charges together.';
comment on column report.accounts.last_change_on is 'The day on which its MRR last changed.';
comment on column report.accounts.last_movement is 'How: new, reactivation, expansion or contraction.';
comment on column report.accounts.last_change is 'By how much, at the exchange rate of the last day that was synced.';
comment on column report.accounts.segment is 'The attribute segment.';
comment on column report.accounts.owner is 'The attribute owner.';
comment on column report.accounts.csm is 'The attribute csm.';
comment on column report.accounts.country is 'The attribute country.';
comment on column report.accounts.stage is 'The attribute stage: where a CRM says it is in its life.';
comment on column report.accounts.renewal_date is 'The attribute renewal_date, as the source has it.';
comment on column report.accounts.seats_in_use is 'The attribute seats_in_use; null where it is no number.';
comment on column report.accounts.seat_use is 'Seats in use over seats: 0.85 is 85 %.';
comment on column report.accounts.health is 'The attribute health.';
comment on column report.accounts.nps is 'The attribute nps: the newest answer.';
