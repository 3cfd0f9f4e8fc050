-- One row a submission: its earliest reception, the sources it was seen in, the rank of the batch
-- that holds its bytes, or did before it was withdrawn. Its channel is that of the earliest
-- reception.
-- Most are seen once, and told as they are: only the others are looked at together.
-- Ordered as the days are folded: without a date first, then by reception, then by content.
with
several as (
    select submission_id
    from sightings
    group by submission_id
    having count(*) > 1
),

submissions as (
    select
        submission_id,
        message_sha256,
        occurrence,
        received_at,
        channel,
        size_bytes,
        is_whole,
        [source] as sources,
        batch
    from sightings
    where submission_id not in (select s.submission_id from several as s)

    union all

    select
        submission_id,
        any_value(message_sha256) as message_sha256,
        any_value(occurrence) as occurrence,
        min(received_at) as received_at,
        first(channel order by received_at nulls last, source, locator) as channel,
        max(size_bytes) as size_bytes,
        any_value(is_whole) as is_whole,
        list_sort(list(distinct source)) as sources,
        coalesce(min(batch) filter (where holds_bytes), min(batch)) as batch
    from sightings
    where submission_id in (select s.submission_id from several as s)
    group by all
)

select
    submission_id,
    message_sha256,
    occurrence,
    received_at,
    cast(timezone($timezone, received_at) as date) as received_date,
    sources,
    channel,
    size_bytes,
    is_whole,
    batch
from submissions
where received_at is null or cast(timezone($timezone, received_at) as date) <= $until
order by received_date nulls first, received_at, message_sha256, occurrence
