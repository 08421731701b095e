-- How the syncs are doing.

create schema ops;
comment on schema ops is 'Operations of mrrd: runs, walks through streams, problems, what waits to be derived.';

create table ops.run (
    run_id      bigint generated always as identity primary key,
    source      text   not null,
    kind        text   not null default 'sync' check (kind in ('sync', 'follow')),
    started_at  timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    status      text   not null default 'running' check (status in ('running', 'ok', 'problems', 'failed', 'interrupted')),
    requests    bigint not null default 0,
    fetched     bigint not null default 0,
    inserted    bigint not null default 0,
    updated     bigint not null default 0,
    unchanged   bigint not null default 0,
    deleted     bigint not null default 0,
    quarantined bigint not null default 0,
    batches     bigint not null default 0,
    error       text
);
-- The newest of each kind.
create index run_by_kind on ops.run (source, kind, run_id desc);
comment on table ops.run is 'One row per sync of a source, and per time that following it brought something new. fetched = inserted + updated + unchanged + deleted + quarantined. Kept for 35 days, without news for 7, and always the newest of each kind and ending.';
comment on column ops.run.run_id is 'Our own key; a later run has a higher one.';
comment on column ops.run.source is 'The source''s name in mrrd.toml.';
comment on column ops.run.kind is 'sync: every record was listed. follow: only what the source''s log of changes or a delivery named was read again.';
comment on column ops.run.started_at is 'This database''s clock.';
comment on column ops.run.finished_at is 'This database''s clock; null while running, and after a crash until the next run marks it interrupted.';
comment on column ops.run.status is 'ok: complete and every record read. problems: complete, but records could not be read (ops.problem). failed: stopped by an error. interrupted: the process ended in the middle.';
comment on column ops.run.requests is 'HTTP requests made, retries included.';
comment on column ops.run.fetched is 'Records that were asked for and answered, one by one or in pages.';
comment on column ops.run.inserted is 'Records seen for the first time.';
comment on column ops.run.updated is 'Records with a new version.';
comment on column ops.run.unchanged is 'Records that were known already, byte for byte.';
comment on column ops.run.deleted is 'Records that are gone at the source and were not known to be.';
comment on column ops.run.quarantined is 'Records that could not be taken apart or stored; see ops.problem.';
comment on column ops.run.batches is 'Transactions in which the run landed records or went on in a log: by them it notices a database that has lost some.';
comment on column ops.run.error is 'Why it failed and what to do; null otherwise.';

create table ops.walk (
    source       text not null,
    stream       text not null,
    cursors      text[] not null default '{}',
    completed_at timestamptz,
    primary key (source, stream)
);
comment on table ops.walk is 'Where the walk through each stream stands; written in the transaction of the records behind it.';
comment on column ops.walk.source is 'The source''s name in mrrd.toml.';
comment on column ops.walk.stream is 'The stream, or the log of changes.';
comment on column ops.walk.cursors is 'Where to go on, as the connector wrote it: a place for each part that is being read; none between two walks.';
comment on column ops.walk.completed_at is 'When the last walk came to the stream''s end, or the log was last read to its end; null when never.';

create table ops.event (
    source      text collate "C" not null,
    id          text collate "C" not null,
    happened_at timestamptz not null,
    received_at timestamptz not null default now(),
    delivered   boolean     not null,
    payload     text,
    primary key (source, id)
);
create index event_waiting on ops.event (source, received_at) where payload is not null;
create index event_age on ops.event (received_at);
comment on table ops.event is 'The ledger of a source''s events: each is heeded once, however often it is listed or delivered. Kept for 35 days.';
comment on column ops.event.source is 'The source''s name in mrrd.toml.';
comment on column ops.event.id is 'The vendor''s id of the event.';
comment on column ops.event.happened_at is 'The vendor''s clock when it happened.';
comment on column ops.event.received_at is 'This database''s clock when it was first listed or delivered.';
comment on column ops.event.delivered is 'Whether a delivery (webhook) brought it first; else it was read from the vendor''s log.';
comment on column ops.event.payload is 'The delivery''s body until it is heeded; then null.';

create table ops.hint (
    source  text collate "C" not null,
    stream  text collate "C" not null,
    id      text collate "C" not null,
    hint_id bigint generated always as identity,
    primary key (source, stream, id)
);
-- In the order in which they are taken, a few hundred at a time.
create index hint_in_order on ops.hint (source, hint_id);
comment on table ops.hint is 'Records that an event named and that are to be read again. Empty between syncs.';
comment on column ops.hint.source is 'The source''s name in mrrd.toml.';
comment on column ops.hint.stream is 'The record''s stream.';
comment on column ops.hint.id is 'The record''s id in the source.';
comment on column ops.hint.hint_id is 'Another one when it was named again meanwhile.';

create table ops.gap (
    source    text not null,
    from_time timestamptz not null,
    until     timestamptz not null,
    found_at  timestamptz not null default now(),
    primary key (source, from_time)
);
comment on table ops.gap is 'Times whose events can no longer be read, because nobody followed the source for longer than it keeps them. Everything was listed again afterwards; what changed within such a time is dated by invoices, or is a doubt.';
comment on column ops.gap.source is 'The source''s name in mrrd.toml.';
comment on column ops.gap.from_time is 'The beginning, by the vendor''s clock.';
comment on column ops.gap.until is 'The end (half-open), by the vendor''s clock.';
comment on column ops.gap.found_at is 'This database''s clock when it was noticed.';

create table ops.source (
    source text primary key,
    rules  text not null
);
comment on table ops.source is 'By which rules each source''s facts were derived.';
comment on column ops.source.source is 'The source''s name in mrrd.toml.';
comment on column ops.source.rules is 'The version of its connector and the settings that numbers depend on; when it changes, every account is derived anew.';

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
