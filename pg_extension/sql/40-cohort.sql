-- Cohorts: which accounts, on which days.

create function @extschema@.membership_on(days date[], day date) returns boolean
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'membership_on_wrapper';
comment on function @extschema@.membership_on(date[], date) is
  'Whether a day lies in one of the half-open ranges that the array lists as first day, day after the last, and so on.';

create function @extschema@.mrr_cohort(cohort text, as_of timestamptz default null, at text default 'then') returns table (account_key bigint, days date[])
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  dimension text := lower(split_part(mrr_cohort.cohort, ':', 1));
  wanted text := trim(substr(mrr_cohort.cohort, strpos(mrr_cohort.cohort, ':') + 1));
  known text;
  ever constant date[] := array['-infinity', 'infinity']::date[];
begin
  if mrr_cohort.cohort is null or strpos(mrr_cohort.cohort, ':') = 0 or wanted = '' then
    raise exception 'cohort "%" can''t be read', left(coalesce(mrr_cohort.cohort, 'null'), 60)
      using errcode = '22023', hint = 'Write all, plan:NAME, currency:EUR, country:DE or signup:2025-07.';
  end if;
  case dimension
  when 'plan', 'currency' then
    -- In one account two items may have the plan at once: their days are joined.
    return query
      select r.account_key, array_agg(b.day order by r.days, b.place)
        from (select s.account_key, range_agg(daterange(s.valid_from, s.valid_until)) as days
                from revenue.segment s
               where s.known_until = 'infinity'
                 and case dimension when 'plan' then lower(s.plan) = lower(wanted) else s.currency = upper(wanted) end
               group by s.account_key) m
        cross join lateral (select m.account_key, unnest(m.days) as days) r
        cross join lateral (values (1, lower(r.days)), (2, upper(r.days))) b(place, day)
       group by r.account_key;
  when 'country' then
    return query
      select a.account_key, array_agg(b.day order by a.valid_from, b.place)
        from revenue.attribute a
        cross join lateral (values (1, a.valid_from), (2, a.valid_until)) b(place, day)
       where a.name = dimension and lower(a.value) = lower(wanted) and a.known_until = 'infinity'
       group by a.account_key;
  when 'signup' then
    if wanted !~ '^\d{4}-(0[1-9]|1[0-2])$' then
      raise exception 'signup month "%" can''t be read', left(wanted, 20)
        using errcode = '22023', hint = 'Write the month of the first MRR as signup:2025-07.';
    end if;
    return query
      select t.account_key, ever from revenue.timeline_net t
       where date_trunc('month', @extschema@.timeline_first_day(t.steps)::timestamp) = (wanted || '-01')::timestamp;
  else
    raise exception 'cohort dimension "%" is unknown', left(dimension, 60)
      using errcode = '22023', hint = 'Dimensions are plan, currency, country and signup; the whole book is all.';
  end case;
  -- A month without signups is an answer; a plan that nobody ever had is a typing error.
  if not found and dimension <> 'signup' then
    select string_agg(v.value, ', ' order by v.value) into known from (
      select distinct case dimension when 'plan' then s.plan else s.currency end as value
        from revenue.segment s where dimension in ('plan', 'currency') and s.known_until = 'infinity'
      union
      select distinct a.value from revenue.attribute a where a.name = dimension and a.known_until = 'infinity'
      limit 12
    ) v;
    raise exception 'no account ever had % "%"', dimension, left(wanted, 60)
      using errcode = '22023', hint = 'Known: ' || coalesce(known, 'none') || '.';
  end if;
end
$$;
comment on function @extschema@.mrr_cohort(text, timestamptz, text) is
  'The accounts of a cohort such as plan:Pro, currency:EUR, country:DE or signup:2025-07, each with the days on which it belongs, as first day, day after the last, and so on. Raises 22023 for what it can''t read or does not know.';
