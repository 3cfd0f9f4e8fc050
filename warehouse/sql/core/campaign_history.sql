-- One row a set of copied texts that was merged into what is a campaign now.
select
    merged.cluster_id as campaign_id,
    roots.root_cluster_id as became_campaign_id,
    merged.date
from lake.copy_merges as merged
inner join work.cluster_roots as roots
    on merged.cluster_id = roots.cluster_id
inner join core.campaigns as campaigns
    on roots.root_cluster_id = campaigns.campaign_id
