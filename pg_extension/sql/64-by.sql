-- The same questions for every value of a dimension at once.

create function @extschema@.mrr_values(dimension text, day date, as_of timestamptz, policy text) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted text := lower(trim(dimension));
  known text := @extschema@.mrr_known(as_of);
  names text;
begin
  if wanted in ('plan', 'currency') then
    return format('(select distinct x.account_key, x.%1$I as value from revenue.segment x where %2$s and x.valid_from <= %3$L and %3$L < x.valid_until and %4$s)',
                  wanted, known, day, @extschema@.mrr_counts('x', @extschema@.mrr_counted_kinds(@extschema@.mrr_policy(policy))));
  end if;
  if wanted = 'signup' then
    return format('(select x.account_key, to_char(@extschema@.timeline_first_day(x.steps), ''YYYY-MM'') as value from %s x)',
                  @extschema@.mrr_timelines('net', 'all', as_of, null, 'default'));
  end if;
  if @extschema@.mrr_is_observation(regexp_replace(wanted, '^attr\.', ''))
     or not exists (select from revenue.attribute x where x.name = regexp_replace(wanted, '^attr\.', '')) then
    select string_agg(distinct x.name, ', ' order by x.name) into names from revenue.attribute x where not @extschema@.mrr_is_observation(x.name);
    raise exception 'dimension "%" is unknown', left(coalesce(dimension, 'null'), 60)
      using errcode = '22023', hint = 'Dimensions are plan, currency, signup and the attributes: ' || coalesce(names, 'none yet') || '.';
  end if;
  return format('(select x.account_key, x.value from revenue.attribute x
                   where x.name = %L and %s and x.valid_from <= %L and %3$L < x.valid_until)',
                regexp_replace(wanted, '^attr\.', ''), known, day);
end
$$;
comment on function @extschema@.mrr_values(text, date, timestamptz, text) is
  'The query, in parentheses, that gives account_key and value of a dimension (plan, currency, signup or an attribute) on a day. An account may have several plans and currencies. Raises 22023 for an unknown dimension.';

create function @extschema@.mrr_labels(dimension text, value_rows text) returns text
  language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select case when lower(trim(dimension)) in ('plan', 'currency') then '(select null::bytea as labels)'
              else format('(select @extschema@.account_labels(v.account_key, v.value) as labels from %s v)', value_rows) end
$$;
comment on function @extschema@.mrr_labels(text, text) is
  'The query, in parentheses, that packs the accounts with their values of a dimension (the query of mrr_values) into labels; null for plan and currency, of which an account may have several. For a CTE: a value that is passed would be copied into the plan of every worker.';

create function @extschema@.mrr_valued(dimension text, called text, labels text, value_rows text) returns text
  language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select case when lower(trim(dimension)) in ('plan', 'currency') then format('left join %s %I using (account_key)', value_rows, called)
              -- The join tells the planner how many groups there will be; it would expect one an account and sort them.
              else format('left join generate_series(1, @extschema@.account_label_count(%1$s)) %2$I(value) on %2$I.value = @extschema@.account_label(%1$s, t.account_key)', labels, called) end
$$;
comment on function @extschema@.mrr_valued(text, text, text, text) is
  'The join that gives a timeline t the value of a dimension, or its code in the packed labels.';

create function @extschema@.mrr_value_name(dimension text, value text, labels text) returns text
  language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select case when lower(trim(dimension)) in ('plan', 'currency') then value
              else format('@extschema@.account_label_name(%s, %s)', labels, value) end
$$;
comment on function @extschema@.mrr_value_name(text, text, text) is 'The expression that gives the value of a group made by mrr_valued.';

create function @extschema@.mrr_by(dimension text, day date, cohort text default 'all', currency text default null,
                                   as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns table (value text, accounts bigint, mrr numeric, arr numeric, share numeric)
  language plpgsql stable parallel safe rows 100
  set search_path = pg_catalog, pg_temp
  set jit = off
  -- The planner would sort all timelines by the values of a dimension.
  set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  exchange bytea := @extschema@.mrr_exchange(mrr_by.currency, array[@extschema@.mrr_given_day(mrr_by.day, 'day')], mrr_by.as_of, policy => mrr_by.policy);
  value_rows text := @extschema@.mrr_values(mrr_by.dimension, coalesce(@extschema@.cohort_at(mrr_by.at), mrr_by.day), mrr_by.as_of, mrr_by.policy);
begin
  return query execute
    'with l as materialized ' || @extschema@.mrr_labels(mrr_by.dimension, value_rows) || '
     select n.value, g.accounts, @extschema@.mrr_monthly(g.annual), g.annual,
            @extschema@.mrr_ratio(g.annual, sum(g.annual) over ())
       from (
         select v.value, count(*) filter (where m.annual > 0 or m.stays_free) as accounts, sum(m.annual) as annual
           from ' || @extschema@.mrr_timelines_on('net', mrr_by.cohort, mrr_by.as_of, mrr_by.at, mrr_by.policy, mrr_by.day) || ' t
          cross join lateral (select @extschema@.timeline_amount(t.steps, $1), @extschema@.timeline_stays_free(t.steps, $2)) m(annual, stays_free)
           ' || @extschema@.mrr_valued(mrr_by.dimension, 'v', '(select labels from l)', value_rows) || '
          where m.annual <> 0 or m.stays_free
          group by v.value
       ) g
      cross join lateral (select ' || @extschema@.mrr_value_name(mrr_by.dimension, 'g.value', '(select labels from l)') || ') n(value)
      order by g.annual desc, n.value'
    using exchange, mrr_by.day;
end
$$;
comment on function @extschema@.mrr_by(text, date, text, text, timestamptz, text, text) is
  'MRR at the end of a local day for every value of a dimension: signup, an attribute such as segment or owner (null: accounts without it), plan or currency; share is of the sum of all rows. An account with two plans is in both with all of its MRR, as in mrr_at with the cohort plan:NAME; by every other dimension the rows add up to mrr_at.';

create function @extschema@.movements_by(dimension text, period daterange, cohort text default 'all', currency text default null,
                                         as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns table (value text, opening numeric, new numeric, reactivation numeric, expansion numeric, contraction numeric, churn numeric,
                 fx numeric, transfer numeric, closing numeric)
  language plpgsql stable parallel safe rows 100
  set search_path = pg_catalog, pg_temp
  set jit = off
as $$
#variable_conflict use_column
declare
  ends date[] := @extschema@.mrr_given_period(period);
  exchange bytea := @extschema@.mrr_exchange(movements_by.currency, ends, movements_by.as_of, policy => movements_by.policy);
  timelines text := @extschema@.mrr_timelines('net', movements_by.cohort, movements_by.as_of, movements_by.at, movements_by.policy);
  at_opening text := @extschema@.mrr_values(movements_by.dimension, coalesce(@extschema@.cohort_at(movements_by.at), ends[1]), movements_by.as_of, movements_by.policy);
  at_closing text := @extschema@.mrr_values(movements_by.dimension, coalesce(@extschema@.cohort_at(movements_by.at), ends[2]), movements_by.as_of, movements_by.policy);
  belonged constant text := format('(t.days is null or @extschema@.membership_on(t.days, %L))', ends[1]);
  belongs constant text := format('(t.days is null or @extschema@.membership_on(t.days, %L))', ends[2]);
  collected text;
begin
  -- Who has no value is a group of its own. Who has one value at the opening and another at the closing left the one
  -- group in the period and joined the other.
  if lower(trim(movements_by.dimension)) in ('plan', 'currency') then
    collected := 't as materialized (select * from ' || timelines || ' t),
      g as (
        select value, @extschema@.movements(t.steps, $1, case when o.account_key is null then array[$2, ''infinity'']
                                                           when c.account_key is null then array[''-infinity'', $2] end) as collected
          from (select t.account_key, coalesce(v.value, '''') as value from t left join ' || at_opening || ' v using (account_key) where ' || belonged || ') o
          full join (select t.account_key, coalesce(v.value, '''') as value from t left join ' || at_closing || ' v using (account_key) where ' || belongs || ') c
         using (account_key, value)
          join t using (account_key)
         group by value
      )';
  else
    -- The values of both days by number, so that a timeline is read once and joined with nothing.
    collected := 'o as materialized ' || @extschema@.mrr_labels(movements_by.dimension, at_opening) || ',
      c as materialized ' || @extschema@.mrr_labels(movements_by.dimension, at_closing) || ',
      n as materialized (
        select value, (row_number() over (order by value))::integer as number
          from (select @extschema@.account_label_name(o.labels, i) from o, generate_series(1, @extschema@.account_label_count(o.labels)) i
                union select @extschema@.account_label_name(c.labels, i) from c, generate_series(1, @extschema@.account_label_count(c.labels)) i) u(value)
      ),
      m as materialized (
        select array(select n.number from generate_series(1, @extschema@.account_label_count(o.labels)) i
                       join n on n.value = @extschema@.account_label_name(o.labels, i) order by i) as opening,
               array(select n.number from generate_series(1, @extschema@.account_label_count(c.labels)) i
                       join n on n.value = @extschema@.account_label_name(c.labels, i) order by i) as closing
          from o cross join c
      ),
      g as (
        select coalesce(n.value, '''') as value, s.collected
          from (
            select case k when 1 then t.opening else t.closing end as number,
                   @extschema@.movements(t.steps, $1, case when t.stays then null when k = 1 then array[''-infinity'', $2] else array[$2, ''infinity''] end) as collected
              from (
                select t.steps, t.opening, t.closing, t.belonged, t.belongs, t.belonged and t.belongs and t.opening = t.closing as stays
                  from (
                    select t.steps, ' || belonged || ' as belonged, ' || belongs || ' as belongs,
                           coalesce((select opening from m)[@extschema@.account_label((select labels from o), t.account_key)], 0) as opening,
                           coalesce((select closing from m)[@extschema@.account_label((select labels from c), t.account_key)], 0) as closing
                      from ' || timelines || ' t
                    -- A fence: what follows would look the values up again wherever it names them.
                    offset 0
                  ) t
              ) t
             cross join generate_series(1, 2) k
             where k = 1 and t.belonged or k = 2 and t.belongs and not t.stays
             group by number
          ) s
          left join n using (number)
      )';
  end if;
  return query execute 'with ' || collected || '
     select nullif(g.value, ''''), r.opening, r.new, r.reactivation, r.expansion, r.contraction, r.churn, r.fx, r.transfer, r.closing
       from g cross join @extschema@.movements_rows(g.collected, array[$2, $3], 18) r
      where r.opening <> 0 or r.closing <> 0 or r.new <> 0 or r.churn <> 0
      order by r.closing desc, g.value'
    using exchange, lower(period), upper(period);
end
$$;
comment on function @extschema@.movements_by(text, daterange, text, text, timestamptz, text, text) is
  'The movements of a half-open period, taken as one, for every value of a dimension (null: accounts without it): what mrr_movements says of each. Who changed from one value to another with MRR is a transfer between them. An account with two plans is in both.';

create function @extschema@.nrr_by(dimension text, period daterange, cohort text default 'all', currency text default null,
                                   as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns table (value text, accounts bigint, opening_mrr numeric, nrr numeric, grr numeric, logo_churn numeric)
  language plpgsql stable parallel safe rows 100
  set search_path = pg_catalog, pg_temp
  set jit = off
  -- The planner would sort all timelines by the values of a dimension.
  set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  ends date[] := @extschema@.mrr_given_period(period);
  exchange bytea := @extschema@.mrr_exchange(nrr_by.currency, ends, nrr_by.as_of, policy => nrr_by.policy);
  value_rows text := @extschema@.mrr_values(nrr_by.dimension, coalesce(@extschema@.cohort_at(nrr_by.at), ends[1]), nrr_by.as_of, nrr_by.policy);
begin
  return query execute
    'with l as materialized ' || @extschema@.mrr_labels(nrr_by.dimension, value_rows) || '
     select n.value, g.sums[4]::bigint, @extschema@.mrr_monthly(g.sums[1]), @extschema@.mrr_ratio(g.sums[2], g.sums[1]),
            @extschema@.mrr_ratio(g.sums[3], g.sums[1]), @extschema@.mrr_ratio(g.sums[5], g.sums[4])
       from (
         select v.value, @extschema@.retention_sums(t.steps, $1) as sums
           from ' || @extschema@.mrr_timelines_on('net', nrr_by.cohort, nrr_by.as_of, nrr_by.at, nrr_by.policy, ends[1]) || ' t
           ' || @extschema@.mrr_valued(nrr_by.dimension, 'v', '(select labels from l)', value_rows) || '
          group by v.value
       ) g
      cross join lateral (select ' || @extschema@.mrr_value_name(nrr_by.dimension, 'g.value', '(select labels from l)') || ') n(value)
      where g.sums[4] > 0
      order by g.sums[1] desc, n.value'
    using exchange;
end
$$;
comment on function @extschema@.nrr_by(text, daterange, text, text, timestamptz, text, text) is
  'NRR, GRR and logo churn of a half-open period for every value that accounts had in a dimension at its opening (null: accounts without it), with how many had MRR then and how much. In constant currency. An account with two plans is in both.';
