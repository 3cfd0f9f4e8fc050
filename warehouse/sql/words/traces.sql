-- One row a text, in their order: its trace.
select
    left(
        sha256($secret || lower(regexp_replace(trim(text), '\s+', ' ', 'g'))), 32
    ) as words_trace
from texts
