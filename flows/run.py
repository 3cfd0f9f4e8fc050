"""What one run needs, found once: the consultation's file, the clock, the environment, the folder.

Wrong input is refused here, before anything starts, by a sentence that says what to do.
"""

from __future__ import annotations

import getpass
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tasks.consultation import (
    Consultation,
    ConsultationError,
    Materials,
    Source,
    parse_consultation,
)
from tasks.mail.sources.mailbox import SourceError
from tasks.mail.sources.opening import Access, check_source
from tasks.privacy.pseudonyms import trace
from tasks.reviewed import Reviews
from tasks.workers import Engine, Workers
from warehouse.contracts import DRAWS
from warehouse.failures import TellableError
from warehouse.files import sha256_of
from warehouse.home import Home, HomeError
from warehouse.vault import Day

if TYPE_CHECKING:
    from tasks.encoders import EncoderAccess
    from tasks.language.encoders import Encoder

FREE_BYTES = 200_000_000
DEFAULT_HOME = "var"
_LEARNT_AGAIN = (
    "La table apprise {} (trained.themes) {} : corrigez son nom, ou refaites-la par « assises "
    "evaluate --train … --write »."
)
_WITHDRAWN = {
    "withdrawn": "envois retirés à la demande de leur auteur",
    "disowned": "envois non écrits par leur auteur présumé",
    "expired": "envois supprimés au terme de leur durée de conservation",
}
# A secret: what it is, and the key of the consultation's file that says where it is.
MAILBOX_PASSWORD = ("Le mot de passe de la boîte", "password")
ENCODER_KEY = ("Le secret de l'encodeur", "encoder.key")
SMTP_PASSWORD = ("Le mot de passe du serveur d'envoi", "message.password")


class UsageError(TellableError):
    """What was asked cannot be done; the message is a French sentence that says what to do."""


@dataclass(frozen=True)
class Run:
    """One run of the flow: what it works on, for which day, as of which instant."""

    consultation: Consultation
    base: Path
    file: Path  # the consultation's
    learnt: str | None
    materials: Materials
    sources: tuple[Source, ...]
    home: Home
    as_of: date
    now: datetime
    workers: int
    text: str  # of the file
    engine: Engine | None = None  # a Dask cluster; null: processes of this machine

    @property
    def beside(self) -> Path:
        """The folder of the consultation's file."""
        return self.file.parent

    @property
    def is_final(self) -> bool:
        """Whether the consultation is closed once the as-of day ends."""
        return self.consultation.is_final(self.as_of)

    @property
    def is_provisional(self) -> bool:
        """Whether the as-of day is still in progress where the consultation is held."""
        return self.as_of >= self.now.astimezone(self.consultation.timezone).date()

    @property
    def configuration_sha256(self) -> str:
        """The fingerprint of what the consultation's file says of what is published."""
        content = asdict(self.consultation) | {
            "sources": (),
            "trained": self.learnt,
            "encoder": self.consultation.encoder.name,
            "retention": None,
            "message": None,
            "documents": self.materials,
            "calendar": None,
            "gates": None,
            "alerts": None,
        }
        return sha256_of(f"{key} = {value!r}" for key, value in sorted(content.items()))

    def at(self, as_of: date) -> Run:
        """Return the same run for another day."""
        return replace(self, as_of=as_of)

    def facts(self, days: Sequence[Day]) -> dict[str, Any]:
        """Return what identifies a publication: the row of `meta.publication`."""
        facts = {
            "as_of_date": self.as_of,
            "is_final": self.is_final,
            "is_provisional": self.is_provisional,
            "program_version": version("assises"),
            "configuration_sha256": self.configuration_sha256,
            "decisions_sha256": self.decisions_sha256(withdrawals(days)),
            "withdrawn_sha256": sha256_of(withdrawals(days)),
            "input_sha256": sha256_of(day.fingerprint for day in days),
            "revision_reason": revision_reason(days),
            "accepted_gates": self._accepted_gates(),
        }
        name = sha256_of(map(str, facts.values()))[:12]
        return facts | {"publication_version": name} | self.home.decisions.signoff(name)

    def _accepted_gates(self) -> list[str]:
        """Say of each gate that somebody let pass until the day which it was, who, and why."""
        return [
            "{gate_id} : {sentence}. Publié par décision de {named_by}, le {day:%d/%m/%Y} : "
            "{because}".format(day=row["decided_at"].astimezone(self.consultation.timezone), **row)
            for row in self.home.decisions.accepted_gates(self.as_of)
        ]

    def decisions_sha256(self, withdrawn: Sequence[str]) -> str:
        """Return the fingerprint of what people decided, `withdrawn` being those of the days."""
        return sha256_of([*withdrawn, *self.reviews.fingerprints()])

    @property
    def reviews(self) -> Reviews:
        """What people decided of what the program found, as it stands now."""
        return read_reviews(self.home, self.consultation.timezone)

    @property
    def access(self) -> Access:
        """What reading the sources needs of the world around."""
        asked = self.consultation
        return Access(self.base, asked.timezone, asked.message_bytes, self._secret, time.sleep)

    def _secret(self, named: str) -> str:
        return read_secret(named, self.base)

    def encoder(self) -> Encoder:
        """Return what turns statements into vectors, to be loaded or asked when there are some."""
        from tasks.encoders import open_encoder

        asked = self.consultation
        return open_encoder(asked.encoder, asked.themes, self._encoder_access)

    @property
    def _encoder_access(self) -> EncoderAccess:
        from tasks.encoders import EncoderAccess

        return EncoderAccess(self.beside, self._encoder_secret, time.sleep)

    def _encoder_secret(self, named: str) -> str:
        return read_secret(named, self.beside, ENCODER_KEY)

    def open_workers(self) -> AbstractContextManager[Workers]:
        """Return where what is heavy is done: processes of this machine, or a cluster."""
        if self.engine is None:
            return Workers(self.workers)
        with _needing_dask():
            from tasks.cluster import open_cluster
        witness = self.home.vault.root / "consultation"
        return open_cluster(self.engine, self.workers, self.home.temporary, witness)

    def refuse_engine(self) -> None:
        """Raise at once when the cluster that is asked for cannot be used."""
        if self.engine is not None:
            with _needing_dask():
                from tasks.cluster import check_cluster
            check_cluster(self.engine)

    def refuse_encoder(self) -> None:
        """Raise at once when the encoder that is declared cannot be opened."""
        declared = self.consultation.encoder
        if declared.kind != "words":
            from tasks.encoders import check_encoder

            check_encoder(declared, self._encoder_access)

    def try_encoder(self) -> int:
        """Ask the declared encoder for a vector, and return its length. Raises EncoderError."""
        from tasks.encoders import try_encoder

        return try_encoder(self.consultation.encoder, self._encoder_access)

    def refuse_sources(self) -> None:
        """Raise at once when there is no source, or one that cannot be what it says."""
        if not self.sources:
            raise UsageError(
                "Aucune source de messages : ajoutez une table [[source]] au fichier de la "
                "consultation, ou --source URI."
            )
        for source in self.sources:
            check_source(source, self.access)

    def refuse_hopeless(self) -> None:
        """Raise at once what would fail the run: no source, no room, another run in progress."""
        self.refuse_sources()
        self.refuse_encoder()
        self.refuse_engine()
        if free_bytes(self.home) < needed_bytes(self.home):
            raise no_room(self.home)
        with self.home.lock():
            pass


def needed_bytes(home: Home) -> int:
    """Return the room that a run may take beside what the home holds.

    It may make again all that can be, before what was goes; what citizens send takes less than
    the least.
    """
    return max(FREE_BYTES, home.made_bytes())


def free_bytes(home: Home) -> int:
    """Return the room that is left where the home is, or will be."""
    place = next(p for p in (home.root, *home.root.parents) if p.exists())
    return shutil.disk_usage(place).free


def no_room(home: Home) -> HomeError:
    """Return what to say of a disk that is full: how much a run needs, how much there is."""
    return HomeError(
        f"Disque plein : {needed_bytes(home) // 1_000_000} Mo nécessaires sous {home.root}, "
        f"{free_bytes(home) // 1_000_000} Mo libres. Libérez de la place, puis relancez. Rien "
        "n'est perdu et la dernière publication reste en place."
    )


def read_reviews(home: Home, timezone: tzinfo = UTC) -> Reviews:
    """Return what people decided, and what was drawn for them to read, as it stands now."""
    secret = trace("words", "", home.key())
    decisions = home.decisions
    return Reviews(decisions.in_force(), decisions.read(DRAWS).to_pylist(), secret, timezone)


def withdrawals(days: Sequence[Day]) -> list[str]:
    """Return what was withdrawn of these days, and why, a line a submission, in a fixed order."""
    rows = [
        day.submissions.select(["submission_id", "withdrawal"]).drop_null().to_pylist()
        for day in days
    ]
    return sorted(f"{row['submission_id']} {row['withdrawal']}" for day in rows for row in day)


def revision_reason(days: Sequence[Day]) -> str | None:
    """Say why a publication of these days replaces one that was made before; null: nothing does."""
    counts = Counter(line.partition(" ")[2] for line in withdrawals(days))
    return " ; ".join(f"{_WITHDRAWN[reason]} : {n}" for reason, n in sorted(counts.items())) or None


def prepare_run(
    consultation: Path,
    home: Path | None = None,
    as_of: str | None = None,
    sources: Sequence[str] | None = None,
    workers: int | None = None,
    engine: str | None = None,
) -> Run:
    """Read the consultation's file, the clock and the environment.

    `as_of` is a date, `today`, or null for the last complete local day. Raises UsageError; of
    root in another account's home, HomeError.
    """
    there = find_home(home)
    there.refuse_root()
    text = _read_file(consultation)
    declared = _parse_file(consultation, text)
    now = datetime.now(UTC)
    file = consultation.resolve()
    beside = file.parent
    return Run(
        declared,
        beside if not sources else Path.cwd(),
        file,
        read_learnt(declared, beside),
        read_materials(declared, beside),
        named_sources(sources or ()) or declared.sources,
        there,
        _as_of(as_of, now.astimezone(declared.timezone).date()),
        now,
        workers or os.cpu_count() or 1,
        text,
        _engine(engine),
    )


def _engine(asked: str | None) -> Engine | None:
    if asked is None:
        return None
    try:
        return Engine.parse(asked)
    except ValueError:  # what stands before an « @ » is a secret
        raise UsageError(
            f"--engine {asked.rpartition('@')[2]} : écrivez dask, dask://MACHINE:PORT ou "
            "dask+tls://MACHINE:PORT."
        ) from None


@contextmanager
def _needing_dask() -> Iterator[None]:
    """Raise UsageError when what a cluster needs is not installed."""
    missing = None if find_spec("prefect_dask") else "prefect_dask"  # imported late, it is slow
    try:
        yield
    except ModuleNotFoundError as error:
        missing = error.name
    if missing:
        raise UsageError(
            f"--engine demande une bibliothèque qui n'est pas installée ({missing}) : "
            "pip install 'assises[dask]'."
        ) from None


def first_day(run: Run, asked: str) -> date:
    """Return the first of the days to publish, `run` being of the last; raise UsageError."""
    opening = run.consultation.opening.astimezone(run.consultation.timezone).date()
    first = _as_of(asked, run.now.astimezone(run.consultation.timezone).date())
    if first > run.as_of:
        raise UsageError(f"{first} vient après {run.as_of} : --from dit le premier jour.")
    if first < opening:
        raise UsageError(
            f"{first} précède l'ouverture ({opening}) : rien n'y est compté. Le premier jour "
            "possible est celui de l'ouverture."
        )
    return first


def read_consultation(path: Path) -> Consultation:
    """Read a consultation's file; raise UsageError, naming the file, when it is absent or wrong."""
    return _parse_file(path, _read_file(path))


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"Le fichier {path} n'existe pas : indiquez celui de la consultation avec "
            "--consultation."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"Le fichier {path} ne peut pas être lu comme un texte UTF-8.") from None


def _parse_file(path: Path, text: str) -> Consultation:
    try:
        return parse_consultation(text)
    except ConsultationError as error:
        raise UsageError(f"{path} : {error}.") from None


def read_learnt(declared: Consultation, beside: Path) -> str | None:
    """Return the table of weights that a consultation names, `beside` being its file's folder.

    Raises UsageError when it is absent, is no such table, or knows themes the consultation has not.
    """
    if declared.trained is None:
        return None
    from tasks.language.linear import LinearModel

    path = beside / declared.trained
    try:
        table = path.read_text(encoding="utf-8")
        classes = LinearModel.read(table).classes
    except (OSError, ValueError) as error:
        absent = isinstance(error, OSError)
        wrong = "ne peut pas être lue" if absent else "est abîmée, ou faite par une autre version"
        raise UsageError(_LEARNT_AGAIN.format(path, wrong)) from None
    if unknown := sorted(set(classes) - set(declared.theme_labels())):
        wrong = f"connaît des thèmes inconnus ({', '.join(unknown)})"
        raise UsageError(_LEARNT_AGAIN.format(path, wrong))
    return table


def read_materials(declared: Consultation, beside: Path) -> Materials:
    """Return the files that the documents are made with, `beside` being the consultation's folder.

    Raises UsageError when one is absent or is not what it should be.
    """
    files = declared.documents
    return Materials(
        _template(beside, files.template),
        _stylesheet(beside, files.stylesheet),
        _outlines(beside, files.outlines),
    )


def _template(beside: Path, name: str | None) -> bytes | None:
    from tasks.report.odt import TemplateError, check_template

    content = _read_beside(beside, "template", name)
    try:
        return None if content is None else check_template(content)
    except TemplateError as error:
        raise UsageError(f"Le fichier {name} (documents.template) {error}.") from None


def _outlines(beside: Path, name: str | None) -> str | None:
    from tasks.report.outlines import OutlinesError, read_outlines

    text = _as_text(beside, "outlines", name)
    try:
        if text is not None:
            read_outlines(text)
    except OutlinesError as error:
        raise UsageError(
            f"Le fichier {name} (documents.outlines) ne peut pas être dessiné : {error}."
        ) from None
    return text


def _stylesheet(beside: Path, name: str | None) -> str | None:
    from tasks.report.page import StylesheetError, check_stylesheet

    text = _as_text(beside, "stylesheet", name)
    try:
        return None if text is None else check_stylesheet(text)
    except StylesheetError as error:
        raise UsageError(f"Le fichier {name} (documents.stylesheet) : {error}.") from None


def _as_text(beside: Path, key: str, name: str | None) -> str | None:
    content = _read_beside(beside, key, name)
    try:
        return None if content is None else content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(
            f"Le fichier {name} (documents.{key}) ne peut pas être lu comme un texte UTF-8."
        ) from None


def _read_beside(beside: Path, key: str, name: str | None) -> bytes | None:
    if name is None:
        return None
    try:
        return (beside / name).read_bytes()
    except OSError:
        raise UsageError(
            f"Le fichier {beside / name} ne peut pas être lu : corrigez documents.{key} dans le "
            "fichier de la consultation."
        ) from None


def read_secret(named: str, base: Path, of: tuple[str, str] = MAILBOX_PASSWORD) -> str:
    """Return the secret kept in `env:NAME`, `file:PATH` or `prefect:BLOCK`, without its line end.

    `of` says what it is and by which key it is declared. Raises SourceError, which never shows the
    secret, when there is none.
    """
    what, key = of
    kind, _, place = named.partition(":")
    try:
        if kind == "env":
            secret = os.environ.get(place, "")
        elif kind == "file":
            secret = (base / place).read_text(encoding="utf-8").rstrip("\r\n")
        else:
            from prefect.blocks.system import Secret

            secret = cast("Secret[str]", Secret.load(place)).get()
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{what} ne peut pas être lu ({named}) : {type(error).__name__}. Corrigez {key}."
        ) from None
    if not secret:
        raise SourceError(f"{what} est vide ou absent ({named}) : donnez-le, ou corrigez {key}.")
    return secret


def account() -> str:
    """Return the name of the account that runs the program; one without a name has a number."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def find_home(home: Path | None) -> Home:
    """Return the folder asked for, else that of the variable ASSISES_HOME, else `var`.

    Raises HomeError when a more recent program has written there.
    """
    found = Home(Path(home or os.environ.get("ASSISES_HOME") or DEFAULT_HOME).resolve())
    found.refuse_newer()
    return found


def named_sources(uris: Sequence[str]) -> tuple[Source, ...]:
    """Name sources given by their URI alone: their kind, numbered when there are several."""
    kinds = [uri.partition(":")[0] for uri in uris]
    names = [
        k if kinds.count(k) == 1 else f"{k}-{kinds[:i].count(k) + 1}" for i, k in enumerate(kinds)
    ]
    return tuple(Source(name, uri) for name, uri in zip(names, uris, strict=True))


def _as_of(asked: str | None, today: date) -> date:
    if asked is None:
        return today - timedelta(days=1)
    day = today if asked == "today" else _day(asked)
    if day > today:
        raise UsageError(f"{day} est dans le futur : le dernier jour possible est {today}.")
    return day


def _day(asked: str) -> date:
    try:
        return date.fromisoformat(asked)
    except ValueError:
        raise UsageError(f"« {asked} » : écrivez une date comme 2020-01-19, ou today.") from None
