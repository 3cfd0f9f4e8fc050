-- One row a status and reason.
select
    submissions.status,
    submissions.reason,
    coalesce(reasons.reason_label, 'retenue') as reason_label,
    count(*) as submission_count
from core.submissions as submissions
left join work.reasons as reasons
    on submissions.reason = reasons.reason
group by all
