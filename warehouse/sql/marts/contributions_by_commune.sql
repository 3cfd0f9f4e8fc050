-- One row a commune; the row without a code holds the contributions that name none.
select
    commune_code,
    cast(null as varchar) as commune_name,
    count(*) as contribution_count
from core.contributions
group by all
