-- One row a statement of the group `of_group`, be that its name or one that it had.
with
names as (
    select of_group as group_id
    union
    select current_group_id
    from core.group_history
    where group_id = of_group
)

select
    statements.text,
    contributions.received_date,
    contributions.contributor_type,
    statements.is_copied,
    contributions.campaign_id,
    statements.theme_score,
    statements.kind_score,
    statements.why,
    statements.statement_id,
    contributions.contribution_id,
    contributions.contributor_id
from core.statements as statements
inner join names
    on statements.group_id = names.group_id
inner join core.contributions as contributions
    on statements.contribution_id = contributions.contribution_id
order by
    contributions.received_at asc,
    statements.statement_id asc
