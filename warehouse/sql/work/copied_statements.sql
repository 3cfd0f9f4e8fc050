-- One row a statement of a campaign whose words another contributor of it has too: it repeats the
-- founder's, is the founder's and is repeated, or stands word for word in another text.
with
copies as (
    select
        contribution_id,
        contributor_id,
        campaign_id,
        founder_id,
        copied_positions,
        founder_positions
    from work.retained
    where campaign_id is not null
),

said as (
    select
        told.statement_id,
        told.position,
        told.folded,
        copies.contribution_id,
        copies.contributor_id,
        copies.campaign_id,
        copies.copied_positions
    from lake.told as told
    inner join copies
        on told.contribution_id = copies.contribution_id
),

repeated as (
    select distinct
        founder_id,
        contributor_id,
        unnest(founder_positions) as position
    from copies
),

shared as (
    select
        campaign_id,
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
    on said.campaign_id = shared.campaign_id and said.folded = shared.folded
