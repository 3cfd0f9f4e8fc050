-- One row a group: its theme and kind, what people decided first, else those of its own statements;
-- its number stands for it where it is counted.
with
natures as (
    select
        group_id,
        arg_min(theme, (not is_native, statement_id)) as theme,
        arg_min(kind, (not is_native, statement_id)) as kind
    from work.placed
    group by group_id
)

select
    natures.group_id,
    row_number() over (order by natures.group_id) as group_number,
    coalesce(decided.theme, natures.theme) as theme,
    coalesce(decided.kind, natures.kind) as kind
from natures
left join work.decided_groups as decided
    on natures.group_id = decided.group_id
