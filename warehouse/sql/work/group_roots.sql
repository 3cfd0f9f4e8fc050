-- One row a group that was joined to another, with the group it is now.
with recursive
roots as (
    select
        joined.group_id,
        joined.became_group_id,
        1 as step
    from lake.group_merges as joined
    union all
    select
        roots.group_id,
        joined.became_group_id,
        roots.step + 1 as step
    from roots
    inner join lake.group_merges as joined
        on roots.became_group_id = joined.group_id
)

select
    group_id,
    arg_max(became_group_id, step) as root_group_id
from roots
group by group_id
