-- The oracle: the same answers as the extension's, in plain SQL over the facts, slow and obvious.
-- Nothing here may call a function of the extension: a test takes the extension away and asks on.

create schema oracle;

-- What was known at a time; null for what is known now.
create function oracle.segments(as_of timestamptz) returns setof revenue.segment language sql stable as $$
  select * from revenue.segment s
   where case when as_of is null then s.known_until = 'infinity' else s.known_since <= as_of and as_of < s.known_until end
$$;

create function oracle.attributes(as_of timestamptz) returns setof revenue.attribute language sql stable as $$
  select * from revenue.attribute a
   where case when as_of is null then a.known_until = 'infinity' else a.known_since <= as_of and as_of < a.known_until end
$$;

-- The policy that is asked about: a setting, so that every question has it without a parameter more.
create function oracle.policy() returns revenue.policy language sql stable as $$
  select p from revenue.policy p where p.name = coalesce(nullif(current_setting('oracle.policy', true), ''), 'default')
$$;

create function oracle.counts(standing text, usage boolean) returns boolean language sql stable as $$
  select (standing = 'active' or standing = 'past_due' and p.past_due_days is distinct from 0 or standing = 'trial' and p.trials
          or standing = 'paused' and p.paused) and (p.usage or not counts.usage)
    from oracle.policy() p
$$;

-- What counts under it.
create function oracle.counted(as_of timestamptz)
  returns table (account_key bigint, currency text, valid_from date, valid_until date, net bigint, gross bigint) language sql stable as $$
  select * from (
    select s.account_key, s.currency, s.valid_from,
           case when s.standing = 'past_due' and p.past_due_days is not null then least(s.valid_until, s.stood_from + p.past_due_days) else s.valid_until end as ends,
           case p.discounts when 'none' then coalesce(s.list, s.gross) when 'forever' then coalesce(s.net_forever, s.net)
                            when 'running' then coalesce(s.net_running, s.net) when 'all' then coalesce(s.net_all, s.net) end,
           coalesce(s.list, s.gross)
      from oracle.segments(as_of) s cross join oracle.policy() p
     where (s.standing in ('active', 'past_due') or s.standing = 'trial' and p.trials or s.standing = 'paused' and p.paused)
       and (p.ending or not s.ending) and (p.refunded or not s.refunded) and (p.usage or not s.usage)
  ) c
   where c.valid_from < c.ends
$$;

-- Who pays nothing on a day and stays a customer: something is in force, and was on each day back to one on which it paid.
create function oracle.stays_free(day date, as_of timestamptz) returns setof bigint language sql stable as $$
  with counted as materialized (select c.* from oracle.counted(as_of) c cross join oracle.policy() p where p.free_plan = 'contraction'),
  -- Nothing changes between two of these days.
  days as (
    select account_key, d as first from counted, unnest(array[valid_from, valid_until]) d where d <= stays_free.day
  ),
  states as (
    select d.account_key, d.first,
           (select coalesce(sum(c.net), 0) from counted c where c.account_key = d.account_key and c.valid_from <= d.first and d.first < c.valid_until) > 0 as pays,
           exists (select from counted c where c.account_key = d.account_key and c.net = 0 and c.valid_from <= d.first and d.first < c.valid_until) as has
      from days d
  ),
  latest as (
    select account_key, max(first) filter (where pays) as paid, max(first) filter (where not pays and not has) as none, max(first) as last
      from states group by account_key
  )
  select l.account_key from latest l join states s on s.account_key = l.account_key and s.first = l.last
   where not s.pays and s.has and l.paid > coalesce(l.none, '-infinity')
$$;

-- Units of a currency for one EUR: the last rate of at most 7 days ago.
create function oracle.per_euro(currency text, day date) returns numeric language sql stable as $$
  select case when per_euro.currency = 'EUR' then 1 else (
    select r.rate from revenue.exchange_rate r
     where r.base = 'EUR' and r.quote = per_euro.currency and r.day between per_euro.day - 7 and per_euro.day
     order by r.day desc limit 1
  ) end
$$;

-- Units of one currency for one of another, rounded once at the twelfth decimal. div() is exact where / is not.
create function oracle.rate(source text, target text, day date) returns numeric language sql stable as $$
  select case when source = target then 1 else (
    select div(2 * t * 1000000000000 + s, 2 * s) * 0.000000000001
      from (select case when p.constant_rate then coalesce(p.rate_day, b.last_day) else rate.day end as at
              from oracle.policy() p cross join revenue.book b) d
     cross join lateral (select oracle.per_euro(source, d.at) as s, oracle.per_euro(target, d.at) as t) e
  ) end
$$;

create function oracle.report_currency(currency text) returns text language sql stable as $$
  select coalesce(upper(report_currency.currency), b.currency) from revenue.book b
$$;

-- Nothing is nothing in every currency; anything else needs a rate.
create function oracle.converted(units bigint, rate numeric) returns numeric language plpgsql immutable as $$
begin
  if units <> 0 and rate is null then
    raise exception 'a rate is missing' using errcode = '55000';
  end if;
  return units * coalesce(rate, 0) * 0.000001;
end
$$;

-- The annual run rate of each account at the end of a day, in one currency at the rates of one day.
create function oracle.state(day date, rates_of date, currency text, as_of timestamptz)
  returns table (account_key bigint, net numeric, gross numeric) language sql stable as $$
  with rates as materialized (
    select c.code, oracle.rate(c.code, oracle.report_currency(state.currency), rates_of) as rate
      from (select distinct s.currency as code from revenue.segment s) c
  )
  select s.account_key, sum(oracle.converted(s.net, r.rate)), sum(oracle.converted(s.gross, r.rate))
    from oracle.counted(as_of) s join rates r on r.code = s.currency
   where s.valid_from <= day and day < s.valid_until
   group by s.account_key
$$;

-- The largest integer that is not above a / b, of integers.
create function oracle.floored(a numeric, b numeric) returns numeric language sql immutable as $$
  select div(a, b) - case when mod(a, b) < 0 then 1 else 0 end
$$;

-- A twelfth, rounded half up at the eighteenth decimal.
create function oracle.twelfth(annual numeric) returns numeric language sql immutable as $$
  select oracle.floored(2 * annual * 1000000000000000000 + 12, 24) * 0.000000000000000001
$$;

-- part / whole, rounded half to even at the eighteenth decimal; null when whole is 0.
create function oracle.ratio(part numeric, whole numeric) returns numeric language sql immutable as $$
  select sign(part) * sign(whole) * (q + case when 2 * r > w or (2 * r = w and mod(q, 2) = 1) then 1 else 0 end) * 0.000000000000000001
    from (select abs(part) * 1000000000000000000 as p, abs(whole) as w where whole <> 0) n
   cross join lateral (select div(p, w) as q, mod(p, w) as r) d
$$;

-- The periods of a report, cut short where the range begins or ends within one.
create function oracle.periods(from_day date, to_day date, grain text)
  returns table (period_start date, period_end date, last_day date) language sql stable as $$
  select greatest(p::date, from_day), least((p + step)::date, to_day), least((p + step)::date, to_day) - 1
    from (select case grain when 'quarter' then interval '3 months' else ('1 ' || grain)::interval end as step) s
   cross join generate_series(date_trunc(grain, from_day::timestamp), to_day::timestamp - interval '1 day', step) p
$$;
