-- One row a merge or a new name. A group is joined to an older one on the day they have come to say
-- the same.
select
    joined.group_id,
    joined.became_group_id,
    joined.date,
    joined.cause
from lake.group_merges as joined
