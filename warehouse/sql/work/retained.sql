-- One row an accepted contribution, with the set of copied texts it belongs to.
select
    contributions.contribution_id,
    contributions.submission_id,
    contributions.contributor_id,
    contributions.contributor_type,
    contributions.received_at,
    contributions.received_date,
    contributions.text,
    contributions.word_count,
    contributions.language,
    contributions.commune_code,
    contributions.from_attachment,
    lower(regexp_replace(trim(contributions.text), '\s+', ' ', 'g')) as folded_text,
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
