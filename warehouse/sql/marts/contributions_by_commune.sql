-- One row a commune of the department, one ('hors') for all the others together; the row without a
-- code holds the contributions that give none.
select
    case
        when contributions.commune_code is not null then coalesce(communes.commune_code, 'hors')
    end as commune_code,
    case
        when contributions.commune_code is not null
            then coalesce(communes.commune_name, 'hors du département')
    end as commune_name,
    count(*) as contribution_count
from core.contributions as contributions
left join work.communes as communes
    on contributions.commune_code = communes.commune_code
group by all
