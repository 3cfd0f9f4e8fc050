-- One row a figure of the whole, as it was and as it is; its name is what it is known by.
with
later as (
    select *
    from marts.key_figures
    unpivot (figure for name in (columns(*)))
),

earlier as (
    select *
    from before_key_figures
    unpivot (figure for name in (columns(*)))
)

select
    cast(earlier.figure as varchar) as before,
    cast(later.figure as varchar) as after,
    later.figure - earlier.figure as moved_count,
    [later.name] as identifiers
from later
inner join earlier
    on later.name = earlier.name
order by later.name asc
