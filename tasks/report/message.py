"""The message that tells of a publication: a subject and a plain text, from what it says.

Figures, a few labels and what waits for a person; no quotation, nobody's name. Who receives it, and
what is joined to it, is no business of this module.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tasks.consultation import Consultation
from tasks.report.model import Gain, Group, Synthesis, ThemeSynthesis
from tasks.report.typography import FINE, count, date_fr, french, instant_fr
from tasks.report.wording import identity

GAINS = 5  # of a day, most contributors first
LONGEST_LABEL = 200  # characters
LONGEST_TITLE = 100
WIDTH = 72
_BIDIRECTIONAL = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
# What a mail program would make a link of.
_LINK = re.compile(r"://|@|\bwww\.|\w\.[a-z]{2,}(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Letter:
    """A message to be sent."""

    subject: str
    text: str


@dataclass(frozen=True)
class Waiting:
    """What waits for a person and no table says: letters to read, decisions without effect."""

    letters: str
    lost_decision_count: int


@dataclass(frozen=True)
class Files:
    """The documents of a publication: where they are, joined to the message, too large to be."""

    folder: str
    names: tuple[str, ...]
    joined: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def write_daily(
    synthesis: Synthesis, consultation: Consultation, waiting: Waiting, files: Files
) -> Letter:
    """Tell of the publication of a day: its figures, what is new, what a person must do."""
    return _letter(
        synthesis,
        consultation,
        {
            "Ce jour": _figures_of_day(synthesis),
            "Depuis l'ouverture": _figures(synthesis),
            "Par thème": _figures_by_theme(synthesis),
            "Ce que ce jour apporte": _news(synthesis),
            "Ce qui attend une personne": _needs(synthesis, waiting),
            "Les documents": _documents(files),
            "La suite": [_next(synthesis)],
        },
    )


def write_final(synthesis: Synthesis, consultation: Consultation, files: Files) -> Letter:
    """Tell of the final synthesis, which somebody validated and whose documents are joined."""
    return _letter(
        synthesis,
        consultation,
        {
            "La consultation": _figures(synthesis),
            "Par thème": _figures_by_theme(synthesis),
            "Les documents": _documents(files),
        },
    )


def one_line(text: str) -> str:
    """Return a text as one line: what breaks lines is a space, what no mail can show a mark."""
    return "".join(map(_mark, " ".join(text.splitlines()).replace("\t", " ")))


def _mark(character: str) -> str:
    is_hidden = unicodedata.category(character) in {"Cc", "Cs"}
    return "\ufffd" if is_hidden or _turns(character) else character


def _turns(character: str) -> bool:
    return unicodedata.bidirectional(character) in _BIDIRECTIONAL


def _letter(
    synthesis: Synthesis, consultation: Consultation, parts: dict[str, Sequence[str]]
) -> Letter:
    title, status = one_line(consultation.title), _status(synthesis)
    day = date_fr(synthesis.publication.as_of_date)
    kind = "Synthèse définitive" if synthesis.publication.is_final else "Synthèse"
    draft = " (brouillon)" if synthesis.publication.is_draft else ""
    paragraphs = [
        wrapped([title, f"{kind} au {day}", status], ""),
        *(_part(heading, lines) for heading, lines in parts.items() if lines),
        french("Ce message est envoyé par le programme qui fait la synthèse."),
    ]
    return Letter(
        french(f"{kind} au {day}{draft} : ") + cut(title, LONGEST_TITLE),
        "\n\n".join(paragraphs) + "\n",
    )


def _part(heading: str, lines: Iterable[str]) -> str:
    return f"{french(heading).upper()}\n{wrapped(lines, '- ')}"


def wrapped(lines: Iterable[str], mark: str) -> str:
    """Wrap lines as mail is read, each after a mark, what follows it indented as much."""
    return "\n".join(
        textwrap.fill(
            line,
            WIDTH,
            initial_indent=mark,
            subsequent_indent=" " * len(mark),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines
    )


def _status(synthesis: Synthesis) -> str:
    publication = synthesis.publication
    version = f"Version {publication.publication_version}"
    if publication.is_draft or publication.validated_at is None:
        return french(f"{version} : brouillon, que personne n'a validé")
    return french(f"{version}, validée le {instant_fr(publication.validated_at)}")


def _figures_of_day(synthesis: Synthesis) -> list[str]:
    day = synthesis.publication.as_of_date
    ledger = next((entry for entry in synthesis.days if entry.day == day), None)
    so_far = ["Journée inachevée : ces nombres changeront"] * synthesis.publication.is_provisional
    if ledger is None:
        return ["Aucun message reçu", *map(french, so_far)]
    return [identity(ledger), *map(french, so_far)]


def _figures(synthesis: Synthesis) -> list[str]:
    return [
        identity(synthesis.total),
        count(synthesis.contributor_count, "contributeur"),
        count(synthesis.constat_group_count, "constat"),
        count(synthesis.proposition_group_count, "proposition"),
    ]


def _figures_by_theme(synthesis: Synthesis) -> list[str]:
    return [
        french(f"{one_line(theme.short_label)} : ")
        + f"{count(theme.contribution_count, 'contribution')} de "
        + count(theme.contributor_count, "contributeur")
        for theme in synthesis.themes
    ]


def _news(synthesis: Synthesis) -> list[str]:
    gains = [(gain, theme) for theme in synthesis.themes for gain in theme.gains]
    gains.sort(key=lambda found: -found[0].gained_contributor_count)
    if not gains:
        return ["Aucun groupe de constats ni de propositions n’a gagné de contributeur"]
    new = sum(gain.is_new for gain, _ in gains)
    grown = len(gains) - new
    more = [f"Les {GAINS} plus grands gains :"] if len(gains) > GAINS else []
    return [
        f"{count(new, 'nouveau groupe', 'nouveaux groupes')}, "
        + count(grown, "groupe qui grandit", "groupes qui grandissent"),
        *map(french, more),
        *(_gain(gain, theme) for gain, theme in gains[:GAINS]),
    ]


def _gain(gain: Gain, theme: ThemeSynthesis) -> str:
    is_new = "nouveau, " if gain.is_new else "+"
    gained = count(gain.gained_contributor_count, "contributeur")
    where = f"{gain.kind}, {one_line(theme.short_label)}"
    return f"{_label(gain.group)} ({where}){FINE}: {is_new}{gained}"


def _label(group: Group) -> str:
    """Show a group's label, in citizens' words as they are, but for what would become a link."""
    if _LINK.search(group.label):
        return french(f"un groupe dont le nom contient une adresse, {group.group_id}")
    return f"«{FINE}{cut(one_line(group.label), LONGEST_LABEL)}{FINE}»"


def cut(text: str, longest: int) -> str:
    """Cut a text that is too long, and say that it was."""
    if len(text) <= longest:
        return text
    more = count(len(text) - longest, "caractère")
    return text[:longest] + french(f"… (coupé : {more} de plus)")


def _needs(synthesis: Synthesis, waiting: Waiting) -> list[str]:
    publication, unread = synthesis.publication, synthesis.total.quarantined
    needs = []
    if waiting.letters:
        needs.append(f"À lire le jour même : {waiting.letters} (assises status --attention)")
    if unread:
        needs.append(
            f"{count(unread, 'message')} que le programme ne peut pas lire (assises review export)"
        )
    if waiting.lost_decision_count:
        lost = count(waiting.lost_decision_count, "décision")
        needs.append(f"{lost} sans effet, car d'un thème qui n'existe plus (assises review log)")
    if publication.is_final and publication.is_draft:
        needs.append(
            "Relire la synthèse, puis la valider (assises review validate) : elle n'est envoyée "
            "qu'ensuite"
        )
    return [french(need) for need in needs] or ["Rien de plus que la relecture"]


def _documents(files: Files) -> list[str]:
    lines = []
    if files.joined:
        lines.append(f"Joints à ce message : {', '.join(files.joined)}")
    if files.left_out:
        lines.append(f"Trop volumineux pour être joints : {', '.join(files.left_out)}")
    lines.append(f"Dans le dossier {files.folder} : {', '.join(files.names)}")
    return [french(line) for line in lines]


def _next(synthesis: Synthesis) -> str:
    publication = synthesis.publication
    if publication.is_final:
        return french("La consultation est close : cette synthèse est la dernière")
    following = publication.as_of_date + timedelta(days=not publication.is_provisional)
    return french(f"La prochaine synthèse ira jusqu'au {date_fr(following)} inclus")
