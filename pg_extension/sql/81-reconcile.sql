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
      select a.key as account_key, m[2] as currency, m[1]::numeric as theirs
        from revenue.account a
        -- Whatever customer the account is counted as: the figure is of this record alone.
        join revenue.attribute t on (t.member_key = a.key or t.account_key = a.key and t.member_key is null)
         and t.name = ''vendor_mrr'' and t.known_until = ''infinity'' and t.valid_from <= $2 and $2 < t.valid_until
        cross join lateral regexp_matches(t.value, ''(-?[0-9.]+) ([A-Z]{3})'', ''g'') m
       where a.source = $1
    ), items as (
      -- Chargebee leaves a discount for a limited period out of what is billed less often than monthly.
      select a.key as account_key, s.currency, s.net * 0.000001 as net,
             case when s.billing_interval ~ ''^1 month$|day|week'' then s.net else coalesce(s.net_forever, s.net) end * 0.000001 as lasting
        from revenue.segment s join revenue.account a on a.key = coalesce(s.member_key, s.account_key)
       where a.source = $1 and s.known_until = ''infinity'' and s.valid_from <= $2 and $2 < s.valid_until
         and ' || @extschema@.mrr_counts('s', @extschema@.mrr_counted_kinds(@extschema@.mrr_policy('default'))) || '
    ), sums as (
      select account_key, currency, sum(net) as annual, @extschema@.mrr_monthly(sum(lasting)) as lasting, count(*) as items
        from items group by account_key, currency
    ), pairs as (
      select account_key, currency, @extschema@.mrr_monthly(coalesce(annual, 0)) as ours, coalesce(theirs, 0) as theirs,
             coalesce(lasting, 0) as lasting,
             -- Each item is rounded to the smallest unit that Chargebee bills in.
             coalesce(items, 0) * 0.5 * case when currency = any (''{BIF,CLP,DJF,GNF,ISK,JPY,KMF,KRW,PYG,RWF,UGX,VND,VUV,XAF,XOF,XPF}'')
                                             then 1 else 0.01 end as most
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
  'Where MRR at the end of a local day is not what the source''s own figure says (the attribute vendor_mrr), account by account in its own currency, largest first: a row for each rule that makes a difference. The differences of an account and currency add up to theirs - ours. Rules: limited discounts (left out there of what is billed less often than monthly), rounding (there to the cent for each item), not counted there or here, other. Raises 22023 for a source without a figure of its own. Their figure is an observation and in no number of ours.';
