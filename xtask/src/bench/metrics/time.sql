-- Runs one query up to :runs times in one session; prints the median and the best time in
-- milliseconds with the number of runs, and below it the answer. The first run warms the caches
-- and keeps the answer; it counts only where it takes so long that there is no second one.
set statement_timeout = ':timeout s';
create temporary table timed (ms numeric);
do $$
declare
  began timestamptz;
  ms numeric;
  spent numeric := 0;
begin
  for run in 0 .. :runs loop
    began := clock_timestamp();
    execute case run when 0 then 'create temporary table answer as ' else '' end || $query$:query$query$;
    ms := extract(epoch from clock_timestamp() - began) * 1000;
    spent := spent + ms;
    if run > 0 or spent > :budget * 1000 then
      insert into timed values (ms);
    end if;
    exit when spent > :budget * 1000;
  end loop;
end
$$;
select round((percentile_cont(0.5) within group (order by ms))::numeric, 2), round(min(ms), 2), count(*) from timed;
select * from answer;
