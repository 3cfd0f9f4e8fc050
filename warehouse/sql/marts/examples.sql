-- Up to five rows a group: statements in distinct words, the one quoted first, then one a
-- contributor as long as there are others, the surest of the group first.
with
said as (
    select
        voices.group_number,
        voices.statement_id,
        quoted.group_id is not null as is_quoted,
        voices.contributor_number,
        voices.group_score,
        voices.received_at,
        row_number() over (
            partition by voices.group_number, voices.folded
            order by
                is_quoted desc,
                voices.received_at asc,
                voices.statement_id asc
        ) as copy
    from work.voices as voices
    left join core.groups as quoted
        on voices.statement_id = quoted.representative_statement_id
    where voices.kind in ('constat', 'proposition')
),

spoken as (
    select
        *,
        row_number() over (
            partition by group_number, contributor_number
            order by is_quoted desc, group_score desc, received_at asc, statement_id asc
        ) as turn
    from said
    where copy = 1
),

chosen as (
    select
        group_number,
        row_number() over (
            partition by group_number
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
    natures.group_id,
    chosen.position,
    chosen.statement_id,
    told.text as quote
from chosen
inner join work.group_natures as natures
    on chosen.group_number = natures.group_number
inner join lake.told as told
    on chosen.statement_id = told.statement_id
