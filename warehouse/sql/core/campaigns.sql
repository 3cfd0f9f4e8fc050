-- One row a campaign.
with
copies as (
    select
        campaign_id,
        contribution_id,
        contributor_id,
        received_at,
        folded
    from work.retained
    where campaign_id is not null
),

personal as (
    select distinct told.contribution_id
    from lake.told as told
    semi join copies
        on told.contribution_id = copies.contribution_id
    anti join work.copied_statements as copied
        on told.statement_id = copied.statement_id
),

campaigns as (
    select
        copies.campaign_id,
        count(*) as submission_count,
        count(distinct copies.contributor_id) as contributor_count,
        count(distinct copies.folded) as distinct_text_count,
        count(personal.contribution_id) as personal_count,
        min(copies.received_at) as first_received_at,
        max(copies.received_at) as last_received_at,
        arg_min(copies.contribution_id, (copies.received_at, copies.contribution_id))
            as first_contribution_id
    from copies
    left join personal
        on copies.contribution_id = personal.contribution_id
    group by copies.campaign_id
)

select
    campaigns.campaign_id,
    campaigns.submission_count,
    campaigns.contributor_count,
    campaigns.distinct_text_count,
    campaigns.personal_count,
    campaigns.first_received_at,
    campaigns.last_received_at,
    contributions.text as exemplar
from campaigns
inner join lake.contributions as contributions
    on campaigns.first_contribution_id = contributions.contribution_id
