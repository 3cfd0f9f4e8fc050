-- One row a statement of an accepted contribution.
select
    statements.statement_id,
    statements.contribution_id,
    statements.position,
    statements.char_start,
    statements.char_end,
    statements.text,
    statements.theme,
    statements.theme_score,
    statements.theme2,
    statements.kind,
    statements.kind_score,
    coalesce(roots.root_group_id, memberships.group_id) as group_id,
    contributions.campaign_id is not null and copied.statement_id is not null as is_copied,
    statements.why || ' ; groupe : ' || memberships.group_why as why
from lake.statements as statements
inner join core.contributions as contributions
    on statements.contribution_id = contributions.contribution_id
inner join lake.memberships as memberships
    on statements.statement_id = memberships.statement_id
left join work.group_roots as roots
    on memberships.group_id = roots.group_id
left join work.copied_statements as copied
    on statements.statement_id = copied.statement_id
