-- One row an accepted contribution, with the set of copied texts it belongs to.
select
    contributions.*,
    copies.cluster_id
from lake.contributions as contributions
inner join core.submissions as submissions
    on contributions.submission_id = submissions.submission_id and submissions.status = 'accepted'
inner join lake.copies as copies
    on contributions.contribution_id = copies.contribution_id
