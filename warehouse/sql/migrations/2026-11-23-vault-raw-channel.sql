-- Until then there was nothing but mail, and it was kept whole.
select
    submission_id,
    message_sha256,
    occurrence,
    source,
    coalesce(channel, 'mail') as channel,
    locator,
    received_at,
    fetched_at,
    size_bytes,
    coalesce(is_whole, true) as is_whole,
    coalesce(media_type, 'message/rfc822') as media_type,
    holds_bytes,
    raw
from stored
