-- The rows of a table that has texts; `folded`, 128 bits of a SHA-256, stands for the words of
-- each, whatever their case and spaces.
select
    *,  -- noqa: AM04
    cast(left(sha256(lower(regexp_replace(trim(text), '\s+', ' ', 'g'))), 32) as uuid) as folded
from arrow_rows
