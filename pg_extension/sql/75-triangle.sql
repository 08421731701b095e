-- Retention triangles: what is left of the accounts that began in each period.

create function @extschema@.triangle_add(internal, steps @extschema@.mrr_timeline, exchange bytea, membership date[]) returns internal
  language c immutable parallel safe cost 20 as 'MODULE_PATHNAME', 'triangle_add_wrapper';
comment on function @extschema@.triangle_add(internal, @extschema@.mrr_timeline, bytea, date[]) is 'Takes one row; a part of the aggregates over timelines.';
create function @extschema@.triangle_result(internal) returns bytea
  language c immutable parallel safe as 'MODULE_PATHNAME', 'triangle_result_wrapper';
comment on function @extschema@.triangle_result(internal) is 'Says the result; a part of the aggregates over timelines.';
create function @extschema@.triangle_combine(internal, internal) returns internal
  language c immutable parallel safe as 'MODULE_PATHNAME', 'triangle_combine_wrapper';
comment on function @extschema@.triangle_combine(internal, internal) is 'Joins the states of two workers; a part of the aggregates over timelines.';
create function @extschema@.triangle_serialize(internal) returns bytea
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'triangle_serialize_wrapper';
comment on function @extschema@.triangle_serialize(internal) is 'Sends a state to another worker; a part of the aggregates over timelines.';
create function @extschema@.triangle_deserialize(bytea, internal) returns internal
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'triangle_deserialize_wrapper';
comment on function @extschema@.triangle_deserialize(bytea, internal) is 'Receives a state from another worker; a part of the aggregates over timelines.';
create aggregate @extschema@.retention_triangle(steps @extschema@.mrr_timeline, exchange bytea, membership date[]) (
  sfunc = @extschema@.triangle_add, stype = internal, finalfunc = @extschema@.triangle_result,
  combinefunc = @extschema@.triangle_combine, serialfunc = @extschema@.triangle_serialize,
  deserialfunc = @extschema@.triangle_deserialize, parallel = safe
);
comment on aggregate @extschema@.retention_triangle(@extschema@.mrr_timeline, bytea, date[]) is
  'Sums what is left of each cohort at the end of each period. exchange is mrr_exchange(currency, days) with the day before the first period and the last day of each. An account''s cohort is the period in which the first day of its MRR above 0 lies, in whichever currency; accounts that began before the first period, or have no MRR at the end of the one they began in, are in no cohort. membership lists the days on which the account belongs (null: always) and is asked for the last day of the cohort''s period only. In constant currency: a cohort''s amounts are at the rates of that day. Null when there was no account; triangle_rows reads the result.';

create function @extschema@.triangle_rows(collected bytea, borders date[])
  returns table (cohort_start date, cohort_end date, period_number integer, period_start date, period_end date,
                 accounts bigint, base_accounts bigint, annual numeric, base_annual numeric)
  language c immutable parallel safe rows 78 as 'MODULE_PATHNAME', 'triangle_rows_wrapper';
comment on function @extschema@.triangle_rows(bytea, date[]) is
  'One row for each cohort and each period from the cohort''s own (period_number 0) to the last, of what the aggregate retention_triangle collected between borders: how many of the cohort''s accounts have MRR at the end of the period, and their annual run rate, beside what they were at the end of period 0.';
