-- Cohorts: which accounts, on which days.

create function @extschema@.cohort_query(cohort text, as_of timestamptz, day date, inside text[], counted text[]) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  term record;
  part text;
  parts text[] := '{}';
  -- The days of the parts that have days of their own: a signup is for ever.
  dated text[] := '{}';
  days text;
begin
  for term in select t.dimension, t.name, t.values from @extschema@.cohort_terms(cohort) t order by t.place loop
    if term.dimension = 'cohort' then
      part := @extschema@.cohort_named(term.values, as_of, day, inside, counted);
    else
      part := @extschema@.cohort_rows(term.dimension,
                case term.dimension when 'attribute' then @extschema@.cohort_attribute(term.name, as_of) end, term.values, as_of, day, counted);
    end if;
    parts := parts || part;
    if day is null and term.dimension not in ('all', 'signup') then
      dated := dated || format('m%s.days', cardinality(parts));
    end if;
  end loop;
  if cardinality(parts) = 1 then
    return parts[1];
  end if;
  days := coalesce(dated[1], 'm1.days');
  for place in 2 .. cardinality(dated) loop
    days := format('@extschema@.membership_and(%s, %s)', days, dated[place]);
  end loop;
  -- The fence keeps the common days from being computed twice, once to be compared and once to be shown.
  return (select 'select m.account_key, m.days from (select m1.account_key, ' || days || ' as days from '
              || string_agg(case p.place when 1 then format('(%s) m1', p.part)
                            else format('join (%s) m%s on m%2$s.account_key = m1.account_key', p.part, p.place) end, ' ' order by p.place)
              || ' offset 0) m where m.days is not null'
            from unnest(parts) with ordinality p(part, place));
end
$$;
comment on function @extschema@.cohort_query(text, timestamptz, date, text[], text[]) is
  'A query for the members of a cohort: account_key and days, one row an account, or with a day those who belong on it, perhaps more than once. inside are the named cohorts whose definition this is a part of.';

create function @extschema@.cohort_named(names text[], as_of timestamptz, day date, inside text[], counted text[]) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted text;
  called text;
  definition text;
  parts text[] := '{}';
begin
  foreach wanted in array names loop
    select c.name, c.definition into called, definition from revenue.cohort c where lower(c.name) = lower(wanted);
    if called is null then
      raise exception 'there is no cohort "%"', left(wanted, 60)
        using errcode = '22023',
              hint = @extschema@.cohort_hint(wanted, array['all'] || array(select c.name from revenue.cohort c))
                     || ' A plan or an attribute is written as plan:Pro; a value with the word and in it takes quotes.';
    elsif called = any (inside) then
      raise exception 'the definition of cohort "%" comes back to itself', left(called, 60)
        using errcode = '22023', detail = 'By way of ' || array_to_string(inside || called, ', ') || '.',
              hint = 'create_cohort(name, definition, replace => true) takes another definition.';
    elsif cardinality(inside) = 16 then
      raise exception 'cohorts are defined by each other more than 16 deep'
        using errcode = '22023', detail = 'By way of ' || array_to_string(inside || called, ', ') || '.',
              hint = 'Write the terms of one of them into the definition that uses it.';
    end if;
    parts := parts || @extschema@.cohort_query(definition, as_of, day, inside || called, counted);
    if octet_length(array_to_string(parts, '')) > 300000 then
      raise exception 'cohort "%" is too large with all the cohorts that it names', left(coalesce(inside[1], called), 60)
        using errcode = '22023', hint = 'Name fewer cohorts, or make what they have in common an attribute of the accounts.';
    end if;
  end loop;
  if cardinality(parts) = 1 then
    return parts[1];
  end if;
  return 'select m.account_key, @extschema@.membership_union(m.days) as days from (' || array_to_string(parts, ' union all ')
      || ') m group by m.account_key';
end
$$;
comment on function @extschema@.cohort_named(text[], timestamptz, date, text[], text[]) is
  'A query for the members of any of some named cohorts, as cohort_query makes it. Raises 22023 for a name that is none, and for cohorts that are defined by themselves.';

create function @extschema@.cohort_at(at text) returns date
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case lower(at)
    when 'then' then null
    when 'now' then (select b.last_day from revenue.book b)
    else @extschema@.cohort_day(coalesce(at, 'null'))
  end;
end
$$;
comment on function @extschema@.cohort_at(text) is
  'The day on which membership of a cohort is asked: now is the last day that a complete sync has seen; null for then, which leaves the days as they are. Raises 22023 for anything but then, now and a date.';

create function @extschema@.mrr_cohort_sql(cohort text, as_of timestamptz default null, at text default 'then', policy text default 'default') returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  day date := @extschema@.cohort_at(at);
  members text;
begin
  perform @extschema@.mrr_book();
  members := @extschema@.cohort_query(cohort, nullif(as_of, 'infinity'), day, '{}', @extschema@.mrr_counted_kinds(@extschema@.mrr_policy(policy)));
  return case when day is null then members else format('select m.account_key, m.days from (%s) m group by 1, 2', members) end;
end
$$;
comment on function @extschema@.mrr_cohort_sql(text, timestamptz, text, text) is
  'What mrr_cohort runs, as the text of a query: a query that has it as a subquery is planned as a whole, and in parallel. Whatever was typed is quoted in it.';

create function @extschema@.mrr_cohort(cohort text, as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns table (account_key bigint, days date[])
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute @extschema@.mrr_cohort_sql(cohort, as_of, at, policy);
end
$$;
comment on function @extschema@.mrr_cohort(text, timestamptz, text, text) is
  'The accounts of a cohort such as plan:Pro and country:DE,AT, each with the days on which it belongs, as first day, day after the last, and so on. as_of asks for what was known at an earlier time; at is then (the days as they are), now or a date: then those who belong on that day belong for ever. policy decides whether a charge on trial or paused makes a member of its plan: by default it does not. Raises 22023 for what it can''t read or does not know.';
