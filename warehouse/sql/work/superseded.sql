-- One row a submission that its author replaced, resends included.
with
replaced as (
    select distinct supersedes as submission_id
    from lake.verdicts
    where supersedes is not null
)

select verdicts.submission_id
from lake.verdicts as verdicts
inner join replaced
    on
        verdicts.submission_id = replaced.submission_id
        or (verdicts.reason = 'duplicate_text' and verdicts.duplicate_of = replaced.submission_id)
group by all
