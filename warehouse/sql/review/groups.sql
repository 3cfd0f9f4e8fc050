-- One row a name of a group that is one, or that a statement of another group would have founded.
with
named as (
    select unnest($names) as name
),

groups as (
    select distinct group_id from lake.memberships
)

select
    named.name,
    named.name as group_id,
    true as is_group
from named
where named.name in (select group_id from groups)
union all
select
    named.name,
    memberships.group_id,
    false as is_group
from named
inner join lake.memberships as memberships
    on named.name = 'g-' || left(sha256(memberships.statement_id), 16)
where named.name not in (select group_id from groups)
