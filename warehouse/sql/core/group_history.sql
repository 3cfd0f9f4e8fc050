-- One row a merge or a new name; a group is never merged by the machine, and nobody can rename one
-- yet.
select
    group_id,
    group_id as became_group_id,
    first_date as date,
    '' as cause
from core.groups
where false
