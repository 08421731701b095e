-- Calls of the extension's functions with arguments that fit, but for one.

create function public_functions() returns table (id oid, called text) language sql as $$
  select p.oid, p.proname::text
    from pg_proc p
    join pg_depend d on d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e'
    join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_mrr'
   where not exists (select from unnest(p.proargtypes) t where t in ('internal'::regtype, 'cstring'::regtype))
     and p.prorettype not in ('internal'::regtype, 'cstring'::regtype) and p.pronargs > 0
$$;

-- An argument that fits, by its name and type.
create function fitting(name text, type text) returns text language sql as $$
  select coalesce((
    select v.value
      from (values
        ('day', 'date', '''2025-01-31'''), ('from_day', 'date', '''2025-01-01'''), ('to_day', 'date', '''2025-02-01'''),
        ('period', 'daterange', '''[2025-01-01,2025-02-01)'''), ('period', 'interval', '''1 month'''), ('horizon', 'interval', '''1 month'''),
        ('grain', 'text', '''month'''), ('cohort', 'text', '''plan:Pro'''), ('currency', 'text', '''EUR'''), ('at', 'text', '''then'''),
        ('as_of', 'timestamp with time zone', '''2025-03-01 00:00+00'''), ('known_from', 'timestamp with time zone', '''2025-03-01 00:00+00'''),
        ('known_to', 'timestamp with time zone', '''2025-03-02 00:00+00'''), ('account', 'text', '''cus_1'''), ('margin', 'numeric', '0.8'),
        ('steps', 'mrr_timeline', '(select steps from revenue.timeline_net order by account_key limit 1)'),
        ('exchange', 'bytea', 'mrr_exchange(''EUR'', ''{2024-12-31,2025-01-31}'')'),
        ('collected', 'bytea', '(select movements(steps, mrr_exchange(''EUR'', ''{2024-12-31,2025-01-31}''), null) from revenue.timeline_net)'),
        ('borders', 'date[]', '''{2025-01-01,2025-02-01}'''), ('membership', 'date[]', '''{2024-01-01,infinity}'''),
        ('days', 'date[]', '''{2024-12-31,2025-01-31}'''), ('rates_on', 'date[]', '''{2024-12-31,2025-01-31}'''),
        ('currencies', 'text[]', '''{USD}'''), ('rates', 'numeric[]', '''{1,1}'''), ('amounts', 'numeric[]', '''{1}'''), ('place', 'integer', '1'),
        ('measure', 'text', '''net'''), ('ratio', 'text', '''net_retention'''), ('name', 'text', '''day'''), ('accounts', 'bigint[]', '''{1}'''),
        ('from_currency', 'text', '''USD'''), ('to_currency', 'text', '''EUR'''), ('target', 'text', '''EUR'''), ('annual', 'boolean', 'false'),
        ('policy', 'text', '''stripe_like'''), ('counted', 'text[]', '''{active}'''), ('labels', 'bytea', '(select account_labels(1, ''Ana''))'),
        ('value_rows', 'text', '''(select key as account_key, name as value from revenue.account)'''), ('a', 'text', '''default'''), ('b', 'text', '''board'''), ('rules', 'jsonb', 'mrr_policy(''stripe_like'')'),
        ('valid_from', 'date', '''2025-01-01'''), ('valid_until', 'date', '''2025-02-01'''),
        ('dimension', 'text', '''plan'''), ('segment', 'text', '''smb'''), ('places', 'integer[]', '''{1}'''), ('decimals', 'integer', '2')
      ) v(name, type, value)
     where v.name = fitting.name and v.type = fitting.type
  ), case type when 'numeric' then '1' when 'bigint' then '1' when 'integer' then '1' when 'text' then '''plan:Pro''' when 'text[]' then '''{Pro}'''
                when 'boolean' then 'false' when 'date[]' then '''{2025-01-01,2025-02-01}''' when 'date' then '''2025-01-01''' else 'no fitting argument for ' || name || ' ' || type end)
$$;

create function parameters(id oid) returns table (place bigint, name text, type text) language sql as $$
  select a.place, coalesce(p.proargnames[a.place], ''), format_type(a.type, null)
    from pg_proc p cross join unnest(p.proargtypes) with ordinality a(type, place) where p.oid = id
$$;

-- What comes of a call in which the parameter of this place has another argument: a SQLSTATE and the sentence, or
-- what kind of answer it is.
create function outcome(id oid, place bigint, argument text) returns text language plpgsql as $$
declare
  rows jsonb[];
begin
  execute (select format('select array_agg(to_jsonb(r)) from (select %s(%s) as r) q', p.proname,
                         string_agg(format('%s::%s', case a.place when outcome.place then argument else fitting(a.name, a.type) end, a.type), ', ' order by a.place))
             from pg_proc p left join parameters(p.oid) a on true where p.oid = id group by p.proname) into rows;
  return case when rows is null then 'no row' when rows = array[null]::jsonb[] then 'null' else 'an answer' end;
exception when others then
  return sqlstate || ' ' || sqlerrm;
end
$$;

-- The functions that people ask, which check what they are given; the others are parts of these.
create function metrics() returns table (id oid, called text) language sql as $$
  select f.id, f.called from public_functions() f
   where f.called ~ '^(account_|arpa|arr_at|cmrr|g?rr|gross_churn|lifetime|logo_churn|ltv|movements_by|retention|mrr_(at|by|growth|check|coverage|doubts|explain|evidence|movements|policy_diff|reconcile|restatement|series)|n?rr|net_churn|quick_ratio)'
     and not exists (select from parameters(f.id) p where p.name = 'steps')
$$;
