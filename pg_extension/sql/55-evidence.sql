-- What the numbers rest on.

create function @extschema@.mrr_coverage(from_day date, to_day date, grain text default 'month', as_of timestamptz default null)
  returns table (day date, evidence text, mrr numeric, share numeric)
  language plpgsql stable parallel safe rows 100
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ends date[] := array(select b - 1 from unnest((@extschema@.mrr_given_borders(from_day, to_day, grain))[2:]) b);
  exchange bytea := @extschema@.mrr_exchange(null, ends, mrr_coverage.as_of);
begin
  return query execute
   'with graded as (
      select e.place, e.day, s.evidence, s.currency, sum(s.net) * 0.000001 as annual
        from unnest($1) with ordinality e(day, place)
        join revenue.segment s on ' || @extschema@.mrr_known(mrr_coverage.as_of) || ' and s.valid_from <= e.day and e.day < s.valid_until
         and ' || @extschema@.mrr_counts('s', @extschema@.mrr_counted_kinds(@extschema@.mrr_policy('default'))) || '
       group by e.place, e.day, s.evidence, s.currency
    ), converted as (
      select g.day, g.evidence,
             @extschema@.exchange_sum($2, g.place::integer, array_agg(g.currency), array_agg(g.annual)) as annual
        from graded g group by g.place, g.day, g.evidence
    )
    select c.day, c.evidence, @extschema@.mrr_monthly(c.annual),
           round(c.annual / nullif(sum(c.annual) over (partition by c.day), 0), 6)
      from converted c
     order by c.day, c.evidence'
    using ends, exchange;
end
$$;
comment on function @extschema@.mrr_coverage(date, date, text, timestamptz) is
  'How much of MRR at the end of each period in [from_day, to_day) rests on which evidence: observed (seen by a sync), history (the source''s log of changes), invoice (rebuilt from invoice periods), projected (the present carried back). In the book''s currency; share is of the day''s MRR, 0.25 is 25 %. as_of is a known time.';

create function @extschema@.mrr_explain(account text, day date, as_of timestamptz default null)
  returns table (source text, contract text, item text, plan text, mrr numeric, arr numeric, gross_arr numeric, currency_code text,
                 arithmetic text, valid_from date, valid_until date, evidence text, known_since timestamptz, records text[])
  language plpgsql stable parallel safe rows 3
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform @extschema@.mrr_book();
  perform @extschema@.mrr_given_day(day, 'day');
  if not exists (select from revenue.account a where a.id = mrr_explain.account) then
    raise exception 'there is no account "%"', left(coalesce(mrr_explain.account, 'null'), 60)
      using errcode = '22023', hint = 'account_mrr(day) lists the accounts of a day by their source''s id.';
  end if;
  return query execute
   'select a.source, s.contract, s.item, s.plan, @extschema@.mrr_monthly(s.net * 0.000001), trim_scale(s.net * 0.000001),
           trim_scale(s.gross * 0.000001), s.currency,
           format(''%s x %s for %s every %s = %s a year'', s.plan, trim_scale(s.quantity), trim_scale(s.amount), s.billing_interval,
                  trim_scale(coalesce(s.list, s.gross) * 0.000001))
             || case when coalesce(s.net_running, s.net) <> coalesce(s.list, s.gross)
                     then format(''; after discounts %s'', trim_scale(coalesce(s.net_running, s.net) * 0.000001)) else '''' end
             || case when s.usage then ''; counts nothing: usage of the last three months'' else '''' end
             || case s.standing when ''active'' then '''' when ''past_due'' then format(''; past due since %s'', s.stood_from)
                     else format(''; counts nothing: %s since %s'', case s.standing when ''trial'' then ''on trial'' else s.standing end, s.stood_from) end
             || case when s.ending then ''; its end was asked for'' else '''' end
             || case when s.refunded then ''; was given back in full'' else '''' end,
           s.valid_from, s.valid_until, s.evidence, s.known_since, s.origin
      from revenue.segment s
      join revenue.account a on a.key = coalesce(s.member_key, s.account_key)
     where s.account_key in (select coalesce(c.part_of, c.key) from revenue.account c where c.id = $1) and ' || @extschema@.mrr_known(mrr_explain.as_of) || '
       and s.valid_from <= $2 and $2 < s.valid_until
     order by a.source, s.contract, s.item'
    using mrr_explain.account, mrr_explain.day;
end
$$;
comment on function @extschema@.mrr_explain(text, date, timestamptz) is
  'Why an account has the MRR that it has at the end of a local day: one row per item in force, also on trial and paused and what was used, in its own currency, with the arithmetic and how its contract stands, the days on which it is in force, the evidence, since when the database has known it, and the raw records that say so (stream/id, to look up in raw.record). Adds up to account_mrr(day, currency => ''own''). Of an account that is counted as another one the id will do: it explains the whole customer, and source says who told each item. as_of is a known time: why it was what was reported then.';

create function @extschema@.mrr_evidence(account text, day date)
  returns table (contract text, item text, evidence text, stream text, record text, version integer, observed_at timestamptz,
                 landed_at timestamptz, payload json)
  language plpgsql stable parallel safe rows 6
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select e.contract, e.item, e.evidence, o.stream, o.record, r.version, r.observed_at, r.landed_at, r.payload
      from @extschema@.mrr_explain(mrr_evidence.account, mrr_evidence.day) e
      cross join lateral (
        select n, split_part(origin, '/', 1) as stream, substr(origin, strpos(origin, '/') + 1) as record
          from unnest(e.records) with ordinality u(origin, n)
      ) o
      -- The version from which the segment was derived: the newest that had landed by then.
      cross join lateral (
        select r.version, r.observed_at, r.landed_at, r.payload
          from raw.record r
         where r.source = e.source and r.stream = o.stream and r.id = o.record and not r.deleted
           and (r.landed_at <= e.known_since or r.version = 1)
         order by r.version desc
         limit 1
      ) r
     order by e.contract, e.item, o.n;
end
$$;
comment on function @extschema@.mrr_evidence(text, date) is
  'The source''s own records behind mrr_explain: for each item in force at the end of a local day, the version of each record from which its segment was derived, with the vendor''s JSON as it was received. observed_at is the vendor''s clock when that version was first read, landed_at this database''s. Reads raw.record, so it needs select on it and usage of schema raw.';

create function @extschema@.mrr_doubts(from_day date, to_day date)
  returns table (source text, account text, contract text, valid_from date, valid_until date, mrr numeric, currency_code text,
                 reason text, records text[])
  language plpgsql stable parallel safe rows 20
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform @extschema@.mrr_book();
  perform @extschema@.mrr_given_borders(from_day, to_day, 'day');
  return query
    select a.source, a.id, d.contract, greatest(d.valid_from, mrr_doubts.from_day), least(d.valid_until, mrr_doubts.to_day),
           @extschema@.mrr_monthly(coalesce(s.annual, 0) * 0.000001), s.currency, d.reason, d.origin
      from revenue.doubt d
      -- As its source knows it: that is where the records are.
      join revenue.account a on a.key = coalesce(d.member_key, d.account_key)
      left join lateral (
        select sum(s.net) as annual, s.currency
          from revenue.segment s
         where s.account_key = d.account_key and s.contract = d.contract and s.known_until = 'infinity'
           and s.valid_from <= greatest(d.valid_from, mrr_doubts.from_day) and greatest(d.valid_from, mrr_doubts.from_day) < s.valid_until
         group by s.currency
      ) s on true
     where d.valid_from < mrr_doubts.to_day and mrr_doubts.from_day < d.valid_until
       -- What is billed elsewhere is in no number, so that nobody needs to doubt it here.
       and not exists (
         select from revenue.segment c
          where c.account_key = d.account_key and c.contract = d.contract and c.member_key is not distinct from d.member_key
            and c.known_until = 'infinity' and c.standing = 'contracted')
     order by a.source, a.id, d.contract, d.valid_from;
end
$$;
comment on function @extschema@.mrr_doubts(date, date) is
  'The days within [from_day, to_day) on which nothing at the source tells what a contract''s state was: one row per doubt, with what was assumed and why, the MRR that the contract is counted with as the doubt begins (in its own currency, null when it is not counted), and the raw records between which the doubt lies (stream/id). Everything else rests on evidence; see mrr_coverage. Doubts of contracts that are kept beside what is billed are in revenue.doubt only, as no number rests on them.';
