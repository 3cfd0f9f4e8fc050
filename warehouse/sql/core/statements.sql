-- One row a statement of an accepted contribution, where people or else the program put it.
select
    told.statement_id,
    told.contribution_id,
    told.position,
    told.char_start,
    told.char_end,
    told.text,
    voices.theme,
    if(voices.theme = told.theme, told.theme_score, 1) as theme_score,
    nullif(told.theme2, voices.theme) as theme2,
    voices.kind,
    if(voices.kind = told.kind, told.kind_score, 1) as kind_score,
    natures.group_id,
    voices.is_copied,
    concat_ws(' ; ', told.why, 'relecture : placé par une personne (' || voices.decided || ')')
        as why
from lake.told as told
inner join work.voices as voices
    on told.statement_id = voices.statement_id
inner join work.group_natures as natures
    on voices.group_number = natures.group_number
