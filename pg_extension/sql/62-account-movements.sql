-- Who drove the movements of a period.

create function @extschema@.timeline_movements(steps @extschema@.mrr_timeline, exchange bytea, membership date[], decimals integer)
  returns table (place integer, movement text, opening numeric, change numeric, fx numeric, closing numeric)
  language c immutable parallel safe rows 1 as 'MODULE_PATHNAME', 'timeline_movements_wrapper';
comment on function @extschema@.timeline_movements(@extschema@.mrr_timeline, bytea, date[], integer) is
  'The movements in MRR of one account between the days of mrr_exchange(currency, days): a row for each period in which something moved, with its place from 1, with so many decimals. membership lists the days on which the account belongs (null: always).';

create function @extschema@.mrr_loss_reason(as_of timestamptz, day text) returns text
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select format('case when m.movement = ''churn'' or m.movement = ''contraction'' and m.closing = 0 then (
           select case when bool_or(s.standing = ''paused'') then ''pause''
                       when bool_or(s.net > 0 and s.refunded) then ''refund''
                       when bool_or(s.net > 0 and s.standing = ''past_due'') then ''past due''
                       when bool_or(s.net > 0 and s.ending) then ''end requested''
                       when bool_or(s.standing = ''trial'') then ''trial''
                       when bool_or(not s.usage) then ''free plan''
                       else ''ended'' end
             from revenue.segment s
            where s.account_key = t.account_key and %s and s.valid_from <= %s and %2$s < s.valid_until) end',
         @extschema@.mrr_known(as_of), day)
$$;
comment on function @extschema@.mrr_loss_reason(timestamptz, text) is
  'The expression for why the account of a timeline t with a movement m has no MRR left at the end of a day: what is in force then and does not count. Null while it has some.';

create function @extschema@.account_movements(period daterange, cohort text default 'all', currency text default null,
                                              as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns table (account text, name text, source text, movement text, reason text, opening numeric, change numeric, fx numeric, closing numeric)
  language plpgsql stable parallel safe rows 100
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ends date[] := @extschema@.mrr_given_period(period);
  exchange bytea := @extschema@.mrr_exchange(account_movements.currency, ends, account_movements.as_of, policy => account_movements.policy);
begin
  return query execute
    'select a.id, a.name, a.source, m.movement, ' || @extschema@.mrr_loss_reason(account_movements.as_of, '$2') || ', m.opening, m.change, m.fx, m.closing
       from ' || @extschema@.mrr_timelines('net', account_movements.cohort, account_movements.as_of, account_movements.at, account_movements.policy) || ' t
      cross join @extschema@.timeline_movements(t.steps, $1, t.days, 18) m
       join revenue.account a on a.key = t.account_key
      order by abs(m.change) desc, abs(m.fx) desc, a.source, a.id'
    using exchange, ends[2];
end
$$;
comment on function @extschema@.account_movements(daterange, text, text, timestamptz, text, text) is
  'Who drove a half-open period: every account whose MRR moved, largest change first. movement is new, reactivation, expansion, contraction, churn, transfer, or fx where the rate alone moved; opening + change + fx = closing. reason says why an account has nothing left: ended, pause, free plan, trial, and under policies that don''t count them past due, end requested, refund. The changes of a kind add up to its column in mrr_movements.';

create function @extschema@.account_movement_series(from_day date, to_day date, grain text default 'month', cohort text default 'all',
                                                    currency text default null, as_of timestamptz default null, at text default 'then', policy text default 'default',
                                                    decimals integer default 18)
  returns table (period_start date, account text, name text, source text, movement text, reason text, opening numeric, change numeric, fx numeric, closing numeric)
  language plpgsql stable parallel safe rows 1000
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  borders date[] := @extschema@.mrr_given_borders(from_day, to_day, grain);
  exchange bytea := @extschema@.mrr_exchange(account_movement_series.currency, array(select b - 1 from unnest(borders) b), account_movement_series.as_of, policy => account_movement_series.policy);
begin
  return query execute
    'select $2[m.place], a.id, a.name, a.source, m.movement, ' || @extschema@.mrr_loss_reason(account_movement_series.as_of, '($2[m.place + 1] - 1)') || ', m.opening, m.change, m.fx, m.closing
       from ' || @extschema@.mrr_timelines('net', account_movement_series.cohort, account_movement_series.as_of, account_movement_series.at, account_movement_series.policy) || ' t
      cross join @extschema@.timeline_movements(t.steps, $1, t.days, $3) m
       join revenue.account a on a.key = t.account_key
      order by m.place, abs(m.change) desc, abs(m.fx) desc, a.source, a.id'
    using exchange, borders, coalesce(account_movement_series.decimals, 18);
end
$$;
comment on function @extschema@.account_movement_series(date, date, text, text, text, timestamptz, text, text, integer) is
  'Who drove each day, week, month, quarter or year in [from_day, to_day): account_movements period by period, in one scan.';

create function @extschema@.timeline_last_change(steps @extschema@.mrr_timeline, exchange bytea)
  returns table (day date, movement text, change numeric)
  language c immutable strict parallel safe rows 1 as 'MODULE_PATHNAME', 'timeline_last_change_wrapper';
comment on function @extschema@.timeline_last_change(@extschema@.mrr_timeline, bytea) is
  'The last change of an account''s MRR up to the first day of mrr_exchange(currency, days), at that day''s rates: when, which movement, by how much. No row before the first.';
