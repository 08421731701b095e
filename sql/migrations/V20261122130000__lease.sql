-- One writer a source.

create table ops.lease (
    source   text        primary key,
    token    bigint      not null,
    holder   text        not null,
    until    timestamptz not null,
    taken_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50); -- Renewed every few seconds: a new version of the row finds room beside the old one.
comment on table ops.lease is 'Who may write a source''s records. Every transaction that writes any looks here first, under a lock of the row, whether the token is still its own: whoever was taken for dead and was not is refused.';
comment on column ops.lease.source is 'The source''s name in mrrd.toml.';
comment on column ops.lease.token is 'The fence: each holder has a higher one than the one before, also when the database was set back in time (microseconds of its clock).';
comment on column ops.lease.holder is 'The process and its session, for people.';
comment on column ops.lease.until is 'This database''s clock until which the holder is alive without a further word; in the past when nobody holds it.';
comment on column ops.lease.taken_at is 'This database''s clock when it was taken.';

alter table ops.run add token bigint;
comment on column ops.run.token is 'The fence of the run''s writer, as in ops.lease; null for runs of versions without one.';
