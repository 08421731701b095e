-- Who belongs to a cohort on a day. A new form of cohort is one more branch of oracle.having.

create function oracle.having(term text, day date, as_of timestamptz) returns setof bigint language sql stable as $$
  with t as (
    select lower(split_part(term, ':', 1)) as dimension,
           string_to_array(regexp_replace(lower(trim(substr(term, strpos(term, ':') + 1), ' "')), '\s*,\s*', ',', 'g'), ',') as values
  )
  select a.key from t, revenue.account a where t.dimension = 'all'
  union
  select s.account_key from t, oracle.segments(as_of) s
   where (t.dimension = 'plan' and lower(s.plan) = any (t.values) or t.dimension = 'currency' and lower(s.currency) = any (t.values))
     and s.valid_from <= day and day < s.valid_until and oracle.counts(s.standing, s.usage)
  union
  select a.account_key from t, oracle.attributes(as_of) a
   where t.dimension not in ('all', 'plan', 'currency', 'signup') and a.name = t.dimension and lower(a.value) = any (t.values)
     and a.valid_from <= day and day < a.valid_until
  union
  select s.account_key from t, oracle.segments(as_of) s
   where t.dimension = 'signup'
   group by s.account_key, t.values
  having to_char(min(s.valid_from) filter (where s.net > 0), 'YYYY-MM') = any (t.values)
$$;

-- at is the day of the state (then), the last day that was synced (now), or a date.
create function oracle.members(cohort text, day date, as_of timestamptz, at text) returns setof bigint language sql stable as $$
  select h.account_key
    from regexp_split_to_table(members.cohort, '\s*;\s*|\s+and\s+') term
   cross join (
     select case when members.at = 'then' then members.day
                 when members.at = 'now' then b.last_day else members.at::date end as day
       from revenue.book b
   ) d
   cross join lateral oracle.having(term, d.day, as_of) h(account_key)
   group by h.account_key
  having count(distinct term) = (select count(distinct t) from regexp_split_to_table(members.cohort, '\s*;\s*|\s+and\s+') t)
$$;
