-- From a term of a cohort to SQL. Everything that a user wrote gets into it by format: %L and %I.

create function @extschema@.cohort_attribute(written text, as_of timestamptz) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  names text[] := array(select n from @extschema@.cohort_attributes() n);
  matching text[] := array(select n from unnest(names) n where n = written);
begin
  if matching = '{}' then
    matching := array(select n from unnest(names) n where lower(n) = lower(written));
  end if;
  if matching = '{}' and as_of is not null then
    matching := array(select distinct a.name from revenue.attribute a
                       where lower(a.name) = lower(written) and a.known_until > as_of and a.known_since <= as_of
                         and not @extschema@.mrr_is_observation(a.name));
  end if;
  if cardinality(matching) > 1 then
    raise exception 'attribute "%" is ambiguous', left(written, 60)
      using errcode = '22023',
            hint = format('Write one of %s as it is.', (select string_agg(format('attr."%s"', left(replace(n, '"', '""'), 60)), ', ') from unnest(matching) n));
  elsif matching = '{}' then
    raise exception '"%" is neither a dimension nor an attribute of any account', left(written, 60)
      using errcode = '22023', hint = @extschema@.cohort_hint(written, '{plan,currency,signup,cohort}' || names);
  end if;
  return matching[1];
end
$$;
comment on function @extschema@.cohort_attribute(text, timestamptz) is
  'The attribute that is meant, as it is stored: the one of exactly this name, else the one that differs in case only. Raises 22023 for none and for several.';

create function @extschema@.cohort_unknown(dimension text, name text, wanted text[], as_of timestamptz) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp set datestyle = 'ISO' set timezone = 'UTC'
as $$
declare
  attributes text := format('revenue.attribute x where x.name = %L and lower(x.value) = lower(w)', name);
  -- Where a value may be known, the cheapest first.
  places text[] := case dimension
    when 'plan' then array['@extschema@.cohort_plans() x where lower(x) = lower(w)']
    when 'currency' then array['@extschema@.mrr_currencies() x where x = upper(w)',
                               'revenue.segment x where x.currency = upper(w) and x.known_until = ''infinity''']
    else array[attributes || ' and x.known_until = ''infinity''']
  end;
  place text;
begin
  -- What was known then and no longer is, or became known since, is no typing error either.
  if as_of is not null then
    places := places || (case dimension
      when 'plan' then 'revenue.segment x where lower(x.plan) = lower(w)'
      when 'currency' then 'revenue.segment x where x.currency = upper(w)'
      else attributes
    end || format(' and x.known_since <= %1$L and x.known_until > %1$L', as_of));
  end if;
  -- One look-up a value and never a join: it ends with the first row.
  foreach place in array places loop
    execute 'select array(select w from unnest($1) w where (select true from ' || place || ' limit 1) is null)' into wanted using wanted;
    exit when wanted = '{}';
  end loop;
  return wanted[1];
end
$$;
comment on function @extschema@.cohort_unknown(text, text, text[], timestamptz) is
  'The first of these plans, currencies or values of an attribute that no account is known to have had, neither now nor as of then; null when there is none.';

create function @extschema@.cohort_condition(dimension text, name text, wanted text[], as_of timestamptz) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  unknown text := @extschema@.cohort_unknown(dimension, name, wanted, as_of);
  compared text := case dimension when 'plan' then 'lower(x.plan)' when 'currency' then 'x.currency' else 'lower(x.value)' end;
  sought text[];
begin
  if unknown is not null then
    raise exception 'no account ever had % "%"', left(coalesce(name, dimension), 60), left(unknown, 60)
      using errcode = '22023', hint = @extschema@.cohort_hint(unknown, case dimension
        when 'plan' then array(select p from @extschema@.cohort_plans() p)
        when 'currency' then array(select c from @extschema@.mrr_currencies() c)
        else array(select v from @extschema@.cohort_values(name, '') v union select v from @extschema@.cohort_values(name, left(unknown, 1)) v)
      end);
  end if;
  if dimension = 'plan' and as_of is null then
    -- In the spellings that there are, as the index has them.
    sought := array(select p from @extschema@.cohort_plans() p where lower(p) in (select lower(w) from unnest(wanted) w));
    compared := 'x.plan';
  else
    sought := array(select distinct case dimension when 'currency' then upper(w) else lower(w) end from unnest(wanted) w);
  end if;
  return case dimension when 'attribute' then format('x.name = %L and ', name) else '' end
      || compared || case cardinality(sought) when 1 then format(' = %L', sought[1]) else format(' = any (%L)', sought) end;
end
$$;
comment on function @extschema@.cohort_condition(text, text, text[], timestamptz) is
  'What is true for the rows x of revenue.segment or revenue.attribute with one of these plans, currencies or values, as SQL. Raises 22023 for a value that no account ever had.';

create function @extschema@.cohort_rows(dimension text, name text, wanted text[], as_of timestamptz, day date, counted text[]) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp set datestyle = 'ISO' set timezone = 'UTC'
as $$
declare
  ever constant text := '''{-infinity,infinity}''::date[] as days';
  known text := case when as_of is null then 'x.known_until = ''infinity'''
                else format('x.known_since <= %1$L and x.known_until > %1$L', as_of) end;
  members text;
begin
  if dimension = 'all' then
    return 'select x.key as account_key, ' || ever || ' from revenue.account x';
  elsif dimension = 'signup' then
    -- As of an earlier time the timelines are those of the segments that were known then.
    return 'select x.account_key, ' || ever || ' from '
        || case when as_of is null then 'revenue.timeline_net x' else
             '(select x.account_key, @extschema@.timeline_agg(x.currency, x.valid_from, x.valid_until, x.net) as steps'
             || ' from revenue.segment x where ' || known || ' group by x.account_key) x' end
        || format(' where @extschema@.timeline_first_day(x.steps) <@ %L::datemultirange', '{' || array_to_string(wanted, ',') || '}');
  end if;
  members := case dimension when 'attribute' then 'revenue.attribute' else 'revenue.segment' end || ' x where '
          || @extschema@.cohort_condition(dimension, name, wanted, as_of) || ' and ' || known
          || case dimension when 'attribute' then '' else ' and ' || @extschema@.mrr_counts('x', counted) end;
  if day is null then
    -- An attribute has one range in nearly every account, a plan has one a change of price or seats.
    return 'select x.account_key, ' || case dimension when 'attribute' then '@extschema@.membership_union(array[x.valid_from, x.valid_until])' else
             'case count(*) when 1 then array[min(x.valid_from), max(x.valid_until)]'
             || ' else @extschema@.membership_of(array_agg(x.valid_from), array_agg(x.valid_until)) end' end
        || ' as days from ' || members || ' group by x.account_key';
  end if;
  return 'select x.account_key, ' || ever || ' from ' || members
      || format(' and x.valid_from <= %1$L and x.valid_until > %1$L', day);
end
$$;
comment on function @extschema@.cohort_rows(text, text, text[], timestamptz, date, text[]) is
  'A query for the members of one term of a cohort: account_key and days, one row an account; with a day those who belong on it, for ever, and perhaps more than once. A plan or a currency has those with a charge of the kinds that count (mrr_counted_kinds).';
