-- One row a status and reason that messages of both had before, and that which they have.
select
    concat_ws(' ', earlier.status, earlier.reason) as before,
    concat_ws(' ', later.status, later.reason) as after,
    count(*) as moved_count,
    list(later.submission_id order by later.submission_id) as identifiers
from core.submissions as later
inner join before_submissions as earlier
    on later.submission_id = earlier.submission_id
where
    later.status != earlier.status
    or later.reason is distinct from earlier.reason
group by all
order by moved_count desc, before asc, after asc
