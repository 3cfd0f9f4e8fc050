-- One row a statement, as the program found it.
select
    statements.statement_id,
    statements.text,
    statements.label,
    statements.theme,
    statements.kind,
    memberships.group_id
from lake.statements as statements
inner join lake.memberships as memberships
    on statements.statement_id = memberships.statement_id
order by statements.statement_id
