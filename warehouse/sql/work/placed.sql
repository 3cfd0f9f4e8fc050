-- One row a statement: its group once people have decided, and its own theme and kind; it is native
-- when the program put it in that very group.
select
    statements.statement_id,
    coalesce(redirects.root_group_id, decided.group_id, memberships.group_id) as group_id,
    coalesce(decided.theme, statements.theme) as theme,
    coalesce(decided.kind, statements.kind) as kind,
    decided.decided,
    memberships.group_score,
    coalesce(decided.theme, decided.kind) is null
    and coalesce(redirects.root_group_id, decided.group_id, memberships.group_id)
    = memberships.group_id as is_native
from lake.statements as statements
inner join lake.memberships as memberships
    on statements.statement_id = memberships.statement_id
left join work.decided_words as decided
    on statements.statement_id = decided.statement_id
left join work.group_redirects as redirects
    on coalesce(decided.group_id, memberships.group_id) = redirects.group_id
