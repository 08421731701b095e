-- Builds all timelines, and then those of a thousand accounts anew whose last charge has changed;
-- prints the seconds of both and how many segments and accounts there are.
set client_min_messages = warning;
select clock_timestamp() as began \gset
select mrr_rebuild() as rebuilt \gset
select extract(epoch from clock_timestamp() - :'began') as rebuild \gset
vacuum (analyze) revenue.timeline_net, revenue.timeline_gross, revenue.day_change, revenue.month_change;
create temporary table changed as
  select account_key, max(segment_id) as segment_id from revenue.segment
   where account_key % greatest(:accounts / 1000, 1) = 0 group by account_key;
update revenue.segment s set gross = gross + 12000000, net = net + 12000000 from changed c where s.segment_id = c.segment_id;
vacuum (analyze) revenue.segment;
select clock_timestamp() as began \gset
select mrr_refresh(array_agg(account_key)) as refreshed from changed \gset
select extract(epoch from clock_timestamp() - :'began') as refresh \gset
vacuum (analyze) revenue.timeline_net, revenue.timeline_gross, revenue.day_change, revenue.month_change;
select round(:rebuild, 2), round(:refresh, 3), (select count(*) from changed), (select count(*) from revenue.segment);
