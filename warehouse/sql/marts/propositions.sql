-- One row a group of propositions.
select
    rank,
    theme,
    group_id,
    label,
    contributor_count,
    contribution_count,
    statement_count,
    distinct_text_count,
    campaign_share,
    weight_label,
    quote,
    quote_statement_id,
    first_date,
    campaign_contribution_count,
    is_reviewed
from work.ranked_groups
where kind = 'proposition'
