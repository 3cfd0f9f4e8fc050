-- One row a theme, in the order of the consultation, with those nobody wrote about.
with
contributors as (
    select count(distinct contributor_id) as total
    from core.contributions
)

select
    themes.theme,
    themes.theme_label,
    count(distinct voices.contribution_number) as contribution_count,
    count(distinct voices.contributor_number) as contributor_count,
    count(voices.statement_id) as statement_count,
    count(*) filter (where voices.kind = 'constat') as constat_count,
    count(*) filter (where voices.kind = 'proposition') as proposition_count,
    count(distinct voices.contribution_number) filter (where voices.is_copied)
        as campaign_contribution_count,
    coalesce(
        round(
            count(distinct voices.contributor_number) / nullif(any_value(contributors.total), 0), 4
        ),
        0
    ) as contributor_share,
    count(distinct voices.folded_contribution) as distinct_text_count
from work.themes as themes
cross join contributors
left join work.voices as voices
    on themes.theme = voices.theme
group by themes.position, themes.theme, themes.theme_label
order by themes.position
