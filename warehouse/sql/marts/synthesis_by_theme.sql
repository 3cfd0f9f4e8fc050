-- One row a theme, in the order of the consultation, with those nobody wrote about.
with
contributors as (
    select count(distinct contributor_number) as total
    from work.retained
)

select
    themes.theme,
    themes.theme_label,
    count(contributions.theme) as contribution_count,
    count(distinct contributions.contributor_number) as contributor_count,
    coalesce(sum(contributions.statement_count), 0) as statement_count,
    coalesce(sum(contributions.constat_count), 0) as constat_count,
    coalesce(sum(contributions.proposition_count), 0) as proposition_count,
    count(*) filter (where contributions.is_copied) as campaign_contribution_count,
    coalesce(
        round(
            count(distinct contributions.contributor_number)
            / nullif(any_value(contributors.total), 0),
            4
        ),
        0
    ) as contributor_share,
    count(distinct contributions.folded) as distinct_text_count
from work.themes as themes
cross join contributors
left join work.theme_contributions as contributions
    on themes.theme = contributions.theme
group by themes.position, themes.theme, themes.theme_label
order by themes.position
