from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tasks.consultation import Source
from tasks.mail.sources.files import message_from
from tasks.mail.sources.mailbox import Mailbox, Message, SourceError
from tasks.mail.sources.opening import Access, open_source

Letter = Callable[..., bytes]

RECEIVED = datetime(2020, 1, 9, 7, 30, tzinfo=UTC)
STAMP = 1_578_558_600  # 9 January 2020, 08:30 UTC
STAMPED = datetime(2020, 1, 9, 8, 30, tzinfo=UTC)
SEPARATOR = b"From lucie@courriel.example Thu Jan  9 08:30:00 2020\n"


LIMIT = 1_000_000


def access(folder: Path, limit: int = LIMIT) -> Access:
    return Access(folder, ZoneInfo("Europe/Paris"), limit, str, lambda _: None)


def open_mailbox(uri: str, folder: Path, limit: int = LIMIT) -> Mailbox:
    with open_source(Source("boite", uri), access(folder, limit)) as (mailbox,):
        return mailbox


def everything(source: Mailbox) -> list[Message]:
    return list(source.read(source.locators()))


def raws(source: Mailbox) -> list[bytes]:
    return [message.raw for message in everything(source)]


def mbox(folder: Path, *stored: bytes) -> Mailbox:
    """Write messages as an mbox keeps them, each under its separator, and open it."""
    path = folder / "archive.mbox"
    path.write_bytes(b"".join(SEPARATOR + message + b"\n" for message in stored))
    return open_mailbox("mbox:archive.mbox", folder)


def eml(folder: Path, **files: bytes) -> Mailbox:
    for name, content in files.items():
        (folder / f"{name}.eml").write_bytes(content)
    return open_mailbox("eml:.", folder)


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "boite" / name).mkdir(parents=True)
    return tmp_path / "boite"


# --- opening -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("pop3:boite", "Source inconnue « pop3:boite » : écrivez imaps:"),
        ("maildir:", "Source inconnue « maildir: »"),
        ("archive.mbox", "Source inconnue « archive.mbox »"),
        ("", "Source inconnue"),
        ("mbox:absent.mbox", r"Le fichier mbox .*absent\.mbox n'existe pas : corrigez"),
        ("mbox:dossier", r"Le fichier mbox .*dossier n'existe pas"),
        ("eml:absent", "Le dossier .*absent n'existe pas : corrigez"),
        ("maildir:absent", "Le dossier .*absent n'existe pas : corrigez"),
        ("maildir:dossier", "n'est pas une boîte Maildir"),
    ],
)
def test_a_source_that_is_not_there_is_refused_by_a_sentence(
    tmp_path: Path, uri: str, sentence: str
) -> None:
    (tmp_path / "dossier").mkdir()
    with pytest.raises(SourceError, match=sentence):
        open_mailbox(uri, tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"Bonjour,\n", b"From: lucie@courriel.example\n\nBonjour.\n", b"From la gendarmerie\n", b"\n"],
    ids=["text", "a letter", "no date", "blank"],
)
def test_what_is_no_mbox_is_refused_by_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "archive.mbox").write_bytes(content)
    with pytest.raises(SourceError, match=r"archive\.mbox n'est pas un fichier mbox"):
        open_mailbox("mbox:archive.mbox", tmp_path).locators()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become one who may not read")
@pytest.mark.parametrize(("kind", "name"), [("eml", "zwykhold.eml"), ("maildir", "cur/1.zwykhold")])
def test_a_message_that_may_not_be_read_is_told_without_the_name_of_its_file(
    kind: str, name: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"From: lucie@courriel.example\n\nBonjour.\n")
        path.chmod(0o600)
        for parent in (Path(folder), path.parent):
            parent.chmod(0o755)
        os.seteuid(65534)
        try:
            mailbox = open_mailbox(f"{kind}:.", Path(folder))
            with pytest.raises(SourceError, match=r"ne peut pas être lu \(Permission") as caught:
                list(mailbox.read(mailbox.locators()))
        finally:
            os.seteuid(0)
    assert "zwykhold" not in str(caught.value)


def test_an_empty_mbox_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "archive.mbox").touch()
    assert open_mailbox("mbox:archive.mbox", tmp_path).locators() == []


# --- one message ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "raw"),
    [
        pytest.param(b"A: b\n\nmots\n", b"A: b\n\nmots\n", id="LF"),
        pytest.param(b"A: b\r\n\r\nmots\r\n", b"A: b\n\nmots\n", id="CRLF"),
        pytest.param(b"A: b\n\nmots\r\n", b"A: b\n\nmots\n", id="both"),
        pytest.param(b"A: b\n\nm\rots\n", b"A: b\n\nm\rots\n", id="a lone CR"),
        pytest.param(SEPARATOR + b"A: b\n\nmots\n", b"A: b\n\nmots\n", id="under a From line"),
        pytest.param(b"From : b@x.example\n\nmots\n", b"From : b@x.example\n\nmots\n", id="From :"),
        pytest.param(b"", b"", id="nothing"),
    ],
)
def test_line_ends_are_lf_and_an_envelope_line_is_taken_off(stored: bytes, raw: bytes) -> None:
    assert message_from("x", stored, None, len(stored), LIMIT).raw == raw


@pytest.mark.parametrize(
    ("received", "envelope", "instant"),
    [
        pytest.param("Thu, 9 Jan 2020 08:30:00 +0100", b"", RECEIVED, id="the trace"),
        pytest.param("Thu, 9 Jan 2020 08:30:00 +0100", SEPARATOR, RECEIVED, id="trace first"),
        pytest.param(None, SEPARATOR, STAMPED, id="the From line"),
        pytest.param("hier", SEPARATOR, STAMPED, id="a trace without date"),
        pytest.param(None, b"", None, id="nothing"),
    ],
)
def test_a_message_was_received_when_its_trace_then_its_source_says(
    write_letter: Letter, received: str | None, envelope: bytes, instant: datetime | None
) -> None:
    stored = envelope + write_letter(received=received)
    message = message_from("x", stored, None, len(stored), LIMIT)
    assert message.received_at == instant


# --- Maildir -------------------------------------------------------------------------------------


def test_a_maildir_is_its_new_and_its_read_messages(maildir: Path, write_letter: Letter) -> None:
    (maildir / "new" / f"{STAMP}.1.hote").write_bytes(write_letter("neuve"))
    (maildir / "cur" / f"{STAMP}.2.hote:2,S").write_bytes(write_letter("lue"))
    (maildir / "tmp" / f"{STAMP}.3.hote").write_bytes(write_letter("en cours"))
    (maildir / "cur" / ".caché").write_bytes(write_letter("cachée"))
    source = open_mailbox("maildir:boite", maildir.parent)
    assert source.locators() == [f"{STAMP}.1.hote", f"{STAMP}.2.hote"]
    assert raws(source) == [write_letter("neuve"), write_letter("lue")]


@pytest.mark.parametrize(
    ("name", "instant"),
    [
        (f"{STAMP}.M1P2.hote", STAMPED),
        ("lettre", None),
        ("²³.hote", None),
        ("99999999999.hote", None),
        (f"-{STAMP}.hote", None),
    ],
)
def test_without_trace_a_message_has_the_date_of_its_name(
    maildir: Path, write_letter: Letter, name: str, instant: datetime | None
) -> None:
    (maildir / "new" / name).write_bytes(write_letter(received=None))
    (message,) = everything(open_mailbox("maildir:boite", maildir.parent))
    assert message.received_at == instant


def test_a_message_that_is_read_or_marked_keeps_its_locator(
    maildir: Path, write_letter: Letter
) -> None:
    path = maildir / "new" / f"{STAMP}.1.hote"
    path.write_bytes(write_letter())
    source = open_mailbox("maildir:boite", maildir.parent)
    before = source.locators()
    for name in ("1.hote:2,S", "1.hote:2,RS"):
        path = path.rename(maildir / "cur" / f"{STAMP}.{name}")
        assert source.locators() == before


def test_a_message_that_moves_while_others_are_read_is_read(
    maildir: Path, write_letter: Letter
) -> None:
    for number in (1, 2, 3):
        (maildir / "new" / f"{STAMP}.{number}.hote").write_bytes(write_letter(f"{number}"))
    source = open_mailbox("maildir:boite", maildir.parent)
    reading = source.read(source.locators())
    first = next(reading)
    (maildir / "new" / f"{STAMP}.2.hote").rename(maildir / "cur" / f"{STAMP}.2.hote:2,S")
    (maildir / "new" / f"{STAMP}.3.hote").unlink()
    assert [m.raw for m in (first, *reading)] == [write_letter("1"), write_letter("2")]


@pytest.mark.parametrize("kind", ["maildir", "eml"])
def test_a_link_out_of_the_mailbox_is_not_followed(
    tmp_path: Path, maildir: Path, write_letter: Letter, kind: str
) -> None:
    outside = tmp_path / "ailleurs"
    outside.mkdir()
    (outside / "secret.eml").write_bytes(write_letter("secret"))
    (maildir / "new" / "lien.eml").symlink_to(outside / "secret.eml")
    (maildir / "cur" / "dossier").symlink_to(outside)
    (maildir / "new" / "lettre.eml").write_bytes(write_letter())
    assert raws(open_mailbox(f"{kind}:boite", tmp_path)) == [write_letter()]


# --- files ---------------------------------------------------------------------------------------


def test_a_folder_of_files_is_read_with_its_sub_folders(
    tmp_path: Path, write_letter: Letter
) -> None:
    (tmp_path / "janvier" / "soir").mkdir(parents=True)
    (tmp_path / "b.eml").write_bytes(write_letter("b"))
    (tmp_path / "janvier" / "a.EML").write_bytes(write_letter("a"))
    (tmp_path / "janvier" / "soir" / "sans-nom").write_bytes(write_letter("c"))
    (tmp_path / "LISEZMOI.txt").write_text("Les lettres de janvier.")
    (tmp_path / "vide.eml").touch()
    assert sorted(raws(open_mailbox("eml:.", tmp_path))) == sorted(
        [b"", *(write_letter(name) for name in "abc")]
    )


def test_a_file_that_changes_is_another_message(tmp_path: Path, write_letter: Letter) -> None:
    source = eml(tmp_path, lettre=write_letter("première"))
    before = source.locators()
    assert source.locators() == before
    eml(tmp_path, lettre=write_letter("seconde version"))
    assert source.locators() != before
    assert list(source.read(before)) == []


def test_reading_changes_nothing_at_the_source(
    tmp_path: Path, maildir: Path, write_letter: Letter
) -> None:
    (maildir / "new" / f"{STAMP}.1.hote").write_bytes(write_letter())
    mbox(tmp_path, write_letter("b"))
    eml(tmp_path, c=write_letter("c"))

    def state() -> dict[Path, tuple[int, int, int]]:
        stats = {path: path.stat() for path in tmp_path.rglob("*")}
        return {p: (s.st_mtime_ns, s.st_size, s.st_mode) for p, s in stats.items()}

    before = state()
    for uri in ("maildir:boite", "mbox:archive.mbox", "eml:."):
        assert everything(open_mailbox(uri, tmp_path))
    assert state() == before


# --- mbox ----------------------------------------------------------------------------------------


def test_an_mbox_gives_back_the_messages_that_were_put_into_it(
    tmp_path: Path, write_letter: Letter
) -> None:
    letters = [write_letter("un\n"), write_letter("deux\n\n"), write_letter("")]
    assert raws(mbox(tmp_path, *letters)) == letters


@pytest.mark.parametrize(
    ("stored", "body"),
    [
        (">From Moulins à Vichy", "From Moulins à Vichy"),
        (">>From Moulins", ">From Moulins"),
        ("> From Moulins", "> From Moulins"),
        ("Un >From ici", "Un >From ici"),
        ("\nFrom Moulins à Vichy, rien.", "\nFrom Moulins à Vichy, rien."),
        ("\nFrom now on, Thu will do", "\nFrom now on, Thu will do"),
        ("From a Thu Jan  9 08:30:00 2020", "From a Thu Jan  9 08:30:00 2020"),
    ],
    ids=["escaped", "twice", "a quote", "inside", "undated", "half dated", "no empty line before"],
)
def test_from_in_a_body_is_no_separator(
    tmp_path: Path, write_letter: Letter, stored: str, body: str
) -> None:
    letters = [write_letter(f"Bonjour,\n{stored}\nMerci.\n"), write_letter("suivante\n")]
    assert raws(mbox(tmp_path, *letters)) == [
        write_letter(f"Bonjour,\n{body}\nMerci.\n"),
        write_letter("suivante\n"),
    ]


def test_an_mbox_with_crlf_holds_the_same_messages(tmp_path: Path, write_letter: Letter) -> None:
    letters = [write_letter("un\n"), write_letter("deux\n")]
    before = everything(mbox(tmp_path, *letters))
    path = tmp_path / "archive.mbox"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert everything(open_mailbox("mbox:archive.mbox", tmp_path)) == before
    assert [m.raw for m in before] == letters


def test_a_last_message_that_is_cut_is_read_as_far_as_it_goes(
    tmp_path: Path, write_letter: Letter
) -> None:
    source = mbox(tmp_path, write_letter("un\n"), write_letter("La lettre est coupée ici\n"))
    path = tmp_path / "archive.mbox"
    os.truncate(path, path.stat().st_size - 8)
    assert raws(source) == [write_letter("un\n"), write_letter("La lettre est coupé")[:-1]]


def test_the_same_message_twice_in_an_mbox_has_two_locators(
    tmp_path: Path, write_letter: Letter
) -> None:
    source = mbox(tmp_path, write_letter(), write_letter("autre\n"), write_letter())
    assert len(set(source.locators())) == 3


def test_an_mbox_that_is_compacted_keeps_the_locators_of_its_messages(
    tmp_path: Path, write_letter: Letter
) -> None:
    before = mbox(
        tmp_path, write_letter("a\n"), write_letter("b\n"), write_letter("c\n")
    ).locators()
    after = mbox(tmp_path, write_letter("c\n"), write_letter("a\n")).locators()
    assert after == [before[2], before[0]]


# --- everywhere ----------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["La gare.\n", "From Moulins à Vichy.\n", "Fin sans saut\n\n\n"])
def test_a_message_is_the_same_in_every_source(
    tmp_path: Path, maildir: Path, write_letter: Letter, body: str
) -> None:
    letter = write_letter(body)
    (maildir / "new" / f"{STAMP}.1.hote").write_bytes(letter)
    (tmp_path / "lettres").mkdir()
    escaped = letter.replace(b"\nFrom Moulins", b"\n>From Moulins")
    sources = [
        open_mailbox("maildir:boite", tmp_path),
        mbox(tmp_path, escaped),
        eml(tmp_path / "lettres", lf=letter, crlf=letter.replace(b"\n", b"\r\n")),
    ]
    found = [message for source in sources for message in everything(source)]
    assert {(m.sha256, m.received_at) for m in found} == {(found[0].sha256, RECEIVED)}
    assert len(found) == 4
