-- One row a statement whose words another contributor of the same set of copied texts has too: it
-- repeats the founder's, is the founder's and is repeated, or stands word for word in another text.
with
said as (
    select
        statements.statement_id,
        statements.position,
        statements.folded,
        retained.contribution_id,
        retained.contributor_id,
        retained.cluster_id,
        retained.copied_positions
    from lake.statements as statements
    inner join work.retained as retained
        on statements.contribution_id = retained.contribution_id
),

repeated as (
    select distinct
        founder_id,
        contributor_id,
        unnest(founder_positions) as position
    from work.retained
),

shared as (
    select
        cluster_id,
        folded
    from said
    group by all
    having count(distinct contributor_id) > 1
)

select statement_id
from said
where list_contains(copied_positions, position)
union
select said.statement_id
from said
inner join repeated
    on
        said.contribution_id = repeated.founder_id
        and said.position = repeated.position
        and said.contributor_id != repeated.contributor_id
union
select said.statement_id
from said
inner join shared
    on said.cluster_id = shared.cluster_id and said.folded = shared.folded
