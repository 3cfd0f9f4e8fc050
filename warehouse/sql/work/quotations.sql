-- One row a statement or quotation beside the contribution's own text at its span.
with
spans as (
    select
        statements.statement_id,
        statements.text,
        substr(
            contributions.text,
            statements.char_start + 1,
            statements.char_end - statements.char_start
        ) as source
    from core.statements as statements
    inner join core.contributions as contributions
        on statements.contribution_id = contributions.contribution_id
),

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
)

select
    statement_id,
    text as quote,
    source
from spans
union all
select
    quoted.statement_id,
    quoted.quote,
    spans.source
from quoted
left join spans
    on quoted.statement_id = spans.statement_id
