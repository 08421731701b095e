-- Accounts with a label each, packed: what is asked of a cohort or a dimension on one day is looked up while timelines
-- are read, which is several times cheaper than to join them.

create function @extschema@.labels_add(internal, account_key bigint, label text) returns internal
  language c immutable parallel safe as 'MODULE_PATHNAME', 'labels_add_wrapper';
comment on function @extschema@.labels_add(internal, bigint, text) is 'Takes one row; a part of the aggregate account_labels.';
create function @extschema@.labels_result(internal) returns bytea
  language c immutable parallel safe as 'MODULE_PATHNAME', 'labels_result_wrapper';
comment on function @extschema@.labels_result(internal) is 'Says the result; a part of the aggregate account_labels.';
create function @extschema@.labels_combine(internal, internal) returns internal
  language c immutable parallel safe as 'MODULE_PATHNAME', 'labels_combine_wrapper';
comment on function @extschema@.labels_combine(internal, internal) is 'Joins the states of two workers; a part of the aggregate account_labels.';
create function @extschema@.labels_serialize(internal) returns bytea
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'labels_serialize_wrapper';
comment on function @extschema@.labels_serialize(internal) is 'Sends a state to another worker; a part of the aggregate account_labels.';
create function @extschema@.labels_deserialize(bytea, internal) returns internal
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'labels_deserialize_wrapper';
comment on function @extschema@.labels_deserialize(bytea, internal) is 'Receives a state from another worker; a part of the aggregate account_labels.';
create aggregate @extschema@.account_labels(account_key bigint, label text) (
  sfunc = @extschema@.labels_add, stype = internal, finalfunc = @extschema@.labels_result,
  combinefunc = @extschema@.labels_combine, serialfunc = @extschema@.labels_serialize,
  deserialfunc = @extschema@.labels_deserialize, parallel = safe
);
comment on aggregate @extschema@.account_labels(bigint, text) is
  'Packs accounts with a label each, such as their owners, a byte or two an account; account_label looks one up. Of several labels of an account it keeps the first by name. Null when there was no account.';

create function @extschema@.account_label(labels bytea, account_key bigint) returns integer
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'account_label_wrapper';
comment on function @extschema@.account_label(bytea, bigint) is
  'The code of an account''s label in what account_labels packed; null without one. Group by it, and ask account_label_name for the label of each group.';
create function @extschema@.account_label_name(labels bytea, label integer) returns text
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'account_label_name_wrapper';
comment on function @extschema@.account_label_name(bytea, integer) is 'The label with a code in what account_labels packed; null for one that there is not.';
create function @extschema@.account_label_count(labels bytea) returns integer
  language c immutable strict parallel safe as 'MODULE_PATHNAME', 'account_label_count_wrapper';
comment on function @extschema@.account_label_count(bytea) is 'How many labels there are in what account_labels packed: their codes go from 1 to this.';
