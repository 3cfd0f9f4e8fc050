-- One row a theme and day on which it was written about, with what it comes to since the opening.
with
first_voices as (
    select
        statements.theme,
        contributions.contributor_id,
        min(contributions.received_date) as received_date
    from core.statements as statements
    inner join core.contributions as contributions
        on statements.contribution_id = contributions.contribution_id
    group by all
),

new_voices as (
    select
        theme,
        received_date,
        count(*) as new_contributor_count
    from first_voices
    group by theme, received_date
)

select
    days.theme,
    days.received_date,
    days.contribution_count,
    coalesce(new_voices.new_contributor_count, 0) as new_contributor_count,
    cast(sum(days.contribution_count) over since_opening as bigint) as total_contribution_count,
    cast(sum(coalesce(new_voices.new_contributor_count, 0)) over since_opening as bigint)
        as total_contributor_count
from marts.contributions_by_theme_and_day as days
left join new_voices
    on
        days.theme = new_voices.theme
        and days.received_date = new_voices.received_date
window since_opening as (partition by days.theme order by days.received_date)
order by days.theme asc, days.received_date asc
