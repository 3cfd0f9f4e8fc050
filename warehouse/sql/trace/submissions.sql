-- One row a submission behind an identifier of submission, contribution or contributor, group or
-- campaign.
select
    submissions.submission_id,
    submissions.message_sha256,
    submissions.received_at,
    submissions.status,
    submissions.reason,
    submissions.sources,
    contributions.contribution_id,
    contributions.contributor_id
from core.submissions as submissions
left join core.contributions as contributions
    on submissions.submission_id = contributions.submission_id
where
    $id in (
        submissions.submission_id,
        contributions.contribution_id,
        contributions.contributor_id,
        contributions.campaign_id
    )
    or contributions.contribution_id in (
        select statements.contribution_id
        from core.statements as statements
        where $id in (statements.group_id, statements.statement_id)
    )
order by submissions.received_at, submissions.submission_id
