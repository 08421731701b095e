-- I4: every record that a stored cursor has behind it is in the table, or listed as a problem.

select 'I4: ' || o.stream || ' ' || o.id || ' is behind the stored cursor and not there'
from oracle.record o
join ops.walk w on w.source = 'stripe' and w.stream = o.stream
where (w.cursors <> '{}' or w.completed_at is not null)
  and not exists (
      select from unnest(w.cursors) as cursor (text), lateral (select text::json as at) as parsed
      where (at ->> 'since' is null or o.created >= (at ->> 'since')::bigint)
        and (at ->> 'before' is null or o.created < (at ->> 'before')::bigint)
        and (at ->> 'after' is null
             or o.place > coalesce((select a.place from oracle.record a where a.stream = o.stream and a.id = at ->> 'after'), -1))
  )
  and not exists (select from raw.record r where r.source = 'stripe' and r.stream = o.stream and r.id = o.id)
  and not exists (select from ops.problem p where p.source = 'stripe' and p.stream = o.stream and p.record = o.id)
limit 5
