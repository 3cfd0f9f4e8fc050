-- Until then what was typed was the author's own words, without their signature.
select
    typed_id,
    submission_id,
    own_text,
    coalesce(cut_text, '') as cut_text,
    coalesce(signature, '') as signature,
    coalesce(author_names, []) as author_names,
    content_word_count,
    coalesce(is_revision, false) as is_revision,
    language,
    typed_at,
    typed_by
from stored
