-- One row a group of constats or propositions that somebody joined on the last day.
with
voices as (
    select
        theme,
        kind,
        group_id,
        contributor_id,
        min(received_date) as first_date
    from work.voices
    where kind in ('constat', 'proposition')
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
