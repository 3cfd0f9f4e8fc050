-- One row a campaign that contributions of both were of before, and that which they are of; null:
-- of none.
select
    earlier.campaign_id as before,
    later.campaign_id as after,
    count(*) as moved_count,
    list(later.contribution_id order by later.contribution_id) as identifiers
from core.contributions as later
inner join before_contributions as earlier
    on later.contribution_id = earlier.contribution_id
where later.campaign_id is distinct from earlier.campaign_id
group by all
order by moved_count desc, before asc, after asc
