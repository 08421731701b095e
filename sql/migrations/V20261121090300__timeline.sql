-- What makes the questions cheap. The type mrr_timeline and the functions are the extension's;
-- mrrd migrate creates the extension before this runs.

create table revenue.timeline (
    measure     text            not null check (measure in ('net', 'gross')),
    account_key bigint          not null references revenue.account (key),
    steps       public.mrr_timeline not null,
    primary key (measure, account_key)
) partition by list (measure);
create table revenue.timeline_net partition of revenue.timeline for values in ('net');
create table revenue.timeline_gross partition of revenue.timeline for values in ('gross');
comment on table revenue.timeline is 'One packed step function per account and measure, refreshed from revenue.segment by mrr_refresh.';
comment on column revenue.timeline.measure is 'net (after discounts) or gross (before them).';
comment on column revenue.timeline.account_key is 'Whose it is.';
comment on column revenue.timeline.steps is 'Per currency the days on which the annual run rate changed, and the rates.';
comment on table revenue.timeline_net is 'The timelines after discounts.';
comment on table revenue.timeline_gross is 'The timelines before discounts.';

create table revenue.day_change (
    measure  text    not null,
    currency text    not null,
    day      date    not null,
    change   numeric not null,
    primary key (measure, currency, day)
);
comment on table revenue.day_change is
  'By how much the whole book''s annual run rate changed on a day: the sum over days up to d is the state at the end of d. Kept in step with revenue.timeline by mrr_refresh.';
comment on column revenue.day_change.measure is 'net or gross.';
comment on column revenue.day_change.currency is 'ISO 4217 code.';
comment on column revenue.day_change.day is 'The day at whose end the change is in force.';
comment on column revenue.day_change.change is 'Change of the annual run rate, in the major unit, exact.';

do $$
begin
  execute (
    select string_agg(format('comment on column revenue.%I.%I is %L', partition, name, meaning), ';')
      from unnest(array['timeline_net', 'timeline_gross']) partition
      cross join (values ('measure', 'As in revenue.timeline.'), ('account_key', 'As in revenue.timeline.'),
                         ('steps', 'As in revenue.timeline.')) c(name, meaning)
  );
end
$$;
