-- What the sources sent, as they sent it.

create schema raw;
comment on schema raw is
  'Records as received from the sources: every distinct version, deletions as tombstones. Everything else is rebuilt from here.';

create table raw.record (
    source      text collate "C" not null,
    stream      text collate "C" not null,
    id          text collate "C" not null,
    version     integer          not null check (version >= 1),
    account     text collate "C",
    payload     json             not null,
    hash        bytea            not null check (length(hash) = 16),
    deleted     boolean          not null default false,
    observed_at timestamptz      not null,
    landed_at   timestamptz      not null default now(),
    primary key (source, stream, id, version)
);

-- lz4 compresses in less time than the default method. A server that was built without lz4 keeps the default.
do $$
begin
  alter table raw.record alter payload set compression lz4;
exception when feature_not_supported then
  null;
end
$$;

-- One account's records together: what a derivation reads.
create index record_by_account on raw.record (source, account, stream, id, version desc) where account is not null;

-- What is gone, for the comparison of a complete list with what is known.
create index record_deleted on raw.record (source, stream, id) where deleted;

comment on table raw.record is
  'Every distinct version of every record that a source sent. Rows are added, never changed.';
comment on column raw.record.source is 'The source''s name in mrrd.toml.';
comment on column raw.record.stream is 'The vendor''s name for this kind of record, such as invoices.';
comment on column raw.record.id is 'The vendor''s id, unique within source and stream.';
comment on column raw.record.version is 'Counts the distinct versions of one record from 1; the newest is the highest.';
comment on column raw.record.account is 'The vendor''s id of the account that the record belongs to; null in reference streams such as prices, and where a record names none.';
comment on column raw.record.payload is 'The vendor''s own JSON text, unknown fields included; nested lists that the vendor cuts are completed.';
comment on column raw.record.hash is 'The first 16 bytes of the BLAKE3 hash of the payload''s text; a page is compared by it before anything is written.';
comment on column raw.record.deleted is 'Whether this version is a tombstone: the record is gone at the source.';
comment on column raw.record.observed_at is 'The vendor''s clock (its Date header) when this version was first read.';
comment on column raw.record.landed_at is 'This database''s clock when this version was written: the start of known time for what follows from it.';
