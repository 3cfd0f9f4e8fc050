-- One row an accepted submission.
select
    retained.contribution_id,
    retained.submission_id,
    retained.contributor_id,
    retained.contributor_type,
    retained.received_at,
    retained.received_date,
    retained.text,
    retained.word_count,
    retained.language,
    campaigns.campaign_id,
    if(campaigns.campaign_id is null, null, retained.copy_why) as campaign_why,
    retained.commune_code,
    retained.from_attachment
from work.retained as retained
left join core.campaigns as campaigns
    on retained.cluster_id = campaigns.campaign_id
