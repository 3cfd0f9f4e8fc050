-- One row a day of reception; the row without a day holds the submissions without a date.
select
    received_date,
    count(*) as received_count,
    count(*) filter (where status = 'accepted') as accepted_count,
    count(*) filter (where status = 'duplicate') as duplicate_count,
    count(*) filter (where status = 'rejected') as rejected_count,
    count(*) filter (where status = 'quarantined') as quarantined_count,
    count(*) filter (where status = 'withdrawn') as withdrawn_count
from core.submissions
group by received_date
