-- One row a theme that statements of both had before, and that which they have; null on a side: the
-- words of a contribution of both that are no statement there.
with
contributions as (
    select later.contribution_id
    from core.contributions as later
    inner join before_contributions as earlier
        on later.contribution_id = earlier.contribution_id
),

later as (
    select *
    from core.statements
    where contribution_id in (select contribution_id from contributions)
),

earlier as (
    select *
    from before_statements
    where contribution_id in (select contribution_id from contributions)
)

select
    earlier.theme as before,
    later.theme as after,
    count(*) as moved_count,
    list(
        coalesce(later.statement_id, earlier.statement_id)
        order by coalesce(later.statement_id, earlier.statement_id)
    ) as identifiers
from later
full outer join earlier
    on
        later.contribution_id = earlier.contribution_id
        and later.char_start = earlier.char_start
        and later.text = earlier.text
where later.theme is distinct from earlier.theme
group by all
order by moved_count desc, before asc, after asc
