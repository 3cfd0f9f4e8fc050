-- One row a statement of an accepted contribution, as it is counted: who says it and when, where
-- people or else the program put it; `folded` stands for its words, `folded_contribution` for those
-- of the whole contribution.
select
    placed.statement_id,
    retained.contribution_number,
    retained.contributor_number,
    retained.received_at,
    retained.received_date,
    natures.theme,
    natures.kind,
    natures.group_number,
    placed.group_score,
    placed.decided,
    copied.statement_id is not null as is_copied,
    placed.character_count,
    placed.folded,
    retained.folded as folded_contribution
from work.placed as placed
inner join work.retained as retained
    on placed.contribution_id = retained.contribution_id
inner join work.group_natures as natures
    on placed.group_id = natures.group_id
left join work.copied_statements as copied
    on placed.statement_id = copied.statement_id
