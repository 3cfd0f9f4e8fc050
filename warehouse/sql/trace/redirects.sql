-- One row: the identifier itself, or the group where the statements of a group that is no more are;
-- failing a trace of it, that of the statement which had given it its name.
select
    coalesce(
        any_value(history.current_group_id),
        (
            select any_value(statements.group_id)
            from core.statements as statements
            where
                'g-' || left(sha256(statements.statement_id), 16) = $id
                and $id not in (select group_id from core.groups)
        ),
        $id
    ) as id
from core.group_history as history
where history.group_id = $id
