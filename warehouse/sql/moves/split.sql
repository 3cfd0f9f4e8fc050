-- One row a group of before whose statements are in several groups: how many, and which.
select
    earlier.group_id as before,
    cast(null as varchar) as after,
    count(distinct later.group_id) as moved_count,
    list(distinct later.group_id order by later.group_id) as identifiers
from core.statements as later
inner join before_statements as earlier
    on
        later.contribution_id = earlier.contribution_id
        and later.char_start = earlier.char_start
        and later.text = earlier.text
group by earlier.group_id
having count(distinct later.group_id) > 1
order by moved_count desc, before asc
