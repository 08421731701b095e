-- What the records mean: accounts, segments, attributes, rates. Rows that were once known are
-- kept: they are what was reported then.

create schema revenue;
comment on schema revenue is 'Recurring revenue, derived from raw: accounts, segments with valid and known time, timelines, rollups.';

create table revenue.book (
    only_one  boolean primary key default true check (only_one),
    currency  text not null check (currency ~ '^[A-Z]{3}$'),
    time_zone text not null,
    synced_at timestamptz,
    last_day  date
);
comment on table revenue.book is 'The settings of the one book in this database, written by mrrd migrate from [book] in mrrd.toml.';
comment on column revenue.book.only_one is 'Keeps the table at one row.';
comment on column revenue.book.currency is 'ISO 4217 code: what reports are in when no other currency is asked for.';
comment on column revenue.book.time_zone is 'IANA name: in which zone an instant becomes a day.';
comment on column revenue.book.synced_at is 'When the first sync of any source was complete; null before, and metrics then raise 55000.';
comment on column revenue.book.last_day is 'The last local day that a complete sync has seen; what is known of later days is what is contracted.';

create table revenue.account (
    key    bigint generated always as identity primary key,
    source text collate "C" not null,
    id     text collate "C" not null,
    name   text not null,
    unique (source, id)
);
comment on table revenue.account is 'Customers: everybody whose recurring charges are added before anything is classified.';
comment on column revenue.account.key is 'Our own key, never reused.';
comment on column revenue.account.source is 'The source that knows the account, by its name in mrrd.toml.';
comment on column revenue.account.id is 'The source''s id of the account.';
comment on column revenue.account.name is 'The name to show; the id where the source has no name.';

create table revenue.segment (
    segment_id       bigint generated always as identity primary key,
    account_key      bigint  not null references revenue.account (key),
    contract         text    not null,
    item             text    not null,
    plan             text    not null,
    currency         text    not null check (currency ~ '^[A-Z]{3}$'),
    valid_from       date    not null,
    valid_until      date    not null default 'infinity',
    gross            bigint  not null,
    net              bigint  not null,
    amount           numeric not null,
    quantity         numeric not null,
    billing_interval text    not null,
    evidence         text    not null check (evidence in ('observed', 'history', 'invoice', 'projected')),
    origin           text[]  not null,
    known_since      timestamptz not null,
    known_until      timestamptz not null default 'infinity',
    check (valid_from < valid_until),
    check (known_since <= known_until)
);
create index segment_now on revenue.segment (account_key) where known_until = 'infinity';
create index segment_plan_now on revenue.segment (plan, account_key) where known_until = 'infinity';
comment on table revenue.segment is
  'One item of one contract, in force over [valid_from, valid_until) at one run rate, known over [known_since, known_until). Nothing is overwritten: a changed past closes the known time of the old row and adds a new one.';
comment on column revenue.segment.segment_id is 'Our own key, never reused.';
comment on column revenue.segment.account_key is 'Whose charge it is.';
comment on column revenue.segment.contract is 'The source''s id of the contract (subscription).';
comment on column revenue.segment.item is 'The source''s id of the item within the contract.';
comment on column revenue.segment.plan is 'The plan or product by name.';
comment on column revenue.segment.currency is 'ISO 4217 code of gross, net and amount.';
comment on column revenue.segment.valid_from is 'The first local day at whose end the charge is in force.';
comment on column revenue.segment.valid_until is 'The first day on which it no longer is (half-open); infinity while no end is known.';
comment on column revenue.segment.gross is 'Annual run rate before discounts, in millionths of the major unit.';
comment on column revenue.segment.net is 'Annual run rate after discounts, in millionths of the major unit.';
comment on column revenue.segment.amount is 'What one billing costs before discounts, in the major unit.';
comment on column revenue.segment.quantity is 'Seats or units that the amount is for.';
comment on column revenue.segment.billing_interval is 'How often the amount is billed, such as 3 months.';
comment on column revenue.segment.evidence is
  'How this is known: observed (seen by a sync), history (the source''s log of changes), invoice (rebuilt from invoice periods), projected (the present carried back).';
comment on column revenue.segment.origin is 'The raw records that say so, as stream/id of the account''s source.';
comment on column revenue.segment.known_since is 'Since when this database has known it.';
comment on column revenue.segment.known_until is 'Until when this was what the database knew (half-open); infinity while it still is.';

create table revenue.attribute (
    account_key bigint not null references revenue.account (key),
    name        text   not null,
    value       text   not null,
    valid_from  date   not null default '-infinity',
    valid_until date   not null default 'infinity',
    known_since timestamptz not null,
    known_until timestamptz not null default 'infinity',
    check (valid_from < valid_until),
    check (known_since <= known_until)
);
create index attribute_now on revenue.attribute (account_key, name) where known_until = 'infinity';
create index attribute_value_now on revenue.attribute (name, lower(value)) where known_until = 'infinity';
comment on table revenue.attribute is 'Properties of accounts over [valid_from, valid_until), known over [known_since, known_until).';
comment on column revenue.attribute.account_key is 'Whose property it is.';
comment on column revenue.attribute.name is 'What it is called, in lower case: country.';
comment on column revenue.attribute.value is 'The value as the source has it.';
comment on column revenue.attribute.valid_from is 'The first local day it holds; -infinity when it holds as far back as anything is known.';
comment on column revenue.attribute.valid_until is 'The first day it no longer holds (half-open); infinity while it holds.';
comment on column revenue.attribute.known_since is 'Since when this database has known it.';
comment on column revenue.attribute.known_until is 'Until when this was what the database knew (half-open); infinity while it still is.';

create table revenue.doubt (
    account_key bigint not null references revenue.account (key),
    contract    text   not null,
    valid_from  date   not null,
    valid_until date   not null default 'infinity',
    reason      text   not null,
    origin      text[] not null,
    check (valid_from < valid_until)
);
create index doubt_by_account on revenue.doubt (account_key);
comment on table revenue.doubt is 'Days on which nothing at the source tells what a contract''s state was: its segments there are the best guess, graded projected.';
comment on column revenue.doubt.account_key is 'Whose contract it is.';
comment on column revenue.doubt.contract is 'The source''s id of the contract (subscription).';
comment on column revenue.doubt.valid_from is 'The first day at whose end it may have been otherwise.';
comment on column revenue.doubt.valid_until is 'The first day that is known again (half-open); infinity while none is.';
comment on column revenue.doubt.reason is 'Why it can''t be known, and what was assumed.';
comment on column revenue.doubt.origin is 'The raw records between which it lies, as stream/id of the account''s source.';

create table revenue.exchange_rate (
    base   text    not null check (base ~ '^[A-Z]{3}$'),
    quote  text    not null check (quote ~ '^[A-Z]{3}$'),
    day    date    not null,
    rate   numeric not null check (rate > 0 and rate < 'infinity'),
    source text    not null,
    primary key (base, quote, day)
);
comment on table revenue.exchange_rate is 'Reference rates of a day. A report may carry the last one forward for at most 7 days.';
comment on column revenue.exchange_rate.base is 'The currency that one unit is of.';
comment on column revenue.exchange_rate.quote is 'The currency that the rate is in.';
comment on column revenue.exchange_rate.day is 'The day the rate is for.';
comment on column revenue.exchange_rate.rate is 'Units of quote for one unit of base.';
comment on column revenue.exchange_rate.source is 'Who published it, such as ECB.';
