-- One question, asked twice: of the extension and of the oracle.

-- Where the extension has aggregates and not functions, the same names put them to use.
create schema asked;
create function asked.retention_by(attribute text, period daterange, currency text)
  returns table (value text, nrr numeric, grr numeric, gross_churn numeric, net_churn numeric, logo_churn numeric, lifetime numeric)
  language sql stable set search_path = public as $$
  with e as materialized (select mrr_exchange(retention_by.currency, array[lower(period) - 1, upper(period) - 1]) as x)
  select a.value, net_retention(t.steps, x), gross_retention(t.steps, x), gross_revenue_churn(t.steps, x), net_revenue_churn(t.steps, x),
         account_churn(t.steps, x), account_lifetime(t.steps, x)
    from e
   cross join revenue.timeline_net t
    join revenue.attribute a on a.account_key = t.account_key and a.name = attribute and a.known_until = 'infinity'
                            and a.valid_from < lower(period) and lower(period) <= a.valid_until
   group by a.value
$$;
create function asked.retention_of_one_currency(period daterange)
  returns table (value text, nrr numeric, grr numeric, gross_churn numeric, net_churn numeric, logo_churn numeric, lifetime numeric)
  language sql stable set search_path = public as $$
  select c.code, nrr(t.steps, period), grr(t.steps, period), gross_churn(t.steps, period), net_churn(t.steps, period),
         logo_churn(t.steps, period), lifetime(t.steps, period)
    from revenue.timeline_net t
    join (select account_key, min(currency) as code from revenue.segment where known_until = 'infinity'
           group by account_key having count(distinct currency) = 1) c using (account_key)
   group by c.code
$$;
create function asked.restated(period daterange, known_from timestamptz, known_to timestamptz, currency text)
  returns table (opening_mrr numeric, closing_mrr numeric) language sql stable set search_path = public as $$
  select round(coalesce(sum(opening_mrr), 0), 12), round(coalesce(sum(closing_mrr), 0), 12)
    from mrr_restatement(period, known_from, known_to, 'all', restated.currency)
$$;
-- A share is of all rows, and the row of accounts without a value has no cohort to be asked for.
create function asked.mrr_by(dimension text, day date, cohort text, currency text, as_of timestamptz, policy text default 'default')
  returns table (value text, accounts bigint, mrr numeric, arr numeric) language sql stable set search_path = public as $$
  select value, accounts, mrr, arr from mrr_by($1, $2, $3, $4, $5, policy => $6) where value is not null
$$;
create function asked.movements_by(dimension text, period daterange, cohort text, currency text, as_of timestamptz, policy text default 'default')
  returns table (value text, opening numeric, new numeric, reactivation numeric, expansion numeric, contraction numeric, churn numeric,
                 fx numeric, transfer numeric, closing numeric) language sql stable set search_path = public as $$
  select * from movements_by($1, $2, $3, $4, $5, policy => $6) where value is not null
$$;
create function asked.nrr_by(dimension text, period daterange, cohort text, currency text, as_of timestamptz, policy text default 'default')
  returns table (value text, accounts bigint, opening_mrr numeric, nrr numeric, grr numeric, logo_churn numeric)
  language sql stable set search_path = public as $$
  select * from nrr_by($1, $2, $3, $4, $5, policy => $6) where value is not null
$$;
create function asked.sum_by(attribute text, period daterange, cohort text, currency text, as_of timestamptz, policy text default 'default')
  returns table (opening numeric, closing numeric) language sql stable set search_path = public as $$
  select round(coalesce(sum(opening), 0), 12), round(coalesce(sum(closing), 0), 12) from movements_by($1, $2, $3, $4, $5, policy => $6)
$$;
create function asked.policy_diff(day date, a text, b text, cohort text, currency text, as_of timestamptz, at text)
  returns table (account text, source text, arr numeric) language sql stable set search_path = public as $$
  select d.account, d.source, sum(d.arr) from mrr_policy_diff($1, $2, $3, $4, $5, $6, $7) d group by d.account, d.source having sum(d.arr) <> 0
$$;
create function asked.explained(day date, as_of timestamptz) returns table (account text, source text, currency_code text, arr numeric)
  language sql stable set search_path = public as $$
  select a.id, e.source, e.currency_code, sum(e.arr) from (select distinct id from revenue.account) a cross join lateral mrr_explain(a.id, $1, $2) e
   group by a.id, e.source, e.currency_code having sum(e.gross_arr) <> 0
$$;

-- The rows of a call as JSON, in which numbers keep every digit and 1.0 is 1.
create function oracle.answer(call text, path text) returns jsonb[] language plpgsql as $$
declare
  rows jsonb[];
begin
  perform pg_catalog.set_config('search_path', path, true);
  execute 'select pg_catalog.array_agg(pg_catalog.to_jsonb(r)) from ' || call || ' r' into rows;
  return coalesce(rows, '{}');
exception when others then
  return array[pg_catalog.to_jsonb(sqlstate || ': ' || sqlerrm)];
end
$$;

-- The rows that only one of the two has, and whether the right answer is more than nothing.
create function oracle.compare(call text, path text) returns table (telling boolean, difference text) language plpgsql as $$
declare
  found jsonb[] := oracle.answer(call, path);
  expected jsonb[];
begin
  -- The session's settings are the extension's trial; workers and compiled plans would only make the oracle late.
  perform pg_catalog.set_config('jit', 'off', true), pg_catalog.set_config('max_parallel_workers_per_gather', '0', true);
  perform pg_catalog.set_config('oracle.policy', coalesce(substring(call from 'policy => ''(\w+)'), 'default'), true);
  expected := oracle.answer(regexp_replace(call, ', policy => ''\w+''', ''), 'oracle');
  perform pg_catalog.set_config('oracle.policy', '', true);
  perform pg_catalog.set_config('search_path', 'pg_catalog', true);
  return query
    select exists (select from unnest(expected) e where e not in ('null', '0')),
           (select string_agg(d.line, E'\n') from (
              select 'expected ' || coalesce(l::text, 'null') as line from (select unnest(expected) except all select unnest(found)) m(l)
              union all
              select 'found    ' || coalesce(l::text, 'null') from (select unnest(found) except all select unnest(expected)) s(l)
              limit 12
            ) d);
end
$$;
