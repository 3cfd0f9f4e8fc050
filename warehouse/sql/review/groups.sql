-- One row a name: the group of this name, else the one where the statement is that would have
-- founded it; with its theme and kind.
with
named as (
    select unnest($names) as name
),

groups as (
    select
        memberships.group_id,
        any_value(statements.theme) as theme,
        any_value(statements.kind) as kind
    from lake.memberships as memberships
    inner join lake.statements as statements
        on memberships.statement_id = statements.statement_id
    group by memberships.group_id
),

places as (
    select
        named.name,
        named.name as group_id
    from named
    where named.name in (select group_id from groups)
    union all
    select
        named.name,
        memberships.group_id
    from named
    inner join lake.memberships as memberships
        on named.name = 'g-' || left(sha256(memberships.statement_id), 16)
    where named.name not in (select group_id from groups)
)

select
    places.name,
    places.group_id,
    groups.theme,
    groups.kind
from places
inner join groups
    on places.group_id = groups.group_id
