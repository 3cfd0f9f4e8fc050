"""Measure the communes read from signatures in mailboxes whose truth is known.

    python benchmarks/origins.py BOX [BOX...] [--department 03] [--show]

A BOX holds `truth.jsonl` and a Maildir or .eml files, as `make_mailbox.py` writes them. Precision:
of the communes found, those that the signature, or the author's own presentation, gives. Recall: of
the communes that a signature gives, those found.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
