"""A batch of contributions to its statements, labelled with reasons: a worker's task."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from tasks.language.kinds import classify_kinds
from tasks.language.labels import short_label
from tasks.language.statements import split_statements
from tasks.language.themes import ThemeModel

ANALYSED_SCHEMA = pa.schema(
    [
        pa.field("statement_id", pa.string(), nullable=False),
        pa.field("contribution_id", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("char_start", pa.int64(), nullable=False),
        pa.field("char_end", pa.int64(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("theme", pa.string(), nullable=False),
        pa.field("theme_score", pa.float64(), nullable=False),
        pa.field("theme2", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("kind_score", pa.float64(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("why", pa.string(), nullable=False),
        pa.field("heading", pa.string()),
    ]
)


def analyse_contributions(
    contribution_ids: Sequence[str], texts: Sequence[str], model: ThemeModel
) -> pa.Table:
    """Find and label the statements of each contribution, in order."""
    places = [
        (contribution_id, position, span, text[span.start : span.end])
        for contribution_id, text in zip(contribution_ids, texts, strict=True)
        for position, span in enumerate(split_statements(text, model.titles), 1)
    ]
    words = [said for *_, said in places]
    headings = [span.heading for _, _, span, _ in places]
    themes = model.classify(words, headings)
    kinds = classify_kinds(words)
    return pa.table(
        {
            "statement_id": [f"{c}-{position:03d}" for c, position, *_ in places],
            "contribution_id": [c for c, *_ in places],
            "position": [position for _, position, *_ in places],
            "char_start": [span.start for _, _, span, _ in places],
            "char_end": [span.end for _, _, span, _ in places],
            "text": words,
            "theme": [t.theme for t in themes],
            "theme_score": [t.score for t in themes],
            "theme2": [t.theme2 for t in themes],
            "kind": [k.kind for k in kinds],
            "kind_score": [k.score for k in kinds],
            "label": [short_label(said, k.kind) for said, k in zip(words, kinds, strict=True)],
            "why": [
                f"thème : {t.why} ; nature : {k.why}" for t, k in zip(themes, kinds, strict=True)
            ],
            "heading": headings,
        },
        schema=ANALYSED_SCHEMA,
    )
