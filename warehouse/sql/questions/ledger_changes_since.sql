-- One row a status and reason that does not count as many submissions as in the database `before`.
with
earlier as (
    select
        status,
        reason,
        reason_label,
        submission_count
    from query_table(before || '.marts.ledger_by_reason')
)

select
    coalesce(later.status, earlier.status) as status,
    coalesce(later.reason_label, earlier.reason_label) as reason_label,
    coalesce(later.submission_count, 0) as submission_count,
    coalesce(earlier.submission_count, 0) as earlier_submission_count,
    coalesce(later.submission_count, 0) - coalesce(earlier.submission_count, 0)
        as gained_submission_count
from marts.ledger_by_reason as later
full outer join earlier
    on
        later.status = earlier.status
        and later.reason is not distinct from earlier.reason
where later.submission_count is distinct from earlier.submission_count
order by
    abs(gained_submission_count) desc,
    status asc,
    reason_label asc
