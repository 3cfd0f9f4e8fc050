-- One row a group of constats or propositions that somebody joined on the last day.
with
voices as (
    select
        group_number,
        contributor_number,
        min(received_date) as first_date
    from work.voices
    where kind in ('constat', 'proposition')
    group by all
),

gains as (
    select
        voices.group_number,
        min(voices.first_date) = any_value(settings.as_of_date) as is_new,
        count(*) filter (where voices.first_date = settings.as_of_date)
            as gained_contributor_count,
        count(*) as contributor_count
    from voices
    cross join work.settings as settings
    group by voices.group_number
    having gained_contributor_count > 0
)

select
    natures.theme,
    natures.kind,
    natures.group_id,
    gains.is_new,
    gains.gained_contributor_count,
    gains.contributor_count
from gains
inner join work.group_natures as natures
    on gains.group_number = natures.group_number
