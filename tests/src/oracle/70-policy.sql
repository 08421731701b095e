-- What another policy changes: both asked, one after the other.

create function oracle.policy_diff(day date, a text, b text, cohort text, currency text, as_of timestamptz, at text)
  returns table (account text, source text, arr numeric) language plpgsql as $$
#variable_conflict use_column
declare
  wanted text;
  answer jsonb;
  answers jsonb[] := '{}';
begin
  foreach wanted in array array[a, b] loop
    perform set_config('oracle.policy', wanted, true);
    select coalesce(jsonb_agg(m), '[]') into answer
      from oracle.account_mrr(policy_diff.day, policy_diff.cohort, policy_diff.currency, policy_diff.as_of, policy_diff.at) m;
    answers := answers || answer;
  end loop;
  return query
    select account, source, coalesce(y.arr, 0) - coalesce(x.arr, 0)
      from jsonb_to_recordset(answers[1]) x(account text, source text, arr numeric)
      full join jsonb_to_recordset(answers[2]) y(account text, source text, arr numeric) using (account, source)
     where coalesce(y.arr, 0) <> coalesce(x.arr, 0);
end
$$;
