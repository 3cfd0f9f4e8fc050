-- One row a group and campaign whose text says it, with the campaign's part of those who do.
with
copied_voices as (
    select
        statements.group_id,
        contributions.campaign_id,
        count(distinct contributions.contributor_id) as campaign_contributor_count
    from core.statements as statements
    inner join core.contributions as contributions
        on statements.contribution_id = contributions.contribution_id
    where statements.is_copied
    group by all
)

select
    shared.theme,
    shared.kind,
    shared.label,
    shared.contributor_count,
    shared.own_contributor_count,
    copied_voices.campaign_contributor_count,
    copied_voices.campaign_contributor_count / shared.contributor_count
        as campaign_contributor_share,
    copied_voices.campaign_id,
    copied_voices.group_id
from copied_voices
inner join questions.shared_groups as shared
    on copied_voices.group_id = shared.group_id
order by
    copied_voices.campaign_contributor_count desc,
    copied_voices.group_id asc,
    copied_voices.campaign_id asc
