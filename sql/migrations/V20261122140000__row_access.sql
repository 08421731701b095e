-- Whose accounts a role may see, where it may not see all: the table behind row-level security.

create table revenue.row_access (
    role      name not null,
    attribute text not null check (attribute <> ''),
    value     text not null,
    primary key (role, attribute, value)
);
comment on table revenue.row_access is
  'Which accounts the members of mrr_own_reader see: those whose attribute has the value on the last day that was synced. A role has the rows of every role that it is a member of; without a row it sees no account.';
comment on column revenue.row_access.role is 'A role of this server, such as ana or team_north.';
comment on column revenue.row_access.attribute is 'An attribute of accounts, such as owner or csm.';
comment on column revenue.row_access.value is 'Its value; upper and lower case are the same.';

-- With its owner's rights: the attributes that it reads are under row-level security themselves.
create function revenue.accounts_of(member name) returns setof bigint
  language sql stable parallel safe security definer
  set search_path = pg_catalog, pg_temp
as $$
  select a.account_key
    from revenue.row_access r
    join revenue.attribute a on a.name = r.attribute and lower(a.value) = lower(r.value) and a.known_until = 'infinity'
    join revenue.book b on a.valid_from <= b.last_day and b.last_day < a.valid_until
   where case when to_regrole(quote_ident(r.role)) is null then false else pg_has_role(member, r.role, 'member') end
     -- Nobody may ask for a role that they could not become.
     and pg_has_role(session_user, member, 'member')
$$;
comment on function revenue.accounts_of(name) is
  'The keys of the accounts that a role may see by revenue.row_access; none for a role that the session''s user is not a member of. Called by the policies of row-level security.';
