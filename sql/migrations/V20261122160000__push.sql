-- What is pushed: counted where it is stored, derived a moment later.

alter table ops.run drop constraint run_kind_check;
alter table ops.run add constraint run_kind_check check (kind in ('sync', 'follow', 'push', 'rebuild', 'forget'));
comment on column ops.run.kind is
  'sync (every record was listed), follow (what the log of changes named was read again), push (what was pushed since was derived; what brought no news is not counted), rebuild (everything was derived anew from raw), forget (an account''s records were removed).';
comment on table ops.run is 'One row per sync of a source, per time that following it brought something new, and per time that what was pushed was derived. fetched = inserted + updated + unchanged + deleted + quarantined. Kept for 35 days, without news or of pushes for 7, and always the newest of each kind and ending.';

create table ops.push (
    source      text        not null,
    push_id     bigint      generated always as identity,
    received_at timestamptz not null default now(),
    inserted    bigint      not null,
    updated     bigint      not null,
    unchanged   bigint      not null,
    deleted     bigint      not null,
    primary key (source, push_id)
);
comment on table ops.push is 'Requests whose items are stored and not derived yet, written in the transaction of the items; the next run counts them in and takes them out. Empty between runs.';
comment on column ops.push.source is 'The source''s name in mrrd.toml.';
comment on column ops.push.push_id is 'Our own key; a later one is higher.';
comment on column ops.push.received_at is 'This database''s clock.';
comment on column ops.push.inserted is 'Records that were pushed for the first time.';
comment on column ops.push.updated is 'Records with a new version.';
comment on column ops.push.unchanged is 'Records that were known already.';
comment on column ops.push.deleted is 'Records that are gone and were not known to be.';
