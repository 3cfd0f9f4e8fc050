"""A text to the author's own words, what was cut away, and the signature.

Quoted mail goes, a contribution that somebody hands on stays; nothing is lost: every line is in the
own words or in the cut text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tasks.mail.footers import is_legal, is_machine_line
from tasks.mail.formulas import content_words, words_beside_note
from tasks.mail.names import Author, clean_name, names_in_signature, names_in_text
from tasks.mail.quotes import Quotation, find_quotation, is_rule, may_quote, unmark
from tasks.mail.signatures import find_signature, split_postscript
from tasks.mail.word_sets import folded, word_set

_REPLY = re.compile(r"^\s*(?:\[[^\]]*\]\s*)?(?:re|rép|rep|aw|sv)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
# What is written above a message that is handed on to somebody who was not its first reader.
_HANDS_ON = re.compile(
    r"\bci[- ](?:dessous|apr[èe]s)\b|\btransmet\w*|\btransf[èée]r\w*"
    r"|\b(?:fais|faire|faisons)\s+suivre"
    r"|\bpour\s+suite\b|\bsuite\s+au\s+(?:mail|courriel|message)\s+suivant\b|\brelaye\w*|\brelaie\w*|\bdestinée?\s+à\s+(?:vos\s+services|la\s+préfecture)",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"^\s*(?:\[[^\]]*\]\s*)?(?:(?:re|rép)\s*:\s*)?(?:tr|fwd?|transf(?:ert|éré)?|i"
    r"|wg)\s*(?:\[\d+\])?\s*:",
    re.IGNORECASE,
)
_GAP = re.compile(r"\n{3,}")
_MAX_FORWARDS = 8
SUBSTANTIAL = 25  # words of one's own above a quoted message: then it is quoted, not handed on
COVERING = 80  # the same, where those words say that they hand it on
_LETTERS = re.compile(r"[^\W\d_]{4,}")
_QUOTE_INTRODUCTION = re.compile(r"[\d@].*:\s*$")
# words of many addresses: two that share one of these have nothing in common
_COMMON = word_set("""
    mail message messagerie courriel contact info service monsieur madame pour avec dans
    orange free laposte gmail yahoo hotmail outlook
    """)


@dataclass(frozen=True)
class Envelope:
    """What the headers say: who writes, to which mailboxes, and whether they answer or hand on."""

    author: Author
    mailboxes: frozenset[str] = frozenset()
    subject: str = ""
    is_reply: bool = False
    depth: int = 0

    @property
    def hands_on(self) -> bool:
        """Tell a subject that announces a forwarded message."""
        return bool(_FORWARD.match(self.subject))

    @property
    def answers(self) -> bool:
        """Tell an answer, by its headers or its subject."""
        return self.is_reply or bool(_REPLY.match(self.subject))

    def is_author(self, quotation: Quotation) -> bool:
        """Tell whether the author of this message wrote the quoted one."""
        if quotation.addresses:
            return self.author.address in quotation.addresses
        return self.author.is_whole_name(clean_name(quotation.sender))

    def is_mailbox(self, quotation: Quotation) -> bool:
        """Tell whether one of the mailboxes this message is sent to wrote the quoted one."""
        if quotation.addresses:
            return bool(quotation.addresses & self.mailboxes)
        words = {folded(w) for w in _LETTERS.findall(quotation.sender)} - _COMMON
        names = {
            folded(w) for mailbox in self.mailboxes for w in _LETTERS.findall(mailbox)
        } - _COMMON
        return any(
            word.startswith(name) or name.startswith(word) for word in words for name in names
        )


@dataclass(frozen=True)
class OwnWords:
    """A text taken apart. `content_words`: those of `own` that are neither formula nor note."""

    own: str
    cut: str = ""
    signature: str = ""
    names: tuple[str, ...] = ()
    content_words: int = 0


@dataclass
class _Pieces:
    """A text being taken apart: the author's lines so far, and the lines that are out."""

    own: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    forwarded: list[OwnWords] = field(default_factory=list)
    introduced: bool = False


def own_words(text: str, envelope: Envelope) -> OwnWords:
    """Take a text apart."""
    lines = [line.rstrip() for line in text.split("\n")]
    pieces = _Pieces()
    if may_quote(text, lines):
        _cut_quotations(lines, envelope, pieces)
    else:
        pieces.own = lines
    kept, machine = _cut_footers(pieces.own)
    kept, signature = _cut_signatures(kept, envelope.author)
    own = _joined([line.strip() for line in kept])
    names = (*names_in_signature(signature, envelope.author), *names_in_text(own))
    cut = [*signature, *machine, *pieces.cut]
    content = words_beside_note(own) if pieces.forwarded else content_words(own)
    for inner in pieces.forwarded:
        own = f"{own}\n\n{inner.own}".strip("\n")
        cut += ["", inner.cut]
        signature += ["", inner.signature]
        names += inner.names
        content += inner.content_words
    return OwnWords(own, _joined(cut), _joined(signature), tuple(dict.fromkeys(names)), content)


def _joined(lines: Sequence[str]) -> str:
    return _GAP.sub("\n\n", "\n".join(lines)).strip("\n")


def _cut_quotations(lines: list[str], envelope: Envelope, pieces: _Pieces) -> None:
    index = 0
    while index < len(lines):
        found = find_quotation(lines, index, words_above=_has_words(pieces.own))
        if found is None:
            pieces.own.append(lines[index])
            index += 1
            continue
        if (
            found.body == found.start
            and not pieces.introduced
            and not _is_quoted_run(envelope, pieces)
        ):
            pieces.own += lines[index : found.end]  # ">" as the author's own bullet
        else:
            _drop_rules(pieces)
            _place(lines, found, envelope, pieces)
            pieces.introduced = True
        index = max(found.end, index + 1)


def _has_words(lines: list[str]) -> bool:
    return any(line and not is_rule(line) for line in lines)


def _is_quoted_run(envelope: Envelope, pieces: _Pieces) -> bool:
    """Tell whether ">" lines that nothing known introduces are quoted all the same."""
    if envelope.answers or envelope.hands_on:
        return True
    before = next((line for line in reversed(pieces.own) if line.strip()), "")
    if _QUOTE_INTRODUCTION.search(before):
        pieces.own.pop(len(pieces.own) - 1 - pieces.own[::-1].index(before))
        pieces.cut.append(before)
        return True
    return False


def _drop_rules(pieces: _Pieces) -> None:
    while pieces.own and (not pieces.own[-1] or is_rule(pieces.own[-1])):
        pieces.cut.append(pieces.own.pop())


def _place(lines: list[str], found: Quotation, envelope: Envelope, pieces: _Pieces) -> None:
    """Put a quoted message where it belongs: cut, or kept because the author hands it on."""
    if envelope.depth < _MAX_FORWARDS and _is_handed_on(found, envelope, pieces):
        pieces.cut += lines[found.start : found.body]
        body = lines[found.body : found.end]
        inner = own_words(
            "\n".join(map(unmark, body) if found.is_marked else body), _inner(found, envelope)
        )
        name = clean_name(re.split(r"[<\[]", found.sender)[0])
        names = (name, *inner.names) if name and "@" not in name else inner.names
        pieces.forwarded.append(replace(inner, names=names))
    else:
        pieces.cut += lines[found.start : found.end]


def _inner(found: Quotation, envelope: Envelope) -> Envelope:
    """Make the envelope of a message handed on, as its headers tell."""
    mailboxes = (
        envelope.mailboxes
        | found.recipients
        | ({envelope.author.address} if envelope.author.address else frozenset())
    )
    address = next(iter(sorted(found.addresses)), "")
    author = Author(clean_name(re.split(r"[<\[]", found.sender)[0]), address)
    return Envelope(author, mailboxes - {address}, "", is_reply=True, depth=envelope.depth + 1)


def _is_handed_on(found: Quotation, envelope: Envelope, pieces: _Pieces) -> bool:
    """Decide whether a quoted message is a contribution handed on, or mail that is answered."""
    if not (found.has_header or found.is_forward or envelope.hands_on):
        return False
    if pieces.introduced and found.body == found.start:
        return False  # the next lines of a message that is answered point by point
    if envelope.is_mailbox(found):
        return False
    note = _joined(_without_foot(pieces.own, envelope.author))
    above = words_beside_note(note)
    if above >= (COVERING if _HANDS_ON.search(note) else SUBSTANTIAL) or pieces.forwarded:
        return False
    answers = envelope.answers and not (envelope.hands_on or found.is_forward)
    return not answers or _is_sent_again(found, envelope, note, above)


def _is_sent_again(found: Quotation, envelope: Envelope, note: str, above: int) -> bool:
    """Tell what an answer hands on all the same; what another wrote to the author is quoted.

    Nothing stands above it, or a note that says so, or the letter below is the author's own.
    """
    if not note.strip() or _HANDS_ON.search(note):
        return True
    return above == 0 and envelope.is_author(found)


def _without_foot(lines: list[str], author: Author) -> list[str]:
    kept, _ = _cut_footers(lines)
    return _cut_signatures(kept, author)[0]


def _cut_footers(lines: list[str]) -> tuple[list[str], list[str]]:
    """Take the lines of devices, antivirus and lawyers away, wherever they stand."""
    kept: list[str] = []
    cut: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if line and is_machine_line(line):
            cut.append(line)
        elif line and _may_be_legal(line):
            end = _paragraph_end(lines, index)
            (cut if is_legal(" ".join(lines[index:end])) else kept).extend(lines[index:end])
            index = end - 1
        else:
            kept.append(line)
        index += 1
    while cut and kept and (not kept[-1] or is_rule(kept[-1])):
        cut.append(kept.pop())
    return kept, cut


def _may_be_legal(line: str) -> bool:
    return len(line) > 30 and is_legal(line + " confidentiel destinataire")


def _paragraph_end(lines: list[str], start: int) -> int:
    end = start
    while end < len(lines) and lines[end].strip():
        end += 1
    return end


def _cut_signatures(lines: list[str], author: Author) -> tuple[list[str], list[str]]:
    """Take the signature block away; a postscript below it stays."""
    postscript = split_postscript(lines)
    body, after = lines[:postscript], lines[postscript:]
    start = find_signature(body, author)
    kept, signature = body[:start], body[start:]
    if after:
        end = find_signature(after, author)
        kept, signature = [*kept, "", *after[:end]], [*signature, *after[end:]]
    while kept and (is_rule(kept[-1]) or kept[-1].strip() in ("--", "—")):
        signature.insert(0, kept.pop())
    return kept, signature
