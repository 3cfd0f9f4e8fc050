-- One row a theme and day of reception.
select
    theme,
    received_date,
    count(distinct contribution_number) as contribution_count,
    count(distinct contributor_number) as contributor_count
from work.voices
group by all
