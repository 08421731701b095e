-- What every metric needs first: the book, its currency, the rates of a report.

create function @extschema@.mrr_book(currency text default null) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  book_currency text;
  synced_at timestamptz;
begin
  if to_regclass('revenue.book') is null then
    raise exception 'there is no book in this database'
      using errcode = '55000', hint = 'Run mrrd migrate to make the tables, then mrrd sync.';
  end if;
  select b.currency, b.synced_at into book_currency, synced_at from revenue.book b;
  if synced_at is null then
    raise exception 'nothing has been synced yet'
      using errcode = '55000', hint = 'Run mrrd sync; mrrd status says how far it is.';
  end if;
  if mrr_book.currency is null then
    return book_currency;
  end if;
  if mrr_book.currency !~ '^[A-Za-z]{3}$' or not exists (
    select from @extschema@.mrr_currencies() c(code) where c.code = upper(mrr_book.currency)
    union all select from revenue.exchange_rate r where upper(mrr_book.currency) in (r.base, r.quote)
    union all select where upper(mrr_book.currency) = book_currency
  ) then
    raise exception 'currency "%" is unknown', left(mrr_book.currency, 20)
      using errcode = '22023', hint = 'Use an ISO 4217 code of the book or of the rate table, such as ' || book_currency || '.';
  end if;
  return upper(mrr_book.currency);
end
$$;

create function @extschema@.mrr_sees_all() returns boolean
  -- Its plan is kept for the session, which that of an SQL function is not: the state of a day is asked for in a millisecond.
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return not row_security_active('revenue.day_change'::regclass) or exists (select from revenue.day_change);
end
$$;
comment on function @extschema@.mrr_sees_all() is
  'Whether the current user sees every account. Who sees some of them by row-level security sees no day of change of the whole book, and is answered from the timelines that are seen.';

create function @extschema@.mrr_currencies(as_of timestamptz default null) returns setof text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  if as_of is null and not @extschema@.mrr_sees_all() then
    return query select distinct s.currency from revenue.segment s where s.known_until = 'infinity' and s.gross <> 0;
  elsif as_of is null then
    -- A loose index scan: as many steps as there are currencies, however many days they have.
    return query
      with recursive found as (
        (select d.currency from revenue.day_change d where d.measure = 'gross' order by d.currency limit 1)
        union all
        select (select d.currency from revenue.day_change d
                 where d.measure = 'gross' and d.currency > found.currency order by d.currency limit 1)
          from found where found.currency is not null
      )
      select f.currency from found f where f.currency is not null;
  else
    return query select distinct s.currency from revenue.segment s where s.known_since <= as_of and s.known_until > as_of;
  end if;
end
$$;
comment on function @extschema@.mrr_currencies(timestamptz) is
  'The currencies that the book has recurring revenue in, as ISO 4217 codes; with as_of those that it was known to have then.';
comment on function @extschema@.mrr_book(text) is
  'The currency of a report: the one asked for, else the book''s. Raises 55000 when nothing has been synced and 22023 for an unknown currency.';

create function @extschema@.mrr_rate(from_currency text, to_currency text, day date) returns numeric
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  -- A loose index scan: a history of decades has a row for every day and currency, and one base or two.
  with recursive b as (
    (select r.base from revenue.exchange_rate r order by r.base limit 1)
    union all
    select (select r.base from revenue.exchange_rate r where r.base > b.base order by r.base limit 1)
      from b where b.base is not null
  )
  select case when from_currency = to_currency then 1 else (
    -- Division of numerics keeps only so many digits in all; div is exact.
    select round(div(t.rate * 1e13, f.rate) * 1e-13, 12)
      from b
      cross join lateral (
        select 1::numeric as rate where b.base = from_currency
        union all
        (select r.rate from revenue.exchange_rate r
          where r.base = b.base and r.quote = from_currency and r.day between mrr_rate.day - 7 and mrr_rate.day
          order by r.day desc limit 1)
      ) f
      cross join lateral (
        select 1::numeric as rate where b.base = to_currency
        union all
        (select r.rate from revenue.exchange_rate r
          where r.base = b.base and r.quote = to_currency and r.day between mrr_rate.day - 7 and mrr_rate.day
          order by r.day desc limit 1)
      ) t
     order by b.base
     limit 1
  ) end
$$;
comment on function @extschema@.mrr_rate(text, text, date) is
  'Units of to_currency for one unit of from_currency on a day, rounded once to 12 decimals; the last rate is carried forward for at most 7 days, else null.';

create function @extschema@.exchange_pack(target text, days date[], currencies text[], rates numeric[]) returns bytea
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'exchange_pack_wrapper';
create function @extschema@.exchange_sum(exchange bytea, place integer, currencies text[], amounts numeric[]) returns numeric
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'exchange_sum_wrapper';
create function @extschema@.exchange_sums(exchange bytea, places integer[], currencies text[], amounts numeric[]) returns numeric[]
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'exchange_sums_wrapper';
comment on function @extschema@.exchange_pack(text, date[], text[], numeric[]) is
  'Packs the rates of a report: per currency one rate a day, null where there is none. Called by mrr_exchange.';
comment on function @extschema@.exchange_sums(bytea, integer[], text[], numeric[]) is
  'The same for all days of the report at once: each amount at the rates of its place.';
comment on function @extschema@.exchange_sum(bytea, integer, text[], numeric[]) is
  'The sum of annual amounts in several currencies at the rates of the report''s day number place (from 1), exact.';

create function @extschema@.mrr_exchange_of(currency text, days date[], as_of timestamptz, rates_on date[], rules jsonb) returns bytea
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  target text := @extschema@.mrr_book(currency);
  codes text[];
  rates numeric[];
begin
  select coalesce(array_agg(distinct c.code), '{}') into codes
    from (
      select code from @extschema@.mrr_currencies(as_of) code
      union all
      -- What the stored days of change don't know, because it does not count by default.
      select s.currency from revenue.segment s
       where s.known_until = 'infinity' and (s.standing in ('trial', 'paused') or s.usage) and not @extschema@.mrr_counts_as_stored(rules)
    ) c
   where c.code <> target;
  if (rules->>'constant_rate')::boolean then
    rates_on := array_fill(coalesce((rules->>'rate_day')::date, (select b.last_day from revenue.book b)), array[cardinality(days)]);
  end if;
  if codes <> '{}' then
    select array_agg(@extschema@.mrr_rate(c.code, target, d.day) order by c.code, d.place) into rates
      from unnest(codes) c(code) cross join unnest(coalesce(rates_on, days)) with ordinality d(day, place);
  end if;
  return @extschema@.exchange_pack(target, days, codes, coalesce(rates, '{}'));
end
$$;
comment on function @extschema@.mrr_exchange_of(text, date[], timestamptz, date[], jsonb) is
  'mrr_exchange with the rules of a policy instead of its name.';

create function @extschema@.mrr_exchange(currency text, days date[], as_of timestamptz default null, rates_on date[] default null,
                                         policy text default 'default') returns bytea
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return @extschema@.mrr_exchange_of(currency, days, as_of, rates_on, @extschema@.mrr_policy(policy));
end
$$;
comment on function @extschema@.mrr_exchange(text, date[], timestamptz, date[], text) is
  'The rates into a currency (null: the book''s) on the given days, for all currencies of the book (with as_of: known then), for the aggregates arr_states, net_retention, gross_retention and movements. The retentions take two days: the one before the period, and its last. rates_on takes the rates of other days, one for each of days; a policy in constant currency takes those of its one day.';

create function @extschema@.mrr_monthly(annual numeric) returns numeric
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'mrr_monthly_wrapper';
comment on function @extschema@.mrr_monthly(numeric) is
  'A twelfth of an annual amount, rounded once, half up, at the 18th decimal: 599.95 a year is 49.995833333333333333 of MRR.';

create function @extschema@.mrr_ratio(part numeric, whole numeric) returns numeric
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'mrr_ratio_wrapper';
comment on function @extschema@.mrr_ratio(numeric, numeric) is
  'part over whole with 18 decimals, rounded half to even; null when whole is 0.';

create function @extschema@.mrr_borders(from_day date, to_day date, grain text) returns date[]
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'mrr_borders_wrapper';
comment on function @extschema@.mrr_borders(date, date, text) is
  'The borders of the day, week, month, quarter or year periods in [from_day, to_day): one more than there are periods.';

create function @extschema@.mrr_given_day(day date, name text) returns date
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  if day is null or not isfinite(day) then
    raise exception '% must be a day, not %', name, coalesce(day::text, 'null')
      using errcode = '22023', hint = 'Write a date such as 2026-03-31.';
  end if;
  return day;
end
$$;
comment on function @extschema@.mrr_given_day(date, text) is 'The day itself; raises 22023 for null and infinity, naming the argument.';

create function @extschema@.mrr_given_as_of(as_of timestamptz) returns timestamptz
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  synced_at timestamptz;
begin
  if as_of is null then
    return null;
  end if;
  if not isfinite(as_of) then
    raise exception 'as_of must be a time, not %', as_of
      using errcode = '22023', hint = 'Write a time such as 2026-04-05 or 2026-04-05 09:30+02; leave it out for what is known now.';
  end if;
  select b.synced_at into synced_at from revenue.book b;
  if as_of < synced_at then
    raise exception 'nothing was known yet at %', as_of
      using errcode = '55000', hint = format('The first sync was complete at %s: what was known can be asked from then on.', synced_at);
  end if;
  return as_of;
end
$$;
comment on function @extschema@.mrr_given_as_of(timestamptz) is
  'The known time itself, null for now; raises 22023 for infinity and 55000 for a time before the first complete sync.';

create function @extschema@.mrr_known_days() returns setof daterange
  language plpgsql stable parallel safe rows 1
  set search_path = pg_catalog, pg_temp
as $$
declare
  first_day date;
begin
  if @extschema@.mrr_sees_all() then
    select min(d.day) into first_day from revenue.day_change d where d.measure = 'gross';
  else
    select min(s.valid_from) into first_day from revenue.segment s where s.known_until = 'infinity' and s.gross <> 0;
  end if;
  return query select daterange(first_day, greatest(first_day, b.last_day) + 1) from revenue.book b where first_day is not null;
end
$$;
comment on function @extschema@.mrr_known_days() is
  'From the first day with a charge to the last one that a complete sync has seen: the range of the views. No row before there is a charge.';

create function @extschema@.mrr_known(as_of timestamptz) returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  if @extschema@.mrr_given_as_of(as_of) is null then
    return 'known_until = ''infinity''';
  end if;
  -- A literal that says the same under every TimeZone and DateStyle.
  return format('(known_since <= %1$L and known_until > %1$L)', to_char(as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00');
end
$$;
comment on function @extschema@.mrr_known(timestamptz) is
  'The condition on known_since and known_until for what is known now (null), or was known at a time. Errors as of mrr_given_as_of.';
