-- Movements: from the opening of each period to its closing.

create function @extschema@.movements_add(internal, steps @extschema@.mrr_timeline, exchange bytea, membership date[]) returns internal
  language c immutable parallel safe cost 20 as 'MODULE_PATHNAME', 'movements_add_wrapper';
comment on function @extschema@.movements_add(internal, @extschema@.mrr_timeline, bytea, date[]) is 'Takes one row; a part of the aggregates over timelines.';
create function @extschema@.movements_result(internal) returns bytea
  language c immutable parallel safe as 'MODULE_PATHNAME', 'movements_result_wrapper';
comment on function @extschema@.movements_result(internal) is 'Says the result; a part of the aggregates over timelines.';
create function @extschema@.movements_combine(internal, internal) returns internal
  language c immutable parallel safe as 'MODULE_PATHNAME', 'movements_combine_wrapper';
comment on function @extschema@.movements_combine(internal, internal) is 'Joins the states of two workers; a part of the aggregates over timelines.';
create function @extschema@.movements_serialize(internal) returns bytea
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'movements_serialize_wrapper';
comment on function @extschema@.movements_serialize(internal) is 'Sends a state to another worker; a part of the aggregates over timelines.';
create function @extschema@.movements_deserialize(bytea, internal) returns internal
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'movements_deserialize_wrapper';
comment on function @extschema@.movements_deserialize(bytea, internal) is 'Receives a state from another worker; a part of the aggregates over timelines.';
create aggregate @extschema@.movements(steps @extschema@.mrr_timeline, exchange bytea, membership date[]) (
  sfunc = @extschema@.movements_add, stype = internal, finalfunc = @extschema@.movements_result,
  combinefunc = @extschema@.movements_combine, serialfunc = @extschema@.movements_serialize,
  deserialfunc = @extschema@.movements_deserialize, parallel = safe
);
comment on aggregate @extschema@.movements(@extschema@.mrr_timeline, bytea, date[]) is
  'Sums the movements of a set of accounts between the days of mrr_exchange(currency, days); membership lists the days on which the account belongs (null: always). movements_rows reads the result.';

create function @extschema@.movements_rows(collected bytea, borders date[], decimals integer)
  returns table (period_start date, period_end date, opening numeric, new numeric, reactivation numeric, expansion numeric,
                 contraction numeric, churn numeric, fx numeric, transfer numeric, closing numeric)
  language c immutable parallel safe rows 12 as 'MODULE_PATHNAME', 'movements_rows_wrapper';
comment on function @extschema@.movements_rows(bytea, date[], integer) is
  'One row a period of what the aggregate movements collected: MRR with so many decimals, adding up to the last of them, or without decimals (null) annual run rates.';

create function @extschema@.mrr_given_borders(from_day date, to_day date, grain text) returns date[]
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  if grain is null then
    raise exception 'grain must not be null' using errcode = '22023', hint = 'Write day, week, month, quarter or year.';
  end if;
  return @extschema@.mrr_borders(@extschema@.mrr_given_day(from_day, 'from_day'), @extschema@.mrr_given_day(to_day, 'to_day'), grain);
end
$$;
comment on function @extschema@.mrr_given_borders(date, date, text) is 'mrr_borders; raises 22023 for null and infinity, naming the argument.';

create function @extschema@.mrr_movement_rows(measure text, borders date[], cohort text, currency text, as_of timestamptz, at text, policy text, decimals integer)
  returns table (period_start date, period_end date, opening numeric, new numeric, reactivation numeric, expansion numeric,
                 contraction numeric, churn numeric, fx numeric, transfer numeric, closing numeric)
  language plpgsql stable parallel safe rows 12
  set search_path = pg_catalog, pg_temp
  set jit = off
as $$
#variable_conflict use_column
declare
  -- The state as a day begins is the state at the end of the day before.
  exchange bytea := @extschema@.mrr_exchange(mrr_movement_rows.currency, array(select b - 1 from unnest(borders) b), as_of, policy => policy);
  collected bytea;
begin
  execute 'select @extschema@.movements(t.steps, $1, t.days) from ' || @extschema@.mrr_timelines(measure, cohort, as_of, at, policy) || ' t'
     into collected using exchange;
  return query select * from @extschema@.movements_rows(collected, borders, decimals);
end
$$;
comment on function @extschema@.mrr_movement_rows(text, date[], text, text, timestamptz, text, text, integer) is
  'The movements between given borders, of MRR or (decimals null) of annual run rates, net or gross. Called by mrr_movements and mrr_check.';

create function @extschema@.mrr_movements(from_day date, to_day date, grain text default 'month', cohort text default 'all', currency text default null,
                                          as_of timestamptz default null, at text default 'then', policy text default 'default', decimals integer default 18)
  returns table (period_start date, period_end date, opening numeric, new numeric, reactivation numeric, expansion numeric,
                 contraction numeric, churn numeric, fx numeric, transfer numeric, closing numeric)
  language plpgsql stable parallel safe rows 12
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query select * from @extschema@.mrr_movement_rows('net', @extschema@.mrr_given_borders(from_day, to_day, grain),
                                                           mrr_movements.cohort, mrr_movements.currency, mrr_movements.as_of, mrr_movements.at, mrr_movements.policy,
                                                           coalesce(mrr_movements.decimals, 18));
end
$$;
comment on function @extschema@.mrr_movements(date, date, text, text, text, timestamptz, text, text, integer) is
  'How MRR came from opening to closing in each period [period_start, period_end) of [from_day, to_day), net per account and period: opening + new + reactivation + expansion - contraction - churn + fx + transfer = closing, to the last digit. Opening at the opening''s exchange rate, everything else at the closing''s; fx is what the rates alone did. transfer are accounts that joined or left the cohort with their MRR; with at => ''now'' nobody does. as_of is a known time: what would have been reported then. With fewer decimals (2: cents) it still adds up, where rounding each column would not.';
