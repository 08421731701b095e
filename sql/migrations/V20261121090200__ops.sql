-- How the syncs are doing.

create schema ops;
comment on schema ops is 'Operations of mrrd: runs, walks through streams, problems, what waits to be derived.';

create table ops.run (
    run_id      bigint generated always as identity primary key,
    source      text   not null,
    started_at  timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    status      text   not null default 'running' check (status in ('running', 'ok', 'problems', 'failed', 'interrupted')),
    requests    bigint not null default 0,
    fetched     bigint not null default 0,
    inserted    bigint not null default 0,
    updated     bigint not null default 0,
    unchanged   bigint not null default 0,
    quarantined bigint not null default 0,
    error       text
);
create index run_by_source on ops.run (source, run_id desc);
comment on table ops.run is 'One row per sync of a source. fetched = inserted + updated + unchanged + quarantined.';
comment on column ops.run.run_id is 'Our own key; a later run has a higher one.';
comment on column ops.run.source is 'The source''s name in mrrd.toml.';
comment on column ops.run.started_at is 'This database''s clock.';
comment on column ops.run.finished_at is 'This database''s clock; null while running, and after a crash until the next run marks it interrupted.';
comment on column ops.run.status is 'ok: complete and every record read. problems: complete, but records could not be read (ops.problem). failed: stopped by an error. interrupted: the process ended in the middle.';
comment on column ops.run.requests is 'HTTP requests made, retries included.';
comment on column ops.run.fetched is 'Records in the pages that were read.';
comment on column ops.run.inserted is 'Records seen for the first time.';
comment on column ops.run.updated is 'Records with a new version.';
comment on column ops.run.unchanged is 'Records that were known already, byte for byte.';
comment on column ops.run.quarantined is 'Records that could not be taken apart or stored; see ops.problem.';
comment on column ops.run.error is 'Why it failed and what to do; null otherwise.';

create table ops.walk (
    source       text not null,
    stream       text not null,
    cursor       text,
    completed_at timestamptz,
    primary key (source, stream)
);
comment on table ops.walk is 'Where the walk through each stream stands; written in the transaction of the records behind it.';
comment on column ops.walk.source is 'The source''s name in mrrd.toml.';
comment on column ops.walk.stream is 'The stream.';
comment on column ops.walk.cursor is 'Where to go on, as the connector wrote it; null between two walks.';
comment on column ops.walk.completed_at is 'When the last walk came to the stream''s end; null when none has.';

create table ops.touched (
    source text collate "C" not null,
    account text collate "C" not null,
    primary key (source, account)
);
comment on table ops.touched is 'Accounts with records that are landed but not derived yet. Empty between syncs.';
comment on column ops.touched.source is 'The source''s name in mrrd.toml.';
comment on column ops.touched.account is 'The source''s id of the account.';

create table ops.problem (
    source     text not null,
    stream     text not null,
    record     text not null,
    field      text not null default '',
    account    text,
    message    text not null,
    found_at   timestamptz not null default now(),
    primary key (source, stream, record, field)
);
create index problem_by_account on ops.problem (source, account);
comment on table ops.problem is 'Records, or parts of them, that could not be read. A row goes when the record can be read.';
comment on column ops.problem.source is 'The source''s name in mrrd.toml.';
comment on column ops.problem.stream is 'The stream of the record.';
comment on column ops.problem.record is 'The record''s id in the source.';
comment on column ops.problem.field is 'The field at fault, as a path; empty for the whole record.';
comment on column ops.problem.account is 'The account whose numbers it may touch, where it is known.';
comment on column ops.problem.message is 'What is wrong and what it means for the numbers.';
comment on column ops.problem.found_at is 'When it was found first.';
