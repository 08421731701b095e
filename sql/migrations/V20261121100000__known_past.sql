-- What deriving needs beside the tables: where an account's known past ends, and one problem row
-- for each account that a problem touches.

create index segment_past on revenue.segment (account_key) where known_until < 'infinity';
create index attribute_past on revenue.attribute (account_key) where known_until < 'infinity';

-- Two accounts may refer to the same price that can't be read. Each has to be derived anew when
-- it can, so each has its row; null still means that no account is known.
alter table ops.problem drop constraint problem_pkey;
create unique index problem_once on ops.problem (source, stream, record, field, coalesce(account, ''));
