-- One row a campaign: a set of copied texts with at least as many contributors as the
-- consultation says.
select
    cluster_id as campaign_id,
    count(*) as submission_count,
    count(distinct contributor_id) as contributor_count,
    count(distinct lower(regexp_replace(trim(text), '\s+', ' ', 'g'))) as distinct_text_count,
    min(received_at) as first_received_at,
    max(received_at) as last_received_at,
    arg_min(text, (received_at, contribution_id)) as exemplar
from work.retained
group by all
having count(distinct contributor_id) >= (select campaign_contributors from work.settings)
