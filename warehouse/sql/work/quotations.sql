-- One row a statement or quotation beside the contribution's own text at its span.
with
quoted as (
    select
        quote_statement_id as statement_id,
        quote
    from work.ranked_groups
    union all
    select
        statement_id,
        quote
    from marts.examples
),

said as (
    select
        statement_id,
        contribution_id,
        char_start,
        char_end,
        text as quote
    from core.statements
    union all
    select
        quoted.statement_id,
        statements.contribution_id,
        statements.char_start,
        statements.char_end,
        quoted.quote
    from quoted
    left join core.statements as statements
        on quoted.statement_id = statements.statement_id
)

select
    said.statement_id,
    said.quote,
    substr(contributions.text, said.char_start + 1, said.char_end - said.char_start) as source
from said
left join core.contributions as contributions
    on said.contribution_id = contributions.contribution_id
