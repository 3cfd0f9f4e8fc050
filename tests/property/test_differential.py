"""Row M16: our splitter and Python's parser see the same parts in ordinary messages."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, Message

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.mail.charsets import clean_text, decode_text
from tasks.mail.mime import Part, TooComplexError, parse_message

LETTERS = "abcdefghijklmnopqrstuvwxyzàâçéèêëîïôùûüÿœæABCDEÉÈÀÇ0123456789 .,;:!?'’«»()-–€\n>"
TEXTS = st.text(alphabet=LETTERS, max_size=400)
NAMES = st.text(alphabet=LETTERS.replace("\n", ""), min_size=1, max_size=60).filter(str.strip)
FILES = st.tuples(
    NAMES,
    st.binary(max_size=300),
    st.sampled_from(["application/pdf", "image/png", "application/octet-stream"]),
)


@st.composite
def messages(draw: st.DrawFn) -> EmailMessage:
    """Draw a message as programs write them: text, perhaps HTML, files, a message inside."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = "Jeanne Morel <jeanne.morel@courriel.example>"
    message["Subject"] = draw(NAMES)
    encoding = draw(st.sampled_from(["quoted-printable", "base64", "8bit"]))
    charset = draw(st.sampled_from(["utf-8", "utf-8", "windows-1252"]))
    message.set_content(draw(TEXTS).replace("ÿ", "y"), charset=charset, cte=encoding)
    if draw(st.booleans()):
        message.add_alternative(f"<p>{draw(TEXTS)}</p>", subtype="html")
    for name, data, media_type in draw(st.lists(FILES, max_size=3)):
        main, _, sub = media_type.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    if draw(st.integers(0, 4)) == 0:
        inner = EmailMessage(policy=email.policy.SMTP)
        inner["Subject"] = draw(NAMES)
        inner.set_content(draw(TEXTS))
        message.add_attachment(inner)
    return message


def squeezed(text: str) -> str:
    return "".join(clean_text(text).split())


def mended(text: str) -> str:
    """Return a text as we read it when its letters are UTF-8 that was taken for windows-1252."""
    return decode_text(text.encode(), "utf-8")[0]


def leaves_of(message: Message) -> Iterator[Message]:
    """Go through the parts of Python's; a report on delivery is one, though it splits it."""
    if message.is_multipart() and message.get_content_type() != "message/delivery-status":
        for part in message.get_payload():
            yield from leaves_of(part)
    else:
        yield message


def seen_by_python(message: Message) -> list[tuple[str, str, bytes | str]]:
    """List the leaves that Python's parser sees: type, name, words or bytes."""
    leaves: list[tuple[str, str, bytes | str]] = []
    for part in leaves_of(message):
        data = part.get_payload(decode=True)
        content = data if isinstance(data, bytes) else b""
        name = str(part.get_filename() or "")
        if part.get_content_maintype() == "text":
            leaves.append((part.get_content_type(), name, in_words(content, part)))
        else:
            leaves.append((part.get_content_type(), name, content))
    return leaves


def in_words(content: bytes, part: Message) -> str:
    """Decode as declared; what is not what it is declared to be decodes to marks."""
    charset = str(part.get_content_charset() or "utf-8").replace("iso-8859-1", "windows-1252")
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return "\ufffd"


def seen_by_us(message: Part) -> list[tuple[str, str, bytes | str]]:
    leaves: list[tuple[str, str, bytes | str]] = []
    for part in message.walk():
        if part.children:
            continue
        is_text = part.media_type.startswith("text/")
        leaves.append((part.media_type, part.filename, part.text() if is_text else part.content()))
    return leaves


def differences(raw: bytes) -> set[str]:
    """Name what the two parsers see otherwise; what Python's cannot read says nothing."""
    try:
        theirs = seen_by_python(email.message_from_bytes(raw, policy=email.policy.default))
    except Exception as error:  # noqa: BLE001 - its faults are why we have our own
        return {f"python_{type(error).__name__}"}
    try:
        ours = seen_by_us(parse_message(raw))
    except TooComplexError:
        return {"too_complex"}
    if len(ours) != len(theirs):
        return {"parts"}
    found = set[str]()
    for (our_type, our_name, our_data), (type_, name, data) in zip(ours, theirs, strict=True):
        if type_.startswith(("multipart/", "message/")):
            continue  # nothing inside: we read such a part as the text it is
        found |= {"type"} if our_type != type_ else set()
        found |= {"name"} if squeezed(our_name) != squeezed(name)[:255] else set()
        if isinstance(our_data, str) and isinstance(data, str):
            same = squeezed(our_data) in {squeezed(data), squeezed(mended(data))}
            found |= set() if same or "\ufffd" in data else {"text"}
        elif our_data != data:
            found.add("data")
    return found


@given(message=messages())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_m16_both_parsers_see_the_same_parts(message: EmailMessage) -> None:
    assert differences(message.as_bytes()) == set()
