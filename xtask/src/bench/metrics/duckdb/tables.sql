-- The tables of plain/tables.sql, in their order; DuckDB skips blocks by the smallest and the largest value in them.
create table account (account_key bigint, owner varchar, segment varchar);
create table segment (account_key bigint, valid_from date, valid_until date, net bigint);
create table change (account_key bigint, day date, change bigint);
copy account from ':folder/account.csv' (format csv, header false);
copy segment from ':folder/segment.csv' (format csv, header false);
copy change from ':folder/change.csv' (format csv, header false);
checkpoint;
