-- Until then the sum of what was transmitted was not kept.
select
    as_of_date,
    publication_version,
    state,
    named_by,
    addressee,
    archive_sha256,
    decided_at,
    decided_by,
    reason
from stored
