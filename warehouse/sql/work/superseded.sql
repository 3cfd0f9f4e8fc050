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
        replaced.submission_id = verdicts.submission_id
        or (verdicts.reason = 'duplicate_text' and replaced.submission_id = verdicts.duplicate_of)
group by all
