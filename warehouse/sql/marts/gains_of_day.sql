-- One row a group of constats or propositions that somebody joined on the last day.
with
voices as (
    select
        statements.theme,
        statements.kind,
        statements.group_id,
        contributions.contributor_id,
        min(contributions.received_date) as first_date
    from core.statements as statements
    inner join core.contributions as contributions
        on statements.contribution_id = contributions.contribution_id
    where statements.kind in ('constat', 'proposition')
    group by all
)

select
    voices.theme,
    voices.kind,
    voices.group_id,
    min(voices.first_date) = any_value(settings.as_of_date) as is_new,
    count(*) filter (where voices.first_date = settings.as_of_date) as gained_contributor_count,
    count(*) as contributor_count
from voices
cross join work.settings as settings
group by voices.theme, voices.kind, voices.group_id
having gained_contributor_count > 0
