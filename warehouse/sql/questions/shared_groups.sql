-- One row a group of constats or propositions, the most shared first, with who says it without
-- repeating the text of a campaign.
with
ranked as (
    select
        'proposition' as kind,
        *
    from marts.propositions
    union all
    select
        'constat' as kind,
        *
    from marts.constats
),

own_voices as (
    select
        statements.group_id,
        count(distinct contributions.contributor_id) as contributor_count
    from core.statements as statements
    inner join core.contributions as contributions
        on statements.contribution_id = contributions.contribution_id
    where not statements.is_copied
    group by statements.group_id
)

select
    ranked.theme,
    ranked.kind,
    ranked.label,
    ranked.contributor_count,
    coalesce(own_voices.contributor_count, 0) as own_contributor_count,
    ranked.contributor_count / synthesis.contributor_count as contributor_share,
    ranked.weight_label,
    ranked.campaign_share,
    ranked.quote,
    ranked.first_date,
    ranked.is_reviewed,
    ranked.group_id
from ranked
inner join marts.synthesis_by_theme as synthesis
    on ranked.theme = synthesis.theme
left join own_voices
    on ranked.group_id = own_voices.group_id
order by
    ranked.contributor_count desc,
    own_contributor_count desc,
    ranked.group_id asc
