-- One row a theme and day of reception.
select
    theme,
    received_date,
    count(*) as contribution_count,
    count(distinct contributor_number) as contributor_count
from work.theme_contributions
group by all
