-- Rows written by :syncs syncs, and what they left behind. The statistics come in a moment late.
select pg_sleep(1) \gset
select schemaname || '.' || relname as "table", n_live_tup as rows, n_tup_ins as inserted, n_tup_upd as updated,
       n_tup_del as deleted, n_dead_tup as dead, autovacuum_count as vacuums
  from pg_stat_user_tables
 where schemaname in ('raw', 'revenue', 'ops')
   and (n_tup_ins + n_tup_upd + n_tup_del + n_dead_tup > 0 or relname in ('record', 'segment'))
 order by 1;
select round(avg(requests), 1) as "requests a sync", sum(inserted + updated) as "records written",
       round((extract(epoch from avg(finished_at - started_at)) * 1000)::numeric, 1) as "ms a sync"
  from ops.run where run_id > 1;
