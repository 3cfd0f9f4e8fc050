-- One row a group, ranked in its theme and kind (among equals, the fullest and surest first), with
-- its weight among the theme's contributors.
with
counts as (
    select
        group_number,
        count(distinct contributor_number) as contributor_count,
        count(distinct contribution_number) as contribution_count,
        count(*) as statement_count,
        count(distinct folded) as distinct_text_count,
        round(count(*) filter (where is_copied) / count(*), 4) as campaign_share,
        count(distinct contribution_number) filter (where is_copied) as campaign_contribution_count
    from work.voices
    group by group_number
),

weighed as (
    select
        groups.theme,
        groups.kind,
        groups.group_id,
        groups.label,
        counts.contributor_count,
        counts.contribution_count,
        counts.statement_count,
        counts.distinct_text_count,
        counts.campaign_share,
        counts.campaign_contribution_count,
        counts.contributor_count / synthesis.contributor_count as theme_share,
        quoted.text as quote,
        quoted.statement_id as quote_statement_id,
        round(quoted.theme_score * quoted.kind_score, 4) as confidence,
        groups.first_date,
        groups.is_reviewed
    from core.groups as groups
    inner join work.group_natures as natures
        on groups.group_id = natures.group_id
    inner join counts
        on natures.group_number = counts.group_number
    inner join core.statements as quoted
        on groups.representative_statement_id = quoted.statement_id
    inner join marts.synthesis_by_theme as synthesis
        on groups.theme = synthesis.theme
)

select
    weighed.theme,
    weighed.kind,
    weighed.group_id,
    weighed.label,
    weighed.contributor_count,
    weighed.contribution_count,
    weighed.statement_count,
    weighed.distinct_text_count,
    weighed.campaign_share,
    weighed.campaign_contribution_count,
    case
        when weighed.theme_share > settings.majoritaire then 'majoritaire'
        when weighed.theme_share >= settings.frequent then 'fréquent'
        when weighed.theme_share >= settings.partage then 'partagé'
        else 'isolé'
    end as weight_label,
    weighed.quote,
    weighed.quote_statement_id,
    weighed.first_date,
    weighed.is_reviewed,
    row_number() over (
        partition by weighed.theme, weighed.kind
        order by
            weighed.contributor_count desc,
            weighed.contribution_count desc,
            weighed.statement_count desc,
            length(weighed.quote) >= 40 desc,
            weighed.confidence desc,
            weighed.first_date asc,
            weighed.group_id asc
    ) as rank
from weighed
cross join work.settings as settings
