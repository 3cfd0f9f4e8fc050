-- One row a group that asks or says something: what its label and its quotation say.
select
    ranked.group_id,
    ranked.theme,
    ranked.kind,
    ranked.label,
    ranked.quote as text,
    ranked.contributor_count
from work.ranked_groups as ranked
where ranked.kind in ('constat', 'proposition')
