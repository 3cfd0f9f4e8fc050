-- One row a statement, with the group it joined on its day: what says all of it is put together
-- once, when its partition is loaded.
select
    statements._part,
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
    concat_ws(' ; ', statements.why, 'groupe : ' || memberships.group_why) as why,
    statements.folded,
    memberships.group_id,
    memberships.group_score
from lake.statements as statements
inner join lake.memberships as memberships
    on statements.statement_id = memberships.statement_id
