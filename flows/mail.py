"""Messages that the program sends: laid out as mail, handed to the server of `[message]`.

What is written, to whom, and what is remembered of it is for those who send.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from flows.run import SMTP_PASSWORD, Run, read_secret
from tasks.consultation import DeclaredMessage
from tasks.report.message import Letter, one_line
from tasks.smtp import Account, send


def compose(
    run: Run, sender: str, recipients: Sequence[str], letter: Letter, name: str
) -> EmailMessage:
    """Lay a letter out as mail; the same `name` is the same Message-ID: twice sent, it is one."""
    message = EmailMessage()
    message["From"] = Address(one_line(run.consultation.organiser), addr_spec=sender)
    message["To"] = [Address(addr_spec=address) for address in recipients]
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(run.now.astimezone(run.consultation.timezone))
    message["Message-ID"] = f"<{name}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "fr"
    message.set_content(letter.text, cte="quoted-printable")
    return message


def deliver(
    run: Run, declared: DeclaredMessage, recipients: Sequence[str], message: EmailMessage
) -> Mapping[str, int]:
    """Hand a message over; return the server's code for each recipient that it refused.

    Raises SourceError for a password that cannot be read, SendError, UncertainError.
    """
    account, password = account_of(run, declared)
    return send(account, password, declared.sender, recipients, message)


def account_of(run: Run, declared: DeclaredMessage) -> tuple[Account, Callable[[], str]]:
    """Return where messages are handed over, and what reads the password when it is asked for."""
    authorities = declared.authorities and str(run.beside / declared.authorities)
    return (
        Account(declared.server, declared.user, authorities),
        lambda: read_secret(declared.password, run.beside, SMTP_PASSWORD),
    )
