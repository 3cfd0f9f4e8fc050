-- One row a theme, commune and quality of author. Internal: a small count may be somebody.
with
names as (
    select
        commune_code,
        commune_name
    from marts.contributions_by_commune
)

select
    statements.theme,
    contributions.commune_code,
    names.commune_name,
    contributions.contributor_type,
    count(distinct contributions.contribution_id) as contribution_count,
    count(distinct contributions.contributor_id) as contributor_count
from core.statements as statements
inner join core.contributions as contributions
    on statements.contribution_id = contributions.contribution_id
left join names
    on contributions.commune_code = names.commune_code
group by all
order by
    contributor_count desc,
    statements.theme asc,
    contributions.commune_code asc nulls last,
    contributions.contributor_type asc
