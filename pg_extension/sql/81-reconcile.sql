-- Our figure beside the source's own, and by which rule they differ.

create function @extschema@.mrr_reconcile(source text, day date)
  returns table (account text, name text, currency_code text, ours numeric, theirs numeric, rule text, difference numeric)
  language plpgsql stable parallel safe rows 100
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform @extschema@.mrr_book();
  perform @extschema@.mrr_given_day(day, 'day');
  if not exists (select from revenue.account a join revenue.attribute t on t.member_key = a.key or t.account_key = a.key and t.member_key is null
                  where a.source = mrr_reconcile.source and t.name = 'vendor_mrr' and t.known_until = 'infinity') then
    raise exception 'the source "%" tells no figure of its own', left(coalesce(mrr_reconcile.source, 'null'), 60)
      using errcode = '22023', hint = 'A source is named as in mrrd.toml; Chargebee tells a figure, Stripe does not.';
  end if;
  return query execute
   'with told as (
      -- The figure brings along what explains it: to what each item was rounded, and which limited discounts it counts.
      select a.key as account_key, m[2] as currency, sum(m[1]::numeric) as theirs, max(m[3]::numeric) as unit, max(m[4]) as limited
        from revenue.account a
        -- Whatever customer the account is counted as: the figure is of this record alone.
        join revenue.attribute t on (t.member_key = a.key or t.account_key = a.key and t.member_key is null)
         and t.name = ''vendor_mrr'' and t.known_until = ''infinity'' and t.valid_from <= $2 and $2 < t.valid_until
        cross join lateral regexp_matches(t.value,
          ''(-?[0-9]+(?:[.][0-9]+)?) ([A-Z]{3})(?: [(](?:items to ([0-9]+(?:[.][0-9]+)?))?(?:, )?(?:limited discounts (monthly|never))?[)])?'', ''g'') m
       where a.source = $1
       group by a.key, m[2]
    ), items as (
      select a.key as account_key, s.currency, s.net * 0.000001 as net, coalesce(s.net_forever, s.net) * 0.000001 as forever,
             s.billing_interval ~ ''^(([12]?[0-9]|3[01]) days?|[1-4] weeks?|1 month)$'' as monthly
        from revenue.segment s join revenue.account a on a.key = coalesce(s.member_key, s.account_key)
       where a.source = $1 and s.known_until = ''infinity'' and s.valid_from <= $2 and $2 < s.valid_until
         and ' || @extschema@.mrr_counts('s', @extschema@.mrr_counted_kinds(@extschema@.mrr_policy('default'))) || '
    ), sums as (
      select account_key, currency, sum(i.net) as annual, count(*) as items,
             @extschema@.mrr_monthly(sum(case when t.limited = ''never'' or t.limited = ''monthly'' and not i.monthly then i.forever else i.net end)) as lasting
        from items i left join told t using (account_key, currency) group by account_key, currency
    ), pairs as (
      select account_key, currency, @extschema@.mrr_monthly(coalesce(annual, 0)) as ours, coalesce(theirs, 0) as theirs,
             coalesce(lasting, 0) as lasting,
             coalesce(items, 0) * 0.5 * coalesce(unit, 0) as most
        from told full join sums using (account_key, currency)
    )
    select a.id, a.name, p.currency, p.ours, p.theirs, r.rule, r.difference
      from pairs p
      join revenue.account a on a.key = p.account_key
      cross join lateral (values
        (1, ''limited discounts'', case when p.theirs <> 0 then p.lasting - p.ours else 0 end),
        (2, case when p.theirs = 0 then ''not counted there''
                 when p.ours = 0 and p.lasting = 0 then ''not counted here''
                 when abs(p.theirs - p.lasting) <= p.most then ''rounding''
                 else ''other'' end,
            p.theirs - case when p.theirs <> 0 then p.lasting else p.ours end)
      ) r(place, rule, difference)
     where r.difference <> 0
     order by abs(r.difference) desc, a.id, p.currency, r.place'
    using mrr_reconcile.source, mrr_reconcile.day;
end
$$;
comment on function @extschema@.mrr_reconcile(text, date) is
  'Where MRR at the end of a local day is not what the source''s own figure says (the attribute vendor_mrr), account by account in its own currency, largest first: a row for each rule that makes a difference. The differences of an account and currency add up to theirs - ours. Rules: limited discounts (left out there, always or of what is billed less often than monthly), rounding (there for each item), not counted there or here, other. A figure is 49.90 EUR, and says in parentheses which rules are the source''s: 49.90 EUR (items to 0.01, limited discounts monthly), or never; several have a semicolon between. Raises 22023 for a source without a figure of its own. Their figure is an observation and in no number of ours.';
