-- What changed in what is known.

create function @extschema@.mrr_restatement(period daterange, known_from timestamptz, known_to timestamptz default null,
                                            cohort text default 'all', currency text default null)
  returns table (account text, name text, source text, change text, known_at timestamptz, contract text, item text, plan text,
                 valid_from date, valid_until date, opening_mrr numeric, closing_mrr numeric, evidence text, records text[])
  language plpgsql stable parallel safe rows 100
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ends date[] := @extschema@.mrr_given_period(period);
  exchange bytea := @extschema@.mrr_exchange(mrr_restatement.currency, ends);
  until timestamptz := coalesce(@extschema@.mrr_given_as_of(known_to), 'infinity');
  members text := case when mrr_restatement.cohort = 'all' then '' else
    'where exists (select from @extschema@.mrr_cohort($6) c
                    where c.account_key = f.account_key and (@extschema@.membership_on(c.days, $1) or @extschema@.membership_on(c.days, $2)))' end;
begin
  if known_from is null or known_from >= until then
    raise exception 'known_from must be a time before known_to, not %', coalesce(known_from::text, 'null')
      using errcode = '22023', hint = 'Ask what changed between two times of knowledge, such as 2026-04-05 and 2026-05-05.';
  end if;
  perform @extschema@.mrr_given_as_of(known_from);
  -- Also when no fact changed, so that nobody would be asked whether they belong.
  if mrr_restatement.cohort is distinct from 'all' then
    perform from @extschema@.mrr_cohort(mrr_restatement.cohort);
  end if;
  return query execute
    'with changed as materialized (
       select s.*, g.came, greatest(s.valid_from, $1) as seen_from, least(s.valid_until, $2 + 1) as seen_until
         from revenue.segment s
        cross join lateral (select s.known_since > $4 as came) g
        where s.valid_from <= $2 and $1 < s.valid_until
          and (s.known_since <= $4 and s.known_until > $4) <> (s.known_since <= $5 and (s.known_until > $5 or s.known_until = ''infinity''))
     ), told as (
       -- How a contract stands divides its segments and changes no amount; what says the same in other pieces is left out.
       select account_key, contract, item from changed group by account_key, contract, item
       having @extschema@.timeline_agg(currency, seen_from, seen_until, net) filter (where came)::bytea
                is distinct from @extschema@.timeline_agg(currency, seen_from, seen_until, net) filter (where not came)::bytea
           or @extschema@.timeline_agg(currency, seen_from, seen_until, gross) filter (where came)::bytea
                is distinct from @extschema@.timeline_agg(currency, seen_from, seen_until, gross) filter (where not came)::bytea
           or array_agg(distinct (plan, quantity, evidence)) filter (where came)
                is distinct from array_agg(distinct (plan, quantity, evidence)) filter (where not came)
           or range_agg(daterange(seen_from, seen_until)) filter (where came)
                is distinct from range_agg(daterange(seen_from, seen_until)) filter (where not came)
     )
     select a.id, a.name, a.source, f.change, f.known_at, f.contract, f.item, f.plan, f.valid_from, f.valid_until,
            @extschema@.mrr_monthly(@extschema@.exchange_sum($3, 1, array[f.currency], array[f.at_opening])),
            @extschema@.mrr_monthly(@extschema@.exchange_sum($3, 2, array[f.currency], array[f.at_closing])), f.evidence, f.origin
       from (
         select s.account_key, s.contract, s.item, s.plan, s.valid_from, s.valid_until, s.currency, s.evidence, s.origin,
                case when s.came then ''added'' else ''withdrawn'' end as change,
                case when s.came then s.known_since else s.known_until end as known_at,
                case when s.valid_from <= $1 and $1 < s.valid_until then g.sign * s.net * 0.000001 else 0 end as at_opening,
                case when s.valid_from <= $2 and $2 < s.valid_until then g.sign * s.net * 0.000001 else 0 end as at_closing
           from changed s
           join told using (account_key, contract, item)
          cross join lateral (select case when s.came then 1 else -1 end as sign) g
       ) f
       join revenue.account a on a.key = f.account_key ' || members || '
      order by greatest(abs(f.at_opening), abs(f.at_closing)) desc, a.source, a.id, f.contract, f.item, f.valid_from, f.change'
    using ends[1], ends[2], exchange, known_from, until, mrr_restatement.cohort;
end
$$;
comment on function @extschema@.mrr_restatement(daterange, timestamptz, timestamptz, text, text) is
  'The facts that changed what is known of a half-open period between two times (known_to null: until now): segments added and withdrawn, each with what it does to MRR at the opening and at the closing, and the records that say so. What only came to stand otherwise (past due, about to end) and is worth the same is not listed. closing_mrr adds up to mrr_at(last day) as of known_to less the same as of known_from, and opening_mrr likewise for the day before the period (but for the 18th decimal). Nothing is rewritten: both stay in revenue.segment.';
