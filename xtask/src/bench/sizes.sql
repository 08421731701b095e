-- What the records take on disk, and what was left unread.
select pg_size_pretty(pg_relation_size('raw.record')) as heap,
       pg_size_pretty(pg_table_size('raw.record') - pg_relation_size('raw.record')) as toast,
       pg_size_pretty(pg_indexes_size('raw.record')) as indexes,
       (select count(*) from raw.record) as versions, (select sum(length(payload::text)) from raw.record) as characters,
       (select count(*) from ops.problem) as problems, (select count(*) from revenue.segment) as segments;
