-- Up to five rows a group: statements in distinct words, the one quoted first, then one a
-- contributor as long as there are others, the surest of the group first.
with
said as (
    select
        ranked.group_id,
        statements.statement_id,
        statements.text as quote,
        statements.statement_id = ranked.quote_statement_id as is_quoted,
        contributions.contributor_id,
        memberships.group_score,
        contributions.received_at,
        row_number() over (
            partition by
                ranked.group_id,
                lower(regexp_replace(statements.text, '\s+', ' ', 'g'))
            order by
                is_quoted desc,
                contributions.received_at asc,
                statements.statement_id asc
        ) as copy
    from work.ranked_groups as ranked
    inner join core.statements as statements
        on ranked.group_id = statements.group_id
    inner join core.contributions as contributions
        on statements.contribution_id = contributions.contribution_id
    inner join lake.memberships as memberships
        on statements.statement_id = memberships.statement_id
    where ranked.kind in ('constat', 'proposition')
),

spoken as (
    select
        *,
        row_number() over (
            partition by group_id, contributor_id
            order by is_quoted desc, group_score desc, received_at asc, statement_id asc
        ) as turn
    from said
    where copy = 1
)

select
    group_id,
    row_number() over (
        partition by group_id
        order by
            is_quoted desc,
            turn asc,
            group_score desc,
            received_at asc,
            statement_id asc
    ) as position,
    statement_id,
    quote
from spoken
qualify position <= 5
