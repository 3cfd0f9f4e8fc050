"""Invented tables of an invented consultation in the Allier: lively, and hostile where mail is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from tasks.consultation import Consultation, Theme
from warehouse import contracts

PARIS = ZoneInfo("Europe/Paris")
Tables = dict[str, pa.Table]

READ_TABLES = (
    contracts.KEY_FIGURES,
    contracts.LEDGER_BY_DAY,
    contracts.LEDGER_BY_REASON,
    contracts.SYNTHESIS_BY_THEME,
    contracts.CONSTATS,
    contracts.PROPOSITIONS,
    contracts.CONTRIBUTIONS_BY_THEME_AND_DAY,
    contracts.CONTRIBUTIONS_BY_CHANNEL,
    contracts.GAINS_OF_DAY,
    contracts.EXAMPLES,
    contracts.OPPOSITIONS,
    contracts.CAMPAIGNS,
    contracts.QUALITY,
    contracts.QUALITY_BY_CLASS,
    contracts.PUBLICATION,
)

# What two persons read blind: of the kinds, too few have been read twice.
QUALITIES = [
    ("kind", 1840, 240, 212, 20, 0.98, 0.99, 0.8412, 0.79, 0.88, None, None, None),
    ("theme", 1840, 240, 230, 198, 1.0, 1.0, 0.7123, 0.66, 0.76, 0.6849, 0.61, 0.75),
]
CLASS_QUALITIES = [
    ("kind", "autre", 4, 3, None, None, None, None, None),
    ("kind", "constat", 90, 88, 0.85, 0.83, 0.8399, 0.77, 0.89),
    ("kind", "proposition", 130, 121, 0.83, 0.86, 0.8447, 0.79, 0.89),
    ("theme", "hors_theme", 30, 28, 0.6, 0.5, 0.5455, 0.41, 0.66),
    ("theme", "lien", 55, 50, 0.8, 0.77, 0.7847, 0.7, 0.85),
]

# received, accepted, duplicate, rejected, quarantined, withdrawn
DAYS: Mapping[date | None, tuple[int, ...]] = {
    date(2020, 1, 2): (1, 0, 0, 1, 0, 0),
    date(2020, 1, 8): (9, 7, 0, 2, 0, 0),
    date(2020, 1, 9): (14, 11, 1, 1, 1, 0),
    date(2020, 1, 10): (22, 17, 2, 2, 1, 0),
    date(2020, 1, 11): (6, 6, 0, 0, 0, 0),
    date(2020, 1, 13): (31, 24, 3, 2, 1, 1),
    date(2020, 1, 14): (27, 22, 2, 2, 1, 0),
    date(2020, 1, 15): (48, 41, 4, 2, 1, 0),
    date(2020, 1, 16): (35, 30, 2, 3, 0, 0),
    date(2020, 1, 17): (19, 15, 1, 2, 1, 0),
    date(2020, 1, 18): (8, 8, 0, 0, 0, 0),
    date(2020, 1, 19): (52, 45, 4, 2, 1, 0),
    None: (2, 0, 0, 0, 2, 0),
}

REASONS = [
    ("accepted", None, "retenue", 226),
    ("duplicate", "duplicate_message", "même message reçu plusieurs fois", 9),
    ("duplicate", "duplicate_text", "même auteur, même texte", 7),
    ("duplicate", "superseded", "remplacée par son auteur", 3),
    ("rejected", "auto_reply", "réponse automatique", 10),
    ("rejected", "bounce", "avis de non-remise", 4),
    ("rejected", "spam", "indésirable, selon le serveur de messagerie", 4),
    ("rejected", "before_opening", "avant l'ouverture", 1),
    ("quarantined", "to_read", "à lire par une personne (image, document numérisé)", 7),
    ("quarantined", "unreadable", "illisible", 2),
    ("withdrawn", "withdrawn", "retirée à la demande de son auteur", 1),
]

# contribution, contributor, statement, constat, proposition, campaign counts, distinct texts
THEMES = {
    "communication": ("Modalités et moyens de communication", 84, 79, 143, 61, 74, 0, 83),
    "service": ("Service rendu à la population", 151, 140, 402, 217, 161, 38, 117),
    "lien": ("Lien entre la population et les forces", 97, 92, 176, 98, 70, 0, 97),
    "participation": ("Participation des citoyens", 63, 60, 101, 33, 62, 0, 63),
    "hors_theme": ("Hors des thèmes annoncés", 41, 40, 58, 39, 16, 0, 41),
}
CONTRIBUTORS = 208

LONG_LABEL = (
    "Rouvrir le bureau de police de la place d'Allier le samedi et le dimanche, "
    "avec une présence à pied aux heures du marché, et prévenir les commerçants "
    "par un message groupé quand un vol vient d'être signalé dans la rue d'Allier "
    "ou dans la rue de Paris"
)
HOSTILE = (
    "<script>alert('Moulins')</script> : c'est \"honteux\" ! {{7*7}} & {% raise %} "
    "<b>Gras</b> </style></bdi><img src=https://exemple.invalid/x.png "
    "onerror=alert(1)>"
)
LONG_QUOTE = (
    "Le 14 juillet dernier, à Vichy, il a fallu quarante minutes avant que quelqu'un vienne.\n\n"
    + "On nous a dit que la patrouille était à Cusset, puis à Saint-Yorre, puis qu'elle arrivait. "
    * 14
    + "Personne n'est venu !"
)

# theme, contributors, contributions, statements, distinct texts, campaign share, weight, label,
# quote
PROPOSITIONS = [
    (
        "communication",
        21,
        22,
        24,
        23,
        0.0,
        "fréquent",
        "Une application pour signaler sans appeler le 17",
        (
            "Pourquoi pas une application sur le téléphone pour signaler une dégradation "
            "avec une photo, sans déranger le 17 qui a autre chose à faire ?"
        ),
    ),
    (
        "communication",
        9,
        9,
        9,
        9,
        0.0,
        "partagé",
        "Alertes par SMS dans les communes rurales",
        (
            "une alerte sms quand il y a des cambriolages dans le secteur, comme ça se "
            "fait deja à Lapalisse"
        ),
    ),
    (
        "communication",
        4,
        4,
        5,
        5,
        0.0,
        "partagé",
        "Pouvoir suivre sa plainte en ligne",
        ("Qu'on puisse suivre sa plainte sur internet: on porte plainte et puis plus rien."),
    ),
    (
        "communication",
        1,
        1,
        1,
        1,
        0.0,
        "isolé",
        HOSTILE,
        HOSTILE,
    ),
    (
        "service",
        74,
        76,
        81,
        12,
        0.47,
        "majoritaire",
        "Maintenir la brigade de gendarmerie de Varennes-sur-Allier",
        (
            "Nous demandons le maintien de la brigade de Varennes-sur-Allier avec ses "
            "effectifs et ses horaires."
        ),
    ),
    (
        "service",
        33,
        34,
        37,
        36,
        0.0,
        "fréquent",
        LONG_LABEL,
        (
            "Il faut rouvrir le bureau de police de la place d'Allier le week-end. « Fermé "
            "» sur la porte, un samedi de marché, ça fait drôle !"
        ),
    ),
    (
        "service",
        22,
        22,
        23,
        23,
        0.0,
        "fréquent",
        "Des patrouilles à pied en centre-ville le soir",
        (
            "Des patrouilles à pied, pas en voiture vitres fermées, entre la gare et le "
            "Carré Jaude à Montluçon."
        ),
    ),
    (
        "service",
        11,
        11,
        12,
        12,
        0.0,
        "partagé",
        "Un accueil qui ne fasse pas attendre deux heures pour un dépôt de plainte",
        (
            "Deux heures d'attente debout pour déposer plainte avec un enfant de 3 ans. "
            "Mettez des chaises et un horaire."
        ),
    ),
    (
        "service",
        6,
        6,
        6,
        6,
        0.0,
        "partagé",
        "Plus de contrôles de vitesse dans la traversée des bourgs",
        LONG_QUOTE,
    ),
    (
        "service",
        1,
        1,
        1,
        1,
        0.0,
        "isolé",
        "Un gendarme à cheval en forêt de Tronçais",
        ("Un gendarme à cheval en forêt de Tronçais, l'été, ça ferait du bien à tout le monde."),
    ),
    (
        "lien",
        31,
        31,
        33,
        32,
        0.0,
        "fréquent",
        "Une réunion par an avec la brigade dans chaque canton",
        (
            "Que la brigade vienne une fois par an à la salle des fêtes, qu'on sache au "
            "moins qui est qui."
        ),
    ),
    (
        "lien",
        12,
        12,
        12,
        12,
        0.0,
        "partagé",
        "Des interventions régulières dans les collèges",
        "Faire venir les policiers dans les collèges, pas quand ça va mal, avant.",
    ),
    (
        "participation",
        19,
        20,
        20,
        20,
        0.0,
        "fréquent",
        "Étendre « participation citoyenne » à toutes les communes volontaires",
        (
            "Dans mon hameau on est 14 maisons, tout le monde se connaît: le dispositif "
            "des voisins vigilants marcherait tout de suite si la mairie signait."
        ),
    ),
    (
        "participation",
        8,
        8,
        8,
        8,
        0.0,
        "partagé",
        "Mieux faire connaître la réserve de la gendarmerie",
        (
            "J'ai 58 ans, bon pied bon œil, et j'ai appris par hasard que la réserve me "
            "prenait encore."
        ),
    ),
    (
        "hors_theme",
        7,
        7,
        7,
        7,
        0.0,
        "fréquent",
        "Que les peines prononcées soient exécutées",
        "Ça ne sert à rien d'arrêter les gens si la justice les relache le lendemain",
    ),
]
CONSTATS = [
    (
        "communication",
        17,
        17,
        19,
        19,
        0.0,
        "fréquent",
        "Personne ne rappelle après un signalement",
        "J'ai signalé trois fois, on ne m'a jamais rappelé.",
    ),
    (
        "communication",
        6,
        6,
        6,
        6,
        0.0,
        "partagé",
        "Le téléphone ne passe pas partout",
        (
            "Le 17 c'est bien mais chez nous, à Châtel-Montagne, le portable ne passe pas "
            "dans la moitié du bourg."
        ),
    ),
    (
        "service",
        52,
        53,
        60,
        57,
        0.0,
        "fréquent",
        "La gendarmerie est fermée quand on en a besoin",
        (
            "La gendarmerie de Jaligny n'ouvre que deux demi-journées par semaine, le "
            "reste du temps on parle à un interphone."
        ),
    ),
    (
        "service",
        28,
        28,
        30,
        29,
        0.0,
        "fréquent",
        "Les délais d'intervention sont trop longs la nuit",
        (
            "L'autre nuit 45 mn d'attente, la patrouille venait de Gannat. Ils font ce "
            "qu'ils peuvent."
        ),
    ),
    (
        "lien",
        26,
        26,
        27,
        27,
        0.0,
        "fréquent",
        "On ne connaît plus les gendarmes de son canton",
        (
            "Avant on connaissait le gendarme, il venait à la foire de Souvigny. "
            "Maintenant ils changent tous les trois ans."
        ),
    ),
    (
        "lien",
        9,
        9,
        9,
        9,
        0.0,
        "partagé",
        "Un accueil humain et patient au commissariat de Montluçon",
        (
            "Je tiens à dire que [NOM] m'a reçue avec une patience d'ange au commissariat "
            "de Montluçon."
        ),
    ),
    (
        "participation",
        10,
        11,
        11,
        11,
        0.0,
        "fréquent",
        "Les habitants n'osent plus intervenir",
        ("Plus personne ose rien dire aux jeunes qui font du rodéo, on a peur pour sa voiture."),
    ),
    (
        "hors_theme",
        5,
        5,
        5,
        5,
        0.0,
        "partagé",
        "Les médecins manquent aussi",
        ("Votre histoire de sécurité c'est bien joli mais il n'y a plus de médecin à Dompierre."),
    ),
]

CAMPAIGN_TEXT = (
    "Monsieur le Préfet,\n\nNous demandons le maintien de la brigade de "
    "Varennes-sur-Allier avec ses effectifs et ses horaires. Fermer, c'est "
    "abandonner <nos> villages !\n\n[NOM]"
)


@pytest.fixture(scope="session")
def consultation() -> Consultation:
    return Consultation(
        slug="allier-2020",
        title="Assises de la sécurité intérieure : la parole aux habitants de l'Allier",
        organiser="Préfecture de l'Allier",
        addressee="Ministre de l'Intérieur",
        timezone=PARIS,
        opening=datetime(2020, 1, 8, tzinfo=PARIS),
        deadline=datetime(2020, 1, 20, tzinfo=PARIS),
        department="03",
        themes=(
            Theme(
                "communication",
                "Modalités et moyens de communication et d'échanges entre les citoyens et les "
                "forces, notamment par les nouvelles technologies",
                "Communication et échanges",
            ),
            Theme(
                "service", "Attentes en termes de service rendu à la population", "Service rendu"
            ),
            Theme(
                "lien",
                "Développement et entretien du lien entre la population et les forces",
                "Lien avec les forces",
            ),
            Theme(
                "participation",
                "Participation des citoyens à la sécurité collective et à la paix publique",
                "Participation des citoyens",
            ),
        ),
        quotations=5,
    )


def _ranked(rows: list[tuple[Any, ...]], kind: str) -> list[dict[str, Any]]:
    names = (
        "theme",
        "contributor_count",
        "contribution_count",
        "statement_count",
        "distinct_text_count",
        "campaign_share",
        "weight_label",
        "label",
        "quote",
    )
    ranks: dict[str, int] = {}
    out = []
    for place, values in enumerate(rows):
        row = dict(zip(names, values, strict=True))
        ranks[row["theme"]] = rank = ranks.get(row["theme"], 0) + 1
        out.append(
            row
            | {
                "rank": rank,
                "group_id": f"g-{kind}{place:015x}",
                "quote_statement_id": f"c-{kind}{place:015x}-00{rank}",
                "campaign_contribution_count": round(
                    row["campaign_share"] * row["contribution_count"]
                ),
                "first_date": date(2020, 1, 8 + place % 11),
                "is_reviewed": place == 1,
            }
        )
    return out


def _by_theme_and_day() -> list[dict[str, Any]]:
    days = [day for day in DAYS if day is not None and day >= date(2020, 1, 8)]
    accepted = sum(DAYS[day][1] for day in days)
    return [
        {
            "theme": theme,
            "received_date": day,
            "contribution_count": share,
            "contributor_count": share,
        }
        for theme, figures in THEMES.items()
        for day in days
        if (share := figures[1] * DAYS[day][1] // accepted)
    ]


def _gain(row: dict[str, Any], kind: str, *, is_new: bool) -> dict[str, Any]:
    return {
        "theme": row["theme"],
        "kind": kind,
        "group_id": row["group_id"],
        "is_new": is_new,
        "gained_contributor_count": row["contributor_count"] if is_new else 1,
        "contributor_count": row["contributor_count"],
    }


def _first_two_of_a_theme(rows: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    first = rows[0]
    return first, next(r for r in rows[1:] if r["theme"] == first["theme"])


@pytest.fixture
def tables() -> Tables:
    propositions, constats = _ranked(PROPOSITIONS, "a"), _ranked(CONSTATS, "b")
    rows: dict[str, list[dict[str, Any]]] = {
        "marts.key_figures": [
            dict.fromkeys(contracts.KEY_FIGURES.schema.names, 0)
            | {"contributor_count": CONTRIBUTORS, "frequent_contributor_count": 2}
        ],
        "marts.ledger_by_day": [
            dict(zip(contracts.LEDGER_BY_DAY.schema.names, (day, *counts), strict=True))
            for day, counts in DAYS.items()
        ],
        "marts.ledger_by_reason": [
            dict(zip(contracts.LEDGER_BY_REASON.schema.names, reason, strict=True))
            for reason in REASONS
        ],
        "marts.synthesis_by_theme": [
            dict(
                zip(
                    contracts.SYNTHESIS_BY_THEME.schema.names,
                    (theme, *figures[:7], figures[2] / CONTRIBUTORS, figures[7]),
                    strict=True,
                )
            )
            for theme, figures in THEMES.items()
        ],
        "marts.propositions": propositions,
        "marts.constats": constats,
        "marts.contributions_by_theme_and_day": _by_theme_and_day(),
        "marts.contributions_by_channel": [
            dict(zip(contracts.CONTRIBUTIONS_BY_CHANNEL.schema.names, row, strict=True))
            for row in [("mail", 250, 205, 190), ("questionnaire", 24, 21, 21)]
        ],
        "marts.gains_of_day": [
            _gain(row, kind, is_new=place == 2)
            for kind, rows in (("constat", constats), ("proposition", propositions))
            for place, row in enumerate(rows[:3])
        ],
        "marts.examples": [
            {
                "group_id": row["group_id"],
                "position": 1,
                "statement_id": row["quote_statement_id"],
                "quote": row["quote"],
            }
            for row in (*propositions, *constats)
        ]
        + [
            {
                "group_id": propositions[0]["group_id"],
                "position": 2,
                "statement_id": "c-a0000000000000ff-002",
                "quote": "Une autre façon de le dire, « mot pour mot » : <b>oui</b>",
            }
        ],
        "marts.oppositions": [
            {
                "theme": row["theme"],
                "group_id": row["group_id"],
                "opposed_group_id": other["group_id"],
                "common_words": "caméras",
            }
            for row, other in [_first_two_of_a_theme(propositions)]
        ],
        "core.campaigns": [
            {
                "campaign_id": "k-00000000000000c1",
                "submission_count": 38,
                "contributor_count": 35,
                "distinct_text_count": 6,
                "personal_count": 4,
                "first_received_at": datetime(2020, 1, 12, 23, 30, tzinfo=UTC),
                "last_received_at": datetime(2020, 1, 19, 21, 0, tzinfo=UTC),
                "exemplar": CAMPAIGN_TEXT,
            }
        ],
        "marts.quality": [
            dict(zip(contracts.QUALITY.schema.names, row, strict=True)) for row in QUALITIES
        ],
        "marts.quality_by_class": [
            dict(zip(contracts.QUALITY_BY_CLASS.schema.names, row, strict=True))
            for row in CLASS_QUALITIES
        ],
        "meta.publication": [
            {
                "as_of_date": date(2020, 1, 19),
                "is_final": True,
                "is_provisional": False,
                "program_version": "0.1.0",
                "configuration_sha256": "c0" * 32,
                "decisions_sha256": "de" * 32,
                "input_sha256": "1a" * 32,
                "publication_version": "7f3a9c21be40",
                "state": "brouillon",
            }
        ],
    }
    return {
        t.qualified: pa.Table.from_pylist(rows[t.qualified], schema=t.schema) for t in READ_TABLES
    }


def empty_row(name: str, table: pa.Table) -> pa.Table:
    """The one row that a table of one row has when nobody has written."""
    if name != "marts.key_figures":
        return table if name == "meta.publication" else table.slice(0, 0)
    return pa.Table.from_pylist([dict.fromkeys(table.column_names, 0)], schema=table.schema)


@pytest.fixture
def empty_tables(tables: Tables) -> Tables:
    """What the first day of a consultation publishes when nobody has written."""
    return {
        name: empty_row(name, table) if table.num_rows == 1 else table.slice(0, 0)
        for name, table in tables.items()
    }


@pytest.fixture
def publish(tables: Tables) -> Callable[..., Tables]:
    """Tables whose publication says something else."""

    def changed(**values: Any) -> Tables:
        row = tables["meta.publication"].to_pylist()[0] | values
        return tables | {
            "meta.publication": pa.Table.from_pylist([row], schema=contracts.PUBLICATION.schema)
        }

    return changed
