-- One row a group that the last day brought contributors to, the new ones first.
select
    gains.theme,
    gains.kind,
    shared.label,
    gains.is_new,
    gains.gained_contributor_count,
    gains.contributor_count,
    shared.quote,
    gains.group_id
from marts.gains_of_day as gains
inner join questions.shared_groups as shared
    on gains.group_id = shared.group_id
order by
    gains.is_new desc,
    gains.gained_contributor_count desc,
    gains.contributor_count desc,
    gains.group_id asc
