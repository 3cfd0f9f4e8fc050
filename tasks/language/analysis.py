"""A batch of contributions to its statements, labelled with reasons: a worker's task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa

from tasks.consultation import Consultation
from tasks.language.features import read_features
from tasks.language.kinds import classify_kinds
from tasks.language.labels import short_label
from tasks.language.linear import LinearModel, statement_vectors
from tasks.language.statements import Span, split_statements
from tasks.language.themes import ThemeLabel, ThemeModel
from warehouse.contracts import LAKE_STATEMENTS

CARRIED_SCORE = 0.3  # for a theme that the paragraph shows and the statement does not


class _Place(NamedTuple):
    """A statement where it stands; `goes_on` when its paragraph has a statement before it."""

    contribution_id: str
    position: int
    span: Span
    text: str
    read: str  # with the words that govern it: "Il faut" of a list of which it is an item
    goes_on: bool


@lru_cache(maxsize=1)  # a worker compiles it once
def theme_model(consultation: Consultation, learnt: str | None) -> ThemeModel:
    """Compile what tells the themes of a consultation: its definitions, and what was learnt."""
    trained = LinearModel.read(learnt) if learnt else None
    return ThemeModel.of(consultation.themes, consultation.hors_theme_counter_cues, trained)


def analyse_part(
    day: date | None,
    contribution_ids: Sequence[str],
    texts: Sequence[str],
    consultation: Consultation,
    learnt: str | None,
) -> tuple[date | None, pa.Table, pa.Table]:
    """Return the day of some contributions, their statements, and the features of these."""
    model = theme_model(consultation, learnt)
    statements = analyse_contributions(contribution_ids, texts, model)
    texts, themes, kinds = (statements[c].to_pylist() for c in ("text", "theme", "kind"))
    return day, statements, read_features(texts, themes, kinds, model.common_words)


def analyse_contributions(
    contribution_ids: Sequence[str], texts: Sequence[str], model: ThemeModel
) -> pa.Table:
    """Find and label the statements of each contribution, in order."""
    places = [
        place
        for contribution_id, text in zip(contribution_ids, texts, strict=True)
        for place in _places(contribution_id, text, model.titles)
    ]
    words = [place.text for place in places]
    read = [place.read for place in places]
    headings = [place.span.heading for place in places]
    vectors = statement_vectors(read)
    themes = carry_on(model.classify(read, headings, vectors), [place.goes_on for place in places])
    kinds = classify_kinds(read, vectors)
    columns = {
        "statement_id": [f"{p.contribution_id}-{p.position:03d}" for p in places],
        "contribution_id": [p.contribution_id for p in places],
        "position": [p.position for p in places],
        "char_start": [p.span.start for p in places],
        "char_end": [p.span.end for p in places],
        "text": words,
        "theme": [t.theme for t in themes],
        "theme_score": [t.score for t in themes],
        "theme2": [t.theme2 for t in themes],
        "kind": [k.kind for k in kinds],
        "kind_score": [k.score for k in kinds],
        "label": [short_label(said, k.kind) for said, k in zip(words, kinds, strict=True)],
        "why": [f"thème : {t.why} ; nature : {k.why}" for t, k in zip(themes, kinds, strict=True)],
        "heading": headings,
    }
    schema = LAKE_STATEMENTS.schema
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _places(contribution_id: str, text: str, titles: Sequence[str]) -> Iterator[_Place]:
    end = None
    for position, span in enumerate(split_statements(text, titles), 1):
        goes_on = end is not None and "\n\n" not in text[end : span.start]
        said = text[span.start : span.end]
        read = f"{text[slice(*span.lead)]} {said}" if span.lead else said
        yield _Place(contribution_id, position, span, said, read, goes_on)
        end = span.end


def carry_on(themes: Sequence[ThemeLabel], goes_on: Sequence[bool]) -> list[ThemeLabel]:
    """Give a statement that shows no theme at all that of the statement before it in its paragraph.

    "On a attendu une heure." is about the police station of the sentence before. What a cue places
    outside the themes stays outside.
    """
    carried: list[ThemeLabel] = []
    for theme, continues in zip(themes, goes_on, strict=True):
        if theme.is_silent and continues and not carried[-1].is_silent:
            before = carried[-1].theme
            why = "suite de l'énoncé précédent"
            carried.append(
                theme._replace(theme=before, score=CARRIED_SCORE, why=why, is_silent=False)
            )
        else:
            carried.append(theme)
    return carried
