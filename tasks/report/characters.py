"""What XML holds of a text: lines that end alike, and no loss that does not show."""

from __future__ import annotations

import re
from typing import Final

_NOT_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def unix_lines(text: str) -> str:
    r"""Return a text whose lines end in \n."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def xml_text(text: str) -> str:
    r"""Return what XML can hold of a text, its lines ended by \n; a lost character is U+FFFD."""
    return _NOT_XML.sub("\ufffd", unix_lines(text))
