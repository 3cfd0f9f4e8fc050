-- One row a statement of an accepted contribution, where people or else the program put it.
select
    statements.statement_id,
    statements.contribution_id,
    statements.position,
    statements.char_start,
    statements.char_end,
    statements.text,
    voices.theme,
    if(voices.theme = statements.theme, statements.theme_score, 1) as theme_score,
    nullif(statements.theme2, voices.theme) as theme2,
    voices.kind,
    if(voices.kind = statements.kind, statements.kind_score, 1) as kind_score,
    voices.group_id,
    voices.is_copied,
    concat_ws(
        ' ; ',
        statements.why,
        'groupe : ' || memberships.group_why,
        'relecture : placé par une personne (' || voices.decided || ')'
    ) as why
from lake.statements as statements
inner join work.voices as voices
    on statements.statement_id = voices.statement_id
inner join lake.memberships as memberships
    on statements.statement_id = memberships.statement_id
