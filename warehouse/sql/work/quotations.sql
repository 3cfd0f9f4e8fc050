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
)

select
    text as quote,
    source
from spans
union all
select
    ranked.quote,
    spans.source
from work.ranked_groups as ranked
left join spans
    on ranked.quote_statement_id = spans.statement_id
