-- Growth from existing customers, beside the benchmark of the field.

create function @extschema@.mrr_growth(period daterange, segment text, cohort text default null, currency text default null,
                                       as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns table (month date, opening_mrr numeric, growth numeric, benchmark text)
  language plpgsql stable parallel safe rows 12
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  good numeric;
begin
  good := case lower(segment) when 'smb' then 0.01 when 'mid-market' then 0.015 when 'enterprise' then 0.01 end;
  if good is null then
    raise exception 'there is no benchmark for segment "%"', left(coalesce(segment, 'null'), 60)
      using errcode = '22023', hint = 'Segments are smb, mid-market and enterprise; name the accounts with cohort => ''...'' where yours are called otherwise.';
  end if;
  perform @extschema@.mrr_given_period(period);
  return query execute
    'select m.from_day, @extschema@.mrr_monthly(coalesce(s.sums[1], 0)), s.growth,
            case when s.growth >= $1 + 0.02 then ''world class'' when s.growth >= $1 + 0.01 then ''great''
                 when s.growth >= $1 then ''good'' when s.growth is not null then ''below'' end
       from (select b.border as from_day, lead(b.border) over (order by b.border) as to_day
               from unnest(@extschema@.mrr_borders($2, $3, ''month'')) b(border)) m
      cross join lateral (
        select r.sums, @extschema@.mrr_ratio(r.sums[2] - r.sums[1], r.sums[1]) as growth
          from (select @extschema@.mrr_retention_sums($4, daterange(m.from_day, m.to_day), $5, $6, $7, $8) as sums) r
      ) s
      where m.to_day is not null
      order by m.from_day'
    using good, lower(period), upper(period), coalesce(mrr_growth.cohort, format('segment:"%s"', replace(segment, '"', '""'))),
          mrr_growth.currency, mrr_growth.as_of, mrr_growth.at, mrr_growth.policy;
end
$$;
comment on function @extschema@.mrr_growth(daterange, text, text, text, timestamptz, text, text) is
  'Growth from existing customers in each month of a half-open period: expansion less contraction and churn of the accounts that had MRR at the month''s opening, over their opening MRR; 0.02 is 2 %. benchmark is how the field sees it: smb and enterprise are good from 1 %, great from 2 %, world class from 3 % a month; mid-market from 1.5, 2.5 and 3.5 %. The accounts are the cohort segment:NAME unless another is named.';
