"""Fetch: from the sources to the vault. Raw bytes are safe on disk before anything else is done."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from tasks.arrivals import Arrivals, Fetched, Open
from tasks.consultation import Source
from tasks.mail.sources.mailbox import Mailbox, RenumberedError, SourceError
from tasks.stage import stage
from warehouse.vault import Vault, batched

BATCH_MESSAGES = 20_000
BATCH_BYTES = 64_000_000
RELISTINGS = 3

log = logging.getLogger("assises")


@stage
def fetch(
    vault: Vault, sources: Sequence[Source], opened: Open, timezone: ZoneInfo, now: datetime
) -> Fetched:
    """Store every message that the vault does not hold yet; nothing changes at the sources.

    Raises SourceError when a source cannot be read to its end; what was read of it is stored.
    """
    fetched = Fetched()
    for source in sources:
        with opened(source) as mailboxes:
            for mailbox in mailboxes:
                fetched += _fetch_mailbox(vault, source, mailbox, timezone, now)
    return fetched


def _fetch_mailbox(
    vault: Vault, source: Source, mailbox: Mailbox, timezone: ZoneInfo, now: datetime
) -> Fetched:
    for _ in range(RELISTINGS):
        arrivals = Arrivals(vault, source, mailbox)
        try:
            for deliveries in batched(arrivals.rows(now), BATCH_MESSAGES, BATCH_BYTES):
                vault.add(deliveries, timezone)
        except RenumberedError:
            log.warning("Relève : « %s » vient d'être renumérotée ; relecture.", source.name)
            continue
        for remark in (*mailbox.remarks, *arrivals.remarks()):
            log.warning("Relève : %s", remark)
        return arrivals.fetched()
    raise SourceError(
        f"La source « {source.name} » est renumérotée pendant qu'elle est lue : relancez plus tard."
    )
