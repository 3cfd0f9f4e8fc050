-- One row a theme and day of reception.
select
    statements.theme,
    contributions.received_date,
    count(distinct contributions.contribution_id) as contribution_count,
    count(distinct contributions.contributor_id) as contributor_count
from core.statements as statements
inner join core.contributions as contributions
    on statements.contribution_id = contributions.contribution_id
group by all
