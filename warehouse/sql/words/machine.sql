-- One row a statement that counts: its words, the theme and the kind that the machine gave it.
select
    told.statement_id,
    told.text,
    told.theme,
    told.kind
from lake.statements as told
semi join core.statements as counted
    on told.statement_id = counted.statement_id
