"""Copies of a text as people send them on: dressed as letters, and edited by hand or by machine.

What `campaigns.py` measures with. Every edit is drawn from the generator given; the paragraphs
that people add are texts of other citizens, handed over by the caller.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

GREETINGS = (
    "Bonjour,",
    "Madame, Monsieur,",
    "Madame la Préfète,",
    "Monsieur le Préfet,",
    "Bonsoir,",
    "Mesdames et Messieurs,",
    "",
    "",
)
CLOSINGS = (
    "Cordialement,",
    "Bien cordialement",
    "Je vous prie d'agréer, Madame, Monsieur, mes salutations distinguées.",
    "Merci de votre attention.",
    "Respectueusement",
    "",
    "",
    "",
)
NAMES = ("J. Perrin", "Odile Marchand", "M. et Mme Roux", "Un habitant", "Karim B.", "", "", "")
TOWNS = ("Varennes", "Dompierre", "Saint-Pourçain", "Gannat", "Lapalisse", "Commentry", "Cusset")
FIELDS = (
    "J'habite {town} et j'ai {age} ans.",
    "Habitante de {town} depuis {years} ans, {age} ans, je tiens à le dire.",
    "Je suis {name}, {age} ans, de {town}.",
    "Ici à {town}, nous sommes {years} familles dans ce cas.",
)
SYNONYMS = (
    ("plus de", "davantage de"),
    ("il faut", "il est nécessaire de"),
    ("il faudrait", "il conviendrait de"),
    ("supprimer", "abolir"),
    ("réduire", "diminuer"),
    ("augmenter", "accroître"),
    ("développer", "étendre"),
    ("améliorer", "renforcer"),
    ("favoriser", "encourager"),
    ("mettre en place", "instaurer"),
    ("permettre", "autoriser"),
    ("obliger", "contraindre"),
    ("interdire", "proscrire"),
    ("limiter", "restreindre"),
    ("créer", "instituer"),
    ("arrêter", "cesser"),
    ("aider", "soutenir"),
    ("payer", "régler"),
    ("impôts", "taxes"),
    ("élus", "représentants"),
    ("citoyens", "habitants"),
    ("citoyen", "habitant"),
    ("personnes", "gens"),
    ("pays", "nation"),
    ("loi", "règle"),
    ("lois", "règles"),
    ("problème", "souci"),
    ("problèmes", "soucis"),
    ("beaucoup", "énormément"),
    ("travail", "emploi"),
    ("voiture", "automobile"),
    ("transports", "déplacements"),
    ("vraiment", "réellement"),
    ("toujours", "constamment"),
    ("important", "essentiel"),
    ("ensemble", "totalité"),
    ("argent", "moyens"),
    ("dépenses", "frais"),
    ("politique", "publique"),
    ("proposer", "suggérer"),
    ("choisir", "sélectionner"),
    ("rapidement", "vite"),
    ("grand", "important"),
    ("pouvoir", "être en mesure de"),
    ("commune", "municipalité"),
    ("école", "classe"),
    ("enfants", "jeunes"),
    ("aujourd'hui", "de nos jours"),
    ("car", "parce que"),
    ("mais", "cependant"),
    ("et", "ainsi que"),
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


@dataclass
class Copy:
    """A copy in the making: the text's own sentences, and what its sender puts around them."""

    said: str
    edits: tuple[str, ...]
    added: list[str] = field(default_factory=list)  # the sender's own words
    before: str = ""
    after: str = ""

    def letter(self, rng: random.Random) -> str:
        """Write the letter, with a greeting, a closing formula and a name, or without."""
        end = "\n".join(p for p in (rng.choice(CLOSINGS), rng.choice(NAMES)) if p)
        parts = (rng.choice(GREETINGS), self.before, self.said, self.after, end)
        return "\n\n".join(part for part in parts if part)


def make_copy(text: str, rng: random.Random, paragraphs: Iterator[str]) -> tuple[str, Copy]:
    """Write one copy of a text: three in ten are as they were, the others have one to three edits.

    Returns the letter and how it was made.
    """
    count = rng.choices((0, 1, 2, 3), (30, 35, 25, 10))[0]
    edits = tuple(name for name in EDITS if name in rng.sample(sorted(EDITS), count))
    copy = Copy(text, edits)
    for name in edits:
        EDITS[name](copy, rng, paragraphs)
    return copy.letter(rng), copy


def replace_words(text: str, share: float, rng: random.Random, words: list[str]) -> str:
    """Put any other word in the place of a share of the words."""
    said = text.split()
    for place in rng.sample(range(len(said)), round(share * len(said))):
        said[place] = rng.choice(words)
    return " ".join(said)


def _swap(copy: Copy, rng: random.Random, _: Iterator[str]) -> None:
    pairs = [pair for pair in SYNONYMS if re.search(rf"\b{pair[0]}\b", copy.said, re.IGNORECASE)]
    for old, new in rng.sample(pairs, min(len(pairs), rng.randint(1, 3))):
        copy.said = re.sub(rf"\b{old}\b", new, copy.said, count=1, flags=re.IGNORECASE)


def _drop(copy: Copy, rng: random.Random, _: Iterator[str]) -> None:
    words = copy.said.split(" ")
    for _again in range(rng.randint(1, max(1, min(3, len(words) // 10)))):
        del words[rng.randrange(len(words))]
    copy.said = " ".join(words)


def _mistype(copy: Copy, rng: random.Random, _: Iterator[str]) -> None:
    words = copy.said.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > 4]
    for place in rng.sample(long, min(len(long), rng.randint(1, max(1, min(3, len(words) // 10))))):
        word, at = words[place], rng.randrange(1, len(words[place]) - 2)
        words[place] = rng.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at] + word[at:],
            )
        )
    copy.said = " ".join(words)


def _lose_accents(copy: Copy, _: random.Random, __: Iterator[str]) -> None:
    parts = unicodedata.normalize("NFD", copy.said)
    copy.said = "".join(c for c in parts if not unicodedata.combining(c))


def _shout(copy: Copy, _: random.Random, __: Iterator[str]) -> None:
    copy.said = copy.said.upper()


def _add_before(copy: Copy, _: random.Random, paragraphs: Iterator[str]) -> None:
    copy.before = next(paragraphs)
    copy.added.append(copy.before)


def _add_after(copy: Copy, _: random.Random, paragraphs: Iterator[str]) -> None:
    copy.after = next(paragraphs)
    copy.added.append(copy.after)


def _add_between(copy: Copy, rng: random.Random, paragraphs: Iterator[str]) -> None:
    sentences = _SENTENCE.split(copy.said)
    if len(sentences) > 1:
        copy.added.append(next(paragraphs))
        place = rng.randrange(1, len(sentences))
        sentences.insert(place, "\n\n" + copy.added[-1] + "\n\n")
        copy.said = " ".join(sentences)


def _reorder(copy: Copy, rng: random.Random, _: Iterator[str]) -> None:
    sentences = _SENTENCE.split(copy.said)
    rng.shuffle(sentences)
    copy.said = " ".join(sentences)


def _remove(copy: Copy, rng: random.Random, _: Iterator[str]) -> None:
    sentences = _SENTENCE.split(copy.said)
    lengths = [len(sentence.split()) for sentence in sentences]
    # What keeps less than half of the words is no light edit.
    light = [place for place, length in enumerate(lengths) if 2 * length <= sum(lengths)]
    if light:
        del sentences[rng.choice(light)]
        copy.said = " ".join(sentences)


def _merge_fields(copy: Copy, rng: random.Random, _: Iterator[str]) -> None:
    said = rng.choice(FIELDS).format(
        town=rng.choice(TOWNS),
        age=rng.randint(18, 90),
        years=rng.randint(2, 60),
        name=rng.choice(NAMES[:5]),
    )
    copy.added.append(said)
    copy.said = f"{said} {copy.said}"


EDITS: dict[str, Callable[[Copy, random.Random, Iterator[str]], None]] = {
    "removed": _remove,
    "reordered": _reorder,
    "swapped": _swap,
    "dropped": _drop,
    "mistyped": _mistype,
    "unaccented": _lose_accents,
    "capitals": _shout,
    "between": _add_between,
    "fields": _merge_fields,
    "before": _add_before,
    "after": _add_after,
}
