-- Cohorts that have a name, and an index that holds the days of plans and currencies.

create table revenue.cohort (
    name        text primary key check (name <> ''),
    definition  text not null,
    description text
);
create unique index cohort_by_name on revenue.cohort (lower(name));
comment on table revenue.cohort is
  'Cohorts by name, as create_cohort makes them: wherever a metric takes a cohort, the name stands for the definition. Without a history: a report as of an earlier time reads the definition of today.';
comment on column revenue.cohort.name is 'What it is called; upper and lower case are the same.';
comment on column revenue.cohort.definition is 'The cohort, such as plan:Pro and country:DE,AT.';
comment on column revenue.cohort.description is 'What it is for, in words; null when nobody said.';

-- Everything that the members of a plan or of a currency are read from: a segment is three times as wide.
drop index revenue.segment_plan_now;
create index segment_plan_now on revenue.segment (plan, account_key) include (currency, valid_from, valid_until)
  where known_until = 'infinity';
