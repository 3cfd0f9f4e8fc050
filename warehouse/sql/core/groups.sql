-- One row a group, with the name that people gave it, else that of the statement it is quoted by:
-- the one that is the easiest to quote, then the nearest to its founder.
with
groups as (
    select
        group_number,
        min(received_date) as first_date,
        arg_min(
            statement_id,
            (character_count not between 40 and 320, -group_score, received_at, statement_id)
        ) as representative_statement_id
    from work.voices
    group by group_number
)

select
    natures.group_id,
    natures.theme,
    natures.kind,
    coalesce(decided.label, quoted.label) as label,
    groups.first_date,
    groups.representative_statement_id,
    decided.group_id is not null as is_reviewed
from groups
inner join work.group_natures as natures
    on groups.group_number = natures.group_number
inner join lake.statements as quoted
    on groups.representative_statement_id = quoted.statement_id
left join work.decided_groups as decided
    on natures.group_id = decided.group_id
