-- One row a group that another stands for, with the group where its statements are now. The program
-- joins a group to an older one on the day they have come to say the same; people, as they decide.
select
    changes.group_id,
    changes.became_group_id,
    changes.date,
    changes.cause,
    coalesce(redirects.root_group_id, changes.group_id) as current_group_id
from work.group_changes as changes
left join work.group_redirects as redirects
    on changes.group_id = redirects.group_id
