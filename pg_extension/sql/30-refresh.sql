-- From segments to timelines and the days and months of change.

create function @extschema@.mrr_month(day date) returns date
  -- A parsed body needs no search_path, and so it can be inlined.
  language sql immutable parallel safe
  -- The first days that there are belong to a month whose first day is none.
  return case when day < date '4713-01-01 BC' then day else day - (extract(day from day)::integer - 1) end;
comment on function @extschema@.mrr_month(date) is 'The first day of a day''s month.';

create function @extschema@.mrr_refresh(accounts bigint[]) returns bigint
  language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  -- A plan for any number of accounts takes each by its own index lookup: twenty times as long.
  set plan_cache_mode = force_custom_plan
as $$
declare
  changed bigint;
begin
  -- Two refreshes add to the same days: one after the other, so that they can't deadlock.
  perform pg_advisory_xact_lock(hashtextextended('pg_mrr.day_change', 0));
  with built as (
    select m.measure, s.account_key,
           @extschema@.timeline_agg(s.currency, s.valid_from, s.valid_until,
                                    case m.measure when 'net' then s.net else s.gross end) as steps
      from revenue.segment s cross join (values ('net'), ('gross')) m(measure)
     where s.account_key = any (accounts) and s.known_until = 'infinity'
     group by m.measure, s.account_key
  ), kept as (
    select t.measure, t.account_key, t.steps from revenue.timeline t where t.account_key = any (accounts)
  ), different as materialized (
    select measure, account_key, kept.steps as before, built.steps as after
      from kept full join built using (measure, account_key)
     where kept.steps::bytea is distinct from built.steps::bytea
  ), days as (
    select d.measure, c.currency, c.day, c.change from different d cross join @extschema@.timeline_changes(d.after) c
    union all
    select d.measure, c.currency, c.day, -c.change from different d cross join @extschema@.timeline_changes(d.before) c
  ), by_day as materialized (
    select measure, currency, day, sum(change) as change from days group by measure, currency, day having sum(change) <> 0
  ), rolled as (
    insert into revenue.day_change as r (measure, currency, day, change)
    select measure, currency, day, change from by_day
        on conflict (measure, currency, day) do update set change = r.change + excluded.change
  ), rolled_months as (
    insert into revenue.month_change as r (measure, currency, month, change)
    select measure, currency, @extschema@.mrr_month(day), sum(change) from by_day group by 1, 2, 3 having sum(change) <> 0
        on conflict (measure, currency, month) do update set change = r.change + excluded.change
  ), gone as (
    delete from revenue.timeline t using different d
     where d.after is null and t.measure = d.measure and t.account_key = d.account_key
  ), written as (
    insert into revenue.timeline as t (measure, account_key, steps)
    select measure, account_key, after from different where after is not null
        on conflict (measure, account_key) do update set steps = excluded.steps
  )
  select count(*) into changed from different;
  if changed > 0 then
    delete from revenue.day_change where change = 0;
    delete from revenue.month_change where change = 0;
  end if;
  return changed;
end
$$;
comment on function @extschema@.mrr_refresh(bigint[]) is
  'Rebuilds the timelines of these accounts from revenue.segment and keeps revenue.day_change and month_change in step; returns how many timelines changed. Called by mrrd after each change of segments.';

create function @extschema@.mrr_rebuild() returns bigint
  language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
declare
  batch bigint[];
  rebuilt bigint := 0;
begin
  truncate revenue.timeline, revenue.day_change, revenue.month_change;
  -- Dropping the extension takes the column of its type along.
  alter table revenue.timeline add column if not exists steps @extschema@.mrr_timeline not null;
  for batch in
    select array_agg(a.key) from (select key, row_number() over (order by key) as place from revenue.account) a
     group by a.place / 10000 order by a.place / 10000
  loop
    rebuilt := rebuilt + @extschema@.mrr_refresh(batch);
  end loop;
  return rebuilt;
end
$$;
comment on function @extschema@.mrr_rebuild() is
  'Builds all timelines and day changes anew from revenue.segment, without reading the old ones; returns how many timelines there are. For a new format, for damage, and after drop extension ... cascade; takes the owner of the tables.';
