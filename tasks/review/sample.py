"""The workbook of one reader of the blind sample: statements in their context, labels to give.

Nothing that the machine told is in it, nor anything that follows from it: no score, no group, no
order of strata. Each reader has an order of their own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tasks.consultation import Consultation
from tasks.report.typography import french
from tasks.report.workbook import Field, Sheet, Workbook, cell_text
from tasks.report.workbook_reader import ReadRow, ReadSheet
from tasks.review.blind import Row
from tasks.review.decisions import Decision, Refusal
from tasks.review.layout import theme_names
from tasks.review.quality import ACTS
from warehouse.contracts import KINDS

READERS: Final = (1, 2)
GUIDE: Final = "Mode d’emploi"
SAMPLE: Final = "Échantillon"
WHO: Final = "Lecteur"
READER_NUMBER, READER_NAME = "Lecteur n°", "Votre nom"
TOPIC, ADVICE = "Sujet", "Ce qu’il faut savoir"
NUMBER, BEFORE, WORDS, AFTER = "N°", "Avant", "Énoncé", "Après"
REMARK, IDENTIFIER = "Remarque", "Identifiant"
TITLES: Final = {"theme": "Thème", "kind": "Nature"}
_CONTEXT: Final = 200  # characters on each side

_ADVICE: Final = (
    (
        "Votre nom",
        "Écrivez vos nom et prénom dans la feuille « Lecteur » : sans eux, rien n'est pris.",
    ),
    (
        "Ce qui est demandé",
        (
            "Donnez à chaque énoncé un thème et une nature, dans les listes de la feuille "
            "« Échantillon ». L'énoncé est la colonne du milieu ; ce qui l'entoure dans le message "
            "n'est là que pour le comprendre : jugez l'énoncé lui-même."
        ),
    ),
    (
        "À l'aveugle",
        (
            "Lisez seul, sans regarder la synthèse et sans en parler avec l'autre lecteur : ce "
            "classement sert à mesurer celui de la machine, et l'accord de deux personnes."
        ),
    ),
    (
        "Dans l'ordre",
        (
            "Les lignes sont dans un ordre tiré au sort : prenez-les l'une après l'autre. Vous "
            "pouvez vous arrêter avant la fin ; une cellule vide : un énoncé que vous n'avez pas "
            "lu."
        ),
    ),
    (
        "Deux thèmes",
        (
            "Si deux thèmes sont présents, donnez le principal. Hors thèmes : rien de ce qui est "
            "annoncé, ou rien qui se comprenne."
        ),
    ),
    (
        "Proposition",
        (
            "L'énoncé demande, recommande ou souhaite qu'une chose soit faite, changée, arrêtée ou "
            "gardée, quelle qu'en soit la forme : « il faut… », « je propose… », « Renforcer… », "
            "« Plus de… », un impératif, un souhait."
        ),
    ),
    (
        "Constat",
        (
            "L'énoncé décrit ou juge une situation : un problème, une cause, une expérience, une "
            "opinion sur ce qui est."
        ),
    ),
    (
        "Autre",
        (
            "Une question sans contenu, un remerciement, un refus de répondre, une insulte seule, "
            "du bruit."
        ),
    ),
    (
        "Constat et proposition",
        (
            "Si l'énoncé est les deux, choisissez ce pour quoi il est écrit : avec une demande "
            "claire, c'est une proposition."
        ),
    ),
    (
        "Remarque",
        "Pour vous : une remarque reste dans ce classeur, elle n'est pas lue par le programme.",
    ),
)

_EMPTY_LINES: Final = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class Shown:
    """A statement that was drawn, as a reader is given it."""

    statement_id: str
    words_trace: str
    text: str
    before: str
    after: str


def in_context(
    statement_id: str, words_trace: str, contribution: str, start: int, end: int
) -> Shown:
    """Show a statement with what stands around it in its contribution, cut at a word.

    Empty lines are left out of what stands around it: it is there at a glance.
    """
    around = contribution[:start], contribution[end:]
    before, after = (_EMPTY_LINES.sub("\n", side.strip()) for side in around)
    if len(before) > _CONTEXT:
        before = "… " + before[-_CONTEXT:].partition(" ")[2]
    if len(after) > _CONTEXT:
        after = after[:_CONTEXT].rpartition(" ")[0] + " …"
    return Shown(statement_id, words_trace, contribution[start:end], before, after)


def sample_workbook(shown: Iterable[Shown], consultation: Consultation, reader: int) -> Workbook:
    """Make the workbook of a reader, 1 or 2."""
    ordered = sorted(shown, key=lambda s: _order(s.words_trace, reader))
    rows = tuple(
        (place, s.before, s.text, s.after, None, None, None, s.statement_id)
        for place, s in enumerate(ordered, 1)
    )
    fields = (
        Field(NUMBER, 5),
        Field(BEFORE, 30),
        Field(WORDS, 48),
        Field(AFTER, 30),
        Field(
            TITLES["theme"],
            24,
            editable=True,
            choices=tuple(theme_names(consultation).values()),
            help="Le thème principal de l’énoncé.",
        ),
        Field(
            TITLES["kind"],
            12,
            editable=True,
            choices=KINDS,
            help="Ce pour quoi l’énoncé est écrit.",
        ),
        Field(REMARK, 24, editable=True, help="Pour vous : elle reste dans ce classeur."),
        Field(IDENTIFIER, 24, hidden=True),
    )
    return Workbook(
        french(f"{consultation.title} : échantillon à lire, lecteur {reader}"),
        (_guide(consultation), _who(reader), Sheet(SAMPLE, fields, rows)),
    )


def _guide(consultation: Consultation) -> Sheet:
    """Say how to label: what is asked, the themes of the consultation, the kinds."""
    themes = [
        (f"Thème : {theme.short_label}", " – ".join(filter(None, (theme.label, theme.description))))
        for theme in consultation.themes
    ]
    rows = [*_ADVICE[:5], *themes, *_ADVICE[5:]]
    return Sheet(
        GUIDE,
        (Field(TOPIC, 32), Field(ADVICE, 110)),
        tuple((french(topic), french(text)) for topic, text in rows),
        headed=False,
    )


def _who(reader: int) -> Sheet:
    fields = (Field(READER_NUMBER, 12), Field(READER_NAME, 40, editable=True))
    return Sheet(WHO, fields, ((reader, None),))


def _order(words_trace: str, reader: int) -> str:
    return hashlib.sha256(f"reader {reader}\0{words_trace}".encode()).hexdigest()


# --- what a reader filled in ---------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """Who filled in a workbook of the sample."""

    number: int
    name: str


def is_sample(sheets: Iterable[ReadSheet]) -> bool:
    """Tell whether a workbook is one of the sample."""
    return SAMPLE in {sheet.name for sheet in sheets}


def read_reader(
    sheets: Sequence[ReadSheet], decisions: Iterable[Row]
) -> tuple[Reader | None, list[Refusal]]:
    """Return who filled in a workbook of the sample, or why it cannot be told.

    `decisions` are those in force: who read as one reader does not read as the other.
    """
    sheet = next((sheet for sheet in sheets if sheet.name == WHO), None)
    row = next(iter(sheet.rows), None) if sheet else None
    if sheet is None or row is None or not {READER_NUMBER, READER_NAME} <= sheet.columns.keys():
        sentence = "la feuille est vide ou manque : reportez vos réponses dans un classeur neuf."
        return None, [Refusal(WHO, "A1", french(sentence))]
    number, name = row.cells.get(READER_NUMBER, ""), row.cells.get(READER_NAME)
    if number not in map(str, READERS):
        sentence = "le numéro du lecteur a changé : remettez 1 ou 2."
        return None, [Refusal(WHO, _cell(sheet, READER_NUMBER, row), french(sentence))]
    cell = _cell(sheet, READER_NAME, row)
    if name is None:
        sentence = "votre nom manque : écrivez-le, puis recommencez."
        return None, [Refusal(WHO, cell, french(sentence))]
    others = {
        _folded(row["decided_by"])
        for row in decisions
        if row["act"] in ACTS.values() and row["reader"] != int(number)
    }
    if _folded(name) in others:
        sentence = (
            f"{name} a déjà lu comme l'autre lecteur : l'accord se mesure entre deux personnes."
        )
        return None, [Refusal(WHO, cell, french(sentence))]
    return Reader(int(number), name), []


def read_sample(
    sheets: Sequence[ReadSheet],
    drawn: Mapping[str, Shown],
    consultation: Consultation,
    decisions: Collection[Row],
) -> tuple[list[Decision], list[Refusal]]:
    """Return what a reader decides, by the side of the decisions in force, and what is refused.

    `drawn` are the statements of the sample by identifier. A label that stands already is no
    decision. Whoever adds the decisions gives them the name that `read_reader` tells.
    """
    reader, refusals = read_reader(sheets, decisions)
    if reader is None:
        return [], refusals
    sheet = next(sheet for sheet in sheets if sheet.name == SAMPLE)
    if missing := {WORDS, IDENTIFIER, *TITLES.values()} - set(sheet.columns):
        sentence = f"la colonne « {min(missing)} » manque : reprenez un classeur neuf."
        return [], [Refusal(SAMPLE, "A1", french(sentence))]
    taken: list[Decision] = []
    for found in _Reading(sheet, drawn, consultation, decisions, reader).decisions():
        if isinstance(found, Decision):
            taken.append(found)
        else:
            refusals.append(found)
    return taken, refusals


class _Reading:
    """A sheet that a reader filled in, beside what was drawn and what they had told before."""

    def __init__(
        self,
        sheet: ReadSheet,
        drawn: Mapping[str, Shown],
        consultation: Consultation,
        decisions: Iterable[Row],
        reader: Reader,
    ) -> None:
        self._sheet = sheet
        self._drawn = drawn
        self._reader = reader
        self._codes = {
            "theme": {_folded(name): code for code, name in theme_names(consultation).items()},
            "kind": {kind: kind for kind in KINDS},
        }
        self._held = {
            (row["act"], row["anchors"][0]): row["after"]
            for row in decisions
            if row["reader"] == reader.number
        }

    def decisions(self) -> Iterator[Decision | Refusal]:
        """Yield what each labelled row decides, or why it cannot."""
        seen: set[str] = set()
        for row in self._sheet.rows:
            if not row.cells.keys() & set(TITLES.values()):
                continue
            shown = self._drawn.get(row.cells.get(IDENTIFIER, ""))
            if shown is None:
                yield self._refusal(
                    row,
                    IDENTIFIER,
                    "cet énoncé n'est pas, ou plus, de "
                    "l'échantillon : s'il y est encore, reprenez sa ligne d'un classeur neuf.",
                )
            elif _folded(row.cells.get(WORDS, "")) != _folded(cell_text(shown.text)):
                yield self._refusal(
                    row,
                    WORDS,
                    "ce ne sont plus les mots de cet énoncé (cellule "
                    "modifiée, ou colonne triée seule) : reprenez sa ligne d'un classeur neuf.",
                )
            elif shown.statement_id in seen:
                yield self._refusal(
                    row,
                    IDENTIFIER,
                    "cet énoncé est déjà plus haut dans la "
                    "feuille : gardez une seule de ses lignes.",
                )
            else:
                seen.add(shown.statement_id)
                yield from self._labels(row, shown)

    def _labels(self, row: ReadRow, shown: Shown) -> Iterator[Decision | Refusal]:
        for label_type, title in TITLES.items():
            written = row.cells.get(title)
            if written is None:
                continue
            code = self._codes[label_type].get(_folded(written))
            act = ACTS[label_type]
            before = self._held.get((act, shown.words_trace))
            if code is None:
                yield self._refusal(
                    row, title, f"« {written} » n'est pas de la liste : choisissez-y une valeur."
                )
            elif code != before:
                yield Decision(
                    act,
                    shown.statement_id,
                    before,
                    code,
                    anchors=(shown.words_trace,),
                    cell=f"{SAMPLE}, {_cell(self._sheet, title, row)}",
                    reader=self._reader.number,
                )

    def _refusal(self, row: ReadRow, title: str, sentence: str) -> Refusal:
        return Refusal(SAMPLE, _cell(self._sheet, title, row), french(sentence))


def _cell(sheet: ReadSheet, title: str, row: ReadRow) -> str:
    return f"{sheet.columns[title]}{row.number}"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
