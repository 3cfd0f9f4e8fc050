-- One row a group, with the name that people gave it, else that of the statement it is quoted by:
-- the one that is the easiest to quote, then the nearest to its founder.
with
members as (
    select
        statements.group_id,
        statements.theme,
        statements.kind,
        statements.statement_id,
        lake_statements.label,
        contributions.received_date,
        row_number() over (
            partition by statements.group_id
            order by
                length(statements.text) between 40 and 320 desc,
                memberships.group_score desc,
                contributions.received_at asc,
                statements.statement_id asc
        ) as preference
    from core.statements as statements
    inner join core.contributions as contributions
        on statements.contribution_id = contributions.contribution_id
    inner join lake.memberships as memberships
        on statements.statement_id = memberships.statement_id
    inner join lake.statements as lake_statements
        on statements.statement_id = lake_statements.statement_id
)

select
    members.group_id,
    any_value(members.theme) as theme,
    any_value(members.kind) as kind,
    coalesce(any_value(decided.label), arg_min(members.label, members.preference)) as label,
    min(members.received_date) as first_date,
    arg_min(members.statement_id, members.preference) as representative_statement_id,
    count(decided.group_id) > 0 as is_reviewed
from members
left join work.decided_groups as decided
    on members.group_id = decided.group_id
group by members.group_id
