-- One row a merge or a new name. A group is joined to an older one on the day they have come to say
-- the same.
select
    group_id,
    became_group_id,
    date,
    cause
from lake.merges
