-- Up to five rows a group: statements in distinct words, the one quoted first, then one a
-- contributor as long as there are others, the surest of the group first.
with
said as (
    select
        voices.group_id,
        voices.statement_id,
        voices.statement_id = groups.representative_statement_id as is_quoted,
        voices.contributor_id,
        voices.group_score,
        voices.received_at,
        row_number() over (
            partition by voices.group_id, voices.folded
            order by
                is_quoted desc,
                voices.received_at asc,
                voices.statement_id asc
        ) as copy
    from work.voices as voices
    inner join core.groups as groups
        on voices.group_id = groups.group_id
    where voices.kind in ('constat', 'proposition')
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
),

chosen as (
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
        statement_id
    from spoken
    qualify position <= 5
)

select
    chosen.group_id,
    chosen.position,
    chosen.statement_id,
    statements.text as quote
from chosen
inner join core.statements as statements
    on chosen.statement_id = statements.statement_id
