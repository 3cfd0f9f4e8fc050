"""Patterns that a person who knows no regular expression can read, correct and add.

A pattern is a run of words, compared without accents, capitals, apostrophes nor doubled letters.
`mot*` is the beginning of a word and `*rai` its end, `(a | b c)` one of several, `?` makes what it
follows optional, `…` stands for up to six words of the sentence, `^` for its beginning and QUESTION
for its question mark; other words in capitals are lists that have a name. `a + b`: both, near each
other, in any order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tasks.language.words import LONGEST_WORD, STOP_WORDS, Memory, fold, lexicon

_GAP = 6
_REACH = 150  # characters, of about 27 words: how far the parts of a pattern may be
_NEAR = 100  # how far from a pattern an exception to it counts, in its sentence
_MARK = re.compile(r"\s*([()|?^…+]|[\w'*-]+)")
# Words, and the stops between them: not those of "M. Martin", "S.O.S" nor 06.12.34.56.78.
_TOKEN = re.compile(
    r"[A-Za-z0-9À-ÖØ-öø-ÿŒœ]+|(?<![\s.][A-Za-z])(?<![\s.]M[mr])(?<!Mme)[.](?!\w)|[!?;…]"
)
_STOPS = ("\n\n", "\n-", "\n–", "\n—", "\n•", "\n*", "\n·", "\n ")
_STOP = re.compile(r"[.?] ")
_WORD = re.compile(r"[a-z0-9]+")
_DOUBLED = re.compile(r"([a-z])\1+")
_MARKS = frozenset(".?")
_COMMONEST = lexicon(
    "a au aux d dans de des du en est et il l la le les ne pas plus pour que qui un une"
)


class PatternError(ValueError):
    """A pattern is not written as patterns are; the message quotes it."""


@dataclass(frozen=True)
class Sentence:
    """The words of a sentence, its stop among them, and where it is in the plain text."""

    words: Sequence[str]
    start: int
    end: int


@dataclass(frozen=True)
class PlainText:
    """A text as patterns read it: words without accents nor doubled letters, each with a space."""

    text: str
    sentences: Sequence[Sentence]

    @classmethod
    def of(cls, text: str) -> PlainText:
        """Read a text."""
        text = unicodedata.normalize("NFC", text)
        for line_end in _STOPS:
            text = text.replace(line_end, "\n.\n")
        words = list(map(_PLAIN.__getitem__, _TOKEN.findall(text)))
        plain = " ".join(words) + " "
        return cls(plain, list(_cut_sentences(words, plain)))


def _cut_sentences(words: Sequence[str], plain: str) -> Iterator[Sentence]:
    first = start = 0
    lasts = [number for number, word in enumerate(words, 1) if word in _MARKS]
    ends = [stop.end() for stop in _STOP.finditer(plain)]
    for last, end in zip((*lasts, len(words)), (*ends, len(plain)), strict=True):
        if last - first > 1:
            yield Sentence(words[first:last], start, end)
        first, start = last, end


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern, and what tells at once that a text cannot have it.

    Of each set of words (`mot*`: a beginning) that the main part needs, a sentence has at least
    one, rarest first; of each that other parts need, the text around.
    """

    main: re.Pattern[str]
    needs: tuple[frozenset[str], ...]
    others: tuple[re.Pattern[str], ...]
    other_needs: frozenset[frozenset[str]]

    def spans(self, text: str, sentence: Sentence) -> Iterator[tuple[int, int]]:
        """Yield where a sentence of a plain text has it."""
        for found in self.main.finditer(text, sentence.start, sentence.end):
            start, end = found.span()
            near = max(start - _REACH, 0), end + _REACH
            if all(other.search(text, *near) for other in self.others):
                yield start, end

    def excepts(self, text: str, sentence: Sentence, start: int, end: int) -> bool:
        """Tell whether the sentence has it near a span."""
        first, last = max(sentence.start, start - _NEAR), min(sentence.end, end + _NEAR)
        return self.main.search(text, first, last) is not None


def compile_pattern(text: str, lists: Mapping[str, str]) -> Pattern:
    """Compile a pattern; `lists` gives those of the words in capitals, as patterns. Or raise."""
    try:
        parts = [_Reader(part, lists).read() for part in text.split("+")]
    except (KeyError, ValueError, RecursionError) as error:
        raise PatternError(f"motif incompréhensible : « {text} »") from error
    if len(parts) > 1 and any(len(part.runs) > 1 for part in parts):
        raise PatternError(f"motif incompréhensible : « {text} » (« | » et « + » ensemble)")
    main, *others = sorted(
        parts, key=lambda part: max(map(_rarity, part.needs()), default=(-1, 0)), reverse=True
    )
    if not main.needs():
        raise PatternError(f"motif sans mot obligatoire : « {text} »")
    first, *needs = sorted(main.needs(), key=_rarity, reverse=True)
    around = (need for part in others for need in part.needs())
    return Pattern(
        _compiled(main),
        (first, *filter(_tells, needs)),
        tuple(map(_compiled, others)),
        frozenset(filter(_tells, around)),
    )


def _compiled(part: _Choice) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S){part.expression()}")


def _plain(mark: str) -> str:
    return _single(fold(mark)) if mark[0].isalnum() else "?" if mark == "?" else "."


def _single(word: str) -> str:
    return _DOUBLED.sub(r"\1", word[:LONGEST_WORD])


_PLAIN = Memory(_plain)


# --- what a pattern is made of -------------------------------------------------------------------


@dataclass(frozen=True)
class _Literal:
    """A gap, a question mark or the beginning of the sentence."""

    text: str
    mark: str = ""

    def expression(self) -> str:
        return self.text

    def needs(self) -> list[frozenset[str]]:
        return [frozenset({self.mark})] if self.mark else []


@dataclass(frozen=True)
class _Word:
    pieces: tuple[str, ...]  # "j'ai" has two, that may stand together
    is_beginning: bool
    is_end: bool

    def expression(self) -> str:
        beginning, end = (r"\S*" if cut else "" for cut in (self.is_end, self.is_beginning))
        return f"{beginning}{' ?'.join(self.pieces)}{end} "

    def needs(self) -> list[frozenset[str]]:
        if self.is_end:
            return []
        star = "*" if self.is_beginning else ""
        return [frozenset({self.pieces[-1] + star, _single("".join(self.pieces)) + star})]


@dataclass(frozen=True)
class _Optional:
    part: _Part

    def expression(self) -> str:
        return f"(?:{self.part.expression()})?"

    def needs(self) -> list[frozenset[str]]:
        return []


@dataclass(frozen=True)
class _Run:
    parts: tuple[_Part, ...]

    def expression(self) -> str:
        return "".join(part.expression() for part in self.parts)

    def needs(self) -> list[frozenset[str]]:
        return [need for part in self.parts for need in part.needs()]


@dataclass(frozen=True)
class _Choice:
    runs: tuple[_Run, ...]

    def expression(self) -> str:
        """Try together the runs that begin with the same letter: a long list is soon left."""
        begun: dict[str, list[str]] = {}
        for run in self.runs:
            expression = run.expression()
            letter = expression[0] if expression[0].isalnum() else ""
            begun.setdefault(letter, []).append(expression[len(letter) :])
        together = (f"{b}(?:{'|'.join(rest)})" for b, rest in begun.items())
        return f"(?:{'|'.join(together)})"

    def needs(self) -> list[frozenset[str]]:
        """Of several runs, one word at least of the rarest need of each."""
        found = [run.needs() for run in self.runs]
        if len(found) == 1:
            return found[0]
        rarest = [max(needs, key=_rarity) for needs in found if needs]
        return [frozenset().union(*rarest)] if len(rarest) == len(found) else []


_Part = _Literal | _Word | _Optional | _Choice


def _rarity(words: frozenset[str]) -> tuple[int, int]:
    """Rank words for finding places: none is common, the shortest is long, they are few."""
    ranks = (0 if w in _COMMONEST else 1 if w in STOP_WORDS else 1 + min(len(w), 5) for w in words)
    return min(ranks), -len(words)


def _tells(words: frozenset[str]) -> bool:
    """Tell whether a need is worth looking for: every sentence meets one that has such words."""
    return _COMMONEST.isdisjoint(words)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, text: str, lists: Mapping[str, str]) -> None:
        self._lists = lists
        self._marks = self._cut(text.strip())
        self._next: str | None = next(self._marks, None)

    def read(self) -> _Choice:
        """Read the whole; raise KeyError where it cannot be understood."""
        choice = self._choice()
        if self._next is not None:
            raise KeyError(self._next)
        return choice

    def _cut(self, text: str) -> Iterator[str]:
        place = 0
        while place < len(text):
            mark = _MARK.match(text, place)
            if mark is None:
                raise KeyError(text[place])
            yield mark[1]
            place = mark.end()

    def _take(self) -> str:
        if self._next is None:
            raise KeyError(self._next)
        taken, self._next = self._next, next(self._marks, None)
        return taken

    def _choice(self) -> _Choice:
        runs = [self._run()]
        while self._next == "|":
            self._take()
            runs.append(self._run())
        return _Choice(tuple(runs))

    def _run(self) -> _Run:
        parts = list[_Part]()
        while self._next not in {None, "|", ")"}:
            found = list(self._part())
            if self._next == "?":
                self._take()
                found[-1:] = [_Optional(found[-1])]
            parts += found
        if not parts:
            raise KeyError(self._next)
        return _Run(tuple(parts))

    def _part(self) -> Iterator[_Part]:
        mark = self._take()
        if mark == "(":
            yield self._choice()
            if self._take() != ")":
                raise KeyError(mark)
        elif mark == "…":
            yield _Literal(rf"(?:[^\s.?]+ ){{0,{_GAP}}}")
        elif mark == "^":
            yield _Literal(r"(?:^|(?<=[.?] ))")
        elif mark == "QUESTION":
            yield _Literal(r"\? ", "?")
        elif mark.isupper() and len(mark) > 1:
            yield _Reader(self._lists[mark], self._lists).read()
        else:
            yield from self._words(mark)

    def _words(self, mark: str) -> Iterator[_Word]:
        """Read words: a hyphen is a space, "rendez-vous" is two."""
        *before, last = filter(None, mark.split("-"))
        for word in before:
            yield _word(word)
        yield _word(last)


def _word(text: str) -> _Word:
    pieces = tuple(_single(piece) for piece in fold(text.strip("*")).removesuffix("'").split("'"))
    if not all(map(_WORD.fullmatch, pieces)):
        raise KeyError(text)
    return _Word(pieces, is_beginning=text.endswith("*"), is_end=text.startswith("*"))
