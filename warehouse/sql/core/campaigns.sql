-- One row a campaign: a set of copied texts with at least as many contributors as the
-- consultation says.
with
personal as (
    select distinct statements.contribution_id
    from lake.statements as statements
    anti join work.copied_statements as copied
        on statements.statement_id = copied.statement_id
),

campaigns as (
    select
        retained.cluster_id as campaign_id,
        count(*) as submission_count,
        count(distinct retained.contributor_id) as contributor_count,
        count(distinct retained.folded) as distinct_text_count,
        count(personal.contribution_id) as personal_count,
        min(retained.received_at) as first_received_at,
        max(retained.received_at) as last_received_at,
        arg_min(retained.contribution_id, (retained.received_at, retained.contribution_id))
            as first_contribution_id
    from work.retained as retained
    left join personal
        on retained.contribution_id = personal.contribution_id
    group by retained.cluster_id
    having
        count(distinct retained.contributor_id)
        >= (select campaign_contributors from work.settings)
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
