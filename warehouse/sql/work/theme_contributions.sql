-- One row a theme and an accepted contribution with a statement of it.
select
    theme,
    contribution_number,
    any_value(contributor_number) as contributor_number,
    any_value(received_date) as received_date,
    any_value(folded_contribution) as folded,
    count(*) as statement_count,
    count(*) filter (where kind = 'constat') as constat_count,
    count(*) filter (where kind = 'proposition') as proposition_count,
    bool_or(is_copied) as is_copied
from work.voices
group by theme, contribution_number
