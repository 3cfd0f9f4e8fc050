-- One row an accepted contribution, with the set of copied texts it belongs to; `folded` stands for
-- its words, whatever their case and spaces.
select
    contributions.contribution_id,
    contributions.contributor_id,
    contributions.received_at,
    contributions.received_date,
    contributions.folded,
    coalesce(roots.root_cluster_id, copies.cluster_id) as cluster_id,
    copies.founder_id,
    copies.copied_positions,
    copies.founder_positions,
    copies.copy_why
from lake.contributions as contributions
inner join core.submissions as submissions
    on contributions.submission_id = submissions.submission_id and submissions.status = 'accepted'
inner join lake.copies as copies
    on contributions.contribution_id = copies.contribution_id
left join work.cluster_roots as roots
    on copies.cluster_id = roots.cluster_id
