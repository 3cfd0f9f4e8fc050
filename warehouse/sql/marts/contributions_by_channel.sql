-- One row a channel.
select
    submissions.channel,
    count(*) as received_count,
    count(contributions.contribution_id) as contribution_count,
    count(distinct contributions.contributor_id) as contributor_count
from core.submissions as submissions
left join core.contributions as contributions
    on submissions.submission_id = contributions.submission_id
group by submissions.channel
