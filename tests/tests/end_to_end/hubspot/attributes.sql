create temp table truth (company text, attribute text, day date, value text);
\copy truth from :truth_file with (format csv, header true, force_not_null (value))
create temp table step as
select company, attribute, day as from_day,
       coalesce(lead(day) over (partition by company, attribute order by day), 'infinity') as until_day, value
from truth;
create temp table hole as
select record as company, field, message from ops.problem where stream = 'companies';
create temp table expected as
select c.company, a.attribute, d.day::date as day, nullif(s.value, '') as value
from (select distinct company from truth) c
cross join (select distinct attribute from truth) a
cross join generate_series(date '2023-01-01', date '2025-12-31', '1 day') as d (day)
left join step s on s.company = c.company and s.attribute = a.attribute
                and d.day >= s.from_day and d.day < s.until_day;
create temp table compared as
select e.*, t.value as found
from expected e
join revenue.account n on n.source = 'crm' and n.id = e.company
left join revenue.attribute t on t.account_key = n.key and t.name = e.attribute and t.known_until = 'infinity'
                             and e.day >= t.valid_from and e.day < t.valid_until;
-- Where the history was longer than HubSpot keeps it, a problem says so and names the day: before
-- it nothing is claimed.
create temp table excused as
select c.*, (select substring(h.message from 'before (\d{4}-\d\d-\d\d)')::date from hole h
             where h.company = c.company
               and h.field = case c.attribute when 'owner' then 'hubspot_owner_id' when 'segment' then 'customer_tier'
                                              when 'stage' then 'lifecyclestage' when 'country' then 'country'
                                              when 'seats_in_use' then 'active_users'
                                              when 'health' then 'customer_health' end) as known_from
from compared c;
select count(*),
       count(*) filter (where value is distinct from found and not (known_from is not null and day < known_from and found is null)),
       count(distinct (company, attribute)) filter (where known_from is not null),
       (select count(*) from (select distinct company from truth) c
        where not exists (select from revenue.account n where n.source = 'crm' and n.id = c.company))
from excused;
select company, attribute, day, value, found, known_from from excused
where value is distinct from found and not (known_from is not null and day < known_from and found is null)
order by company, attribute, day limit 10;
