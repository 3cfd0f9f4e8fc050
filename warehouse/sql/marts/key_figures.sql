-- One row: messages, contributions, contributors and distinct texts, counted apart.
with
contributions as (
    select
        count(*) as accepted_count,
        count(distinct contributor_id) as contributor_count,
        count(campaign_id) as campaign_contribution_count,
        count(distinct contributor_id) filter (where campaign_id is not null)
            as campaign_contributor_count
    from core.contributions
),

statements as (
    select
        count(*) as statement_count,
        count(*) filter (where kind = 'constat') as constat_count,
        count(*) filter (where kind = 'proposition') as proposition_count
    from core.statements
)

select
    (select count(*) from core.submissions) as received_count,
    contributions.accepted_count,
    contributions.contributor_count,
    (select count(distinct folded) from work.retained) as distinct_text_count,
    statements.statement_count,
    statements.constat_count,
    statements.proposition_count,
    (select count(*) from core.campaigns) as campaign_count,
    contributions.campaign_contribution_count,
    contributions.campaign_contributor_count,
    (select count(*) filter (where is_frequent) from core.contributors)
        as frequent_contributor_count
from contributions
cross join statements
