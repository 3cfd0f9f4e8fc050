-- What stands for words, whatever their case and spaces: 128 bits of their SHA-256.
cast(left(sha256(lower(regexp_replace(trim(text), '\s+', ' ', 'g'))), 32) as uuid) as folded
