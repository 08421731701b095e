-- What plain SQL and DuckDB are asked on: the segments, how an account's run rate changes on a
-- day, and the accounts with their attributes, each in the order of the accounts, without
-- anything that the questions don't need. An attribute never changes in this book, so here it
-- has no days.
create schema plain;
create table plain.account as
  select a.key as account_key, o.value as owner, s.value as segment
    from revenue.account a
    join revenue.attribute o on o.account_key = a.key and o.name = 'owner'
    join revenue.attribute s on s.account_key = a.key and s.name = 'segment'
   order by a.key;
create table plain.segment as
  select account_key, valid_from, valid_until, net from revenue.segment
   where known_until = 'infinity' and net > 0
   order by account_key, valid_from;
create table plain.change as
  select account_key, day, sum(change)::bigint as change
    from (
      select account_key, valid_from, net from plain.segment
      union all
      select account_key, valid_until, -net from plain.segment where valid_until < 'infinity'
    ) c(account_key, day, change)
   group by account_key, day having sum(change) <> 0
   order by account_key, day;

-- A day needs only what ends after it, and all questions can be answered from indexes alone.
alter table plain.account add primary key (account_key);
create index on plain.segment (valid_until, valid_from) include (account_key, net);
create index on plain.segment (account_key, valid_from, valid_until) include (net);
alter table plain.change add primary key (account_key, day) include (change);
vacuum (analyze) plain.account, plain.segment, plain.change;
