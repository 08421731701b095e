-- What cohorts are made of: their text, taken apart; sets of days; and the names that there are.

create function @extschema@.cohort_terms(cohort text)
  returns table (place integer, dimension text, name text, "values" text[])
  language c immutable parallel safe rows 2 as 'MODULE_PATHNAME', 'cohort_terms_wrapper';
comment on function @extschema@.cohort_terms(text) is
  'The terms of a cohort: where each begins (in characters from 1), its dimension (all, plan, currency, signup, cohort or attribute), the attribute''s name, and its values without quotes; of signup the days of the periods. An account belongs on the days on which it has, for each term, one of the values. Raises 22023 for what can''t be read.';

create function @extschema@.cohort_hint(written text, known text[]) returns text
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'cohort_hint_wrapper';
comment on function @extschema@.cohort_hint(text, text[]) is
  'The hint for a name that is none of the known ones: all of those when they are few, else the five nearest.';

create function @extschema@.cohort_day(at text) returns date
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'cohort_day_wrapper';
comment on function @extschema@.cohort_day(text) is 'The day that is written as 2026-03-31; raises 22023 for anything else.';

create function @extschema@.membership_on(days date[], day date) returns boolean
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'membership_on_wrapper';
comment on function @extschema@.membership_on(date[], date) is
  'Whether a day lies in one of the half-open ranges that the array lists as first day, day after the last, and so on.';

create function @extschema@.membership_of(firsts date[], ends date[]) returns date[]
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'membership_of_wrapper';
comment on function @extschema@.membership_of(date[], date[]) is
  'The membership, as first day, day after the last, and so on, of half-open ranges in any order that come as their first days and their ends.';

create function @extschema@.membership_or(a date[], b date[]) returns date[]
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'membership_or_wrapper';
comment on function @extschema@.membership_or(date[], date[]) is
  'The days that are in either of two memberships, each listed as first day, day after the last, and so on.';

create function @extschema@.membership_and(a date[], b date[]) returns date[]
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'membership_and_wrapper';
comment on function @extschema@.membership_and(date[], date[]) is
  'The days that are in both of two memberships, each listed as first day, day after the last, and so on; null when there is none.';

-- Strict and without a first state: an account with one range, as nearly every attribute has, costs no call.
create aggregate @extschema@.membership_union(days date[]) (
  sfunc = @extschema@.membership_or, stype = date[], combinefunc = @extschema@.membership_or, parallel = safe
);
comment on aggregate @extschema@.membership_union(date[]) is
  'The days that are in any of a set of memberships, each listed as first day, day after the last, and so on.';

-- What a source observes about its own figures is kept with the attributes, and nobody asks by it.
create function @extschema@.mrr_is_observation(name text) returns boolean
  language sql immutable strict parallel safe
  set search_path = pg_catalog, pg_temp
as $$ select lower(name) = 'vendor_mrr' $$;
comment on function @extschema@.mrr_is_observation(text) is
  'Whether an attribute is a figure of the source''s own (vendor_mrr), which is there to be compared and not to be asked by.';

-- Loose index scans: as many steps as there are names, however many rows have them.
create function @extschema@.cohort_plans() returns setof text
  language sql stable parallel safe rows 20
  set search_path = pg_catalog, pg_temp
as $$
  with recursive found as (
    (select s.plan from revenue.segment s where s.known_until = 'infinity' order by s.plan limit 1)
    union all
    select (select s.plan from revenue.segment s where s.known_until = 'infinity' and s.plan > f.plan order by s.plan limit 1)
      from found f where f.plan is not null
  )
  select f.plan from found f where f.plan is not null
$$;
comment on function @extschema@.cohort_plans() is 'The plans that there are, each as its source writes it.';

create function @extschema@.cohort_attributes() returns setof text
  language sql stable parallel safe rows 20
  set search_path = pg_catalog, pg_temp
as $$
  with recursive found as (
    (select a.name from revenue.attribute a where a.known_until = 'infinity' order by a.name limit 1)
    union all
    select (select a.name from revenue.attribute a where a.known_until = 'infinity' and a.name > f.name order by a.name limit 1)
      from found f where f.name is not null
  )
  select f.name from found f where f.name is not null and not @extschema@.mrr_is_observation(f.name)
$$;
comment on function @extschema@.cohort_attributes() is 'The names of the attributes that accounts have, without what sources observe about their own figures.';

create function @extschema@.cohort_values(name text, start text) returns setof text
  language sql stable parallel safe rows 20
  set search_path = pg_catalog, pg_temp
as $$
  with recursive found as (
    (select a.value, lower(a.value) as folded, 1 as place
       from revenue.attribute a
      where a.name = cohort_values.name and a.known_until = 'infinity' and lower(a.value) >= lower(start)
      order by lower(a.value) limit 1)
    union all
    select n.value, n.folded, f.place + 1
      from found f
     cross join lateral (
       select a.value, lower(a.value) as folded
         from revenue.attribute a
        where a.name = cohort_values.name and a.known_until = 'infinity' and lower(a.value) > f.folded
        order by lower(a.value) limit 1
     ) n
     where f.place < 1000
  )
  select f.value from found f
$$;
comment on function @extschema@.cohort_values(text, text) is
  'Up to 1000 values of an attribute in their order, from this one on, each in one of its spellings: what hints are chosen from.';
