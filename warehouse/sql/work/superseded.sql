-- One row a submission that its author replaced, resends included.
with
replaced as (
    select distinct supersedes as submission_id
    from lake.verdicts
    where supersedes is not null
)

select verdicts.submission_id
from lake.verdicts as verdicts
semi join replaced
    on verdicts.submission_id = replaced.submission_id
union
select verdicts.submission_id
from lake.verdicts as verdicts
semi join replaced
    on verdicts.duplicate_of = replaced.submission_id
where verdicts.reason = 'duplicate_text'
