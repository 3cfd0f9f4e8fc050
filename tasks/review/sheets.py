"""The review workbook: what a person needs to review sixty groups in a quarter of an hour.

Most shared groups first, all themes together, those read already at the end: whoever stops has
done what weighs most. What is to be filled in is empty. Numbers of groups are the workbook's own:
what is read back is known by its identifiers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from tasks.language.attention import LABELS
from tasks.language.words import excerpt
from tasks.report.typography import FINE, date_fr, french
from tasks.report.workbook import Cell, Field, Sheet, Workbook
from tasks.review import layout
from tasks.review.nearness import most_said, nearest
from tasks.review.state import REVIEWED, Case, Group, Mail, State, Words, reason_label

STATEMENTS_SHOWN: Final = 2000
_OF_ONE_GROUP: Final = 10
_EXAMPLES: Final = 2
_COMPARED: Final = 60  # statements of a group, said most often, that its examples and nearness use
_FROZEN: Final = 5  # columns of the sheet of groups, as far as its label
_NEAR_CHARS: Final = 30  # it was read above

# One paragraph a step.
_STEPS: Final = """
« Relecteur » : écrivez-y votre nom, qui est gardé avec chacune de vos décisions.

Ne remplissez que les colonnes au titre sombre. Une cellule vide ne change rien ; les autres
colonnes sont protégées. Triez, filtrez, élargissez comme vous voulez.

« Groupes » : une ligne par groupe d'énoncés semblables, les plus partagés d'abord, tous thèmes
mêlés (filtrez un thème pour ne voir que lui) : arrêtez-vous où vous voulez, ce qui pèse le plus est
fait. Donnez-lui un libellé (1 ou 2 lui donne celui de l'exemple de ce n°), réunissez-le à un autre
par son n° (« Proche de » en propose, plus partagés que lui), changez son thème ou sa nature.

« Relu » : « oui » dit que vous avez vu le groupe, même si rien n'est à changer ; le prochain
classeur le mettra à la fin. Pour toutes les lignes vues d'un coup : sélectionnez leurs cellules
dans cette colonne, tapez oui, puis Alt+Entrée (LibreOffice) ou Ctrl+Entrée (Excel).

« Énoncés » : les mots des groupes, dans l'ordre de leurs n°. Pour partager un groupe, filtrez son
n° ; dans « Déplacer vers », écrivez le nom d'un nouveau groupe, ou le n° d'un autre groupe. Vous
pouvez aussi donner aux mots un autre thème ou une autre nature. Ce que vous décidez vaut pour tous
ceux qui ont écrit les mêmes mots.

« Verbatims » : les citations. « oui » permet de les donner à tous, en données ouvertes.

« À lire » : les messages que le programme n'a pas pu lire, ou n'a pas retenus. Ouvrez-les, puis
gardez-les, écartez-les, ou saisissez les mots de leur auteur.

Enregistrez, en ODS ou en XLSX, sans renommer ni les feuilles ni les colonnes, puis lancez : assises
review import FICHIER. Chaque décision est gardée avec votre nom, la date et le motif, et la
synthèse est refaite. Ce qui ne peut pas être appliqué est dit, feuille et cellule ; le reste l'est.
Lire deux fois le même classeur n'applique qu'une fois.

Ce qui a changé depuis ce classeur est refusé, pour ne pas défaire la décision d'un autre : exportez
alors un nouveau classeur.

Pour revenir en arrière : assises review log donne l'identifiant de chaque décision (d-…) et de
chaque classeur lu (i-…) ; assises review undo l'annule.
"""
_CONFIDENTIAL: Final = """
Ce classeur contient des données personnelles : ne le transmettez pas, supprimez-le une fois lu.

« Signalements » : les messages à lire le jour même. « oui » dans « Traité » dit qu'une personne
s'en est occupée.
"""


@dataclass(frozen=True)
class Letter:
    """What the program read of a message: personal data."""

    subject: str
    words: str


_UNREAD: Final = Letter("", "")


def review_workbook(
    state: State,
    title: str,
    most: int = STATEMENTS_SHOWN,
    letters: Mapping[str, Letter] | None = None,
) -> Workbook:
    """Lay out what there is to review; `most` is how many rows the sheet of statements may have.

    `letters` is what the program read, by submission: for those allowed only, null for all others.
    """
    numbers = _numbers(state)
    is_confidential = letters is not None
    read = letters or {}
    sheets = [
        _how_to(state, title, is_confidential=is_confidential),
        Sheet(layout.WHO, layout.who_fields(), ((None,),)),
        _sheet(
            layout.GROUPS,
            layout.group_fields(state.themes),
            _group_rows(state, numbers),
            frozen=_FROZEN,
        ),
        _sheet(
            layout.STATEMENTS,
            layout.statement_fields(state.themes),
            _statement_rows(state, numbers, most),
        ),
        _sheet(layout.VERBATIMS, layout.verbatim_fields(), _verbatim_rows(state, numbers)),
        _sheet(
            layout.MAILS,
            layout.mail_fields(is_confidential=is_confidential),
            _mail_rows(state, read),
        ),
    ]
    if is_confidential:
        sheets.append(_sheet(layout.CASES, layout.case_fields(), _case_rows(state, read)))
    return Workbook(f"Relecture{FINE}: {title}", tuple(sheets))


def _sheet(
    name: str, fields: tuple[Field, ...], rows: Iterable[Mapping[str, Cell]], frozen: int = 0
) -> Sheet:
    """Lay rows under their titles; what no row says is left empty, to be filled in."""
    laid = tuple(tuple(row.get(field.title) for field in fields) for row in rows)
    return Sheet(name, fields, laid, frozen=frozen)


def _numbers(state: State) -> dict[str, int]:
    """Give each group its number, in the order in which they are reviewed."""
    shown = sorted((g for g in state.groups.values() if g.kind != "autre"), key=_most_shared)
    in_order = sorted(shown, key=lambda group: group.is_read)
    return {group.group_id: rank for rank, group in enumerate(in_order, 1)}


def _most_shared(group: Group) -> tuple[int, int, str]:
    return -group.contributor_count, -_statement_count(group), group.group_id


def _theme(state: State, code: str) -> str:
    return state.themes.get(code, code)


def _statement_count(group: Group) -> int:
    return sum(words.count for words in group.words)


def _how_to(state: State, title: str, *, is_confidential: bool) -> Sheet:
    about = f"{title}. Synthèse au {date_fr(state.as_of)}, version {state.version}."
    steps = (_STEPS + _CONFIDENTIAL * is_confidential).strip().split("\n\n")
    lines = [about, *(f"{n}. {' '.join(step.split())}" for n, step in enumerate(steps, 1))]
    rows = tuple((french(line),) for line in lines)
    return Sheet(layout.HOW_TO, (Field("Relire la synthèse", 120),), rows, headed=False)


def _group_rows(state: State, numbers: Mapping[str, int]) -> Iterator[Mapping[str, Cell]]:
    near = _near(state, numbers)
    for group_id, rank in numbers.items():
        group = state.groups[group_id]
        yield {
            layout.NUMBER: rank,
            layout.THEME: _theme(state, group.theme),
            layout.KIND: group.kind,
            layout.CONTRIBUTORS: group.contributor_count,
            layout.COUNT: _statement_count(group),
            layout.WEIGHT: group.weight,
            layout.LABEL: group.label,
            layout.EXAMPLES: _examples(group),
            layout.NEAR: "\n".join(
                _named(state, numbers, other, group.theme) for other in near.get(group_id, ())
            ),
            layout.IS_READ: layout.YES if group.is_read else None,
            layout.IDENTIFIER: group_id,
        }


def _near(state: State, numbers: Mapping[str, int]) -> dict[str, list[str]]:
    """Find the more shared groups of its kind that say nearly the same as each, read or not."""
    families: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for group in sorted((state.groups[group_id] for group_id in numbers), key=_most_shared):
        said = [group.label, *(words.text for words in group.words[:_COMPARED])]
        families[group.kind][group.group_id] = said
    return {name: others for texts in families.values() for name, others in nearest(texts).items()}


def _named(state: State, numbers: Mapping[str, int], group_id: str, theme: str) -> str:
    """Name a group by its n° and label, and by its theme if it is not the one it is named in."""
    group = state.groups[group_id]
    named = f"n° {numbers[group_id]} {excerpt(group.label, _NEAR_CHARS)}"
    return named if group.theme == theme else f"{named} ({_theme(state, group.theme)})"


def _examples(group: Group) -> str:
    """Give, by number, the labels of what a group says most besides its own, then besides both."""
    labels = [words.label for words in group.words[:_COMPARED]]
    said = most_said(labels, _EXAMPLES, group.label)
    return "\n".join(f"{n}. {label}" for n, label in enumerate(said, 1))


def _statement_rows(
    state: State, numbers: Mapping[str, int], most: int
) -> Iterator[Mapping[str, Cell]]:
    for words in _chosen_words(state, most, numbers):
        group = state.groups[words.group_id]
        yield {
            layout.GROUP_NUMBER: numbers.get(words.group_id),
            layout.GROUP_LABEL: group.label,
            layout.TEXT: words.text,
            layout.TIMES: words.count,
            layout.THEME: _theme(state, words.theme),
            layout.KIND: words.kind,
            layout.CONFIDENCE: round(100 * words.confidence),
            layout.IDENTIFIER: words.statement_id,
            layout.GROUP_ID: words.group_id,
        }


def _chosen_words(state: State, most: int, numbers: Mapping[str, int]) -> list[Words]:
    """Choose some words of every group that has several, the least sure, then the least sure left.

    They are shown group after group; those of no numbered group come last.
    """

    def unsure(words: Words) -> tuple[float, str]:
        return words.confidence, words.statement_id

    ranked = [sorted(group.words, key=unsure) for group in state.groups.values()]
    several = [words for words in ranked if len(words) > 1 and words[0].group_id in numbers]
    first = sorted((w for words in several for w in words[:_OF_ONE_GROUP]), key=unsure)
    chosen = {words.statement_id for words in first}
    others = (w for words in ranked for w in words if w.statement_id not in chosen)
    kept = [*first, *sorted(others, key=unsure)][:most]
    return sorted(kept, key=lambda w: (numbers.get(w.group_id, len(numbers) + 1), *unsure(w)))


def _verbatim_rows(state: State, numbers: Mapping[str, int]) -> Iterator[Mapping[str, Cell]]:
    for group_id, rank in numbers.items():
        group = state.groups[group_id]
        words = state.words[group.quoted]
        yield {
            layout.GROUP_NUMBER: rank,
            layout.THEME: _theme(state, group.theme),
            layout.KIND: group.kind,
            layout.CONTRIBUTORS: group.contributor_count,
            layout.QUOTE: words.text,
            layout.IS_OPEN: words.is_open,
            layout.IDENTIFIER: words.statement_id,
        }


def _mail_rows(state: State, read: Mapping[str, Letter]) -> Iterator[Mapping[str, Cell]]:
    for mail in mails_in_order(state):
        letter = read.get(mail.submission_id, _UNREAD)
        yield {
            layout.RECEIVED: mail.received_date,
            layout.WHY: reason_label(mail.reason),
            layout.SIZE: max(1, round(mail.size_bytes / 1000)),
            layout.SUBJECT: letter.subject or None,
            layout.WORDS: letter.words or None,
            layout.DECIDED: mail.decided or None,
            layout.IDENTIFIER: mail.submission_id,
        }


def mails_in_order(state: State) -> list[Mail]:
    """Return the messages to read: what waits for a person first, what was decided at the end."""
    ranks = {reason: rank for rank, reason in enumerate(REVIEWED)}

    def order(mail: Mail) -> tuple[bool, int, date, str]:
        day = mail.received_date or date.max
        return bool(mail.decided), ranks.get(mail.reason, len(ranks)), day, mail.submission_id

    return sorted(state.mails.values(), key=order)


def _case_rows(state: State, read: Mapping[str, Letter]) -> Iterator[Mapping[str, Cell]]:
    for case in sorted(state.cases.values(), key=_gravest):
        letter = read.get(case.submission_id, _UNREAD)
        yield {
            layout.RECEIVED: case.received_date,
            layout.WHY: ", ".join(LABELS[code][0] for code in LABELS if code in case.codes),
            layout.RULES: case.why,
            layout.SUBJECT: letter.subject or None,
            layout.WORDS: letter.words or None,
            layout.IS_DONE: layout.YES if case.is_done else None,
            layout.IDENTIFIER: case.submission_id,
        }


def _gravest(case: Case) -> tuple[bool, int, date, str]:
    first = min(list(LABELS).index(code) for code in case.codes)
    return case.is_done, first, case.received_date or date.max, case.submission_id
