"""What a consultation is: the one file that names themes, dates and thresholds, as a value.

Pure: text in, `Consultation` out. Finding and reading the file belongs to `flows`; a mistake in it
is one French sentence that says where it is and what to write instead.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HORS_THEME = "hors_theme"
LICENCES = ("etalab-2.0", "ODbL-1.0")  # those of the State's data: article D323-2-1 of the CRPA
SECRETS = ("env:", "file:", "prefect:")
DEPARTMENT = re.compile(r"0[1-9]|1\d|2[1-9AB]|[3-8]\d|9[0-5]|97[1-8]|98[678]")  # Insee's codes
CODE = re.compile(r"^[a-z][a-z0-9_-]{0,39}$")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MAIL_PORTS = {"smtps": 465, "smtp": 587}
_MOST_DAYS_AFTER = 366
# Controls, and what XML cannot hold; lines and tabulations are texts.
_NO_TEXT = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORD = re.compile(r"[^\W\d_]+")


class ConsultationError(ValueError):
    """The consultation file is wrong; the message is a French sentence for whoever wrote it."""


@dataclass(frozen=True)
class Theme:
    """An announced theme, and the words by which its statements are recognised."""

    code: str
    label: str
    short_label: str
    description: str = ""
    cues: tuple[str, ...] = ()
    counter_cues: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Columns:
    """Which columns of a table of answers say what: names of its first line.

    `text` may name several columns: their answers follow one another. `id` names an answer for
    good: a row whose `id` was read is not read again.
    """

    text: tuple[str, ...]
    received_at: str
    id: str | None = None
    address: str | None = None
    name: str | None = None
    subject: str | None = None

    def used(self) -> list[str]:
        """Return the columns that the table must have."""
        others = (self.received_at, self.id, self.address, self.name, self.subject)
        return [*self.text, *(column for column in others if column)]


@dataclass(frozen=True)
class Source:
    """Where messages are fetched: a name that may be published, a URI that may not.

    Of a mailbox on a server: its `folders`, where the password or token is (`env:NAME`,
    `file:PATH`, `prefect:BLOCK`: never the secret itself), the `authorities` its certificate is
    checked against.
    """

    name: str
    uri: str
    channel: str = "mail"
    folders: tuple[str, ...] = ()
    password: str = "env:ASSISES_IMAP_PASSWORD"  # noqa: S105 - where it is, not what it is
    authentication: str = "password"
    authorities: str | None = None
    columns: Columns | None = None


@dataclass(frozen=True)
class Weights:
    """Shares of a theme's contributors from which a group is called by these names."""

    majoritaire: float = 0.50
    frequent: float = 0.15
    partage: float = 0.03


@dataclass(frozen=True)
class PublicNames:
    """Whose names stay in citizens' words: office holders, with `keep`, and those listed.

    An office holder is somebody named with their office ("le maire Jean Dupont"); an officer of the
    police or gendarmerie is none.
    """

    office_holders: str = "mask"
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeclaredEncoder:
    """What turns statements into vectors: the program's own `words`, a model, or a service.

    `model`: its name at the service, or the folder or name of a sentence-transformers model.
    `key`: where the service's key is (`env:NAME`, `file:PATH`, `prefect:BLOCK`), never the key
    itself; null when the service asks none. `batch`: how many texts are encoded at once.
    """

    kind: str = "words"
    model: str = ""
    url: str = ""
    key: str | None = None
    batch: int = 64

    @property
    def name(self) -> str:
        """Tell one encoder from another: what another made is made again."""
        return " ".join(part for part in (self.kind, self.model, self.url) if part)


@dataclass(frozen=True)
class OpenData:
    """What is given to everybody: counts over `k` contributors only, under this licence."""

    k: int = 11
    licence: str = LICENCES[0]


@dataclass(frozen=True)
class Retention:
    """The day on which what was received is removed, and the folder to archive it in before."""

    until: date
    archive: str | None = None


@dataclass(frozen=True)
class DocumentFiles:
    """Names of the files, beside this one, that the documents take their look and map from.

    `template`: an ODT whose styles, headers and footers the administration made; `stylesheet`: a
    CSS that comes after the page's own; `outlines`: a GeoJSON of the department's communes.
    """

    template: str | None = None
    stylesheet: str | None = None
    outlines: str | None = None


@dataclass(frozen=True)
class Materials:
    """What the documents take their look and map from: the contents of those files."""

    template: bytes | None = None
    stylesheet: str | None = None
    outlines: str | None = None


@dataclass(frozen=True)
class MailServer:
    """A server that takes messages, and when TLS begins: at once, by STARTTLS, or never."""

    host: str
    port: int
    security: str


@dataclass(frozen=True)
class DeclaredMessage:
    """Who is written to after a publication, in whose name, and through which server.

    `password`: where it is, never the secret itself; without a `user` none is asked for.
    `authorities`: the file its certificate is checked against, in place of the system's.
    """

    to: tuple[str, ...]
    sender: str
    server: MailServer
    user: str | None = None
    password: str = "env:ASSISES_SMTP_PASSWORD"  # noqa: S105 - where it is, not what it is
    authorities: str | None = None


@dataclass(frozen=True)
class Calendar:
    """When a run is due: each day at a local hour, until so many days after the deadline."""

    at: time = time(6)
    days_after: int = 7


@dataclass(frozen=True)
class Gates:
    """What holds a publication until somebody lets it pass.

    `quarantine_share`: of at least `quarantine_least` messages, the share that waits for a person
    from which too many do. `usual_count`: messages on the median of the seven days before, from
    which a day without any is a mailbox that does not receive.
    """

    quarantine_share: float = 0.25
    quarantine_least: int = 20
    usual_count: int = 5


@dataclass(frozen=True)
class Alerts:
    """Who is told that a run failed or was held: addresses, and a command that reads JSON.

    Mail goes through the server of `[message]`.
    """

    to: tuple[str, ...] = ()
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Consultation:
    """A consultation as its file declares it. `deadline` is the first instant that is late."""

    slug: str
    title: str
    organiser: str
    addressee: str
    timezone: ZoneInfo
    opening: datetime
    deadline: datetime
    department: str
    themes: tuple[Theme, ...]
    sources: tuple[Source, ...] = ()
    # The names under which the mailbox's own servers write what they verified (RFC 8601).
    authserv_ids: tuple[str, ...] = ()
    hors_theme_counter_cues: tuple[str, ...] = ()
    campaign_contributors: int = 5
    weights: Weights = field(default_factory=Weights)
    message_bytes: int = 25_000_000
    quotations: int = 12
    # Where the table of weights learnt from labelled statements is, beside this file; else the
    # definitions decide alone.
    trained: str | None = None
    encoder: DeclaredEncoder = field(default_factory=DeclaredEncoder)
    open_data: OpenData = field(default_factory=OpenData)
    retention: Retention | None = None
    public_names: PublicNames = field(default_factory=PublicNames)
    documents: DocumentFiles = field(default_factory=DocumentFiles)
    message: DeclaredMessage | None = None
    calendar: Calendar = field(default_factory=Calendar)
    gates: Gates = field(default_factory=Gates)
    alerts: Alerts = field(default_factory=Alerts)

    def theme_labels(self) -> dict[str, str]:
        """Label of each theme code, in the announced order, `hors_theme` last."""
        return {t.code: t.label for t in self.themes} | {HORS_THEME: "Hors des thèmes annoncés"}

    def short_labels(self) -> dict[str, str]:
        """Short name of each theme code, in the announced order, `hors_theme` last."""
        return {t.code: t.short_label for t in self.themes} | {HORS_THEME: "Hors thèmes"}

    def is_final(self, as_of: date) -> bool:
        """Tell whether the day `as_of`, whole, ends at or after the deadline."""
        return self._midnight(as_of + timedelta(days=1)) >= self.deadline

    def is_open_on(self, day: date) -> bool:
        """Tell whether contributions were received on a day, or on a part of it."""
        next_day = day + timedelta(days=1)
        return self._midnight(day) < self.deadline and self._midnight(next_day) > self.opening

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, datetime.min.time(), self.timezone)


def parse_consultation(text: str) -> Consultation:
    """Read a consultation file.

    Raises ConsultationError with one sentence that names the key and says what to write.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConsultationError(f"le fichier n'est pas du TOML valide ({error})") from None
    root = _Section("", content)
    about = root.section("consultation")
    timezone = _timezone(about.text("timezone", "Europe/Paris"))
    opening = _instant(about, "opening", timezone)
    deadline = _instant(about, "deadline", timezone)
    if deadline <= opening:
        raise ConsultationError(
            f"la clôture (deadline, {deadline:%d/%m/%Y %H:%M}) doit venir après l'ouverture "
            f"(opening, {opening:%d/%m/%Y %H:%M})"
        )
    lexicons = root.section("lexicon", required=False)
    themes = tuple(_theme(t, lexicons) for t in root.tables("theme"))
    _check_codes(themes, lexicons)
    outside = lexicons.section(HORS_THEME, required=False)
    thresholds = root.section("thresholds", required=False)
    trained = root.section("trained", required=False)
    consultation = Consultation(
        slug=_code(about, "slug"),
        title=about.text("title"),
        organiser=about.text("organiser"),
        addressee=about.text("addressee"),
        timezone=timezone,
        opening=opening,
        deadline=deadline,
        department=_department(about),
        themes=themes,
        sources=_sources(root),
        authserv_ids=about.texts("authserv_ids"),
        hors_theme_counter_cues=outside.texts("cues"),
        campaign_contributors=thresholds.integer("campaign_contributors", 5, least=2),
        weights=_weights(thresholds),
        message_bytes=thresholds.integer("message_megabytes", 25, least=1) * 1_000_000,
        quotations=thresholds.integer("quotations", 12, least=1),
        trained=trained.text("themes", "") or None,
        encoder=_encoder(root.section("encoder", required=False)),
        open_data=_open_data(root.section("open_data", required=False)),
        retention=_retention(root.section("retention", required=False), deadline),
        public_names=_public_names(root.section("privacy", required=False)),
        documents=_document_files(root.section("documents", required=False)),
        message=_message(root.section("message", required=False)),
        calendar=_calendar(root.section("schedule", required=False)),
        gates=_gates(root.section("gates", required=False)),
        alerts=_alerts(root.section("alerts", required=False)),
    )
    if consultation.alerts.to and consultation.message is None:
        raise ConsultationError(
            "alerts.to écrit par le serveur de [message] : ajoutez cette table ou retirez alerts.to"
        )
    for section in (outside, lexicons, thresholds, trained, about, root):
        section.refuse_unread()
    return consultation


def _theme(table: _Section, lexicons: _Section) -> Theme:
    code = _code(table, "code")
    lexicon = lexicons.section(code, required=False)
    theme = Theme(
        code=code,
        label=table.text("label"),
        short_label=table.text("short_label"),
        description=table.text("description", ""),
        cues=lexicon.texts("cues"),
        counter_cues=lexicon.texts("counter_cues"),
        examples=lexicon.texts("examples"),
    )
    table.refuse_unread()
    lexicon.refuse_unread()
    return theme


def _check_codes(themes: tuple[Theme, ...], lexicons: _Section) -> None:
    codes = [t.code for t in themes]
    if not codes:
        raise ConsultationError("aucun thème n'est déclaré : ajoutez au moins une table [[theme]]")
    for code in codes:
        if code == HORS_THEME or codes.count(code) > 1:
            raise ConsultationError(f"le code de thème « {code} » est réservé ou déclaré deux fois")
    for code in lexicons.names():
        if code not in (*codes, HORS_THEME):
            raise ConsultationError(
                f"thème inconnu « {code} » dans [lexicon.{code}] : "
                f"les thèmes déclarés sont {', '.join(codes)} (et {HORS_THEME})"
            )


def _sources(root: _Section) -> tuple[Source, ...]:
    found = []
    for table in root.tables("source"):
        found.append(_source(table))
        table.refuse_unread()
    names = [source.name for source in found]
    for name in names:
        if names.count(name) > 1:
            raise ConsultationError(f"deux sources portent le nom « {name} » : donnez-en un autre")
    return tuple(found)


def _source(table: _Section) -> Source:
    uri = table.text("uri")
    kind = uri.partition(":")[0]
    is_table = kind == "csv"
    source = Source(
        name=_code(table, "name"),
        uri=uri,
        channel=_code(table, "channel", "questionnaire" if is_table else "mail"),
        columns=_columns(table.section("columns")) if is_table else None,
    )
    if kind not in ("imap", "imaps"):
        return source
    return replace(
        source,
        folders=table.texts("folders"),
        password=table.choice("password", source.password, SECRETS),
        authentication=table.choice("authentication", "password", ("password", "xoauth2")),
        authorities=table.text("authorities", "") or None,
    )


def _columns(table: _Section) -> Columns:
    columns = Columns(
        text=table.texts("text"),
        received_at=table.text("received_at"),
        **{role: table.text(role, "") or None for role in ("id", "address", "name", "subject")},
    )
    if not columns.text:
        raise ConsultationError(f'il manque {table.path("text")} : écrivez ["nom de colonne"]')
    table.refuse_unread()
    return columns


def _public_names(table: _Section) -> PublicNames:
    office_holders = table.choice("office_holders", "mask", ("mask", "keep"))
    names = table.texts("public_names")
    for name in names:
        # A single word would let everybody who bears it be named.
        if len(_WORD.findall(name)) < 2:
            raise ConsultationError(
                f"{table.path('public_names')} : « {name} » n'est pas un nom complet ; "
                "écrivez le prénom puis le nom"
            )
    table.refuse_unread()
    return PublicNames(office_holders, names)


def _encoder(table: _Section) -> DeclaredEncoder:
    kind = table.choice("kind", "words", ("words", "sentence-transformers", "openai"))
    encoder = DeclaredEncoder(kind)
    if kind != "words":
        batch = table.integer("batch", encoder.batch, least=1)
        encoder = replace(encoder, model=table.text("model"), batch=batch)
    if kind == "openai":
        key = table.choice("key", "", SECRETS) if table.text("key", "") else None
        encoder = replace(encoder, url=_service(table), key=key)
    table.refuse_unread()
    return encoder


def _open_data(table: _Section) -> OpenData:
    usual = OpenData()
    open_data = OpenData(
        k=table.integer("k", usual.k, least=3),
        licence=table.choice("licence", usual.licence, LICENCES),
    )
    table.refuse_unread()
    return open_data


def _service(table: _Section) -> str:
    """Read the address of a service; one that is wrong is not repeated: it may hold a secret."""
    url = table.text("url").rstrip("/")
    if not _is_safe(url):
        raise ConsultationError(
            f"{table.path('url')} : écrivez https://SERVEUR/CHEMIN, sans mot de passe ni « ? » "
            "(http:// seulement vers cette machine, comme http://localhost:8080/v1)"
        )
    return url


def _is_safe(url: str) -> bool:
    """Tell whether an address is encrypted or this machine's, and says nothing but a place."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    schemes = ("https", "http") if is_loopback(host) else ("https",)
    return _plain(url) and parts.scheme in schemes and bool(host) and port != 0


def is_loopback(host: str) -> bool:
    """Tell whether a host is this very machine, by its name alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _document_files(table: _Section) -> DocumentFiles:
    names = {key: table.text(key, "") or None for key in ("template", "stylesheet", "outlines")}
    table.refuse_unread()
    return DocumentFiles(**names)


def _message(table: _Section) -> DeclaredMessage | None:
    """Read the table; an address that is wrong is not repeated: it may be somebody's."""
    if not table.names():
        return None
    to, sender = _addresses(table, "to"), table.text("from")
    _check_address(table, "from", sender)
    if not to:
        raise ConsultationError(
            f'il manque {table.path("to")} : écrivez ["cabinet@prefecture.example"]'
        )
    usual = DeclaredMessage(to, sender, _mail_server(table))
    message = replace(
        usual,
        user=table.text("user", "") or None,
        password=table.choice("password", usual.password, SECRETS),
        authorities=table.text("authorities", "") or None,
    )
    table.refuse_unread()
    return message


def _addresses(table: _Section, key: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(table.texts(key)))
    for address in found:
        _check_address(table, key, address)
    return found


def _check_address(table: _Section, key: str, address: str) -> None:
    if not _ADDRESS.fullmatch(address):
        raise ConsultationError(
            f"{table.path(key)} : une adresse n'en est pas une ; écrivez-les comme "
            "cabinet@prefecture.example, sans nom ni accent"
        )


def _calendar(table: _Section) -> Calendar:
    usual = Calendar()
    at = table.value("at", time, "une heure comme 06:00:00", usual.at)
    days_after = table.integer("days_after", usual.days_after, least=1)
    if at.microsecond:
        raise ConsultationError(f"{table.path('at')} = {at} : écrivez une heure comme 06:00:00")
    if days_after > _MOST_DAYS_AFTER:
        raise ConsultationError(
            f"{table.path('days_after')} = {days_after} : écrivez au plus {_MOST_DAYS_AFTER}"
        )
    table.refuse_unread()
    return Calendar(at, days_after)


def _gates(table: _Section) -> Gates:
    usual = Gates()
    gates = Gates(
        table.share("quarantine_share", usual.quarantine_share),
        table.integer("quarantine_least", usual.quarantine_least, least=1),
        table.integer("usual_count", usual.usual_count, least=1),
    )
    table.refuse_unread()
    return gates


def _alerts(table: _Section) -> Alerts:
    alerts = Alerts(_addresses(table, "to"), table.texts("command"))
    table.refuse_unread()
    return alerts


def _mail_server(table: _Section) -> MailServer:
    """Read where messages are taken; what is wrong is not repeated: it may hold a secret."""
    place = table.text("server")
    scheme, _, rest = place.partition("://")
    if scheme not in _MAIL_PORTS or not _is_host(rest):
        raise ConsultationError(
            f"{table.path('server')} : écrivez smtps://SERVEUR ou smtp://SERVEUR:PORT (STARTTLS), "
            "sans identifiant ni mot de passe (ils se donnent par user et password)"
        )
    parts = urlsplit(place)
    host = parts.hostname or ""
    security = "tls" if scheme == "smtps" else "none" if is_loopback(host) else "starttls"
    return MailServer(host, parts.port or _MAIL_PORTS[scheme], security)


def _is_host(text: str) -> bool:
    """Tell whether a text is the name of a host, with a port or without, and nothing else."""
    try:
        parts = urlsplit(f"//{text}")
        return parts.netloc == text and bool(parts.hostname) and parts.port != 0 and _plain(text)
    except ValueError:
        return False


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and not set(text) & set("@?# \\")


def _retention(table: _Section, deadline: datetime) -> Retention | None:
    if not table.names():
        return None
    until = table.value("until", date, "une date comme 2020-07-20")
    if isinstance(until, datetime) or until <= deadline.date():
        raise ConsultationError(
            f"{table.path('until')} : écrivez une date sans heure, après la clôture "
            f"({deadline:%d/%m/%Y})"
        )
    retention = Retention(until, table.text("archive", "") or None)
    table.refuse_unread()
    return retention


def _weights(thresholds: _Section) -> Weights:
    usual = Weights()
    weights = Weights(
        thresholds.share("majoritaire", usual.majoritaire),
        thresholds.share("frequent", usual.frequent),
        thresholds.share("partage", usual.partage),
    )
    if not weights.majoritaire > weights.frequent > weights.partage:
        raise ConsultationError("les seuils doivent décroître : majoritaire, frequent, partage")
    return weights


def _department(about: _Section) -> str:
    code = about.text("department")
    if not DEPARTMENT.fullmatch(code):
        raise ConsultationError(
            f"{about.path('department')} = « {code} » : écrivez le code d'un département, "
            'comme "03" ou "2A"'
        )
    return code


def _timezone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # "Europe" is a folder of the database
        raise ConsultationError(
            f"le fuseau horaire « {name} » est inconnu : écrivez par exemple Europe/Paris"
        ) from None


def _instant(section: _Section, key: str, timezone: ZoneInfo) -> datetime:
    """Read a local date or date-time; without an hour it is the day's first instant."""
    value = section.value(key, (date, datetime), "une date comme 2020-01-08T00:00:00")
    if not isinstance(value, datetime):
        value = datetime.combine(value, datetime.min.time())
    return value if value.tzinfo else value.replace(tzinfo=timezone)


def _code(section: _Section, key: str, usual: str | None = None) -> str:
    value = section.text(key, usual)
    if not CODE.fullmatch(value):
        raise ConsultationError(
            f"{section.path(key)} = « {' '.join(value.split())} » : un code n'a que des minuscules "
            "sans accent, des chiffres, - et _"
        )
    return value


class _Section:
    """A table of the file that knows its name and which of its keys have been read."""

    def __init__(self, name: str, content: Mapping[str, Any]) -> None:
        self._name, self._content, self._read = name, content, set[str]()

    def path(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def names(self) -> list[str]:
        return list(self._content)

    def value(
        self, key: str, kinds: type | tuple[type, ...], wanted: str, usual: Any = None
    ) -> Any:
        self._read.add(key)
        value = self._content.get(key, usual)
        if value is None:
            raise ConsultationError(f"il manque {self.path(key)} : écrivez {wanted}")
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise ConsultationError(f"{self.path(key)} = {value!r} : écrivez {wanted}")
        return value

    def text(self, key: str, usual: str | None = None) -> str:
        value: str = self.value(key, str, "un texte entre guillemets", usual)
        if usual is None and not value.strip():
            raise ConsultationError(
                f"{self.path(key)} est vide : écrivez un texte entre guillemets"
            )
        if _NO_TEXT.search(value):
            raise ConsultationError(
                f"{self.path(key)} a un caractère que les documents ne peuvent pas écrire : "
                "retirez-le (\\u0000 par exemple)"
            )
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.value(key, list, 'une liste de textes ["…", "…"]', [])
        if not all(isinstance(v, str) for v in values):
            raise ConsultationError(f'{self.path(key)} : écrivez une liste de textes ["…", "…"]')
        return tuple(values)

    def choice(self, key: str, usual: str, wanted: tuple[str, ...]) -> str:
        """Read a text that is one of those wanted, or begins with one that ends with ":"."""
        value = self.text(key, usual)
        if not any(value == w or (w.endswith(":") and value.startswith(w)) for w in wanted):
            raise ConsultationError(f"{self.path(key)} : écrivez {' ou '.join(wanted)}")
        return value

    def integer(self, key: str, usual: int, least: int) -> int:
        value: int = self.value(key, int, "un nombre entier", usual)
        if value < least:
            raise ConsultationError(f"{self.path(key)} = {value} : écrivez au moins {least}")
        return value

    def share(self, key: str, usual: float) -> float:
        value = float(self.value(key, (int, float), "une part comme 0.15", usual))
        if not 0 < value < 1:
            raise ConsultationError(f"{self.path(key)} = {value} : écrivez une part entre 0 et 1")
        return value

    def section(self, key: str, *, required: bool = True) -> _Section:
        usual: dict[str, Any] | None = None if required else {}
        return _Section(
            self.path(key), self.value(key, dict, f"une table [{self.path(key)}]", usual)
        )

    def tables(self, key: str) -> list[_Section]:
        values = self.value(key, list, f"des tables [[{self.path(key)}]]", [])
        if not all(isinstance(v, dict) for v in values):
            raise ConsultationError(f"{self.path(key)} : écrivez des tables [[{self.path(key)}]]")
        return [_Section(f"{self.path(key)}[{n}]", v) for n, v in enumerate(values, 1)]

    def refuse_unread(self) -> None:
        for key in self._content:
            if key not in self._read:
                raise ConsultationError(
                    f"clé inconnue {self.path(key)} : corrigez-la ou retirez-la "
                    f"(clés connues ici : {', '.join(sorted(self._read)) or 'aucune'})"
                )
