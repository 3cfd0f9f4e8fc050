-- One row a set of copied texts that was merged into another, with the set it is now.
with recursive
roots as (
    select
        cluster_id,
        became_cluster_id,
        1 as step
    from lake.copy_merges
    union all
    select
        roots.cluster_id,
        merged.became_cluster_id,
        roots.step + 1 as step
    from roots
    inner join lake.copy_merges as merged
        on roots.became_cluster_id = merged.cluster_id
)

select
    cluster_id,
    arg_max(became_cluster_id, step) as root_cluster_id
from roots
group by cluster_id
