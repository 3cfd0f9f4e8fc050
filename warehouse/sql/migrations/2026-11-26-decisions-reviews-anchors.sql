-- Until then groups were joined by their identifier alone: what the other was made of is not known.
select
    decision_id,
    import_id,
    decided_at,
    decided_by,
    act,
    subject,
    reader,
    before,
    after,
    reason,
    anchors,
    coalesce(target_anchors, []) as target_anchors,
    cell
from stored
