"""Which announced theme does a statement belong to? The consultation's own definitions tell.

Where statements have been labelled, what was learnt from them decides with the definitions: a table
of weights of words (`linear`) that the consultation's file names.

Cues are expressions written by the people who run the consultation: "plainte", "police de
proximité", "voisin* vigilant*" (a `*` ends a prefix), "plainte + internet | en ligne" (both,
anywhere in the statement; `|` is or). Words are compared by their stems; articles and prepositions
between them do not count. Outside every theme is an answer: `hors_theme`.
"""

from __future__ import annotations

import pickle
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple, cast

import numpy as np

from tasks.consultation import HORS_THEME, Theme
from tasks.language.encoders import CommonWords
from tasks.language.linear import (
    Features,
    LinearModel,
    pieces,
    statement_vectors,
    word_features,
)
from tasks.language.vectors import INT
from tasks.language.words import (
    LINKS,
    Memory,
    content_words,
    excerpt,
    fold,
    said,
    stem,
    stems,
    tokens,
)


class ThemeLabel(NamedTuple):
    """The main theme, how sure (0 to 1), a second theme when two are there, and why, in French."""

    theme: str
    score: float
    theme2: str | None
    why: str
    is_silent: bool = False  # the statement shows nothing, neither a theme nor what is outside them


@dataclass(frozen=True)
class _Word:
    """A word of a cue: a stem, or the beginning of a folded word."""

    text: str
    is_prefix: bool

    def matches(self, word: str, word_stem: str) -> bool:
        return word.startswith(self.text) if self.is_prefix else word_stem == self.text


@dataclass(frozen=True)
class _Phrase:
    text: str
    words: tuple[_Word, ...]


@dataclass(frozen=True)
class _Cue:
    owner: int  # index of the theme; that of hors_theme is the number of themes
    sign: int
    parts: tuple[tuple[_Phrase, ...], ...]  # of each part, one of the phrases must be there
    weight: float


_Found = tuple[tuple[int, int], int]  # first word and the one after the last, number of the phrase
_NUMBER = re.compile(
    r"^\W*(?:sur (?:le|la) )?(?:(?:theme|point|question|axe|sujet|partie|chapitre|volet|titre)"
    r"\s*(?:n\W?\s*)?)?(\d{1,2})\b"
)
_PREFIX_KEY = 2  # letters by which prefix words are looked up
_HEADING_WEIGHT = 2.5  # more than one word, less than two expressions of another theme
# further cues of a theme count half, then a quarter: a list of police words is no surer than two of
# them
_FURTHER = 0.5
# Beside what was learnt, measured on statements that neither had seen:
_DEFINED_SHARE = 1.5  # what the definitions say counts so much,
_ANNOUNCED = 1.0  # a heading that announces a theme so much,
_SECOND_MARGIN = 0.12  # a second theme as near as this is there too,
_SILENT_MARGIN = 0.2  # and a statement without a cue that is no surer shows nothing,
_OUTSIDE_MARGIN = 2.0  # nor one that is only no surer to be outside all themes
_QUOTED = 60  # characters of a heading or of an example
_WINDOW = 12  # words within which the parts of "a + b" stand: farther, they seldom go together
_EXAMPLE_SIMILARITY = 0.4
_COMMON_SHARE = 0.05  # of the cues, from which a word is one that all the consultation is about
_COMMON_CUES = 5  # and no fewer
_SECOND_SHARE = 0.6  # of the main theme's points, from which a second theme is really present


class ThemeModel:
    """The definitions of the themes, compiled.

    It goes with each chunk of work to the worker processes, where copies of it are one object: what
    it has learnt of the words of a chunk holds for the next.
    """

    def __init__(
        self, themes: Sequence[Theme], cues: Sequence[_Cue], trained: LinearModel | None
    ) -> None:
        self._themes = themes
        self._codes = [t.code for t in themes] + [HORS_THEME]
        self._trained = trained
        self._cues = cues
        self._phrases = list({p: None for cue in cues for part in cue.parts for p in part})
        numbers = {phrase: n for n, phrase in enumerate(self._phrases)}
        self._parts = [[[numbers[p] for p in part] for part in cue.parts] for cue in cues]
        self._needed = [[frozenset(part) for part in parts] for parts in self._parts]
        self._users: list[list[int]] = [[] for _ in self._phrases]
        for cue_number, parts in enumerate(self._parts):
            for n in {n: None for part in parts for n in part}:
                self._users[n].append(cue_number)
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._prefixes: dict[str, list[int]] = defaultdict(list)
        for n, phrase in enumerate(self._phrases):
            first = phrase.words[0]
            (
                self._prefixes[first.text[:_PREFIX_KEY]]
                if first.is_prefix
                else self._exact[first.text]
            ).append(n)
        self._begun_by = Memory(self._phrases_begun_by)
        self.titles = tuple(title for t in themes for title in (t.label, t.short_label))
        self._titles = [
            (
                stems(content_words(f"{t.label} {t.short_label}")),
                stems(content_words(t.short_label)),
            )
            for t in themes
        ]
        self._examples = [
            (owner, example, stems(content_words(example)))
            for owner, t in enumerate(themes)
            for example in (*t.examples, t.description, t.label)
            if content_words(example)
        ]
        self._exemplary: dict[str, list[int]] = defaultdict(list)
        for number, (_, _, words) in enumerate(self._examples):
            for word in words:
                self._exemplary[word].append(number)

    def __reduce__(self) -> tuple[Callable[[bytes], ThemeModel], tuple[bytes]]:
        return _unpacked, (self._packed,)

    @cached_property
    def _packed(self) -> bytes:
        return pickle.dumps((self._themes, self._cues, self._trained))

    @property
    def common_words(self) -> CommonWords:
        """The words of so many cues that all the consultation is about them."""
        counts = Counter(word for cue in self._cues for word in _words_of(cue) if cue.sign > 0)
        least = _COMMON_SHARE * sum(cue.sign > 0 for cue in self._cues)
        common = [word for word, count in counts.items() if count >= max(least, _COMMON_CUES)]
        return CommonWords(
            frozenset(w.text for w in common if not w.is_prefix),
            tuple(sorted(w.text for w in common if w.is_prefix)),
        )

    @classmethod
    def of(
        cls,
        themes: Sequence[Theme],
        hors_theme_counter_cues: Sequence[str],
        trained: LinearModel | None = None,
    ) -> ThemeModel:
        """Compile the definitions; `hors_theme_counter_cues` say what is outside them all.

        `trained` is what was learnt from labelled statements; its classes are codes of themes.
        """
        cues = [_cue(text, owner, +1) for owner, t in enumerate(themes) for text in t.cues]
        cues += [_cue(text, owner, -1) for owner, t in enumerate(themes) for text in t.counter_cues]
        cues += [_cue(text, len(themes), +1) for text in hors_theme_counter_cues]
        return cls(themes, [c for c in cues if c.parts], trained)

    def classify(
        self,
        texts: Sequence[str],
        headings: Sequence[str | None],
        vectors: INT | None = None,
    ) -> list[ThemeLabel]:
        """Label each statement, in order; a heading that announces a theme weighs strongly.

        `vectors` are those of the texts, where they are known already.
        """
        announced = list(map(Memory(self._announced).__getitem__, [h or "" for h in headings]))
        told = zip(texts, headings, announced, strict=True)
        defined = [self._classify(*said) for said in told]
        if not (self._trained and texts):
            return defined
        known = statement_vectors(texts) if vectors is None else vectors
        return self._learnt(texts, known, announced, defined)

    def _learnt(
        self,
        texts: Sequence[str],
        vectors: INT,
        announced: Sequence[int | None],
        defined: Sequence[ThemeLabel],
    ) -> list[ThemeLabel]:
        """Weigh what was learnt with what the definitions say of each statement."""
        model = cast("LinearModel", self._trained)
        features = [theme_features(t) for t in texts]
        learnt = model.scores(vectors, features)
        places = {code: place for place, code in enumerate(model.classes)}
        lowest = learnt.min(axis=1)
        scores: list[list[float]] = np.stack(
            [learnt[:, places[c]] if c in places else lowest for c in self._codes], axis=1
        ).tolist()
        for row, label, heading in zip(scores, defined, announced, strict=True):
            if not label.is_silent:
                place = self._codes.index(label.theme)
                if label.theme not in places:  # added since: the definitions alone know it
                    row[place] = max(row)
                row[place] += _DEFINED_SHARE * label.score
            if heading is not None:
                row[heading] += _ANNOUNCED
        words = [f.found for f in features]
        return [self._weighed(*said) for said in zip(scores, defined, words, strict=True)]

    def _weighed(
        self, scores: Sequence[float], defined: ThemeLabel, words: AbstractSet[str]
    ) -> ThemeLabel:
        best, second = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:2]
        margin = scores[best] - scores[second]
        theme = self._codes[best]
        why = defined.why
        if defined.theme != theme or defined.is_silent:
            why = self._words_that_weigh(theme, words)
        return ThemeLabel(
            theme,
            round(0.5 + 0.5 * margin / (1 + margin), 4),
            self._codes[second] if margin < _SECOND_MARGIN else None,
            why,
            defined.is_silent
            and margin < (_OUTSIDE_MARGIN if theme == HORS_THEME else _SILENT_MARGIN),
        )

    def _words_that_weigh(self, theme: str, words: AbstractSet[str]) -> str:
        model = cast("LinearModel", self._trained)
        found = model.reasons(words, model.classes.index(theme)) if theme in model.classes else []
        return " et ".join(f"mot « {w} »" for w in found) or "proche d'énoncés étiquetés"

    def _classify(self, text: str, heading: str | None, announced: int | None) -> ThemeLabel:
        points = [0.0] * len(self._codes)
        whys: list[tuple[float, str]] = [(0.0, "")] * len(self._codes)
        covered: dict[tuple[int, int], set[int]] = defaultdict(set)
        ranks: dict[tuple[int, int], int] = defaultdict(int)
        for cue, found_as, words in sorted(
            self._find(text), key=lambda found: (-found[0].weight, found[1])
        ):
            side = (cue.owner, cue.sign)
            if words <= covered[side]:
                continue  # other cues have already counted these words
            points[cue.owner] += cue.sign * cue.weight * _FURTHER ** min(ranks[side], 2)
            ranks[side] += 1
            covered[side] |= words
            if cue.sign > 0 and cue.weight > whys[cue.owner][0]:
                whys[cue.owner] = (cue.weight, f"repère « {found_as} »")
        if announced is not None:
            points[announced] += _HEADING_WEIGHT
            if whys[announced][0] < _HEADING_WEIGHT:
                quoted = excerpt(heading or "", _QUOTED)
                whys[announced] = (_HEADING_WEIGHT, f"titre « {quoted} »")
        outside = len(self._codes) - 1
        ranked = sorted(range(outside), key=lambda t: (-points[t], t))
        best = ranked[0] if ranked else outside
        if not ranked or points[best] <= 0:
            return self._by_example(text, whys[outside][1] if points[outside] > 0 else "")
        if points[outside] > points[best]:
            best, second = outside, best
        else:
            second = max(
                (t for t in range(len(points)) if t != best), key=lambda t: (points[t], -t)
            )
        rest = max(points[second], 0.0)
        score = points[best] / (points[best] + rest + 0.5)
        theme2 = self._codes[second] if rest > 0 and rest >= _SECOND_SHARE * points[best] else None
        return ThemeLabel(self._codes[best], round(score, 4), theme2, whys[best][1])

    def _find(self, text: str) -> Iterator[tuple[_Cue, str, set[int]]]:
        """Cues present in a text, the wording of each that is there, and the words it covers.

        A cue inside a longer one that is present does not count: "police" in "police de l'eau".
        """
        words, word_stems = said(text)
        places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for i, starting in enumerate(map(self._begun_by.__getitem__, words)):
            for n in starting:
                phrase = self._phrases[n].words
                if len(phrase) == 1 or _goes_on(phrase, words, word_stems, i):
                    places[n].append((i, i + len(phrase)))
        longest = [place for found in places.values() for place in found if place[1] - place[0] > 1]
        present = places.keys()
        for number in dict.fromkeys([c for n in places for c in self._users[n]]):
            if any(map(present.isdisjoint, self._needed[number])):
                continue
            parts = [
                [(place, n) for n in part if n in places for place in places[n]]
                for part in self._parts[number]
            ]
            if len(parts) == 1 and longest:
                parts = [[found for found in parts[0] if _stands(found[0], longest)]]
            if together := _nearest(parts):
                found_as = " + ".join([self._phrases[n].text for _, n in together])
                yield (
                    self._cues[number],
                    found_as,
                    {word for place, _ in together for word in range(*place)},
                )

    def _phrases_begun_by(self, word: str) -> list[int]:
        """Return the numbers of the phrases whose first word a word is."""
        prefixes = self._prefixes.get(word[:_PREFIX_KEY], ())
        return [
            *self._exact.get(stem(word), ()),
            *(n for n in prefixes if word.startswith(self._phrases[n].words[0].text)),
        ]

    def _announced(self, heading: str) -> int | None:
        """Find the theme that a heading announces: by the words of its label, else its number."""
        words = stems(content_words(heading))
        best = max(
            range(len(self._titles)),
            key=lambda t: (_overlap(words, self._titles[t][0]), -t),
            default=None,
        )
        if best is not None and words:
            overlap = _overlap(words, self._titles[best][0])
            others = [_overlap(words, t[0]) for i, t in enumerate(self._titles) if i != best]
            if overlap >= 0.5 and overlap > max(others, default=0.0):
                return best
        number = _NUMBER.match(fold(heading))
        if (
            number
            and not words - {stem("theme"), number.group(1)}
            and 1 <= int(number.group(1)) <= len(self._titles)
        ):
            return int(number.group(1)) - 1
        return None

    def _by_example(self, text: str, outside: str) -> ThemeLabel:
        """Label what no cue decides: as the nearest example if near, else outside the themes."""
        words = stems(content_words(text))
        best, owner, nearest = 0.0, len(self._codes) - 1, ""
        common = Counter(chain.from_iterable(self._exemplary.get(word, ()) for word in words))
        for number, shared in sorted(common.items()):
            candidate, example, known = self._examples[number]
            if shared < min(2, len(known)):
                continue
            similarity = shared / (len(words) * len(known)) ** 0.5
            if similarity > best:
                best, owner, nearest = similarity, candidate, example
        if not outside and best >= _EXAMPLE_SIMILARITY:
            return ThemeLabel(
                self._codes[owner],
                round(min(best, 1.0) * 0.8, 4),
                None,
                f"exemple « {excerpt(nearest, _QUOTED)} »",
            )
        return ThemeLabel(
            HORS_THEME,
            0.7 if outside else round(0.6 - best / 2, 4),
            None,
            outside or "aucun repère",
            not outside,
        )


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> ThemeModel:
    return ThemeModel(*pickle.loads(packed))  # noqa: S301 - what this program packed


def theme_features(text: str) -> Features:
    """Find in a statement what themes are learnt from: its words and pairs of words."""
    return Features(word_features(text), pieces(text))


def _cue(text: str, owner: int, sign: int) -> _Cue:
    parts = tuple(
        phrases
        for part in text.split(" + ")
        if (
            phrases := tuple(
                _Phrase(either.strip(), words)
                for either in part.split("|")
                if (words := tuple(_words(either)))
            )
        )
    )
    length = sum(min(len(p.words) for p in part) for part in parts)
    return _Cue(owner, sign, parts, 0.4 + 0.6 * length + 0.2 * (len(parts) - 1))


def _words_of(cue: _Cue) -> set[_Word]:
    return {word for part in cue.parts for phrase in part for word in phrase.words}


def _goes_on(
    phrase: Sequence[_Word], words: Sequence[str], word_stems: Sequence[str], start: int
) -> bool:
    """Tell whether the words after `start` are those of a phrase whose first word is there."""
    if start + len(phrase) > len(words):
        return False
    for word, place in zip(phrase[1:], range(start + 1, len(words)), strict=False):
        if not word.matches(words[place], word_stems[place]):
            return False
    return True


def _nearest(parts: Sequence[Sequence[_Found]]) -> list[_Found]:
    """Choose a place for each part, apart but near; none when one is missing or too far."""
    if len(parts) == 1 and len(parts[0]) < 2:
        return [*parts[0]]
    for centre in min(parts, key=len):
        together = [min(part, key=lambda f: (abs(f[0][0] - centre[0][0]), f)) for part in parts]
        starts = {place[0] for place, _ in together}
        if len(starts) == len(parts) and max(starts) - min(starts) <= _WINDOW:
            return together
    return []


def _stands(place: tuple[int, int], longest: Sequence[tuple[int, int]]) -> bool:
    """Tell whether no longer phrase covers a place."""
    return not any(
        a <= place[0] and place[1] <= b and b - a > place[1] - place[0] for a, b in longest
    )


def _words(part: str) -> Iterator[_Word]:
    for raw in re.split(r"[\s'’\-]+", part.strip()):
        prefix = raw.endswith("*")
        for word in tokens(raw):
            if word not in LINKS:
                yield _Word(word if prefix else stem(word), is_prefix=prefix)


def _overlap(heading: frozenset[str], title: frozenset[str]) -> float:
    return len(heading & title) / len(heading) if heading else 0.0
