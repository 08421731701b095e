-- The last sync: its records, the seconds until the last walk came to its end, and all of its seconds.
select fetched, extract(epoch from (select max(completed_at) from ops.walk) - started_at),
       extract(epoch from finished_at - started_at)
  from ops.run where status in ('ok', 'problems') order by run_id desc limit 1;
