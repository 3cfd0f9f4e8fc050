-- One row a group that was joined to another, with the group it is now.
with recursive
roots as (
    select
        group_id,
        became_group_id,
        1 as step
    from lake.merges
    union all
    select
        roots.group_id,
        merges.became_group_id,
        roots.step + 1 as step
    from roots
    inner join lake.merges as merges
        on roots.became_group_id = merges.group_id
)

select
    group_id,
    arg_max(became_group_id, step) as root_group_id
from roots
group by group_id
