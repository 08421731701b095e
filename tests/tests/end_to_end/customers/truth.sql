-- What the sandbox knows of customers in billing, of companies, and of who looked after them.
set client_min_messages = warning;
create schema truth;
create table truth.rate (customer text, day date, currency text, arr numeric, gross_arr numeric);
\copy truth.rate from :truth_file with (format csv, header)
create table truth.link (company text, customer text, system text);
\copy truth.link from :links_file with (format csv, header)
create table truth.noted (company text, attribute text, day date, value text);
\copy truth.noted from :attributes_file with (format csv, header, force_not_null (value))

-- What each customer had from which day on.
create table truth.step as
  select l.company, l.customer, l.system, t.currency, t.arr, t.day as from_day,
         lead(t.day, 1, 'infinity') over (partition by t.customer, t.currency order by t.day) as until_day
    from truth.rate t join truth.link l using (customer);

-- What each company had at the end of a day.
create function truth.had(day date) returns table (company text, currency text, arr numeric) language sql stable as $$
  select company, currency, sum(arr) from truth.step where from_day <= day and day < until_day group by 1, 2 having sum(arr) <> 0
$$;

-- And what was noted of it; an empty value is none.
create function truth.said(attribute text, day date) returns table (company text, value text) language sql stable as $$
  select distinct on (company) company, nullif(value, '') from truth.noted n
   where n.attribute = said.attribute and n.day <= said.day order by company, n.day desc
$$;

-- Who moved from one billing system to the other: what it had here it has there from the same day on.
create function truth.moves() returns table (company text, day date) language sql stable as $$
  select n.company, n.from_day
    from (select distinct on (customer) * from truth.step where system = 'chargebee' order by customer, from_day) n
    join truth.step o on o.company = n.company and o.system = 'stripe' and o.currency = n.currency and o.until_day = n.from_day
    join truth.step next on next.customer = o.customer and next.currency = o.currency and next.from_day = o.until_day
   where o.arr - next.arr = n.arr
$$;

-- Each company at both ends of a period, in euro a year: what it had at the opening also at the rates of the closing and
-- what it had at the closing also at those of the opening.
create function truth.ends(starts date, ends date)
  returns table (company text, opening numeric, opening_later numeric, closing numeric, closing_before numeric, had_before boolean)
  language sql stable as $$
  with had as (
    select starts - 1 as day, * from truth.had(starts - 1) union all select ends.ends - 1, * from truth.had(ends.ends - 1)
  ), sums as (
    select company, day, sum(arr * mrr_rate(currency, 'EUR', starts - 1)) as before, sum(arr * mrr_rate(currency, 'EUR', ends.ends - 1)) as later
      from had group by company, day
  )
  select company, coalesce(o.before, 0), coalesce(o.later, 0), coalesce(c.later, 0), coalesce(c.before, 0),
         exists (select from truth.step s where s.company = company.company and s.arr > 0 and s.from_day < starts)
    from (select distinct company from sums) company
    left join (select * from sums where day = starts - 1) o using (company)
    left join (select * from sums where day = ends.ends - 1) c using (company)
$$;

create function truth.movements(starts date, ends date)
  returns table (company text, movement text, opening numeric, change numeric, fx numeric, closing numeric) language sql stable as $$
  select * from (
    select company,
           case when opening = 0 and had_before then 'reactivation' when opening = 0 then 'new' when closing = 0 then 'churn'
                when closing > opening_later then 'expansion' when closing < opening_later then 'contraction'
                when opening_later <> opening then 'fx' end as movement,
           opening / 12, (closing - opening_later) / 12, (opening_later - opening) / 12, closing / 12
      from truth.ends(starts, movements.ends)
  ) m where movement is not null
$$;

-- The movements of a period by what was noted at its ends. Who has revenue at both ends and another value is a transfer.
create function truth.movements_by(attribute text, starts date, ends date)
  returns table (value text, opening numeric, new numeric, reactivation numeric, expansion numeric, contraction numeric, churn numeric,
                 fx numeric, transfer numeric, closing numeric) language sql stable as $$
  with ends as (
    select e.*, o.value as before, c.value as later, o.value is not distinct from c.value as same
      from truth.ends(starts, movements_by.ends) e
      left join truth.said(attribute, starts - 1) o using (company)
      left join truth.said(attribute, movements_by.ends - 1) c using (company)
  ), flows as (
    -- Of the value at the closing.
    select later as value, 0 as opening, case when opening = 0 and not had_before then closing else 0 end as new,
           case when opening = 0 and had_before then closing else 0 end as reactivation,
           case when opening > 0 and same then greatest(closing - opening_later, 0) else 0 end as expansion,
           case when opening > 0 and same then greatest(opening_later - closing, 0) else 0 end as contraction,
           0 as churn, case when opening > 0 and same then opening_later - opening else 0 end as fx,
           case when opening > 0 and not same then closing else 0 end as transfer, closing
      from ends where closing > 0
    union all
    -- Of the value at the opening.
    select before, opening, 0, 0, 0, 0, case when closing = 0 then opening_later else 0 end,
           case when closing = 0 then opening_later - opening else 0 end, case when closing > 0 and not same then -opening else 0 end, 0
      from ends where opening > 0
  )
  select value, sum(opening) / 12, sum(new) / 12, sum(reactivation) / 12, sum(expansion) / 12, sum(contraction) / 12, sum(churn) / 12,
         sum(fx) / 12, sum(transfer) / 12, sum(closing) / 12
    from flows group by value
$$;

-- NRR of the companies by what was noted at the opening.
create function truth.nrr_by(attribute text, starts date, ends date) returns table (value text, nrr numeric) language sql stable as $$
  select value, sum(closing_before) / sum(opening)
    from truth.ends(starts, nrr_by.ends) left join truth.said(attribute, starts - 1) using (company) where opening > 0 group by value
$$;
