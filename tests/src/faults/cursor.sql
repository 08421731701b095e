-- I4: every record that a stored cursor has behind it is in the table, or listed as a problem.

select 'I4: ' || o.stream || ' ' || o.id || ' is behind the stored cursor and not there'
from oracle.record o
join ops.walk w on w.source = :source and w.stream = o.stream
where (w.cursors <> '{}' or w.completed_at is not null)
  and not exists (
      select from unnest(w.cursors) as cursor (text), lateral (select text::json as at) as parsed
      where :ahead
  )
  and not exists (select from raw.record r where r.source = :source and r.stream = o.stream and r.id = o.id)
  and not exists (select from ops.problem p where p.source = :source and p.stream = o.stream and p.record = o.id)
limit 5
