-- One row a statement: the group that it joined.
select
    statement_id,
    group_id
from lake.memberships
where statement_id in (select unnest($statements))
