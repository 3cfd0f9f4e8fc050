-- One row a contributor of accepted contributions; what was sent again is counted, once a message.
with
sent as (
    select
        verdicts.contributor_id,
        count(*) as submission_count,
        min(submissions.received_at) as first_received_at,
        max(submissions.received_at) as last_received_at,
        bool_or(submissions.sender_disposable) as is_disposable
    from core.submissions as submissions
    inner join lake.verdicts as verdicts
        on submissions.submission_id = verdicts.submission_id
    where submissions.status in ('accepted', 'duplicate')
    group by verdicts.contributor_id
),

retained as (
    select
        contributor_id,
        count(*) as contribution_count,
        count(distinct folded) as distinct_text_count
    from work.retained
    group by contributor_id
)

select
    retained.contributor_id,
    sent.submission_count,
    retained.contribution_count,
    retained.distinct_text_count,
    sent.first_received_at,
    sent.last_received_at,
    sent.submission_count >= settings.campaign_contributors as is_frequent,
    sent.is_disposable
from retained
inner join sent
    on retained.contributor_id = sent.contributor_id
cross join work.settings as settings
