-- One row a statement of an accepted contribution, as it is counted: who says it and when, where
-- people or else the program put it; `folded` stands for its words, `folded_contribution` for those
-- of the whole contribution.
select
    statements.statement_id,
    statements.contribution_id,
    retained.contributor_id,
    retained.received_at,
    retained.received_date,
    natures.theme,
    natures.kind,
    placed.group_id,
    placed.group_score,
    placed.decided,
    campaigns.campaign_id is not null and copied.statement_id is not null as is_copied,
    length(statements.text) as character_count,
    statements.folded,
    retained.folded as folded_contribution
from lake.statements as statements
inner join work.retained as retained
    on statements.contribution_id = retained.contribution_id
inner join work.placed as placed
    on statements.statement_id = placed.statement_id
inner join work.group_natures as natures
    on placed.group_id = natures.group_id
left join core.campaigns as campaigns
    on retained.cluster_id = campaigns.campaign_id
left join work.copied_statements as copied
    on statements.statement_id = copied.statement_id
