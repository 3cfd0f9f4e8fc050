-- One row a statement behind an identifier of group, contribution, submission, contributor,
-- campaign or statement.
select
    statements.statement_id,
    statements.contribution_id,
    contributions.submission_id,
    contributions.contributor_id,
    contributions.campaign_id,
    contributions.received_date,
    statements.theme,
    statements.kind,
    statements.group_id,
    statements.char_start,
    statements.char_end,
    statements.text,
    statements.why
from core.statements as statements
inner join core.contributions as contributions
    on statements.contribution_id = contributions.contribution_id
where
    $id in (
        statements.statement_id,
        statements.group_id,
        statements.contribution_id,
        contributions.submission_id,
        contributions.contributor_id,
        contributions.campaign_id
    )
order by statements.statement_id
