-- What is not as it must be, a line each; nothing when all is well. `oracle.record` is what the vendor has.

with newest as (
    select distinct on (stream, id) stream, id, version, payload, deleted
    from raw.record where source = :source order by stream, id, version desc
), live as (
    select * from newest where not deleted and stream <> 'events'
), kept_out as (
    select distinct stream, record as id from ops.problem where source = :source and account is null
)
-- I1: complete. What is missing is listed as a problem, and nothing is there that the vendor does not have.
select 'I1: ' || o.stream || ' ' || o.id || ' is missing and nothing says so'
from oracle.record o
where not exists (select from live l where l.stream = o.stream and l.id = o.id)
  and not exists (select from kept_out k where k.stream = o.stream and k.id = o.id)
union all
select 'I1: ' || l.stream || ' ' || l.id || ' is live here and the vendor does not have it'
from live l where not exists (select from oracle.record o where o.stream = l.stream and o.id = l.id)
-- I2: fresh, to the byte; a list inside of a record that the vendor cut is completed here.
union all
select 'I2: ' || o.stream || ' ' || o.id || ' is not as the vendor has it now'
from oracle.record o join live l using (stream, id)
where l.payload::text <> o.payload and o.payload !~ '"has_more":\s*true' and o.payload !~ '"coupon":\s*"'
-- I3: one row a version, and no version that says what the one before it said.
union all
select 'I3: ' || stream || ' ' || id || ' version ' || version || ' repeats the one before it'
from (select *, lag(hash) over w as before, lag(deleted) over w as gone, lag(version) over w as number,
             lag(account) over w as of_account
      from raw.record where source = :source window w as (partition by stream, id order by version)) as v
where (hash = before and deleted = gone and account is not distinct from of_account) or version <> coalesce(number, 0) + 1
-- I5: the accounting of every run adds up.
union all
select 'I5: run ' || run_id || ' fetched ' || fetched || ', which is not the sum of what became of them'
from ops.run where fetched <> inserted + updated + unchanged + deleted + quarantined
-- I6: no run is called ok while something is kept out.
union all
select 'I6: the newest run is ' || status || ' while problems are listed'
from (select status from ops.run where source = :source order by run_id desc limit 1) as newest_run
where status = 'ok' and exists (select from ops.problem where source = :source)
-- What waits has been dealt with.
union all
select 'I10: ' || count(*) || ' accounts wait to be derived' from ops.touched having count(*) > 0
union all
select 'I10: ' || count(*) || ' hints wait' from ops.hint having count(*) > 0
