-- One row an accepted submission.
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
    retained.campaign_id,
    if(retained.campaign_id is null, null, retained.copy_why) as campaign_why,
    contributions.commune_code,
    contributions.from_attachment
from lake.contributions as contributions
inner join work.retained as retained
    on contributions.contribution_id = retained.contribution_id
