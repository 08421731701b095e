-- Who may do what: four group roles, their grants and row-level security. Run by `mrrd migrate`, each
-- time, because roles belong to the server and not to the database; it changes only what is missing.
-- It takes the owner of the tables, and for roles that are not there yet the right to create them.

do $$
declare
  wanted text;
begin
  foreach wanted in array array['mrr_reader', 'mrr_own_reader', 'mrr_writer', 'mrr_admin'] loop
    if to_regrole(wanted) is null then
      begin
        execute format('create role %I nologin', wanted);
        execute format('comment on role %I is %L', wanted, case wanted
          when 'mrr_reader' then 'Sees every account: functions, views and tables of the schemas revenue and report; no record as received.'
          when 'mrr_own_reader' then 'Sees the accounts that revenue.row_access names for it, and sums over these.'
          when 'mrr_writer' then 'What mrrd needs to sync, follow and derive; migrating takes the owner of the tables.'
          else 'A reader who also sees records as received and runs, and keeps policies, cohorts and revenue.row_access.' end);
        if wanted = 'mrr_admin' then
          grant mrr_reader to mrr_admin;
        end if;
      exception when duplicate_object or unique_violation then
        -- Another database of this server is being migrated at the same moment.
      end;
    end if;
  end loop;
end
$$;

grant usage on schema revenue, report to mrr_reader, mrr_own_reader;
grant select on all tables in schema revenue, report to mrr_reader;
grant select on revenue.account, revenue.segment, revenue.timeline, revenue.timeline_net, revenue.timeline_gross, revenue.day_change,
                revenue.month_change, revenue.attribute, revenue.doubt, revenue.membership, revenue.exchange_rate, revenue.book, revenue.policy, revenue.cohort to mrr_own_reader;
revoke select on revenue.row_access from mrr_own_reader;

grant usage on schema raw, ops to mrr_admin;
grant select on all tables in schema raw, ops to mrr_admin;
grant insert, update, delete on revenue.policy, revenue.cohort, revenue.link, revenue.row_access to mrr_admin;

grant usage on schema raw, revenue, ops to mrr_writer;
grant select, insert, update, delete on all tables in schema raw, revenue, ops to mrr_writer;
grant usage, select on all sequences in schema raw, revenue, ops to mrr_writer;
revoke insert, update, delete on revenue.row_access from mrr_writer;

do $$
declare
  secured text;
  key text;
begin
  -- Partitions too: the metrics name them.
  foreach secured in array array['account', 'segment', 'timeline', 'timeline_net', 'timeline_gross', 'attribute', 'doubt', 'membership', 'day_change', 'month_change'] loop
    if not (select relrowsecurity from pg_class where oid = format('revenue.%I', secured)::regclass) then
      execute format('alter table revenue.%I enable row level security', secured);
    end if;
    if exists (select from pg_policies where schemaname = 'revenue' and tablename = secured) then
      continue;
    end if;
    execute format('create policy every_account on revenue.%I for select to mrr_reader using (true)', secured);
    execute format('create policy writing on revenue.%I for all to mrr_writer using (true) with check (true)', secured);
    -- The days and months of change add all accounts up: who sees some of them has the timelines added up instead.
    if secured not in ('day_change', 'month_change') then
      -- An account that is part of hers is hers.
      key := case secured when 'account' then 'coalesce(part_of, key)' when 'membership' then 'part_of' else 'account_key' end;
      execute format('create policy own_accounts on revenue.%I for select to mrr_own_reader using (%s in (select a from revenue.accounts_of(current_user) a))',
                     secured, key);
    end if;
  end loop;
end
$$;

-- A view has its owner's rights unless it is told otherwise, which servers before 15 can't.
do $$
declare
  view text;
begin
  if current_setting('server_version_num')::integer < 150000 then
    return;
  end if;
  for view in select format('report.%I', viewname) from pg_views where schemaname = 'report' loop
    execute format('alter view %s set (security_invoker = true)', view);
    execute format('grant select on %s to mrr_own_reader', view);
  end loop;
end
$$;
