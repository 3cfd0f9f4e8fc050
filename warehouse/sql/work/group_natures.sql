-- One row a group: its theme and kind, what people decided first, else those of its own statements.
select
    placed.group_id,
    coalesce(
        any_value(decided.theme), arg_min(placed.theme, (not placed.is_native, placed.statement_id))
    ) as theme,
    coalesce(
        any_value(decided.kind), arg_min(placed.kind, (not placed.is_native, placed.statement_id))
    ) as kind
from work.placed as placed
left join work.decided_groups as decided
    on placed.group_id = decided.group_id
group by placed.group_id
