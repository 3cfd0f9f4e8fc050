-- One row a statement that nobody has decided of, the least sure of its theme or kind first.
select
    statements.theme,
    statements.theme_score,
    statements.theme2,
    statements.kind,
    statements.kind_score,
    statements.text,
    statements.why,
    groups.label,
    statements.group_id,
    statements.statement_id
from core.statements as statements
inner join core.groups as groups
    on statements.group_id = groups.group_id
where not groups.is_reviewed
order by
    least(statements.theme_score, statements.kind_score) asc,
    statements.statement_id asc
