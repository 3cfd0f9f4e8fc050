"""Every column that is stored, declared once.

Arrow schemas, DDL with comments, base expectations, the published dictionary and
`docs/dictionary.md` are projections of these declarations; nothing else may spell a column's type
or meaning. Descriptions are French: analysts read them in the database and in the dictionary.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")
STATUSES = ("accepted", "duplicate", "rejected", "quarantined", "withdrawn")
KINDS = ("constat", "proposition", "autre")
CONTRIBUTOR_TYPES = ("habitant", "élu", "force de sécurité", "partenaire", "inconnu")
ATTENTION_CODES = ("urgence", "menace", "signalement", "demande", "presse", "elu")
MOVE_TOPICS = ("figure", "status", "theme", "kind", "campaign", "joined", "split")
WEIGHT_LABELS = ("majoritaire", "fréquent", "partagé", "isolé")


@dataclass(frozen=True)
class Column:
    """A column: its Arrow type, its meaning, and what must hold of every value."""

    name: str
    type: pa.DataType
    description: str
    nullable: bool = False
    values: tuple[str, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    words: bool = False  # holds citizens' words: never in a log, a stored result or an artifact


@dataclass(frozen=True)
class Table:
    """A table: where it stands, what a row is, what identifies it, in which order it is written."""

    layer: str
    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]

    @property
    def qualified(self) -> str:
        """The name that SQL, manifests and files know the table by: `layer.name`."""
        return f"{self.layer}.{self.name}"

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of its rows, columns in the order declared."""
        return pa.schema([pa.field(c.name, c.type, c.nullable) for c in self.columns])

    def column(self, name: str) -> Column:
        """Return what is declared of a column that the table is known to have."""
        return next(c for c in self.columns if c.name == name)


def _id(name: str, description: str, prefix: str, *, nullable: bool = False) -> Column:
    return Column(name, pa.string(), description, nullable, pattern=rf"^{prefix}-[0-9a-f]{{16}}$")


def _count(name: str, description: str) -> Column:
    return Column(name, pa.int64(), description, minimum=0)


def _share(name: str, description: str, *, nullable: bool = False) -> Column:
    return Column(name, pa.float64(), description, nullable, minimum=0, maximum=1)


def _text(name: str, description: str, *, nullable: bool = False, words: bool = False) -> Column:
    return Column(name, pa.string(), description, nullable, words=words)


SUBMISSION_ID = _id("submission_id", "Identifiant d'un envoi reçu", "s")
CONTRIBUTION_ID = _id("contribution_id", "Identifiant d'une contribution retenue", "c")
CONTRIBUTOR_ID = _id(
    "contributor_id", "Pseudonyme stable de l'auteur (HMAC-SHA-256 de son adresse)", "a"
)
STATEMENT_ID = Column(
    "statement_id",
    pa.string(),
    "Identifiant d'un énoncé : la contribution et le rang de l'énoncé",
    pattern=r"^c-[0-9a-f]{16}-[0-9]{3,}$",
)
GROUP_ID = _id("group_id", "Identifiant stable d'un groupe d'énoncés semblables", "g")
MESSAGE_SHA256 = Column(
    "message_sha256",
    pa.string(),
    "Empreinte SHA-256 du message, fins de ligne LF",
    pattern=r"^[0-9a-f]{64}$",
)
RECEIVED_AT = Column("received_at", TIMESTAMP, "Instant de réception (UTC)", nullable=True)
RECEIVED_DATE = Column(
    "received_date", pa.date32(), "Jour local de réception ; vide : sans date", nullable=True
)
CONTRIBUTION_RECEIVED_AT = Column("received_at", TIMESTAMP, "Instant de réception (UTC)")
CONTRIBUTION_DATE = Column("received_date", pa.date32(), "Jour local de réception")
SIZE_BYTES = _count("size_bytes", "Taille du message, en octets")
SENDER_VERIFIED = Column(
    "sender_verified",
    pa.bool_(),
    "Le serveur de la boîte a vérifié l'adresse de l'auteur (faux : usurpée) ; vide : on ne sait",
    nullable=True,
)
SENDER_DISPOSABLE = Column(
    "sender_disposable",
    pa.bool_(),
    "L'adresse de l'auteur est d'un fournisseur d'adresses jetables",
)
STATUS = Column("status", pa.string(), "Sort fait à l'envoi", values=STATUSES)
REASON = _text("reason", "Raison de ce sort ; vide pour un envoi retenu", nullable=True)
SOURCES = Column(
    "sources", pa.list_(pa.string()), "Noms, triés, des sources où l'envoi a été trouvé"
)
CHANNEL = _text("channel", "Voie d'arrivée : mail, questionnaire, papier…, comme la source le dit")
THEME = _text("theme", "Code du thème")
KIND = Column("kind", pa.string(), "Constat, proposition ou autre", values=KINDS)
SHARED_KIND = Column("kind", pa.string(), "Constat ou proposition", values=KINDS[:2])

ATTACHMENT = pa.struct(
    [
        ("name", pa.string()),
        ("media_type", pa.string()),
        ("size_bytes", pa.int64()),
        ("text_chars", pa.int64()),
    ]
)

# --- vault: personal data, never leaves ASSISES_HOME/vault --------------------------------------

DELIVERIES = Table(
    "vault",
    "raw",
    "une ligne par message vu dans une source ; le contenu n'est gardé qu'à la première vue",
    (
        SUBMISSION_ID,
        MESSAGE_SHA256,
        _count("occurrence", "Rang parmi les messages identiques d'une même source, à partir de 0"),
        _text("source", "Nom de la source"),
        CHANNEL,
        _text("locator", "Place du message dans la source"),
        Column(
            "received_at", TIMESTAMP, "Instant de réception selon cette source (UTC)", nullable=True
        ),
        Column("fetched_at", TIMESTAMP, "Instant de la relève (UTC)"),
        SIZE_BYTES,
        Column("is_whole", pa.bool_(), "Le message est gardé entier ; sinon, son seul en-tête"),
        _text("media_type", "Message (message/rfc822) ou ligne d'un tableau (application/json)"),
        Column("holds_bytes", pa.bool_(), "Les octets du message sont gardés dans cette ligne"),
        Column(
            "raw",
            pa.large_binary(),
            "Octets du message, fins de ligne LF",
            nullable=True,
            words=True,
        ),
    ),
    key=("submission_id", "source", "locator"),
    order=("received_at", "message_sha256", "occurrence"),
)

PARSED = Table(
    "vault",
    "parsed",
    "une ligne par message lu",
    (
        SUBMISSION_ID,
        _text(
            "from_address",
            "Adresse de l'auteur, normalisée ; vide si elle n'est pas sûre",
            nullable=True,
        ),
        SENDER_VERIFIED,
        SENDER_DISPOSABLE,
        _text("from_name", "Nom affiché de l'auteur", nullable=True, words=True),
        _text("subject", "Objet du message", words=True),
        _text("message_id", "Message-ID", nullable=True),
        _text("machine", "Envoi de machine : bounce, auto_reply, bulk ou spam", nullable=True),
        _text("own_text", "Mots propres de l'auteur", words=True),
        _text(
            "cut_text",
            "Ce qui a été écarté : citations, signature, mentions automatiques",
            words=True,
        ),
        _text("signature", "Bloc de signature", words=True),
        Column(
            "author_names",
            pa.list_(pa.string()),
            "Noms sous lesquels l'auteur se présente",
            words=True,
        ),
        _count("content_word_count", "Mots propres hors formules de politesse"),
        Column("is_cover_note", pa.bool_(), "Le texte ne fait qu'annoncer une pièce jointe"),
        Column("is_revision", pa.bool_(), "L'auteur annule et remplace un envoi précédent"),
        Column("from_attachment", pa.bool_(), "Les mots viennent d'une pièce jointe"),
        Column(
            "has_unread_part", pa.bool_(), "Une pièce jointe ne peut être lue que par une personne"
        ),
        Column(
            "attachments",
            pa.list_(ATTACHMENT),
            "Pièces jointes : nom, type, taille, caractères lus",
            words=True,
        ),
        Column(
            "language", pa.string(), "Langue (code ISO 639-1) ; vide si trop court", nullable=True
        ),
        Column("defects", pa.list_(pa.string()), "Défauts du message rencontrés à la lecture"),
        Column("is_unreadable", pa.bool_(), "Le message n'a pas pu être lu"),
    ),
    key=("submission_id",),
    order=("submission_id",),
)

# What is read in words, be they a message's or typed by a person who read it.
READ_IN_WORDS = (
    *("own_text", "cut_text", "signature", "author_names"),
    *("content_word_count", "is_revision", "language"),
)

TYPED = Table(
    "vault",
    "typed",
    "une ligne par texte qu'une personne a lu dans un message et saisi",
    (
        _id("typed_id", "Identifiant du texte saisi", "t"),
        SUBMISSION_ID,
        *(PARSED.column(name) for name in READ_IN_WORDS),
        Column("typed_at", TIMESTAMP, "Instant de la saisie (UTC)"),
        _text("typed_by", "Qui l'a saisi"),
    ),
    key=("typed_id",),
    order=("typed_at", "typed_id"),
)

# --- decisions: what people decided; append-only, no citizen's word ------------------------------

DECIDED_AT = Column("decided_at", TIMESTAMP, "Instant de la décision (UTC)")
WITHDRAWAL_REASONS = ("withdrawn", "disowned", "expired")

WITHDRAWAL_REASON = Column(
    "reason",
    pa.string(),
    "À la demande de son auteur, non écrit par lui, ou durée de conservation échue",
    values=WITHDRAWAL_REASONS,
)
REQUEST_ID = _id("request_id", "Demande à laquelle il est donné suite", "e")
PERSON_TRACE = _text(
    "person_trace",
    "Empreinte à clé de l'adresse : qui la donne peut vérifier, elle ne s'en déduit pas",
    nullable=True,
)

WITHDRAWALS = Table(
    "decisions",
    "withdrawals",
    "une ligne par envoi retiré : il n'en reste que cette ligne et celle de sa réception",
    (
        SUBMISSION_ID,
        WITHDRAWAL_REASON,
        REQUEST_ID,
        DECIDED_AT,
        _text("decided_by", "Qui l'a prise : nom d'utilisateur"),
        PERSON_TRACE,
        _text(
            "message_trace",
            "Empreinte à clé du Message-ID : le même message, relevé ailleurs, ne revient pas",
            nullable=True,
        ),
    ),
    key=("submission_id",),
    order=("decided_at", "submission_id"),
)

PROOFS = Table(
    "decisions",
    "proofs",
    "une ligne par demande dont tout est fait : la preuve, sans la personne",
    (
        REQUEST_ID,
        WITHDRAWAL_REASON,
        Column("done_at", TIMESTAMP, "Instant où tout fut fait (UTC)"),
        PERSON_TRACE,
        _count("submission_count", "Envois retirés"),
        Column(
            "remade_dates",
            pa.list_(pa.date32()),
            "Jours dont la publication a été refaite sans eux",
        ),
    ),
    key=("request_id",),
    order=("done_at", "request_id"),
)

REVIEW_ACTS = (
    *("group_label", "group_merge", "group_theme", "group_kind", "group_read"),
    *("statement_theme", "statement_kind", "statement_group", "statement_open"),
    *("submission_words", "submission_kept", "attention_done"),
    *("sample_theme", "sample_kind", "undo"),
)
# What a person decides of what the program read: it counts as it is, or there is nothing in it.
KEPT, DISCARDED = "retenir", "écarter"
DECIDED_BY = _text("decided_by", "Qui l'a prise : nom donné, sinon nom d'utilisateur")

REVIEWS = Table(
    "decisions",
    "reviews",
    "une ligne par décision de relecture ; la dernière sur un même sujet vaut, sauf annulée",
    (
        _id("decision_id", "Identifiant de la décision", "d"),
        _id("import_id", "Lecture de classeur ou commande dont elle vient", "i"),
        DECIDED_AT,
        DECIDED_BY,
        Column("act", pa.string(), "Ce qui est décidé", values=REVIEW_ACTS),
        _text("subject", "Identifiant de ce dont il est décidé : groupe, énoncé, envoi, décision"),
        Column("reader", pa.int64(), "Lecteur de l'échantillon, 1 ou 2", nullable=True),
        _text(
            "before",
            "Ce qui valait avant ; pour un libellé de la machine, l'énoncé dont il est tiré",
            nullable=True,
        ),
        _text(
            "after",
            "Ce qui vaut depuis ; de mots saisis, ou d'un libellé pris à un énoncé, l'identifiant",
            nullable=True,
        ),
        _text("reason", "Motif donné", nullable=True),
        Column(
            "anchors",
            pa.list_(pa.string()),
            "De quoi le sujet était fait : groupes du programme et empreintes à clé de ses mots",
        ),
        Column(
            "target_anchors",
            pa.list_(pa.string()),
            "De quoi le groupe d'arrivée était fait, quand il y en a un",
        ),
        _text("cell", "Feuille et cellule du classeur dont elle vient", nullable=True),
    ),
    key=("decision_id",),
    order=("decided_at", "decision_id"),
)

DRAWS = Table(
    "decisions",
    "draws",
    "une ligne par énoncé tiré au sort pour être relu à l'aveugle",
    (
        _id("draw_id", "Tirage dont il est", "t"),
        STATEMENT_ID,
        _text("words_trace", "Empreinte à clé de ses mots"),
        Column("drawn_at", TIMESTAMP, "Instant du tirage (UTC)"),
        _text("stratum", "Strate où il a été tiré : thème et nature selon la machine"),
        _count("population_count", "Énoncés de mots distincts dans cette strate, ce jour-là"),
        _count(
            "drawn_count", "Énoncés tirés dans cette strate jusqu'à ce tirage, celui-ci compris"
        ),
        Column(
            "part",
            pa.string(),
            "Sert à mesurer, ou à apprendre : jamais aux deux",
            values=("mesure", "apprentissage"),
        ),
    ),
    key=("words_trace",),
    order=("drawn_at", "statement_id"),
)

SIGNOFF_STATES = ("validée", "transmise", "brouillon")

SIGNOFFS = Table(
    "decisions",
    "signoffs",
    "une ligne par validation ou transmission d'une publication, ou retrait de sa validation",
    (
        Column("as_of_date", pa.date32(), "Jour de la publication"),
        _text("publication_version", "Version dont il est décidé : une autre reste un brouillon"),
        Column("state", pa.string(), "Ce qu'elle est depuis", values=SIGNOFF_STATES),
        _text("named_by", "Qui la valide ou la transmet : nom et qualité"),
        _text("addressee", "À qui elle est transmise", nullable=True),
        _text("archive_sha256", "Empreinte de l'archive transmise", nullable=True),
        DECIDED_AT,
        _text("decided_by", "Nom d'utilisateur"),
        _text("reason", "Motif donné", nullable=True),
    ),
    key=("publication_version", "state", "decided_at"),
    order=("decided_at", "state"),
)

MESSAGE_KINDS = ("étape", "définitif")
MESSAGE_STATES = ("en cours", "remis", "refusé", "échec")

MESSAGES = Table(
    "decisions",
    "messages",
    "une ligne par destinataire et par état de l'envoi d'un message",
    (
        Column("as_of_date", pa.date32(), "Jour de la publication"),
        _text("publication_version", "Version que le message annonce"),
        Column(
            "kind",
            pa.string(),
            "Message d'étape, ou définitif : celui de la synthèse validée, documents joints",
            values=MESSAGE_KINDS,
        ),
        _text("recipient_trace", "Empreinte à clé de l'adresse du destinataire"),
        Column(
            "state",
            pa.string(),
            "Où en est l'envoi ; « en cours » sans suite : interrompu, on ne sait s'il est arrivé",
            values=MESSAGE_STATES,
        ),
        Column("reached_at", TIMESTAMP, "Instant de cet état (UTC)"),
        _text("why", "Ce qui a empêché l'envoi", nullable=True),
    ),
    key=("publication_version", "kind", "recipient_trace", "state", "reached_at"),
    order=("reached_at", "recipient_trace"),
)

GATE_RULES = ("quarantine", "silence", "email", "phone")

GATES = Table(
    "decisions",
    "gates",
    "une ligne par contrôle qui retenait une publication et qu'une personne a laissé passer",
    (
        Column("gate_id", pa.string(), "Identifiant du contrôle", pattern=r"^p-[0-9a-f]{12}$"),
        Column("as_of_date", pa.date32(), "Jour de la publication retenue"),
        Column("rule", pa.string(), "Ce qui est vérifié", values=GATE_RULES),
        Column(
            "rows",
            pa.list_(pa.string()),
            "Identifiants des lignes laissées passer : d'autres retiennent de nouveau",
        ),
        _text("sentence", "Ce que disait le contrôle"),
        _text("because", "Motif donné"),
        _text("named_by", "Qui a laissé passer : nom et qualité, sinon nom d'utilisateur"),
        DECIDED_AT,
    ),
    key=("gate_id",),
    order=("decided_at", "gate_id"),
)

CHANGES = Table(
    "decisions",
    "changes",
    "une ligne par exécution dont le fichier de la consultation ou le programme n'est plus celui "
    "de la précédente ; la première dit d'où l'on part",
    (
        Column("run", pa.int64(), "Exécution qui l'a trouvé, la première avec lui", minimum=1),
        Column("changed_at", TIMESTAMP, "Instant où elle l'a trouvé (UTC)"),
        _text("account", "Compte qui l'exécutait"),
        _text("decided_by", "Qui a changé le fichier, s'il le dit", nullable=True),
        _text("because", "Pourquoi, s'il le dit", nullable=True),
        _text("file_owner", "À qui est le fichier, selon le système"),
        Column("file_modified_at", TIMESTAMP, "Quand il fut modifié, selon le système (UTC)"),
        Column("changes", pa.list_(pa.string()), "Ce qui a changé, une clé ou un programme chaque"),
        _text("file_sha256", "Empreinte du fichier, dont le texte est gardé à côté"),
        Column("named_files", pa.list_(pa.string()), "Empreinte de chaque fichier qu'il nomme"),
        _text("configuration_before_sha256", "Empreinte de ce qui était publié", nullable=True),
        _text("configuration_sha256", "Empreinte de ce que le fichier dit de ce qui est publié"),
        _text("program_version", "Version du programme"),
        _text("code_sha256", "Empreinte des fichiers du programme"),
        _text(
            "published_before",
            "Publication servie alors, à comparer : son dossier ; vide : rien ne peut y bouger",
            nullable=True,
        ),
    ),
    key=("run",),
    order=("run",),
)

MOVES = Table(
    "decisions",
    "moves",
    "une ligne par chiffre, et par passage d'un sort, d'un thème, d'une nature, d'une campagne ou "
    "d'un groupe à un autre, d'avant à après un changement, mêmes messages",
    (
        Column("run", pa.int64(), "Exécution qui a trouvé le changement", minimum=1),
        Column("as_of_date", pa.date32(), "Jour de la synthèse que l'on compare"),
        Column("topic", pa.string(), "Ce qui est compté", values=MOVE_TOPICS),
        _text("before", "Avant ; vide : n'y était pas", nullable=True),
        _text("after", "Après ; vide : n'y est plus", nullable=True),
        Column("moved_count", pa.int64(), "Combien sont passés ; d'un chiffre, son écart"),
        Column("identifiers", pa.list_(pa.string()), "Lesquels"),
    ),
    key=("run", "topic", "before", "after"),
    order=("run", "topic", "before", "after"),
)

# --- lake: pseudonymised, by received date; the days' folds and what they carry ------------------

VERDICTS = Table(
    "lake",
    "verdicts",
    "une ligne par envoi, avec le sort qu'il a reçu à son jour",
    (
        SUBMISSION_ID,
        MESSAGE_SHA256,
        RECEIVED_AT,
        RECEIVED_DATE,
        STATUS,
        REASON,
        SOURCES,
        CHANNEL,
        SENDER_VERIFIED,
        SENDER_DISPOSABLE,
        SIZE_BYTES,
        CONTRIBUTOR_ID,
        _text("message_key", "Empreinte du Message-ID, de l'auteur et du texte", nullable=True),
        _text("text_key", "Empreinte de l'auteur et du texte", nullable=True),
        _id("duplicate_of", "Envoi dont celui-ci est le double", "s", nullable=True),
        _id("supersedes", "Envoi que celui-ci annule et remplace", "s", nullable=True),
    ),
    key=("submission_id",),
    order=("received_at", "message_sha256", "submission_id"),
)

CONTRIBUTIONS = Table(
    "core",
    "contributions",
    "une ligne par envoi retenu",
    (
        CONTRIBUTION_ID,
        SUBMISSION_ID,
        CONTRIBUTOR_ID,
        Column(
            "contributor_type",
            pa.string(),
            "Qualité de l'auteur, quand sa signature ou sa présentation la donne",
            values=CONTRIBUTOR_TYPES,
        ),
        CONTRIBUTION_RECEIVED_AT,
        CONTRIBUTION_DATE,
        _text("text", "Mots propres de l'auteur, données personnelles masquées", words=True),
        _count("word_count", "Nombre de mots du texte"),
        _text(
            "language", "Langue (code ISO 639-1) ; vide si le texte est trop court", nullable=True
        ),
        _id("campaign_id", "Campagne dont le texte est une copie", "k", nullable=True),
        _text(
            "campaign_why",
            "Ce qui la rattache à la campagne : part du texte reprise, partie personnelle",
            nullable=True,
        ),
        Column(
            "commune_code",
            pa.string(),
            "Code INSEE de la commune, quand la signature ou l'auteur la donne",
            nullable=True,
            pattern=r"^[0-9AB]{5}$",
        ),
        Column("from_attachment", pa.bool_(), "Les mots viennent d'une pièce jointe"),
    ),
    key=("contribution_id",),
    order=("received_at", "contribution_id"),
)

STATEMENTS = Table(
    "core",
    "statements",
    "une ligne par énoncé d'une contribution retenue",
    (
        STATEMENT_ID,
        CONTRIBUTION_ID,
        Column(
            "position",
            pa.int64(),
            "Rang de l'énoncé dans la contribution, à partir de 1",
            minimum=1,
        ),
        _count(
            "char_start", "Premier caractère de l'énoncé dans contributions.text, à partir de 0"
        ),
        _count("char_end", "Caractère qui suit le dernier de l'énoncé"),
        _text("text", "Énoncé : contributions.text[char_start:char_end]", words=True),
        THEME,
        _share("theme_score", "Confiance dans le thème, de 0 à 1"),
        _text("theme2", "Second thème, quand deux sont vraiment présents", nullable=True),
        KIND,
        _share("kind_score", "Confiance dans la nature, de 0 à 1"),
        GROUP_ID,
        Column(
            "is_copied",
            pa.bool_(),
            "Partie copiée : un autre contributeur de la campagne a les mêmes mots ; "
            "faux : partie personnelle, ou contribution hors campagne",
        ),
        _text("why", "Ce qui a décidé du thème, de la nature et du groupe", words=True),
    ),
    key=("statement_id",),
    order=("statement_id",),
)

LAKE_CONTRIBUTIONS = Table(
    "lake",
    "contributions",
    "une ligne par envoi retenu à son jour",
    tuple(c for c in CONTRIBUTIONS.columns if not c.name.startswith("campaign_")),
    key=("contribution_id",),
    order=("received_at", "contribution_id"),
)

LAKE_STATEMENTS = Table(
    "lake",
    "statements",
    "une ligne par énoncé d'un envoi retenu à son jour",
    (
        *(c for c in STATEMENTS.columns if c.name not in {"group_id", "is_copied"}),
        _text("label", "Libellé court tiré de l'énoncé", words=True),
        _text("heading", "Titre sous lequel l'énoncé est écrit", nullable=True, words=True),
    ),
    key=("statement_id",),
    order=("statement_id",),
)

MEMBERSHIPS = Table(
    "lake",
    "memberships",
    "une ligne par énoncé : le groupe qu'il a rejoint à son jour",
    (
        STATEMENT_ID,
        GROUP_ID,
        _share("group_score", "Proximité avec l'énoncé fondateur du groupe"),
        _text("group_why", "Ce qui a décidé du groupe", words=True),
    ),
    key=("statement_id",),
    order=("statement_id",),
)

COPIES = Table(
    "lake",
    "copies",
    "une ligne par contribution : l'ensemble de textes copiés qu'elle a rejoint à son jour",
    (
        CONTRIBUTION_ID,
        _id("cluster_id", "Ensemble de textes copiés, à ce jour", "k"),
        _id("founder_id", "Contribution de cet ensemble qu'elle reprend le plus", "c"),
        _share("copy_score", "Part de ses mots que le fondateur a aussi"),
        Column(
            "copied_positions",
            pa.list_(pa.int64()),
            "Rangs de ses énoncés qui reprennent le texte du fondateur",
        ),
        Column(
            "founder_positions",
            pa.list_(pa.int64()),
            "Rangs des énoncés du fondateur qu'elle reprend",
        ),
        _text("copy_why", "Ce qui a décidé", words=True),
    ),
    key=("contribution_id",),
    order=("contribution_id",),
)

MERGES = Table(
    "lake",
    "group_merges",
    "une ligne par groupe réuni à un autre, le jour où ils sont venus à dire la même chose",
    (
        GROUP_ID,
        _id("became_group_id", "Groupe auquel il est réuni", "g"),
        Column("date", pa.date32(), "Jour de la fusion", nullable=True),
        _text("cause", "Ce qui a décidé de la fusion", words=True),
    ),
    key=("group_id",),
    order=("date", "group_id"),
)

ATTENTION = Table(
    "lake",
    "attention",
    "une ligne par envoi et raison qu'une personne le lise le jour même ; jamais publiée",
    (
        SUBMISSION_ID,
        RECEIVED_DATE,
        Column("code", pa.string(), "Raison de le lire", values=ATTENTION_CODES),
        _text("why", "Règles qui l'ont signalé : des noms de règles, pas les mots de l'auteur"),
    ),
    key=("submission_id", "code"),
    order=("received_date", "submission_id"),
)

COPY_MERGES = Table(
    "lake",
    "copy_merges",
    "une ligne par ensemble de textes copiés réuni à un autre, parce qu'une contribution reprend "
    "les mêmes mots des deux",
    (
        _id("cluster_id", "Ensemble de textes copiés", "k"),
        _id("became_cluster_id", "Ensemble auquel il est réuni", "k"),
        Column("date", pa.date32(), "Jour de la réunion", nullable=True),
    ),
    key=("cluster_id",),
    order=("date", "cluster_id"),
)

# --- core and marts: the analysts' contract ------------------------------------------------------

SUBMISSIONS = Table(
    "core",
    "submissions",
    "une ligne par envoi reçu",
    (
        SUBMISSION_ID,
        MESSAGE_SHA256,
        RECEIVED_AT,
        RECEIVED_DATE,
        STATUS,
        REASON,
        SOURCES,
        CHANNEL,
        SENDER_VERIFIED,
        SENDER_DISPOSABLE,
        SIZE_BYTES,
    ),
    key=("submission_id",),
    order=("received_at", "submission_id"),
)

CAMPAIGNS = Table(
    "core",
    "campaigns",
    "une ligne par campagne : un texte copié ou à peine modifié par plusieurs contributeurs",
    (
        _id("campaign_id", "Identifiant de la campagne", "k"),
        _count("submission_count", "Contributions retenues de la campagne"),
        _count("contributor_count", "Contributeurs de la campagne"),
        _count("distinct_text_count", "Textes distincts de la campagne"),
        _count("personal_count", "Contributions de la campagne qui ont une partie personnelle"),
        Column("first_received_at", TIMESTAMP, "Première réception (UTC)"),
        Column("last_received_at", TIMESTAMP, "Dernière réception (UTC)"),
        _text("exemplar", "Texte de la première contribution de la campagne", words=True),
    ),
    key=("campaign_id",),
    order=("campaign_id",),
)

CAMPAIGN_HISTORY = Table(
    "core",
    "campaign_history",
    "une ligne par ensemble de textes copiés réuni à une campagne",
    (
        _id("campaign_id", "Identifiant qu'il avait", "k"),
        _id("became_campaign_id", "Campagne à laquelle il est réuni", "k"),
        Column("date", pa.date32(), "Jour de la réunion", nullable=True),
    ),
    key=("campaign_id",),
    order=("date", "campaign_id"),
)

CONTRIBUTORS = Table(
    "core",
    "contributors",
    "une ligne par contributeur dont une contribution au moins est retenue",
    (
        CONTRIBUTOR_ID,
        _count("submission_count", "Envois retenus ou doublons"),
        _count("contribution_count", "Contributions retenues"),
        _count("distinct_text_count", "Textes distincts de ces contributions"),
        Column("first_received_at", TIMESTAMP, "Première réception (UTC)", nullable=True),
        Column("last_received_at", TIMESTAMP, "Dernière réception (UTC)", nullable=True),
        Column(
            "is_frequent",
            pa.bool_(),
            "A envoyé à lui seul autant qu'il faut de contributeurs à une campagne : "
            "signalé, rien n'est retiré",
        ),
        Column(
            "is_disposable",
            pa.bool_(),
            "A écrit d'une adresse jetable : signalé, rien n'est retiré",
        ),
    ),
    key=("contributor_id",),
    order=("contributor_id",),
)

IS_REVIEWED = Column("is_reviewed", pa.bool_(), "Une personne l'a relu, ou a décidé de lui")

GROUPS = Table(
    "core",
    "groups",
    "une ligne par groupe d'énoncés semblables, de même thème et de même nature",
    (
        GROUP_ID,
        THEME,
        KIND,
        _text("label", "Libellé court du groupe", words=True),
        Column("first_date", pa.date32(), "Jour de réception du premier énoncé du groupe"),
        Column(
            "representative_statement_id",
            pa.string(),
            "Énoncé cité pour le groupe",
            pattern=STATEMENT_ID.pattern,
        ),
        IS_REVIEWED,
    ),
    key=("group_id",),
    order=("group_id",),
)

GROUP_HISTORY = Table(
    "core",
    "group_history",
    "une ligne par groupe réuni à un autre, par le programme ou par une personne",
    (
        GROUP_ID,
        _id("became_group_id", "Groupe qu'il est devenu", "g"),
        Column("date", pa.date32(), "Jour du changement"),
        _text("cause", "Cause du changement", words=True),
        _id("current_group_id", "Groupe où sont maintenant ses énoncés", "g"),
    ),
    key=("group_id", "date"),
    order=("date", "group_id"),
)

LEDGER_COUNTS = tuple(_count(f"{status}_count", f"Envois : {status}") for status in STATUSES)

KEY_FIGURES = Table(
    "marts",
    "key_figures",
    "une ligne : les chiffres d'ensemble",
    (
        _count("received_count", "Envois reçus"),
        _count("accepted_count", "Contributions retenues"),
        _count("contributor_count", "Contributeurs : adresses d'expédition distinctes"),
        _count("distinct_text_count", "Textes distincts parmi les contributions retenues"),
        _count("statement_count", "Énoncés"),
        _count("constat_count", "Constats"),
        _count("proposition_count", "Propositions"),
        _count("campaign_count", "Campagnes"),
        _count("campaign_contribution_count", "Contributions qui viennent d'une campagne"),
        _count("campaign_contributor_count", "Contributeurs de ces contributions"),
        _count(
            "frequent_contributor_count",
            "Contributeurs qui ont à eux seuls autant d'envois qu'il faut de contributeurs "
            "à une campagne",
        ),
    ),
    key=("received_count",),
    order=("received_count",),
)

LEDGER_BY_DAY = Table(
    "marts",
    "ledger_by_day",
    "une ligne par jour de réception ; jour vide : envois sans date",
    (RECEIVED_DATE, _count("received_count", "Envois reçus"), *LEDGER_COUNTS),
    key=("received_date",),
    order=("received_date",),
)

LEDGER_BY_REASON = Table(
    "marts",
    "ledger_by_reason",
    "une ligne par statut et raison",
    (
        STATUS,
        REASON,
        _text("reason_label", "Raison, en français"),
        _count("submission_count", "Nombre d'envois"),
    ),
    key=("status", "reason"),
    order=("status", "reason"),
)

SYNTHESIS_BY_THEME = Table(
    "marts",
    "synthesis_by_theme",
    "une ligne par thème, dans l'ordre de la consultation",
    (
        THEME,
        _text("theme_label", "Intitulé du thème"),
        _count("contribution_count", "Contributions dont un énoncé au moins relève du thème"),
        _count("contributor_count", "Contributeurs dont un énoncé au moins relève du thème"),
        _count("statement_count", "Énoncés du thème"),
        _count("constat_count", "Constats du thème"),
        _count("proposition_count", "Propositions du thème"),
        _count(
            "campaign_contribution_count",
            "Contributions dont un énoncé du thème reprend le texte d'une campagne",
        ),
        _share("contributor_share", "Part des contributeurs de la consultation"),
        _count("distinct_text_count", "Textes distincts parmi les contributions du thème"),
    ),
    key=("theme",),
    order=(),
)


def _ranked(name: str, grain: str) -> Table:
    return Table(
        "marts",
        name,
        grain,
        (
            Column(
                "rank",
                pa.int64(),
                "Rang dans le thème, du plus au moins partagé ; "
                "à égalité, l'énoncé le plus sûr d'abord",
                minimum=1,
            ),
            THEME,
            GROUP_ID,
            _text("label", "Libellé court du groupe", words=True),
            _count("contributor_count", "Contributeurs"),
            _count("contribution_count", "Contributions"),
            _count("statement_count", "Énoncés"),
            _count("distinct_text_count", "Énoncés de texte distinct"),
            _share("campaign_share", "Part des énoncés qui reprennent le texte d'une campagne"),
            Column(
                "weight_label",
                pa.string(),
                "Poids dans le thème, selon les seuils de la consultation",
                values=WEIGHT_LABELS,
            ),
            _text("quote", "Citation exacte de l'énoncé représentatif", words=True),
            Column(
                "quote_statement_id",
                pa.string(),
                "Énoncé cité",
                pattern=STATEMENT_ID.pattern,
            ),
            Column("first_date", pa.date32(), "Jour de réception du premier énoncé"),
            _count(
                "campaign_contribution_count",
                "Contributions dont un énoncé du groupe reprend le texte d'une campagne",
            ),
            IS_REVIEWED,
        ),
        key=("group_id",),
        order=("theme", "rank"),
    )


CONSTATS = _ranked("constats", "une ligne par groupe de constats")
PROPOSITIONS = _ranked("propositions", "une ligne par groupe de propositions")

CONTRIBUTIONS_BY_THEME_AND_DAY = Table(
    "marts",
    "contributions_by_theme_and_day",
    "une ligne par thème et jour de réception",
    (
        THEME,
        CONTRIBUTION_DATE,
        _count("contribution_count", "Contributions du jour qui relèvent du thème"),
        _count("contributor_count", "Contributeurs du jour qui relèvent du thème"),
    ),
    key=("theme", "received_date"),
    order=("theme", "received_date"),
)

CONTRIBUTIONS_BY_COMMUNE = Table(
    "marts",
    "contributions_by_commune",
    "une ligne par commune du département, une pour toutes les autres ; commune vide : ni la "
    "signature ni l'auteur ne la donnent",
    (
        Column(
            "commune_code",
            pa.string(),
            "Code INSEE de la commune ; hors : hors du département",
            nullable=True,
            pattern=r"^[0-9AB]{5}$|^hors$",
        ),
        _text("commune_name", "Nom de la commune", nullable=True),
        _count("contribution_count", "Contributions retenues"),
    ),
    key=("commune_code",),
    order=("commune_code",),
)

CONTRIBUTIONS_BY_CHANNEL = Table(
    "marts",
    "contributions_by_channel",
    "une ligne par voie d'arrivée",
    (
        CHANNEL,
        _count("received_count", "Envois reçus"),
        _count("contribution_count", "Contributions retenues"),
        _count("contributor_count", "Contributeurs de ces contributions"),
    ),
    key=("channel",),
    order=("channel",),
)

GAINS_OF_DAY = Table(
    "marts",
    "gains_of_day",
    "une ligne par groupe de constats ou de propositions qui a gagné des contributeurs le dernier "
    "jour pris en compte",
    (
        THEME,
        SHARED_KIND,
        GROUP_ID,
        Column("is_new", pa.bool_(), "Personne n'en avait rien dit avant ce jour"),
        _count(
            "gained_contributor_count", "Contributeurs qui le disent ce jour pour la première fois"
        ),
        _count("contributor_count", "Contributeurs, ceux de ce jour compris"),
    ),
    key=("group_id",),
    order=("theme", "kind", "group_id"),
)

EXAMPLES_A_GROUP = 5

EXAMPLES = Table(
    "marts",
    "examples",
    f"jusqu'à {EXAMPLES_A_GROUP} lignes par groupe de constats ou de propositions : des énoncés de "
    "mots distincts, celui qui est cité d'abord, puis d'autres contributeurs",
    (
        GROUP_ID,
        Column("position", pa.int64(), "Rang dans le groupe", minimum=1, maximum=EXAMPLES_A_GROUP),
        STATEMENT_ID,
        _text("quote", "Citation exacte de l'énoncé", words=True),
    ),
    key=("group_id", "position"),
    order=("group_id", "position"),
)

OPPOSITIONS = Table(
    "marts",
    "oppositions",
    "une ligne par paire de groupes d'un thème qui disent le contraire l'un de l'autre",
    (
        THEME,
        replace(GROUP_ID, description="Le plus partagé des deux groupes"),
        _id("opposed_group_id", "L'autre groupe", "g"),
        _text("common_words", "Les mots qu'ils ont en commun", words=True),
    ),
    key=("group_id", "opposed_group_id"),
    order=("theme", "group_id", "opposed_group_id"),
)

# --- what two persons read blind says of the machine: measured, no SQL file ----------------------

# Below, there is no figure: of the whole, units read (read twice, for kappa); of a class, units
# that the readers or the machine put in it.
ENOUGH_READ = 30
ENOUGH_OF_CLASS = 10

LABEL_TYPE = Column("label_type", pa.string(), "Ce qui est mesuré", values=("theme", "kind"))


def _interval(prefix: str, what: str) -> tuple[Column, Column]:
    return (
        _figure(f"{prefix}_low", f"{what} : bas de l'intervalle à 95 %"),
        _figure(f"{prefix}_high", f"{what} : haut de l'intervalle à 95 %"),
    )


def _figure(name: str, description: str) -> Column:
    return _share(name, f"{description} ; vide : trop peu d'énoncés lus", nullable=True)


def _agreement(name: str, description: str) -> Column:
    return replace(_figure(name, description), minimum=-1)


QUALITY = Table(
    "marts",
    "quality",
    "une ligne pour les thèmes, une pour les natures, dès que des énoncés tirés au sort ont été "
    "lus par des personnes sans voir ce qu'en dit la machine ; aucune sinon",
    (
        LABEL_TYPE,
        _count("population_count", "Énoncés de mots distincts de la consultation"),
        _count("drawn_count", "Énoncés tirés au sort pour mesurer"),
        _count("read_count", "Énoncés tirés que quelqu'un a lus"),
        _count("read_twice_count", "Énoncés tirés que deux personnes ont lus, chacune à part"),
        _share("covered_share", "Part des énoncés de mots distincts dont la strate a été lue"),
        _share("covered_statement_share", "Part de tous les énoncés dont la strate a été lue"),
        _figure("macro_f1", "Moyenne des F1 des labels que les lecteurs emploient"),
        *_interval("f1", "Moyenne des F1"),
        _agreement("kappa", "Accord des deux lecteurs : kappa de Cohen"),
        *(replace(c, minimum=-1) for c in _interval("kappa", "Accord des deux lecteurs")),
    ),
    key=("label_type",),
    order=("label_type",),
)

QUALITY_BY_CLASS = Table(
    "marts",
    "quality_by_class",
    "une ligne par thème et par nature que les lecteurs ou la machine ont donnés à un énoncé lu",
    (
        LABEL_TYPE,
        _text("label", "Code du thème, ou nature"),
        _count("true_count", "Énoncés lus auxquels un lecteur au moins a donné ce label"),
        _count("told_count", "Énoncés lus auxquels la machine l'a donné"),
        _figure("precision", "De ceux auxquels la machine le donne, part de ceux qui l'ont"),
        _figure("recall", "De ceux qui l'ont, part de ceux auxquels la machine le donne"),
        _figure("f1", "F1 : moyenne harmonique des deux"),
        *_interval("f1", "F1"),
    ),
    key=("label_type", "label"),
    order=("label_type", "label"),
)

PUBLICATION = Table(
    "meta",
    "publication",
    "une ligne : ce qui est publié",
    (
        Column("as_of_date", pa.date32(), "Dernier jour pris en compte, entier"),
        Column("is_final", pa.bool_(), "La consultation est close : la synthèse est définitive"),
        Column("is_provisional", pa.bool_(), "Le dernier jour n'était pas achevé"),
        _text("program_version", "Version du programme"),
        _text("configuration_sha256", "Empreinte de la configuration"),
        _text("decisions_sha256", "Empreinte des décisions en vigueur"),
        _text("withdrawn_sha256", "Empreinte des envois retirés jusqu'à ce jour"),
        _text("input_sha256", "Empreinte des envois reçus"),
        _text(
            "revision_reason",
            "Pourquoi cette version remplace les précédentes ; vide : rien n'a été retiré",
            nullable=True,
        ),
        Column(
            "accepted_gates",
            pa.list_(pa.string()),
            "Contrôles, de ce jour ou d'avant, qu'une personne a laissé passer : lequel, qui, "
            "pourquoi",
        ),
        _text(
            "publication_version", "Version de la publication : empreinte de tout ce qui précède"
        ),
        Column(
            "state",
            pa.string(),
            "Où en est cette version : une autre est de nouveau un brouillon",
            values=SIGNOFF_STATES,
        ),
        _text("validated_by", "Qui l'a validée : nom et qualité", nullable=True),
        Column("validated_at", TIMESTAMP, "Instant de la validation (UTC)", nullable=True),
        Column("transmitted_at", TIMESTAMP, "Instant de la transmission (UTC)", nullable=True),
        _text("transmitted_to", "À qui elle est transmise", nullable=True),
    ),
    key=("as_of_date",),
    order=("as_of_date",),
)

DICTIONARY = Table(
    "meta",
    "dictionary",
    "une ligne par colonne publiée",
    (
        _text("table_name", "Table"),
        _text("column_name", "Colonne"),
        _text("data_type", "Type DuckDB"),
        _text("description", "Sens de la colonne"),
    ),
    key=("table_name", "column_name"),
    order=(),
)

# --- open data: what anybody may have, under disclosure control ---------------------------------

COUNTED = Column(
    "contributor_count",
    pa.int64(),
    "Contributeurs, chacun compté une fois dans la table ; vide : masqué",
    nullable=True,
    minimum=0,
)
COUNTED_UNTIL = Column(
    "counted_until",
    pa.date32(),
    "Jour jusqu'auquel ce nombre compte, celui-ci compris ; vide : masqué",
    nullable=True,
)

OPEN_PARTICIPATION = Table(
    "open_data",
    "participation",
    "une ligne par jour où le total a été mis à jour",
    (
        Column("counted_until", pa.date32(), "Jour jusqu'auquel ce total compte, celui-ci compris"),
        _count("contributor_count", "Contributeurs depuis l'ouverture : adresses distinctes"),
    ),
    key=("counted_until",),
    order=("counted_until",),
)

OPEN_THEMES = Table(
    "open_data",
    "themes",
    "une ligne par thème, dans l'ordre de la consultation",
    (
        THEME,
        _text("theme_label", "Intitulé du thème"),
        replace(
            COUNTED,
            description="Contributeurs dont c'est le thème principal : des thèmes annoncés, celui "
            "de la plupart de leurs énoncés ; vide : masqué",
        ),
        COUNTED_UNTIL,
    ),
    key=("theme",),
    order=(),
)

OPEN_COMMUNES = Table(
    "open_data",
    "communes",
    "une ligne par commune du département dont le nombre n'est pas masqué",
    (
        Column("commune_code", pa.string(), "Code INSEE de la commune", pattern=r"^[0-9AB]{5}$"),
        _text("commune_name", "Nom de la commune", nullable=True),
        replace(COUNTED, description="Contributeurs qui disent être de cette commune"),
        replace(COUNTED_UNTIL, description="Jour jusqu'auquel ce nombre compte"),
    ),
    key=("commune_code",),
    order=("commune_code",),
)

OPEN_GROUPS = Table(
    "open_data",
    "groups",
    "une ligne par groupe d'énoncés semblables dont le nombre n'est pas masqué",
    (
        GROUP_ID,
        THEME,
        SHARED_KIND,
        replace(COUNTED, description="Contributeurs dont un énoncé au moins est du groupe"),
        replace(COUNTED_UNTIL, description="Jour jusqu'auquel ce nombre compte"),
        _text(
            "label",
            "Libellé du groupe, écrit ou validé par une personne ; vide sinon",
            nullable=True,
            words=True,
        ),
    ),
    key=("group_id",),
    order=("theme", "kind", "group_id"),
)

OPEN_VERBATIMS = Table(
    "open_data",
    "verbatims",
    "une ligne par énoncé qu'une personne a validé",
    (
        STATEMENT_ID,
        THEME,
        KIND,
        _text("text", "Énoncé, données personnelles masquées", words=True),
    ),
    key=("statement_id",),
    order=("statement_id",),
)

DECISIONS_TABLES = (
    *(WITHDRAWALS, PROOFS, REVIEWS, DRAWS, SIGNOFFS, MESSAGES),
    *(GATES, CHANGES, MOVES),
)
# What no program can make again: its stored form changes by a migration (warehouse/sql/migrations).
STORED_TABLES = (DELIVERIES, TYPED, *DECISIONS_TABLES)
LAKE_TABLES = (
    VERDICTS,
    LAKE_CONTRIBUTIONS,
    LAKE_STATEMENTS,
    MEMBERSHIPS,
    MERGES,
    COPIES,
    COPY_MERGES,
    ATTENTION,
)
CORE_TABLES = (
    SUBMISSIONS,
    CONTRIBUTIONS,
    CONTRIBUTORS,
    STATEMENTS,
    CAMPAIGNS,
    CAMPAIGN_HISTORY,
    GROUPS,
    GROUP_HISTORY,
)
MART_TABLES = (
    KEY_FIGURES,
    LEDGER_BY_DAY,
    LEDGER_BY_REASON,
    SYNTHESIS_BY_THEME,
    CONSTATS,
    PROPOSITIONS,
    CONTRIBUTIONS_BY_THEME_AND_DAY,
    CONTRIBUTIONS_BY_COMMUNE,
    CONTRIBUTIONS_BY_CHANNEL,
    GAINS_OF_DAY,
    EXAMPLES,
)
# Made by programs, not by a SELECT: a table each has to be filled.
QUALITY_TABLES = (QUALITY, QUALITY_BY_CLASS)
MADE_TABLES = (OPPOSITIONS, *QUALITY_TABLES)
META_TABLES = (PUBLICATION, DICTIONARY)
PUBLISHED_TABLES = (*CORE_TABLES, *MART_TABLES, *MADE_TABLES, *META_TABLES)
OPEN_DATA_TABLES = (
    OPEN_PARTICIPATION,
    OPEN_THEMES,
    OPEN_COMMUNES,
    OPEN_GROUPS,
    OPEN_VERBATIMS,
)


# --- projections ---------------------------------------------------------------------------------


def duckdb_type(arrow_type: pa.DataType) -> str:
    """Name the DuckDB type that holds an Arrow type of these contracts."""
    if pa.types.is_list(arrow_type):
        return f"{duckdb_type(arrow_type.value_type)}[]"
    return {
        pa.string(): "VARCHAR",
        pa.int64(): "BIGINT",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    }[arrow_type]


def create_statements(table: Table, words: str | None = None) -> Iterator[str]:
    """Yield the DDL of a table: its creation, then its comments.

    `words` is how citizens' words are compressed, when the engine is not to try all that it knows.
    """
    compressed = f" using compression {words}" if words else ""
    columns = ", ".join(
        f'"{c.name}" {duckdb_type(c.type)}{"" if c.nullable else " NOT NULL"}'
        f"{compressed if c.words else ''}"
        for c in table.columns
    )
    yield f"create or replace table {table.qualified} ({columns})"
    yield f"comment on table {table.qualified} is {literal(table.grain)}"
    for column in table.columns:
        yield (
            f'comment on column {table.qualified}."{column.name}" is {literal(column.description)}'
        )


def literal(text: str) -> str:
    """Write a text as SQL does, for what takes no bound value: comments."""
    return "'" + text.replace("'", "''") + "'"


def dictionary_rows() -> list[dict[str, str]]:
    """Return the rows of `meta.dictionary`: each published column, in the order of the contract."""
    return [
        {
            "table_name": table.qualified,
            "column_name": column.name,
            "data_type": duckdb_type(column.type),
            "description": column.description,
        }
        for table in PUBLISHED_TABLES
        for column in table.columns
    ]


def dictionary_markdown() -> str:
    """Write the dictionary for readers, a section a published table."""
    parts = ["# Dictionnaire des tables publiées\n"]
    parts.append("Écrit par le programme, d'après `warehouse/contracts.py` ; ne pas modifier.\n")
    for table in PUBLISHED_TABLES:
        parts.append(f"## {table.qualified}\n\n{table.grain[0].upper()}{table.grain[1:]}.\n")
        parts.append("| colonne | type | vide | sens |\n|---|---|---|---|")
        parts.extend(
            f"| {c.name} | {duckdb_type(c.type)} | {'oui' if c.nullable else 'non'} "
            f"| {_meaning(c)} |"
            for c in table.columns
        )
        parts.append("")
    return "\n".join(parts)


def _meaning(column: Column) -> str:
    return (
        f"{column.description} ({', '.join(column.values)})"
        if column.values
        else column.description
    )
