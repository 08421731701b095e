-- Runs one query 21 times in one session and prints the median and the best time in milliseconds.
create temporary table if not exists timed (ms numeric);
truncate timed;
do $$
declare
  began timestamptz;
begin
  for run in 0 .. 21 loop
    began := clock_timestamp();
    execute ':query';
    if run > 0 then -- the first run warms the caches
      insert into timed values (extract(epoch from clock_timestamp() - began) * 1000);
    end if;
  end loop;
end
$$;
select round((percentile_cont(0.5) within group (order by ms))::numeric, 2), round(min(ms), 2) from timed;
