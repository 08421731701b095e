-- Rebuilding and forgetting are runs too; and what was forgotten stays so.

alter table ops.run drop constraint run_kind_check;
alter table ops.run add constraint run_kind_check check (kind in ('sync', 'follow', 'rebuild', 'forget'));
comment on column ops.run.kind is
  'sync (every record was listed), follow (what the log of changes named was read again), rebuild (everything was derived anew from raw), forget (an account''s records were removed).';

create table ops.forgotten (
    source       text collate "C" not null,
    account      text collate "C" not null,
    forgotten_at timestamptz not null default now(),
    primary key (source, account)
);
comment on table ops.forgotten is
  'Accounts whose records were removed on request (mrrd forget): what a source still sends of them is not stored. What they paid stays in revenue.segment, under their id and no name.';
comment on column ops.forgotten.source is 'The source, by its name in mrrd.toml.';
comment on column ops.forgotten.account is 'The source''s id of the account, by which its records are recognised and dropped.';
comment on column ops.forgotten.forgotten_at is 'When it was forgotten.';
comment on table raw.record is
  'Every distinct version of every record that a source sent. Rows are added and never changed; those of an account that is forgotten on request are removed (ops.forgotten).';
