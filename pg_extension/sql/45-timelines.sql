-- The one door to timelines, and to what counts on one day without them: whose, known when, under which policy, before or after discounts. What reads them runs
-- without JIT: compiling an aggregate of a few calls takes longer than it saves.

create function @extschema@.mrr_timelines(measure text, cohort text, as_of timestamptz, at text, policy text) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  rules jsonb := @extschema@.mrr_policy(policy);
  source text;
  day date;
begin
  if as_of is null and @extschema@.mrr_counts_as_stored(rules) then
    source := format('revenue.%I', 'timeline_' || measure);
  else
    source := format(
      '(select s.account_key, @extschema@.timeline_agg(%s, s.valid_from, s.valid_until, s.annual) as steps
          from (%s) s group by s.account_key)',
      -- What costs nothing keeps a customer, which a timeline has in no currency.
      case rules->>'free_plan' when 'contraction' then 'case s.annual when 0 then ''XXX'' else s.currency end' else 's.currency' end,
      @extschema@.mrr_counted(measure, as_of, rules));
  end if;
  if cohort = 'all' then
    return format('(select t.account_key, t.steps, null::date[] as days from %s t)', source);
  end if;
  day := @extschema@.cohort_at(at);
  if day is null then
    return format('(select t.account_key, t.steps, c.days from %s t join (%s) c using (account_key))',
                  source, @extschema@.mrr_cohort_sql(cohort, as_of, at, policy));
  end if;
  -- Who belongs on one day is looked up.
  perform @extschema@.mrr_book();
  return format('(select t.account_key, t.steps, null::date[] as days from %s t
                   where @extschema@.account_label((select @extschema@.account_labels(c.account_key, '''') from (%s) c), t.account_key) is not null)',
                source, @extschema@.cohort_query(cohort, nullif(as_of, 'infinity'), day, '{}', @extschema@.mrr_counted_kinds(rules)));
end
$$;
comment on function @extschema@.mrr_timelines(text, text, timestamptz, text, text) is
  'The query, in parentheses, that gives account_key, steps and days (null: always) of a cohort''s timelines, net or gross: the stored ones, or with as_of those that were known then, or those of another policy. Metrics put it into from, so that PostgreSQL plans the aggregate over it.';

create function @extschema@.mrr_timelines_on(measure text, cohort text, as_of timestamptz, at text, policy text, day date) returns text
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.mrr_timelines(measure, cohort, as_of, case when at = 'then' then to_char(day, 'YYYY-MM-DD') else at end, policy)
$$;
comment on function @extschema@.mrr_timelines_on(text, text, timestamptz, text, text, date) is
  'mrr_timelines of the accounts that belong to a cohort on one day; it is cheaper to ask for that than for all days and then for one of them.';

create function @extschema@.mrr_members(cohort text, as_of timestamptz, day date, rules jsonb) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case when cohort = 'all' then '' else
    format('join (select c.account_key from (%s) c group by 1) m using (account_key)',
           @extschema@.cohort_query(cohort, nullif(as_of, 'infinity'), day, '{}', @extschema@.mrr_counted_kinds(rules))) end;
end
$$;
comment on function @extschema@.mrr_members(text, timestamptz, date, jsonb) is
  'The join, on account_key, with the accounts that belong to a cohort on a day under a policy; nothing for all.';
