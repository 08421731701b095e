-- Cohorts that have a name.

create function @extschema@.create_cohort(name text, definition text, description text default null, replace boolean default false) returns void
  language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  present text;
begin
  perform @extschema@.mrr_book();
  -- A name is what can stand alone where a cohort is asked for.
  if name is null or not exists (
    select from @extschema@.cohort_terms(name) t where t.dimension = 'cohort' and t.values = array[name]
  ) then
    raise exception 'a cohort can''t be called "%"', left(coalesce(name, 'null'), 60)
      using errcode = '22023', hint = 'A name is made of words, without colons, commas, semicolons and quotes, and is not all.';
  end if;
  select c.name into present from revenue.cohort c where lower(c.name) = lower(name);
  if present is not null and not coalesce(replace, false) then
    raise exception 'cohort "%" exists already', left(name, 60)
      using errcode = '42710', hint = 'create_cohort(name, definition, replace => true) takes the new definition.';
  end if;
  -- As a part of the cohort itself, so that a definition that comes back to it is found.
  perform @extschema@.cohort_query(definition, null, null, array[coalesce(present, name)], '{active,past_due}');
  insert into revenue.cohort as c (name, definition, description) values (name, definition, description)
      on conflict (lower(c.name)) do update
     set name = excluded.name, definition = excluded.definition, description = coalesce(excluded.description, c.description);
end
$$;
comment on function @extschema@.create_cohort(text, text, text, boolean) is
  'Gives a cohort a name that stands for its definition wherever a cohort is asked for: create_cohort(''key accounts'', ''segment:Enterprise and country:DE''). replace takes a new definition for a name that there is. Raises 22023 for a definition that can''t be read, names what no account ever had, or comes back to itself, and 42710 for a name that there is.';

create function @extschema@.drop_cohort(name text) returns void
  language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted text := drop_cohort.name;
  users text;
begin
  select string_agg(format('"%s"', c.name), ', ' order by c.name) into users
    from revenue.cohort c
   where lower(c.name) <> lower(wanted)
     and exists (select from @extschema@.cohort_terms(c.definition) t
                  cross join unnest(t.values) v where t.dimension = 'cohort' and lower(v) = lower(wanted));
  if users is not null then
    raise exception 'cohort "%" is used by cohort %', left(wanted, 60), left(users, 200)
      using errcode = '2BP01', hint = 'Drop those first, or give them another definition: create_cohort(name, definition, replace => true).';
  end if;
  delete from revenue.cohort c where lower(c.name) = lower(wanted);
  if not found then
    raise exception 'there is no cohort "%"', left(coalesce(wanted, 'null'), 60)
      using errcode = '22023', hint = @extschema@.cohort_hint(coalesce(wanted, ''), array(select c.name from revenue.cohort c));
  end if;
end
$$;
comment on function @extschema@.drop_cohort(text) is
  'Takes a cohort''s name away. Raises 22023 when there is none of that name, and 2BP01 while the definition of another cohort uses it.';
