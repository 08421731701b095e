-- The days of change added up by month, so that the state of a day takes as many rows as there are months.

create table revenue.month_change (
    measure  text    not null,
    currency text    not null,
    month    date    not null,
    change   numeric not null,
    primary key (measure, currency, month)
);
comment on table revenue.month_change is
  'The days of change of each month, added up: the sum over the months before that of a day, and over its days of change up to it, is the state at its end. Kept in step with revenue.day_change by mrr_refresh.';
comment on column revenue.month_change.measure is 'net or gross.';
comment on column revenue.month_change.currency is 'ISO 4217 code.';
comment on column revenue.month_change.month is 'Its first day.';
comment on column revenue.month_change.change is 'Change of the annual run rate, in the major unit, exact.';

insert into revenue.month_change
select measure, currency, day - (extract(day from day)::integer - 1), sum(change) from revenue.day_change
 group by 1, 2, 3 having sum(change) <> 0;
