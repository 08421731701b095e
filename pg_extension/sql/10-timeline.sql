-- The type mrr_timeline: one packed step function per account.

create type @extschema@.mrr_timeline;

create function @extschema@.timeline_in(cstring) returns @extschema@.mrr_timeline
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'timeline_in_wrapper';
comment on function @extschema@.timeline_in(cstring) is 'Reads a timeline from its text form.';
create function @extschema@.timeline_out(@extschema@.mrr_timeline) returns cstring
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'timeline_out_wrapper';
comment on function @extschema@.timeline_out(@extschema@.mrr_timeline) is 'Writes a timeline in its text form.';

create type @extschema@.mrr_timeline (
  input = @extschema@.timeline_in,
  output = @extschema@.timeline_out,
  internallength = variable,
  alignment = int4,
  storage = extended
);
comment on type @extschema@.mrr_timeline is
  'The annual run rate of one account over time, per currency: on which days it changed, to what. Readable as text: EUR 2025-01-01 1200, 2025-03-01 0';

-- Two timelines are equal when their bytes are.
create cast (@extschema@.mrr_timeline as bytea) without function;

create function @extschema@.timeline_add(internal, currency text, valid_from date, valid_until date, rate bigint) returns internal
  language c immutable parallel safe as 'MODULE_PATHNAME', 'timeline_add_wrapper';
comment on function @extschema@.timeline_add(internal, text, date, date, bigint) is 'Takes one row; a part of the aggregates over timelines.';
create function @extschema@.timeline_pack(internal) returns @extschema@.mrr_timeline
  language c immutable parallel safe as 'MODULE_PATHNAME', 'timeline_pack_wrapper';
comment on function @extschema@.timeline_pack(internal) is 'Says the result; a part of the aggregates over timelines.';
create aggregate @extschema@.timeline_agg(currency text, valid_from date, valid_until date, rate bigint) (
  sfunc = @extschema@.timeline_add,
  stype = internal,
  finalfunc = @extschema@.timeline_pack,
  parallel = safe
);
comment on aggregate @extschema@.timeline_agg(text, date, date, bigint) is
  'Packs segments into a timeline: each is in force over [valid_from, valid_until) at an annual run rate in millionths of the major unit. In the currency XXX (ISO 4217: none) it costs nothing, and an account that had MRR right before stays a customer as long.';

create function @extschema@.timeline_amount(steps @extschema@.mrr_timeline, exchange bytea) returns numeric
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'timeline_amount_wrapper';
comment on function @extschema@.timeline_amount(@extschema@.mrr_timeline, bytea) is
  'The annual run rate at the end of the first day of mrr_exchange(currency, days), in its currency.';

create function @extschema@.timeline_stays_free(steps @extschema@.mrr_timeline, day date) returns boolean
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'timeline_stays_free_wrapper';
comment on function @extschema@.timeline_stays_free(@extschema@.mrr_timeline, date) is
  'Whether the account pays nothing at the end of a day and is a customer all the same; only policies with free_plan = contraction have such.';

create function @extschema@.timeline_first_day(steps @extschema@.mrr_timeline) returns date
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'timeline_first_day_wrapper';
comment on function @extschema@.timeline_first_day(@extschema@.mrr_timeline) is 'The first day with MRR above zero; null when there is none.';

create function @extschema@.timeline_at(steps @extschema@.mrr_timeline, day date) returns table (currency text, annual numeric)
  language c immutable strict parallel safe rows 1 as 'MODULE_PATHNAME', 'timeline_at_wrapper';
comment on function @extschema@.timeline_at(@extschema@.mrr_timeline, date) is
  'The annual run rate at the end of a day, per currency in the major unit; no row where it is zero.';

create function @extschema@.timeline_changes(steps @extschema@.mrr_timeline) returns table (currency text, day date, change numeric)
  language c immutable strict parallel safe rows 8 as 'MODULE_PATHNAME', 'timeline_changes_wrapper';
comment on function @extschema@.timeline_changes(@extschema@.mrr_timeline) is
  'By how much the annual run rate changes on each day, per currency in the major unit.';
