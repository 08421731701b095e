-- Policies: what counts as recurring revenue, by name.

create function @extschema@.mrr_policy(policy text) returns jsonb
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  rules jsonb;
begin
  if lower(policy) = 'default' then
    -- Its row can't be changed, so it need not be read.
    return '{"name": "default", "discounts": "running", "trials": false, "paused": false, "past_due_days": null, "ending": true, "refunded": true, "usage": false, "free_plan": "churn", "constant_rate": false, "rate_day": null}';
  end if;
  perform @extschema@.mrr_book();
  select to_jsonb(p) into rules from revenue.policy p where lower(p.name) = lower(policy);
  if rules is null then
    raise exception 'there is no policy "%"', left(coalesce(policy, 'null'), 60)
      using errcode = '22023', hint = 'Policies are ' || (select string_agg(p.name, ', ' order by p.name) from revenue.policy p)
                                      || '; add your own to revenue.policy.';
  end if;
  return rules;
end
$$;
comment on function @extschema@.mrr_policy(text) is
  'The rules of a policy, as in its row of revenue.policy. Raises 22023 for a name that is not there, listing those that are.';

create function @extschema@.mrr_counts_as_stored(rules jsonb) returns boolean
  language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select rules @> '{"discounts": "running", "trials": false, "paused": false, "past_due_days": null, "ending": true, "refunded": true, "usage": false, "free_plan": "churn"}'
$$;
comment on function @extschema@.mrr_counts_as_stored(jsonb) is
  'Whether a policy counts what the default counts, at whichever exchange rates: then the stored timelines answer.';

create function @extschema@.mrr_counted_kinds(rules jsonb) returns text[]
  language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select array['active'] || case when (rules->>'usage')::boolean then array['usage'] else '{}' end
      || case when (rules->>'trials')::boolean then array['trial'] else '{}' end
      || case when (rules->>'paused')::boolean then array['paused'] else '{}' end
      || case when rules->>'past_due_days' = '0' then '{}' else array['past_due'] end
$$;
comment on function @extschema@.mrr_counted_kinds(jsonb) is
  'What counts under a policy: how a contract may stand (revenue.segment.standing), and usage where that counts.';

create function @extschema@.mrr_counts(called text, kinds text[]) returns text
  language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select format('%1$I.standing = any (%2$L)', called, kinds) || case when 'usage' = any (kinds) then '' else format(' and not %I.usage', called) end
$$;
comment on function @extschema@.mrr_counts(text, text[]) is
  'The condition that a row of revenue.segment, by what it is called in the query, is of one of the kinds of mrr_counted_kinds.';

create function @extschema@.mrr_counted(measure text, as_of timestamptz, rules jsonb) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  amount text := case when measure = 'gross' then 'coalesce(s.list, s.gross)' else case rules->>'discounts'
                   when 'forever' then 'coalesce(s.net_forever, s.net)'
                   when 'all' then 'coalesce(s.net_all, s.net)'
                   when 'none' then 'coalesce(s.list, s.gross)'
                   else 'coalesce(s.net_running, s.net)' end end;
  until text := 's.valid_until';
begin
  if (rules->>'past_due_days')::integer > 0 then
    until := format('case s.standing when ''past_due'' then least(s.valid_until, s.stood_from + %s) else s.valid_until end',
                    (rules->>'past_due_days')::integer);
  end if;
  return format('select s.account_key, s.contract, s.currency, s.valid_from, %1$s as valid_until, %2$s as annual from revenue.segment s'
                ' where %3$s and %4$s and s.valid_from < %1$s%5$s%6$s',
                until, amount, @extschema@.mrr_known(as_of), @extschema@.mrr_counts('s', @extschema@.mrr_counted_kinds(rules)),
                case when (rules->>'ending')::boolean then '' else ' and not s.ending' end,
                case when (rules->>'refunded')::boolean then '' else ' and not s.refunded' end);
end
$$;
comment on function @extschema@.mrr_counted(text, timestamptz, jsonb) is
  'The query for what counts under a policy, net or gross: account_key, contract, currency, valid_from, valid_until and annual, the run rate in millionths. as_of is a known time.';
