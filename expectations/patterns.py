"""What must never be published, as patterns: redaction masks what they find, the last gate looks again."""

from __future__ import annotations

from typing import Final

# A local part, an at sign and a host with a dot. Written without nested repeats: linear on any input.
EMAIL: Final = r"[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}"

# Ten digits of a French number, or its international form, however they are cut up.
PHONE: Final = (
    r"(?<![\d])(?:(?:\+|00)[\s.]?33[\s.\-]?(?:\(0\)[\s.\-]?)?|0)[1-9](?:[\s.\-/]{0,2}\d\d){4}(?!\d)"
)
