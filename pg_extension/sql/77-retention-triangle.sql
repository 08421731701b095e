-- What became of the customers of each month.

create function @extschema@.retention(grain text, from_day date, to_day date, cohort text default 'all', currency text default null,
                                      as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns table (cohort_start date, period_number integer, period_start date, base_accounts bigint, accounts bigint, logo_retention numeric,
                 base_mrr numeric, mrr numeric, mrr_retention numeric)
  language plpgsql stable parallel safe rows 400
  set search_path = pg_catalog, pg_temp
  set jit = off
as $$
#variable_conflict use_column
declare
  borders date[] := @extschema@.mrr_given_borders(from_day, to_day, grain);
  exchange bytea := @extschema@.mrr_exchange(retention.currency, array(select b - 1 from unnest(borders) b), retention.as_of, policy => retention.policy);
  collected bytea;
begin
  if cardinality(borders) > 1101 then
    raise exception 'a retention triangle has at most 1100 periods, not %', cardinality(borders) - 1
      using errcode = '22023', hint = 'Take a coarser grain, or fewer years.';
  end if;
  execute 'select @extschema@.retention_triangle(t.steps, $1, t.days) from '
          || @extschema@.mrr_timelines('net', retention.cohort, retention.as_of, retention.at, retention.policy) || ' t'
     into collected using exchange;
  return query
    select r.cohort_start, r.period_number, r.period_start, r.base_accounts, r.accounts,
           @extschema@.mrr_ratio(r.accounts, r.base_accounts), @extschema@.mrr_monthly(r.base_annual), @extschema@.mrr_monthly(r.annual),
           @extschema@.mrr_ratio(r.annual, r.base_annual)
      from @extschema@.triangle_rows(collected, borders) r
     where r.base_accounts > 0;
end
$$;
comment on function @extschema@.retention(text, date, date, text, text, timestamptz, text, text) is
  'The retention triangle: the accounts whose first MRR ever lies in a day, week, month, quarter or year of [from_day, to_day), and what is left of them at the end of that period (period_number 0) and of each later one, in accounts and in MRR. base_accounts and base_mrr are those at the end of period 0; who came and went within it is in neither. In constant currency: at the rates of the end of period 0. A cohort counts the accounts that belong to it at the end of period 0.';
