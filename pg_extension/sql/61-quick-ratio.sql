-- What came over what went.

create function @extschema@.quick_ratio(cohort text, period daterange, currency text default null,
                                        as_of timestamptz default null, at text default 'then', policy text default 'default')
  returns numeric
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform @extschema@.mrr_given_period(period);
  return (select @extschema@.mrr_ratio(m.new + m.reactivation + m.expansion, m.contraction + m.churn)
            from @extschema@.mrr_movement_rows('net', array[lower(period), upper(period)], cohort, currency, as_of, at, policy, null) m);
end
$$;
comment on function @extschema@.quick_ratio(text, daterange, text, timestamptz, text, text) is
  'Quick ratio: new + reactivation + expansion over contraction + churn of a period, as mrr_movements has them for it as one period; 4 is four of gain for one of loss. Null when nothing was lost.';
