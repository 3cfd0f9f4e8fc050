-- One row a group of constats or propositions that is not what it was in the database `before`.
with
earlier as (
    select
        group_id,
        theme,
        kind,
        label,
        contributor_count
    from query_table(before || '.questions.shared_groups')
),

joined as (
    select
        group_id,
        any_value(current_group_id) as current_group_id
    from core.group_history
    group by group_id
)

select
    case
        when earlier.group_id is null then 'nouveau'
        when later.group_id is null and joined.group_id is not null then 'réuni'
        when later.group_id is null then 'disparu'
        when earlier.theme != later.theme or earlier.kind != later.kind then 'reclassé'
        when earlier.label != later.label then 'renommé'
        when later.contributor_count > earlier.contributor_count then 'plus partagé'
        else 'moins partagé'
    end as change,
    coalesce(later.theme, earlier.theme) as theme,
    coalesce(later.kind, earlier.kind) as kind,
    coalesce(later.label, earlier.label) as label,
    earlier.label as earlier_label,
    coalesce(later.contributor_count, 0) as contributor_count,
    coalesce(earlier.contributor_count, 0) as earlier_contributor_count,
    coalesce(later.contributor_count, 0) - coalesce(earlier.contributor_count, 0)
        as gained_contributor_count,
    coalesce(later.group_id, earlier.group_id) as group_id,
    case when later.group_id is null then joined.current_group_id end as current_group_id
from questions.shared_groups as later
full outer join earlier
    on later.group_id = earlier.group_id
left join joined
    on earlier.group_id = joined.group_id
where
    earlier.group_id is null
    or later.group_id is null
    or earlier.theme != later.theme
    or earlier.kind != later.kind
    or earlier.label != later.label
    or earlier.contributor_count != later.contributor_count
order by
    change asc,
    abs(gained_contributor_count) desc,
    group_id asc
