"""Names of persons, by what stands before them and by what the words are elsewhere.

A word is read as a name because a title, a rank, a tie of kinship or an office introduces it, or
because it is a first name beside another name. What the words alone leave undecided is handed to
`tasks.privacy.ner`. Names in places and institutions ("lycée Théodore-de-Banville") stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, islice, pairwise
from typing import Final, NamedTuple

from tasks.privacy.lexicon import folded, levels
from tasks.privacy.ner import person_spans
from tasks.privacy.spans import Span
from tasks.privacy.vocabulary import (
    ABBREVIATIONS,
    APPOSING,
    ARTICLES,
    BRANDS,
    COMPLEMENTS,
    CUES,
    FAMOUS,
    FIRST_PARTICLES,
    HONOURED,
    KIN,
    LINKS,
    LOOSE,
    NAMED,
    NEVER_ASKED,
    NOT_NAMES,
    OFFICES,
    OTHER_WORDS,
    PARTICLES,
    PLACE_LINKS,
    PLACES,
    PRIVATE,
    RANKS,
    TITLES,
    TRADES,
)

NAME_MASK: Final = "[nom]"


_PLURAL: Final = re.compile(r".{3,}s$")
_TOKEN: Final = re.compile(r"(\[[a-zéè' A-Z]{2,32}\]|[^\W\d_]+)")
_JOINS: Final = re.compile(r"[ \t]{1,2}|[-'’.]|\. ?-?|\n")
_NAME_GAP: Final = re.compile(r" {1,2}|-|['’]")
_HYPHENS: Final = frozenset({"-", "'", "’"})
_ENDS: Final = re.compile(r"[.!?…:;\n\r•«\"“(*]|^\s*[-–—>]|\d\)")


_NEVER_FIRST: Final = NOT_NAMES | PARTICLES | BRANDS | PLACES
_BEFORE_ANY: Final = KIN | RANKS | TITLES
_NEVER_ALONE: Final = NOT_NAMES | BRANDS
_BELONGS: Final = frozenset({"de", "du", "des", "en", "d"})
# Doublings of a name over a word: with a capital; when the case of its letters says nothing.
_RATHER, _PLAINLY = 3, 11
_FIRST_NAME: Final = 11  # how many people bear "Rose", which is also a word
# Sentences of one text about which the recogniser is asked: no letter has so many names.
_MOST_ASKED: Final = 200


class Token:
    """What a word is wherever it stands, or a mask already written."""

    __slots__ = (
        "folded",
        "is_capitalised",
        "is_cue",
        "is_initial",
        "is_mask",
        "is_rather_a_place",
        "is_rather_a_word",
        "is_upper",
        "levels",
        "may_be_asked",
        "may_be_bare",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_mask = text[0] == "["
        self.folded = "" if self.is_mask else folded(text)
        self.levels = levels(self.folded)
        self.is_capitalised = text[0].isupper()
        self.is_upper = text.isupper()
        self.is_initial = self.is_upper and len(text) == 1
        self.is_cue = self.folded in CUES and text not in OTHER_WORDS
        # Texts write it more than people bear it.
        self.is_rather_a_word = self.folded in NOT_NAMES or self.levels.word > self.levels.name
        # A commune whose name few people bear.
        self.is_rather_a_place = self.levels.place >= 8 and self.levels.name < 12
        self.may_be_bare = self._may_be_bare()
        self.may_be_asked = self._may_be_asked()

    @property
    def is_known(self) -> bool:
        """Tell a word of the table."""
        return self.levels.name > 0 or self.levels.word > 0

    def is_name(self, margin: int) -> bool:
        """Tell a word that people bear far more than texts write it: `margin` doublings."""
        return self.folded not in NOT_NAMES and self.levels.name - self.levels.word >= margin

    def _may_be_bare(self) -> bool:
        """Tell a word that may be, or begin, a name that nothing introduces."""
        if self.is_mask or self.folded in _NEVER_ALONE:
            return False
        if self.is_initial or self.folded in FAMOUS:
            return True
        if not self.is_capitalised:
            return self.is_name(_PLAINLY)
        return self.is_name(_RATHER) or self.levels.first_name >= _FIRST_NAME

    def _may_be_asked(self) -> bool:
        """Tell a word that, with a capital that says something, is worth a question."""
        if len(self.text) < 3 or not self.is_capitalised or self.folded in NEVER_ASKED:
            return False
        if self.is_rather_a_word or self.is_rather_a_place:
            return False
        # The shorter in capitals, the likelier an acronym.
        return not self.is_upper or self.levels.name >= 3 * max(6 - len(self.text), 2)


# Texts write the same words over and over.
token_of: Final = lru_cache(maxsize=1 << 15)(Token)


def tokens_of(text: str) -> list[Token]:
    """Cut a text into words and masks."""
    return list(map(token_of, _TOKEN.findall(text)))


class Demand(NamedTuple):
    """How much more a name than a word it takes: with a capital that says something, without.

    In doublings of the people who bear it over the times it is written as a word.
    """

    sure: int
    unsure: int


@dataclass(frozen=True)
class Policy:
    """Whose names stay: of holders of public office named with their office, and a list."""

    keeps_office_holders: bool = False
    public_names: tuple[str, ...] = ()

    @cached_property
    def public_words(self) -> list[list[str]]:
        """Return the listed names as folded words."""
        return [[token.folded for token in tokens_of(name)] for name in self.public_names]


class Reading:
    """A text's words, and which of them were found to be names (True) or to stay (False)."""

    def __init__(self, text: str, policy: Policy) -> None:
        self.text = text
        self.policy = policy
        self._pieces = _TOKEN.split(text)  # what stands between words, and words, in turn
        self.tokens = list(map(token_of, self._pieces[1::2]))
        # What stands before each word, and nothing after the last.
        self.gaps = [*self._pieces[:-1:2], ""]
        self.decided: dict[int, bool] = {}
        self._office_holders: set[str] = set()
        # Words that go on the name before them, whatever stands between.
        self._glued: set[int] = set()
        self._shouts: dict[int, bool] = {}

    @cached_property
    def starts(self) -> list[int]:
        """Tell where each word starts in the text."""
        return list(accumulate(map(len, self._pieces)))[::2]

    @cached_property
    def _folded(self) -> list[str]:
        return [token.folded for token in self.tokens]

    # -- what stands around a word ---------------------------------------------------------------

    def starts_sentence(self, n: int) -> bool:
        """Tell whether a word's capital says nothing because a sentence begins there."""
        if n == 0:
            return True
        gap = self.gaps[n]
        if gap == " " or not _ENDS.search(gap):
            return False
        before = self.tokens[n - 1]
        return not (gap in {". ", "."} and (before.is_initial or before.folded in ABBREVIATIONS))

    def shouts(self, n: int) -> bool:
        """Tell whether a word's neighbours are capitals too, so that they say nothing."""
        if not self.tokens[n].is_upper:
            return False
        if n not in self._shouts:
            around = self.tokens[max(0, n - 4) : n] + self.tokens[n + 1 : n + 5]
            heard = [word.is_upper for word in around if len(word.text) > 1 and not word.is_mask]
            self._shouts[n] = len(heard) > 2 and 2 * sum(heard) > len(heard)
        return self._shouts[n]

    def joined(self, n: int) -> bool:
        """Tell whether a word can go on the name that the word before it is in."""
        gap = self.gaps[n]
        if gap == " " or _NAME_GAP.fullmatch(gap):
            return True
        return gap in {".", ". ", ".-"} and self.tokens[n - 1].is_initial

    def is_in_a_hyphenated_place(self, n: int) -> bool:
        """Tell a word of "Seine-Saint-Denis", "Bellerive-sur-Allier"."""
        first = last = n
        while first > 0 and self.gaps[first] in _HYPHENS:
            first -= 1
        while self.gaps[last + 1] in _HYPHENS:
            last += 1
        return any(
            self.tokens[k].folded in PLACE_LINKS
            and ((k > first and self.gaps[k] == "-") or self.gaps[k + 1] == "-")
            for k in range(first, last + 1)
        )

    def is_in_a_place(self, n: int) -> bool:
        """Tell whether what names a place or an institution leads to this word."""
        if self.is_in_a_hyphenated_place(n):
            return True
        k = n - 1
        for _ in range(5):
            if k < 0 or self.starts_sentence(k + 1) or "," in self.gaps[k + 1]:
                return False
            word = self.tokens[k].folded
            if word in PLACES:
                return True
            if word not in LINKS and word not in HONOURED and not self._is_fore(k):
                return False
            k -= 1
        return False

    def _is_fore(self, k: int) -> bool:
        """Tell a word of a name that goes on: "rue Jean Jaurès", "lycée Théodore-de-Banville"."""
        return self.tokens[k].is_capitalised and not self.shouts(k) and not self.tokens[k].is_mask

    # -- the author's own names ------------------------------------------------------------------

    def read_own(self, name: frozenset[str]) -> None:
        """Decide where the author's name stands, in any order, whole, short, or one word of it."""
        words = {word for word in name - PARTICLES if len(word) > 1}
        if words.isdisjoint(self._folded):
            return
        initials = {word[0] for word in words}
        past = 0
        for n, token in enumerate(self.tokens):
            if n < past or not self._is_of(token, words, initials):
                continue
            end, own = n + 1, [token]
            while end < len(self.tokens) and self._joined_in_own(end):
                following = self.tokens[end]
                if self._is_of(following, words, initials):
                    own.append(following)
                elif following.folded not in PARTICLES:
                    break
                end += 1
            while end > n and self.tokens[end - 1].folded in PARTICLES - words:
                end -= 1
            if self._is_own(n, own, words):
                self._decide(n, end, is_masked=True)
            past = end

    @staticmethod
    def _is_of(token: Token, words: Collection[str], initials: Collection[str]) -> bool:
        return token.folded in words or (token.is_initial and token.folded in initials)

    def _joined_in_own(self, n: int) -> bool:
        return self.joined(n) or self.gaps[n] == "\n"

    def _is_own(self, n: int, own: Sequence[Token], words: Collection[str]) -> bool:
        whole = [token for token in own if token.folded in words]
        if not whole or len(words) < 2:
            return False
        if len(own) > 1:
            return True
        token = whole[0]
        is_written = token.is_capitalised and not self.shouts(n)
        demanded = 4 if is_written and not self.starts_sentence(n) else 12
        is_place = token.levels.place >= 8 or self.is_in_a_place(n)
        return is_written and token.is_name(demanded) and not is_place and token.levels.word < 3

    # -- names that something introduces ---------------------------------------------------------

    def read_introduced(self) -> None:
        """Decide the names that follow a title, a rank, a tie, an office, or "nommé"."""
        for n, token in enumerate(self.tokens):
            if token.is_cue and not self.is_place_title(n):
                self._read_after(n)

    def is_place_title(self, n: int) -> bool:
        """Tell the title of somebody honoured: "rue du Docteur Mallet"."""
        return self.tokens[n].folded in HONOURED and self.is_in_a_place(n)

    def _read_after(self, cue: int) -> None:
        word, start = self.tokens[cue].folded, self._after_complement(cue)
        if start >= len(self.tokens) or start in self.decided:
            return
        gap = self.gaps[start]
        after_title = self.tokens[start - 1].folded in TITLES and gap in {
            " ",
            "  ",
            ". ",
            ".",
            ".  ",
        }
        if not (after_title or gap in {" ", "  ", ", ", "-", " : ", ": ", " (", " « "}):
            return
        apposed = start > cue + 1 or (not after_title and gap not in {" ", "  "})
        end = self._name_from(start, self._demand(word, apposed=apposed))
        if end == start:
            return
        if word in KIN | TRADES and self.tokens[start].text in {"de", "d", "du"}:
            start += 1  # "les parents de Nathan"
        keeps = self.policy.keeps_office_holders and self._is_public(cue, start, end)
        self._decide(start, end, is_masked=not keeps)
        self._read_list(end, plural=bool(_PLURAL.match(word)) or word in {"famille", "epoux"})

    def _is_public(self, cue: int, start: int, end: int) -> bool:
        """Tell the name of a holder of public office, named with it here or earlier in the text."""
        words = {token.folded for token in self.tokens[start:end]} - PARTICLES
        is_office = self.tokens[cue].folded in OFFICES and not any(
            token.folded in PRIVATE for token in self.tokens[cue + 1 : start]
        )
        if is_office:
            self._office_holders |= words
        is_formal = self.tokens[start - 1].folded in TITLES | OFFICES
        return is_office or (is_formal and words <= self._office_holders)

    def _after_complement(self, cue: int) -> int:
        """Pass over what completes a cue: "le maire de Moulins, M. Petit"."""
        n = cue + 1
        if self.tokens[cue].folded in TITLES or n >= len(self.tokens):
            return n
        last = min(len(self.tokens), cue + 8)
        if self.tokens[n].folded in COMPLEMENTS:
            while n < last and self._completes(n):
                n += 1
        if n < last - 1 and self.tokens[n].folded in TITLES and self.gaps[n] in {" ", ", "}:
            return n + 1
        is_name_there = (
            n < last
            and self.tokens[n].is_capitalised
            and self.gaps[n] in {" ", ", "}
            and self.tokens[n].folded not in PLACES
            and self.tokens[n - 1].folded not in LINKS
        )
        return n if is_name_there else cue + 1

    def _completes(self, n: int) -> bool:
        """Tell whether a word still says what somebody is, not who: neither capital nor place."""
        token, before = self.tokens[n], self.tokens[n - 1]
        if not self.joined(n) or token.folded in PLACES or token.folded in TITLES:
            return False
        return (
            not token.is_capitalised
            or before.folded in LINKS
            or token.folded in NOT_NAMES
            or (self.gaps[n] == "-" and self.is_in_a_hyphenated_place(n))
        )

    def _demand(self, cue: str, *, apposed: bool) -> Demand:
        """Return the margins asked of a capitalised word, and of one whose case says nothing."""
        if apposed:
            return Demand(6, 9)
        if cue in TITLES:
            return Demand(-1, 1)
        never = 99
        if cue == "chez":
            return Demand(8, never)
        if cue in RANKS or cue in NAMED:
            return Demand(-1, never if cue in LOOSE else 5)
        if cue in KIN:
            return Demand(0, never if cue in LOOSE else 8)
        return Demand(2, never if cue in LOOSE else 9)

    def _name_from(self, start: int, demand: Demand) -> int:
        """Return the end of the name that begins at a word, the word itself when none does."""
        end, n = start, start
        while n < len(self.tokens) and n - start < 9:
            if n > start and not self.joined(n):
                break
            token = self.tokens[n]
            if token.is_mask or (n in self.decided):
                break
            if self._is_particle(n) and (
                n > start or token.is_capitalised or token.folded in FIRST_PARTICLES
            ):
                if end == start and n > start + 2:
                    break
                n += 1
                continue
            accepts = self._continues if end > start else self._begins
            if not accepts(n, demand):
                break
            n += 1
            end = n
        return end

    def _is_particle(self, n: int) -> bool:
        """Tell a particle; of one letter, it is elided: the D of "M. D." is an initial."""
        word = self.tokens[n].folded
        return word in PARTICLES and (len(word) > 1 or self.gaps[n + 1] in {"'", "’"})

    def _begins(self, n: int, demand: Demand) -> bool:
        """Tell whether a word can begin a name."""
        token, before = self.tokens[n], self.tokens[n - 1]
        if token.is_initial:
            return token.folded not in TITLES and self._stands_for_a_name(n)
        if token.folded in NOT_NAMES:  # "ma petite-fille France"
            is_first_name = before.folded in _BEFORE_ANY and token.levels.first_name >= 11
            return is_first_name and self._is_written_as_a_name(n)
        if not self._is_written_as_a_name(n):
            return self._is_unsure_name(n, demand.unsure)
        if self._is_placed(n):
            return False
        if not token.is_known:
            is_acronym = token.is_upper and len(token.text) < 4
            return demand.sure <= 0 and not is_acronym
        return token.levels.name - token.levels.word >= demand.sure

    def _continues(self, n: int, demand: Demand) -> bool:
        """Tell whether a word can go on a name that has begun."""
        token, before = self.tokens[n], self.tokens[n - 1]
        after_first_name = before.levels.first_name >= 10
        if token.is_initial:
            return self._stands_for_a_name(n)
        if not self._is_written_as_a_name(n):
            alike = token.is_capitalised or not before.is_capitalised
            return alike and self._is_unsure_name(n, max(demand.unsure, 6))
        if token.folded in NOT_NAMES:  # "Julien Maire"
            return after_first_name and token.levels.surname >= 9
        if self._is_placed(n) and not self._follows_first_name(n):
            return False
        is_particle = before.folded in PARTICLES and before.is_capitalised  # "Marley Le Jeune"
        is_surname = is_particle or (after_first_name and token.levels.surname >= 4)
        return is_surname or token.is_upper or not token.is_rather_a_word

    def _is_written_as_a_name(self, n: int) -> bool:
        """Tell a capital that says something."""
        return self.tokens[n].is_capitalised and not self.shouts(n)

    def _is_unsure_name(self, n: int, margin: int) -> bool:
        """Tell a name whose letters' case says nothing."""
        token = self.tokens[n]
        is_complement = self.tokens[n - 1].folded in PARTICLES and (
            not token.is_capitalised or self._is_placed(n)
        )
        return token.is_name(margin) and not is_complement

    def _stands_for_a_name(self, n: int) -> bool:
        """Tell an initial from a word of one letter: "M. D.", "ELLE A ETE"."""
        return not self.shouts(n) or self.gaps[n + 1].startswith(".")

    def _is_placed(self, n: int) -> bool:
        """Tell what "de" makes a place of: "le maire de Vichy", not "Mme de Villiers"."""
        token = self.tokens[n]
        if self.tokens[n - 1].folded not in PARTICLES or self.tokens[n - 2].folded in TITLES:
            return False
        is_place = token.is_rather_a_place or token.folded in PLACES
        return is_place or self.is_in_a_hyphenated_place(n)

    def _follows_first_name(self, n: int) -> bool:
        """Tell "Henri de Saint-Pardoux" from "le maire de Saint-Pardoux"."""
        k = n - 1
        while k > 0 and (self.tokens[k].folded in PARTICLES or self.tokens[k].folded in PLACES):
            k -= 1
        return self.tokens[k].is_capitalised and self.tokens[k].levels.first_name >= 10

    def _read_list(self, end: int, *, plural: bool) -> None:
        """Decide the names that follow one by "et" or a comma."""
        n = end
        while n < len(self.tokens):
            token = self.tokens[n]
            if token.folded in {"et", "ou"} and self.gaps[n] in {" ", ", "}:
                n += 1
            elif self.gaps[n] not in {", ", " & ", "/", " / "}:
                return
            if n >= len(self.tokens) or self.tokens[n].is_mask or n in self.decided:
                return
            stop = self._name_from(n, Demand(0, 10) if plural else Demand(8, 11))
            if stop == n or self.tokens[stop - 1].is_initial:
                return
            if self.tokens[n].levels.place > 8 and not plural:
                return
            self._decide(n, stop, is_masked=True)
            n = stop

    def _decide(self, start: int, end: int, *, is_masked: bool) -> None:
        for n in range(start, end):
            self.decided.setdefault(n, is_masked)
        self._glued.update(range(start + 1, end))

    # -- names that their words betray -----------------------------------------------------------

    def read_bare(self) -> None:
        """Decide the first names beside another name, and those that are nothing but names."""
        for n, token in enumerate(self.tokens):
            if not token.may_be_bare or n in self.decided:
                continue
            end = self._bare_name(n)
            if end == n and self._is_name_alone(n):
                end = n + 1
            if end > n:
                self._decide(n, end, is_masked=not self.is_in_a_place(n))
                self._read_list(end, plural=False)

    def _bare_name(self, n: int) -> int:
        """Return the end of a first name and surname, in either order, that begin at a word."""
        first = self.tokens[n]
        if first.is_mask or first.folded in _NEVER_FIRST:
            return n
        written = first.is_capitalised and not self.shouts(n)
        end = self._name_from(n, Demand(_RATHER, 6) if written else Demand(_PLAINLY, _PLAINLY))
        if end - n < 2 or self._has_break(n, end):
            return n
        parts = self.tokens[n:end]
        names = [t for t in parts if t.folded not in PARTICLES and not t.is_initial]
        firsts = [t.levels.first_name - t.levels.word for t in names]
        if len(names) < 2:
            return end if names and parts[0].is_initial and names[0].levels.surname > 8 else n
        needed = 5 if written else 12
        if max(firsts) < needed:
            return n
        if not written and min(t.levels.name - t.levels.word for t in names) < 8:
            return n
        return end

    def _is_name_alone(self, n: int) -> bool:
        """Tell a word that is hardly anything but a name, where nothing else can stand."""
        token, before = self.tokens[n], self.tokens[n - 1].folded if n else ""
        if token.folded in FAMOUS:
            return before != "en"
        is_part = self.gaps[n] == "-"  # of a place: "Lurcy-Lévis"
        if is_part or token.folded in _NEVER_ALONE or token.levels.place >= 8:
            return False
        if self._is_written_as_a_name(n):
            return self._is_family(n) or self._is_first_name(n)
        is_word = before in ARTICLES or token.levels.word > 0
        return token.levels.first_name >= 13 and not is_word and len(token.text) > 3

    def _is_family(self, n: int) -> bool:
        """Tell "les Dupont": a surname does not take the plural."""
        token, before = self.tokens[n], self.tokens[n - 1].folded if n else ""
        is_surname = token.levels.surname >= 9 and token.is_name(9)
        return before == "les" and is_surname and token.text[-1] not in "sx"

    def _is_first_name(self, n: int) -> bool:
        token = self.tokens[n]
        level = token.levels.first_name
        if token.is_upper:
            return len(token.text) > 4 and token.is_name(9)
        if self.starts_sentence(n):
            return level >= _FIRST_NAME and (not token.levels.word or self._is_apposed(n))
        return level >= 9 and token.is_name(8) and token.levels.word < 4

    def _is_apposed(self, n: int) -> bool:
        """Tell "Rose, la fleuriste": a name that what follows describes."""
        after = self.tokens[n + 1 : n + 2]
        return bool(after) and self.gaps[n + 1] == ", " and after[0].folded in APPOSING

    def _has_break(self, n: int, end: int) -> bool:
        return any("\n" in gap for gap in self.gaps[n + 1 : end])

    def _may_be_a_name(self, n: int) -> bool:
        """Tell a word that is worth a question."""
        if self.tokens[n].is_upper:
            return not self.shouts(n)
        return not self.starts_sentence(n) or self._is_known_name(n)

    def undecided(self) -> Iterator[int]:
        """Yield the words that may be names and that nothing has decided."""
        for n, token in enumerate(self.tokens):
            if not token.may_be_asked or n in self.decided:
                continue
            if self._may_be_a_name(n) and not self.is_in_a_place(n):
                yield n

    def read_recognised(self) -> None:
        """Decide undecided words as the recogniser does, a sentence at a time."""
        asked: dict[tuple[int, int], list[int]] = {}
        for n in self.undecided():
            asked.setdefault(self._sentences[n], []).append(n)
        for (first, last), words in islice(asked.items(), _MOST_ASKED):
            start = self.starts[first]
            found = person_spans(self.text[start : self._end(last) + 1])
            for n in words:
                if any(s <= self.starts[n] - start < e for s, e in found):
                    before = self.tokens[n - 1]
                    with_particle = (
                        n > first
                        and before.folded in PARTICLES
                        and before.is_capitalised
                        and not self.starts_sentence(n - 1)
                    )
                    self._decide(n - with_particle, n + 1, is_masked=True)

    @cached_property
    def _sentences(self) -> list[tuple[int, int]]:
        """Give, for each word, the first and the last of its sentence."""
        firsts = [n for n in range(len(self.tokens)) if self.starts_sentence(n)]
        bounds = zip(firsts, [*firsts[1:], len(self.tokens)], strict=True)
        return [(first, end - 1) for first, end in bounds for _ in range(first, end)]

    def _is_known_name(self, n: int) -> bool:
        """Tell whether the capital of a sentence's beginning may be a name's all the same."""
        token, after = self.tokens[n], self.tokens[n + 1 : n + 2]
        if token.levels.name:
            return not token.levels.word
        return bool(after) and after[0].is_capitalised and self.gaps[n + 1] == " "

    def read_beside(self) -> None:
        """Decide the initials before a name, and the surname in capitals on either side of it."""
        for n in sorted(n for n, is_masked in self.decided.items() if is_masked):
            k = n - 1
            while k >= 0 and k not in self.decided and self.joined(k + 1) and self._is_beside(k):
                self._decide(k, k + 1, is_masked=True)
                k -= 1
            k = n + 1
            while (
                k < len(self.tokens)
                and k not in self.decided
                and self.joined(k)
                and self._is_beside(k)
            ):
                self._decide(k, k + 1, is_masked=True)
                k += 1

    def _is_beside(self, n: int) -> bool:
        token = self.tokens[n]
        if token.is_initial:
            return token.folded not in TITLES and not self.shouts(n)
        return (
            token.is_upper
            and len(token.text) > 3
            and not self.shouts(n)
            and not token.is_rather_a_word
        )

    # -- the answer ------------------------------------------------------------------------------

    def keep_public_names(self) -> None:
        """Let the names that the consultation lists stay, whole, or the surname of nobody else."""
        for words in self.policy.public_words:
            for n, token in enumerate(self.tokens):
                if token.folded != words[-1]:
                    continue
                start = n - len(words) + 1
                if start >= 0 and [t.folded for t in self.tokens[start : n + 1]] == words:
                    self._decide(start, n + 1, is_masked=False)
                elif not self._is_somebody_else(n):
                    self._decide(n, n + 1, is_masked=False)

    def _is_somebody_else(self, n: int) -> bool:
        """Tell "mon voisin Petit", "Jeanne Petit", from the one Petit everybody knows."""
        before = self.tokens[n - 1] if n else None
        return before is not None and (
            before.folded in CUES - TITLES - OFFICES
            or (self.joined(n) and before.levels.first_name >= 9 and before.is_capitalised)
        )

    def spans(self) -> Iterator[Span]:
        """Yield the names found, adjacent words as one."""
        named = sorted(n for n, is_masked in self.decided.items() if is_masked)
        runs: list[list[int]] = []
        for n in named:
            if runs and n == runs[-1][-1] + 1 and (n in self._glued or self.joined(n)):
                runs[-1].append(n)
            else:
                runs.append([n])
        for run in runs:
            yield Span(self.starts[run[0]], self._end_of_name(run[-1]), NAME_MASK)

    def _end(self, n: int) -> int:
        return self.starts[n] + len(self.tokens[n].text)

    def _end_of_name(self, n: int) -> int:
        """Return where a name ends, with the dot of an initial."""
        return self._end(n) + (self.tokens[n].is_initial and self.gaps[n + 1].startswith("."))


def persons(text: str, policy: Policy, own_names: Collection[str]) -> Iterator[Span]:
    """Find the names of persons in a plain text: the author's own and everybody else's."""
    reading = Reading(text, policy)
    for name in own_names:
        words = tokens_of(name)
        if not _is_of_an_organisation(words):
            reading.read_own(frozenset(word.folded for word in words))
    reading.keep_public_names()
    reading.read_introduced()
    reading.read_bare()
    reading.read_recognised()
    reading.read_beside()
    yield from reading.spans()


def _is_of_an_organisation(words: Sequence[Token]) -> bool:
    """Tell "Maire de Vichy", "Secrétariat de mairie", "Roue libre en Bourbonnais" from a name."""
    return any(
        word.is_rather_a_word and after.folded in _BELONGS for word, after in pairwise(words)
    )
