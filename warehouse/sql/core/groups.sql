-- One row a group, quoted by its statement that is the easiest to quote, then the nearest to its
-- founder.
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
    group_id,
    any_value(theme) as theme,
    any_value(kind) as kind,
    arg_min(label, preference) as label,
    min(received_date) as first_date,
    arg_min(statement_id, preference) as representative_statement_id
from members
group by group_id
