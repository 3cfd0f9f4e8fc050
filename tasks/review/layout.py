"""The review workbook as people see it: its sheets, their columns, the values of their lists.

Who writes it and who reads it back share these names. A column to fill in stands beside the
protected one that says what holds now, and is empty in what is exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tasks.consultation import Consultation
from tasks.report.workbook import Field
from warehouse.contracts import DISCARDED, KEPT, KINDS

HOW_TO, WHO = "Mode d’emploi", "Relecteur"
GROUPS: Final = "Groupes"
STATEMENTS: Final = "Énoncés"
VERBATIMS: Final = "Verbatims"
MAILS: Final = "À lire"
CASES: Final = "Signalements"

IDENTIFIER: Final = "Identifiant"
NUMBER, NEAR = "N°", "Proche de"
THEME, KIND, LABEL = "Thème", "Nature", "Libellé actuel"
CONTRIBUTORS, COUNT, WEIGHT, EXAMPLES = "Auteurs", "Énoncés", "Poids", "Exemples"
IS_READ: Final = "Déjà relu"
NEW_LABEL, MERGE, READ = "Nouveau libellé", "Réunir au n°", "Relu"
NEW_THEME, NEW_KIND = "Nouveau thème", "Nouvelle nature"
REASON: Final = "Motif"
TEXT, TIMES, CONFIDENCE = "Énoncé", "Fois", "Confiance (%)"
GROUP_NUMBER, GROUP_LABEL, GROUP_ID = "N° du groupe", "Libellé du groupe", "Identifiant du groupe"
MOVE: Final = "Déplacer vers"
QUOTE, IS_OPEN, OPEN = "Citation", "Déjà décidé", "Publier"
RECEIVED, WHY, SIZE, DECIDED = "Reçu le", "Raison", "Taille (ko)", "Déjà décidé"
SUBJECT, WORDS = "Objet", "Ce qu’a lu le programme"
DECISION, TYPED = "Décision", "Mots saisis"
RULES, IS_DONE, DONE = "Signalé par", "Déjà traité", "Traité"
YOUR_NAME: Final = "Votre nom"

YES, NO = "oui", "non"
WAS_TYPED = "mots saisis"

LONGEST_LABEL: Final = 140
LONGEST_REASON: Final = 500
LONGEST_TYPED: Final = 32_000

_LABEL_HELP: Final = (
    "1 ou 2 : les mots de cet exemple. Sinon, une phrase courte qui dit ce que disent ces énoncés, "
    "sans nom de personne ni adresse."
)
_MERGE_HELP: Final = (
    "Le n° du groupe qui reste. Les énoncés de cette ligne le rejoignent, et en prennent le thème "
    "et la nature."
)
_READ_HELP: Final = (
    "oui : vous avez relu ce groupe. Pour plusieurs lignes : sélectionnez leurs cellules, tapez "
    "oui, puis Alt+Entrée (LibreOffice) ou Ctrl+Entrée (Excel)."
)
_MOVE_HELP: Final = (
    "Le n° d’un groupe de la feuille « Groupes », ou le nom d’un nouveau groupe : les énoncés "
    "d’un groupe à qui vous donnez le même nom en sont séparés ensemble."
)
_WORDS_HELP: Final = (
    "Ce que vaut ici vaut pour tous ceux qui ont écrit les mêmes mots, aujourd’hui ou plus tard."
)
_TYPED_HELP: Final = (
    "Ce que l’auteur a écrit, tel quel. Ces mots vont au coffre : les noms y seront masqués "
    "ensuite, comme ailleurs."
)
_DECISION_HELP: Final = (
    "retenir : le message compte, avec ce qu’en a lu le programme. écarter : vous l’avez lu, il "
    "n’y a rien. Pour saisir les mots de l’auteur, remplissez la colonne suivante."
)


def theme_names(consultation: Consultation) -> dict[str, str]:
    """Return the name of each theme in the lists, by its code: the short one if it is its own."""
    short = consultation.short_labels()
    return short if len(set(short.values())) == len(short) else consultation.theme_labels()


def who_fields() -> tuple[Field, ...]:
    """Return the column of the sheet that says who reviews."""
    return (Field(YOUR_NAME, 44, editable=True, help="Prénom et nom, gardés avec vos décisions."),)


def group_fields(themes: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the columns of the sheet of groups.

    What is read to decide, a label, a merge and the mark of what was read stand within the 1,280
    pixels that a small screen shows: the rest comes after.
    """
    return (
        Field(NUMBER, 5),
        Field(THEME, 13),
        Field(KIND, 10),
        Field(CONTRIBUTORS, 8),
        Field(LABEL, 26),
        Field(EXAMPLES, 40),
        Field(NEAR, 18, help="Groupes plus partagés, de la même nature, aux mots voisins."),
        Field(NEW_LABEL, 28, editable=True, help=_LABEL_HELP),
        Field(MERGE, 8, editable=True, help=_MERGE_HELP),
        Field(READ, 6, editable=True, choices=(YES,), help=_READ_HELP),
        *_theme_and_kind(themes),
        _reason(),
        Field(IS_READ, 8),
        Field(COUNT, 9),
        Field(WEIGHT, 10),
        Field(IDENTIFIER, 21),
    )


def statement_fields(themes: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the columns of the sheet of statements."""
    return (
        Field(GROUP_NUMBER, 8),
        Field(GROUP_LABEL, 24),
        Field(TEXT, 50),
        Field(THEME, 13),
        Field(KIND, 10),
        Field(MOVE, 24, editable=True, help=_MOVE_HELP),
        *_theme_and_kind(themes, _WORDS_HELP),
        _reason(),
        Field(TIMES, 6),
        Field(CONFIDENCE, 10),
        Field(IDENTIFIER, 24),
        Field(GROUP_ID, 21, hidden=True),
    )


def verbatim_fields() -> tuple[Field, ...]:
    """Return the columns of the sheet of quotations."""
    asked = "oui : cette citation, et le libellé qui en est tiré, peuvent être donnés à tous."
    return (
        Field(GROUP_NUMBER, 9),
        Field(THEME, 14),
        Field(KIND, 12),
        Field(CONTRIBUTORS, 9),
        Field(QUOTE, 80),
        Field(IS_OPEN, 9),
        Field(OPEN, 9, editable=True, choices=(YES, NO), help=asked),
        _reason(),
        Field(IDENTIFIER, 24),
    )


def mail_fields(*, is_confidential: bool) -> tuple[Field, ...]:
    """Return the columns of the sheet of messages that a person must read."""
    read = (Field(SUBJECT, 30), Field(WORDS, 60)) if is_confidential else ()
    return (
        Field(RECEIVED, 12),
        Field(WHY, 30),
        Field(SIZE, 10),
        *read,
        Field(DECIDED, 13),
        Field(DECISION, 12, editable=True, choices=(KEPT, DISCARDED), help=_DECISION_HELP),
        Field(TYPED, 70, editable=True, help=_TYPED_HELP),
        _reason(),
        Field(IDENTIFIER, 21),
    )


def case_fields() -> tuple[Field, ...]:
    """Return the columns of the sheet of letters that a person must see the same day."""
    return (
        Field(RECEIVED, 12),
        Field(WHY, 24),
        Field(RULES, 34),
        Field(SUBJECT, 30),
        Field(WORDS, 80),
        Field(IS_DONE, 10),
        Field(DONE, 8, editable=True, choices=(YES,), help="oui : une personne s’en est occupée."),
        _reason(),
        Field(IDENTIFIER, 21),
    )


def _theme_and_kind(themes: Mapping[str, str], asked: str = "") -> Iterable[Field]:
    yield Field(NEW_THEME, 14, editable=True, choices=tuple(themes.values()), help=asked)
    yield Field(NEW_KIND, 12, editable=True, choices=KINDS, help=asked)


def _reason() -> Field:
    asked = "Pourquoi, si cela mérite d’être gardé ; sans nom de personne."
    return Field(REASON, 20, editable=True, help=asked)
