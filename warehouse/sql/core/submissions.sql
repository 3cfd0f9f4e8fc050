-- One row a delivery, with the status it has at the as-of day.
select
    verdicts.submission_id,
    verdicts.message_sha256,
    verdicts.received_at,
    verdicts.received_date,
    if(superseded.submission_id is null, verdicts.status, 'duplicate') as status,
    if(superseded.submission_id is null, verdicts.reason, 'superseded') as reason,
    verdicts.sources,
    verdicts.channel,
    verdicts.sender_verified,
    verdicts.sender_disposable,
    verdicts.size_bytes
from lake.verdicts as verdicts
left join work.superseded as superseded
    on verdicts.submission_id = superseded.submission_id
