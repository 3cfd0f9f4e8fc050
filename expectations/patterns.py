"""What must never be published, as patterns: redaction masks it, the last gate looks again."""

from __future__ import annotations

from typing import Final

# A local part, an at sign and a host with a dot. Written without nested repeats: linear on any
# input.
EMAIL: Final = r"[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}"

# Ten digits of a French number, or its international form, however they are cut up. A date that
# begins with the same digits (08/01/2020 18 h) is none.
_GAP: Final = r"[\s.\-/_·\u2010-\u2015]{0,4}"
PHONE: Final = (
    rf"(?:(?:\((?:\+|00){_GAP}33\)|\+{_GAP}33|(?<!\d)00{_GAP}33){_GAP}(?:\(0\){_GAP})?[1-9]"
    r"|\(0[1-9]\)|\(0\)[1-9]"
    r"|(?<!\d)(?!(?:\d\d[./-])?\d\d[./-](?:19|20)\d\d(?!\d))0[1-9])"
    rf"(?:{_GAP}\d){{8}}(?!\d)"
    # Another country's number, with its prefix.
    rf"|(?<!\w)(?:\+|00)(?!33)[1-9]\d{{0,2}}(?:{_GAP}\d){{7,12}}(?!\d)"
)

# What words that hold either have at the least, in the syntax of RE2, which is fast.
MAY_LEAK: Final = r"@|(?:\p{Nd}\P{Nd}*){8}"
