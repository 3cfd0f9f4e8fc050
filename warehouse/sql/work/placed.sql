-- One row a statement: its group once people have decided, and its own theme and kind; it is native
-- when the program put it in that very group.
select
    told.statement_id,
    told.contribution_id,
    coalesce(redirects.root_group_id, decided.group_id, told.group_id) as group_id,
    coalesce(decided.theme, told.theme) as theme,
    coalesce(decided.kind, told.kind) as kind,
    decided.decided,
    told.group_score,
    length(told.text) as character_count,
    told.folded,
    coalesce(decided.theme, decided.kind) is null
    and coalesce(redirects.root_group_id, decided.group_id, told.group_id)
    = told.group_id as is_native
from lake.told as told
left join work.decided_words as decided
    on told.statement_id = decided.statement_id
left join work.group_redirects as redirects
    on coalesce(decided.group_id, told.group_id) = redirects.group_id
