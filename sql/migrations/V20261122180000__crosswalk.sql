-- One customer out of many records: which accounts of the sources are counted together, since when, and why.

alter table revenue.account
    add column linked_to bigint references revenue.account (key),
    add column part_of   bigint references revenue.account (key),
    add check ((linked_to is null) = (part_of is null)),
    add check (linked_to <> key and part_of <> key);
create index account_linked_to on revenue.account (linked_to) where linked_to is not null;
create index account_part_of on revenue.account (part_of) where part_of is not null;
comment on table revenue.account is
  'Customers as the sources know them. Everything of an account that is part of another is counted as that one''s: what is added up before anything is classified is the account that is part of none.';
comment on column revenue.account.linked_to is 'The account that it was found to be the same customer as; null when it stands alone.';
comment on column revenue.account.part_of is 'The account that it is counted as: where following linked_to ends. Null when it is counted as itself.';

alter table revenue.segment add column member_key bigint references revenue.account (key);
alter table revenue.attribute add column member_key bigint references revenue.account (key);
alter table revenue.doubt add column member_key bigint references revenue.account (key);
create index segment_member_now on revenue.segment (member_key) where member_key is not null and known_until = 'infinity';
create index segment_member_past on revenue.segment (member_key) where member_key is not null and known_until < 'infinity';
create index attribute_member_now on revenue.attribute (member_key) where member_key is not null and known_until = 'infinity';
create index attribute_member_past on revenue.attribute (member_key) where member_key is not null and known_until < 'infinity';
create index doubt_member on revenue.doubt (member_key) where member_key is not null;
comment on column revenue.segment.account_key is 'Whose charge it is counted as.';
comment on column revenue.segment.member_key is 'The account whose source says so, where that is part of account_key; null when it is account_key itself.';
comment on column revenue.attribute.account_key is
  'Whose property it is counted as. Where an account and one that is part of it both have it, the part''s stays with the part, which is counted nowhere.';
comment on column revenue.attribute.member_key is 'The account whose source says so, where that is part of account_key; null when it is account_key itself.';
comment on column revenue.doubt.account_key is 'Whose contract it is counted as.';
comment on column revenue.doubt.member_key is 'The account whose source says so, where that is part of account_key; null when it is account_key itself.';

create table revenue.link (
    source     text collate "C" not null,
    id         text collate "C" not null,
    to_source  text collate "C",
    to_id      text collate "C",
    note       text,
    decided_by text not null default current_user,
    decided_at timestamptz not null default now(),
    primary key (source, id),
    check ((to_source is null) = (to_id is null)),
    check ((source, id) <> (to_source, to_id))
);
comment on table revenue.link is
  'What somebody decided about which accounts are one customer; it wins over every rule. Written by mrrd accounts; a row that was written by hand counts from the next sync of any source on.';
comment on column revenue.link.source is 'The source of the account, by its name in mrrd.toml.';
comment on column revenue.link.id is 'The source''s id of the account.';
comment on column revenue.link.to_source is 'The source of the account that it is the same customer as; null: it stands alone, whatever the rules say.';
comment on column revenue.link.to_id is 'That source''s id of it.';
comment on column revenue.link.note is 'Why, in words; null when nobody said.';
comment on column revenue.link.decided_by is 'The role that decided.';
comment on column revenue.link.decided_at is 'When.';

create table revenue.membership (
    account_key bigint not null references revenue.account (key),
    part_of     bigint not null references revenue.account (key),
    linked_to   bigint not null references revenue.account (key),
    rule        text   not null check (rule in ('decided', 'absorbed', 'foreign_id', 'domain', 'email')),
    because     text   not null,
    known_since timestamptz not null,
    known_until timestamptz not null default 'infinity',
    check (known_since <= known_until)
);
create unique index membership_now on revenue.membership (account_key) where known_until = 'infinity';
create index membership_of on revenue.membership (part_of);
comment on table revenue.membership is
  'Which account was counted as which, by which rule, over [known_since, known_until). A link holds for all days that its records tell of, so it makes neither churn nor new; what was reported before it was known can be asked with as_of.';
comment on column revenue.membership.account_key is 'The account that is part of another.';
comment on column revenue.membership.part_of is 'The account that it is counted as.';
comment on column revenue.membership.linked_to is 'The account that it was found to be the same customer as: part_of, or one that is itself part of it.';
comment on column revenue.membership.rule is
  'decided (in revenue.link), absorbed (merged at the source), foreign_id (one has the other''s id), domain (the only account of a CRM with the same one), email (the only one with the same).';
comment on column revenue.membership.because is 'What the rule found, in words.';
comment on column revenue.membership.known_since is 'Since when it is counted so.';
comment on column revenue.membership.known_until is 'Until when it was counted so (half-open); infinity while it still is.';

create table ops.identity (
    account_key bigint not null references revenue.account (key) on delete cascade,
    kind        text   not null check (kind in ('absorbed', 'foreign_id', 'domain', 'email')),
    system      text   not null default '',
    -- Compared with ids of accounts, which are so ordered: else no index would find it.
    value       text collate "C" not null,
    primary key (account_key, kind, system, value)
);
create index identity_value on ops.identity (kind, system, value);
comment on table ops.identity is
  'By what records of several sources can be told to be of one customer, made comparable: domains as they are registered, addresses in lower case. Contact data: in ops, where readers of metrics see nothing.';
comment on column ops.identity.account_key is 'Whose it is.';
comment on column ops.identity.kind is 'absorbed (an id at the same source that was merged into it), foreign_id (its id in another system), domain, email.';
comment on column ops.identity.system is 'The connector of the other system; empty but for foreign_id.';
comment on column ops.identity.value is 'The id, domain or address.';

alter table ops.source add column connector text, add column crm boolean not null default false;
comment on column ops.source.connector is 'The connector that reads it, such as stripe; null until it has derived something.';
comment on column ops.source.crm is 'Whether it says who the customers are, so that accounts of other sources are linked to its own.';

alter table revenue.segment
    drop constraint segment_standing_check,
    add constraint segment_standing_check check (standing in ('active', 'trial', 'paused', 'past_due', 'contracted')),
    add constraint segment_contracted_check check (standing <> 'contracted' or (gross = 0 and net = 0));
comment on column revenue.segment.standing is
  'How the contract stands: active, trial, paused (both count nothing by default), past_due (counts), or contracted (billed elsewhere: counts nowhere, under any policy).';
create index segment_contracted_now on revenue.segment (account_key) where known_until = 'infinity' and standing = 'contracted';

-- Made anew by sql/roles.sql: an account is seen by whoever sees the one that it is part of.
drop policy if exists every_account on revenue.account;
drop policy if exists writing on revenue.account;
drop policy if exists own_accounts on revenue.account;
