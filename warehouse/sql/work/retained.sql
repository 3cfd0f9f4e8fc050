-- One row an accepted contribution, with the set of copied texts it belongs to, a campaign when it
-- has as many contributors as the consultation says; `folded` stands for its words, whatever their
-- case and spaces. The numbers stand for identifiers where these are only counted: it is quicker.
with
accepted as (
    select
        contributions.contribution_id,
        contributions.contributor_id,
        contributions.received_at,
        contributions.received_date,
        contributions.folded,
        coalesce(roots.root_cluster_id, copies.cluster_id) as cluster_id,
        copies.founder_id,
        copies.copied_positions,
        copies.founder_positions,
        copies.copy_why
    from lake.contributions as contributions
    inner join core.submissions as submissions
        on
            contributions.submission_id = submissions.submission_id
            and submissions.status = 'accepted'
    inner join lake.copies as copies
        on contributions.contribution_id = copies.contribution_id
    left join work.cluster_roots as roots
        on copies.cluster_id = roots.cluster_id
),

campaigns as (
    select cluster_id as campaign_id
    from accepted
    group by cluster_id
    having count(distinct contributor_id) >= (select campaign_contributors from work.settings)
)

select
    accepted.contribution_id,
    accepted.contributor_id,
    accepted.received_at,
    accepted.received_date,
    accepted.folded,
    accepted.cluster_id,
    accepted.founder_id,
    accepted.copied_positions,
    accepted.founder_positions,
    accepted.copy_why,
    campaigns.campaign_id,
    cast('0x' || substr(accepted.contribution_id, 3) as ubigint) as contribution_number,
    cast('0x' || substr(accepted.contributor_id, 3) as ubigint) as contributor_number
from accepted
left join campaigns
    on accepted.cluster_id = campaigns.campaign_id
