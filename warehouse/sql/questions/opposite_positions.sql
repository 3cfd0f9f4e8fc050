-- One row a pair of groups that say the contrary of one another, side by side.
select
    oppositions.theme,
    shared.label,
    shared.contributor_count,
    opposed.label as opposed_label,
    opposed.contributor_count as opposed_contributor_count,
    oppositions.common_words,
    shared.quote,
    opposed.quote as opposed_quote,
    oppositions.group_id,
    oppositions.opposed_group_id
from marts.oppositions as oppositions
inner join questions.shared_groups as shared
    on oppositions.group_id = shared.group_id
inner join questions.shared_groups as opposed
    on oppositions.opposed_group_id = opposed.group_id
order by
    shared.contributor_count + opposed.contributor_count desc,
    oppositions.group_id asc,
    oppositions.opposed_group_id asc
