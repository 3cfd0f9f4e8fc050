-- One row a group that holds statements of several groups of before: how many, and which.
select
    cast(null as varchar) as before,
    later.group_id as after,
    count(distinct earlier.group_id) as moved_count,
    list(distinct earlier.group_id order by earlier.group_id) as identifiers
from core.statements as later
inner join before_statements as earlier
    on
        later.contribution_id = earlier.contribution_id
        and later.char_start = earlier.char_start
        and later.text = earlier.text
group by later.group_id
having count(distinct earlier.group_id) > 1
order by moved_count desc, after asc
