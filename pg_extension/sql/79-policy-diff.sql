-- What a policy makes otherwise than another, rule by rule.

create function @extschema@.mrr_policy_diff(day date, a text, b text, cohort text default 'all', currency text default null,
                                            as_of timestamptz default null, at text default 'then')
  returns table (account text, name text, source text, contract text, rule text, in_a text, in_b text, mrr numeric, arr numeric)
  language plpgsql stable parallel safe rows 100
  set search_path = pg_catalog, pg_temp
  set jit = off
as $$
declare
  -- What counts on the day, contract by contract, in one currency.
  sums constant text := 'select c.account_key, c.contract, @extschema@.exchange_sum(%s, 1, array_agg(c.currency), array_agg(c.annual)) as annual
                           from (select s.account_key, s.contract, s.currency, sum(s.annual) * 0.000001 as annual
                                   from (%s) s %s where s.valid_from <= $6 and $6 < s.valid_until group by 1, 2, 3) c
                          group by 1, 2';
  rules jsonb := @extschema@.mrr_policy(a);
  wanted jsonb := @extschema@.mrr_policy(b);
  days date[] := array[@extschema@.mrr_given_day(day, 'day')];
  belong date := coalesce(@extschema@.cohort_at(at), day);
  changed jsonb;
  step record;
begin
  perform @extschema@.mrr_book(currency);
  -- Also when the two agree in every rule.
  perform @extschema@.mrr_cohort_sql(cohort, as_of, at);
  -- One rule after the other takes the other policy's value, so that the differences add up.
  for step in
    select r.rule, r.keys from (values
      ('discounts', array['discounts']), ('trials', array['trials']), ('paused', array['paused']),
      ('past_due_days', array['past_due_days']), ('ending', array['ending']), ('refunded', array['refunded']), ('usage', array['usage']),
      ('constant_rate', array['constant_rate', 'rate_day'])
    ) r(rule, keys)
  loop
    changed := rules || (select jsonb_object_agg(k, wanted->k) from unnest(step.keys) k);
    continue when changed = rules;
    return query execute
      'with before as (' || format(sums, '$4', @extschema@.mrr_counted('net', as_of, rules), @extschema@.mrr_members(cohort, as_of, belong, rules)) || '),
            after as (' || format(sums, '$5', @extschema@.mrr_counted('net', as_of, changed), @extschema@.mrr_members(cohort, as_of, belong, changed)) || ')
       select c.id, c.name, c.source, d.contract, $1, $2, $3, @extschema@.mrr_monthly(d.arr), d.arr
         from (
           select account_key, contract, coalesce(after.annual, 0) - coalesce(before.annual, 0) as arr
             from before full join after using (account_key, contract)
         ) d
         join revenue.account c on c.key = d.account_key
        where d.arr <> 0
        order by abs(d.arr) desc, c.source, c.id, d.contract'
      using step.rule, (select string_agg(coalesce(rules->>k, 'null'), ', ') from unnest(step.keys) k),
            (select string_agg(coalesce(changed->>k, 'null'), ', ') from unnest(step.keys) k),
            -- Trials may be the only ones in their currency, and come with a later rule.
            @extschema@.mrr_exchange_of(currency, days, as_of, null, rules || '{"trials": true}'),
            @extschema@.mrr_exchange_of(currency, days, as_of, null, changed || '{"trials": true}'), day;
    rules := changed;
  end loop;
end
$$;
comment on function @extschema@.mrr_policy_diff(date, text, text, text, text, timestamptz, text) is
  'Why MRR at the end of a local day is another under policy b than under policy a: a row for each contract and rule that makes a difference, largest first within a rule. Rules are changed one after the other, from a''s value to b''s, so arr adds up to arr_at(day, policy => b) - arr_at(day, policy => a) to the last digit. cohort, currency, as_of and at as of arr_at.';
