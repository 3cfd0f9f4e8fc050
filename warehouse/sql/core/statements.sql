-- One row a statement of an accepted contribution, where people or else the program put it.
select
    statements.statement_id,
    statements.contribution_id,
    statements.position,
    statements.char_start,
    statements.char_end,
    statements.text,
    natures.theme,
    if(natures.theme = statements.theme, statements.theme_score, 1) as theme_score,
    nullif(statements.theme2, natures.theme) as theme2,
    natures.kind,
    if(natures.kind = statements.kind, statements.kind_score, 1) as kind_score,
    placed.group_id,
    contributions.campaign_id is not null and copied.statement_id is not null as is_copied,
    concat_ws(
        ' ; ',
        statements.why,
        'groupe : ' || memberships.group_why,
        'relecture : placé par une personne (' || placed.decided || ')'
    ) as why
from lake.statements as statements
inner join core.contributions as contributions
    on statements.contribution_id = contributions.contribution_id
inner join lake.memberships as memberships
    on statements.statement_id = memberships.statement_id
inner join work.placed as placed
    on statements.statement_id = placed.statement_id
inner join work.group_natures as natures
    on placed.group_id = natures.group_id
left join work.copied_statements as copied
    on statements.statement_id = copied.statement_id
