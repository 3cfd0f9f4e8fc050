"""Given a small lake, the rows that each table must have."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from expectations.gates import Judgement
from expectations.published import check_publication, check_table
from tasks.consultation import Consultation
from tasks.publish import subject
from tests.unit.warehouse.conftest import GivenLake
from warehouse.contracts import (
    CAMPAIGN_HISTORY,
    CAMPAIGNS,
    CONSTATS,
    CONTRIBUTIONS,
    CONTRIBUTIONS_BY_CHANNEL,
    CONTRIBUTIONS_BY_COMMUNE,
    CONTRIBUTIONS_BY_THEME_AND_DAY,
    CONTRIBUTORS,
    CORE_TABLES,
    EXAMPLES,
    GAINS_OF_DAY,
    GROUP_HISTORY,
    GROUPS,
    KEY_FIGURES,
    LEDGER_BY_DAY,
    LEDGER_BY_REASON,
    MART_TABLES,
    PROPOSITIONS,
    STATEMENTS,
    SUBMISSIONS,
    SYNTHESIS_BY_THEME,
    Table,
)
from warehouse.database import Database
from warehouse.judged import Judged
from warehouse.sql import read_sql

EIGHTH, NINTH, TENTH = date(2020, 1, 8), date(2020, 1, 9), date(2020, 1, 10)
JUDGEMENT = Judgement(
    is_awaited=True, quarantine_share=0.25, quarantine_least=20, usual_count=5, let_pass={}
)

Row = dict[str, Any]


def constat(
    text: str = "La place est sombre.", group: int = 1, theme: str = "service", score: float = 0.5
) -> Row:
    return {"text": text, "group": group, "theme": theme, "kind": "constat", "score": score}


def proposition(
    text: str = "Rallumer les lampadaires.", group: int = 2, theme: str = "service"
) -> Row:
    return {"text": text, "group": group, "theme": theme, "kind": "proposition", "score": 0.5}


def rows(database: Database, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    """Return these columns of a table (all without any), ids as their number."""
    names = columns or tuple(table.schema.names)
    found = database.read(table).select(list(names)).to_pylist()
    return [tuple(_number(row[name]) for name in names) for row in found]


def _number(value: Any) -> Any:
    if isinstance(value, str) and value[1:2] == "-" and value[0] in "acgks":
        number, _, rank = value[2:].partition("-")
        return (int(number, 16), int(rank)) if rank else int(number, 16)
    return value


# --- ledgers -------------------------------------------------------------------------------------


def test_the_ledger_by_day_counts_each_status_and_what_has_no_date(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH)
    lake.contribution(2, EIGHTH)
    lake.submission(3, EIGHTH, "duplicate", "duplicate_text", duplicate_of="s-0000000000000001")
    lake.submission(4, NINTH, "rejected", "bounce")
    lake.submission(5, NINTH, "quarantined", "to_read")
    lake.submission(6, NINTH, "withdrawn", "withdrawn")
    lake.submission(7, None, "quarantined", "unreadable")
    with lake.derive(consultation) as database:
        # received_date, received, accepted, duplicate, rejected, quarantined, withdrawn
        assert rows(database, LEDGER_BY_DAY) == [
            (EIGHTH, 3, 2, 1, 0, 0, 0),
            (NINTH, 3, 0, 0, 1, 1, 1),
            (None, 1, 0, 0, 0, 1, 0),
        ]


def test_the_ledger_by_reason_has_the_label_that_readers_see(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH)
    lake.submission(2, EIGHTH, "rejected", "after_deadline")
    lake.submission(3, EIGHTH, "rejected", "after_deadline")
    lake.submission(4, None, "quarantined", "unreadable")
    with lake.derive(consultation) as database:
        assert rows(database, LEDGER_BY_REASON) == [
            ("accepted", None, "retenue", 1),
            ("quarantined", "unreadable", "illisible", 1),
            ("rejected", "after_deadline", "hors délai", 2),
        ]


# --- what an author replaced ---------------------------------------------------------------------


def test_a_replaced_contribution_and_its_resends_are_superseded(
    lake: GivenLake, consultation: Consultation
) -> None:
    first = "s-0000000000000001"
    lake.contribution(1, EIGHTH, constat(), author=9)
    lake.submission(2, EIGHTH, "duplicate", "duplicate_text", duplicate_of=first)
    lake.submission(3, EIGHTH, "duplicate", "duplicate_message", duplicate_of=first)
    lake.contribution(4, NINTH, constat("La place est éclairée.", group=4), author=9, supersedes=1)
    with lake.derive(consultation) as database:
        assert rows(database, SUBMISSIONS, "submission_id", "status", "reason") == [
            (1, "duplicate", "superseded"),
            (2, "duplicate", "superseded"),
            (3, "duplicate", "duplicate_message"),
            (4, "accepted", None),
        ]
        assert rows(database, CONTRIBUTIONS, "contribution_id") == [(4,)]
        assert rows(database, STATEMENTS, "statement_id", "text") == [
            ((4, 1), "La place est éclairée.")
        ]
        assert rows(database, GROUPS, "group_id") == [(4,)]


def test_of_a_chain_of_replacements_the_last_one_counts(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, author=9)
    lake.contribution(2, NINTH, author=9, supersedes=1)
    lake.contribution(3, TENTH, author=9, supersedes=2)
    with lake.derive(consultation) as database:
        assert rows(database, CONTRIBUTIONS, "contribution_id") == [(3,)]
        assert rows(database, KEY_FIGURES, "received_count", "accepted_count") == [(3, 1)]


# --- campaigns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authors", "is_campaign"),
    [
        pytest.param([1, 2], False, id="one contributor short"),
        pytest.param([1, 2, 2, 2], False, id="many copies of two contributors"),
        pytest.param([1, 2, 3], True, id="as many contributors as it takes"),
    ],
)
def test_a_campaign_is_made_by_contributors_not_by_copies(
    lake: GivenLake, consultation: Consultation, authors: list[int], *, is_campaign: bool
) -> None:
    for number, author in enumerate(authors, 1):
        lake.contribution(number, EIGHTH, author=author, text=f"Version {number}.", cluster=1)
    with lake.derive(consultation) as database:
        assert rows(database, CAMPAIGNS, "campaign_id") == ([(1,)] if is_campaign else [])
        campaigns = {campaign for (campaign,) in rows(database, CONTRIBUTIONS, "campaign_id")}
        assert campaigns == ({1} if is_campaign else {None})


def test_a_campaign_shows_messages_contributors_and_texts_apart(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(2, NINTH, author=1, text="Non  à la\nfermeture.", cluster=1)
    lake.contribution(1, EIGHTH, author=1, text="Non à la fermeture.", cluster=1)
    lake.contribution(3, NINTH, author=2, text="NON À LA FERMETURE. ", cluster=1)
    lake.contribution(4, TENTH, author=3, text="Non à la fermeture, merci.", cluster=1)
    lake.contribution(5, TENTH, author=4, text="Autre chose.", cluster=5)
    with lake.derive(consultation) as database:
        counts = ("campaign_id", "submission_count", "contributor_count", "distinct_text_count")
        assert rows(database, CAMPAIGNS, *counts) == [(1, 4, 3, 2)]
        assert rows(database, CAMPAIGNS, "exemplar") == [("Non à la fermeture.",)]
        (dates,) = rows(database, CAMPAIGNS, "first_received_at", "last_received_at")
        assert [moment.date() for moment in dates] == [EIGHTH, TENTH]


def copied(database: Database) -> list[Any]:
    found = rows(database, STATEMENTS, "statement_id", "is_copied")
    return [statement for statement, is_copied in found if is_copied]


def test_the_copied_part_of_a_campaign_is_told_from_what_each_author_added(
    lake: GivenLake, consultation: Consultation
) -> None:
    text = [constat("Il fait noir."), proposition("Une lampe.")]
    lake.contribution(1, EIGHTH, *text, constat("Ma mère est tombée.", 3), cluster=1)
    lake.contribution(2, EIGHTH, *text, constat("Mon chien a peur.", 4), cluster=1, copied=[1, 2])
    lake.contribution(3, NINTH, text[0], cluster=1, repeats=[1])
    lake.rows["copies"][1]["founder_positions"] = [1, 2]
    lake.contribution(4, TENTH, *text)
    with lake.derive(consultation) as database:
        assert copied(database) == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]
        assert rows(database, CAMPAIGNS, "submission_count", "personal_count") == [(3, 2)]
        reasons = rows(database, CONTRIBUTIONS, "contribution_id", "campaign_why")
        assert reasons == [
            (1, "premier de son texte"),
            (2, "même texte"),
            (3, "même texte"),
            (4, None),
        ]


def test_words_that_the_first_sender_had_not_are_copied_when_two_others_have_them(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, constat("Il fait noir."), cluster=1)
    for number in (2, 3):
        both = [constat("Il fait noir."), proposition("Une  LAMPE.")]
        lake.contribution(number, EIGHTH, *both, cluster=1, copied=[1], repeats=[1])
    with lake.derive(consultation) as database:
        assert copied(database) == [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2)]


def test_what_only_its_author_repeats_is_not_copied(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, constat("Il fait noir."), constat("J'ai peur.", 3), cluster=1)
    lake.contribution(2, EIGHTH, constat("Il fait noir."), author=2, cluster=1)
    lake.contribution(3, EIGHTH, constat("Il fait noir."), author=3, cluster=1)
    lake.contribution(4, EIGHTH, author=1, cluster=1, repeats=[1, 2])
    with lake.derive(consultation) as database:
        assert copied(database) == [(1, 1), (2, 1), (3, 1)]


def test_sets_of_copies_that_a_letter_joins_are_one_campaign_and_leave_a_trace(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, constat("Il fait noir."), cluster=1)
    lake.contribution(2, EIGHTH, constat("Il faisait bien noir."), cluster=2)
    lake.contribution(3, NINTH, constat("Il fait bien noir."), cluster=2)
    lake.contribution(4, NINTH, constat("Il fait tout noir."), cluster=4)
    lake.merge_copies(4, 2, NINTH)
    lake.merge_copies(2, 1, TENTH)
    with lake.derive(consultation) as database:
        assert rows(database, CAMPAIGNS, "campaign_id", "submission_count") == [(1, 4)]
        assert copied(database) == [(2, 1), (3, 1)]
        assert rows(database, CAMPAIGN_HISTORY) == [(4, 1, NINTH), (2, 1, TENTH)]


def test_copies_by_fewer_contributors_than_a_campaign_takes_are_no_copied_part(
    lake: GivenLake, consultation: Consultation
) -> None:
    for number in (1, 2):
        lake.contribution(number, EIGHTH, constat("Il fait noir."), cluster=1)
    with lake.derive(consultation) as database:
        assert copied(database) == []


def test_one_sender_of_a_thousand_letters_makes_no_campaign_and_is_shown(
    lake: GivenLake, consultation: Consultation
) -> None:
    for number in range(1, 1001):
        lake.contribution(number, EIGHTH, author=1, text=f"Version {number}.", cluster=1)
    lake.submission(1001, NINTH, "duplicate", "duplicate_text", contributor_id=f"a-{1:016x}")
    lake.contribution(1002, EIGHTH, author=2)
    with lake.derive(consultation) as database:
        assert rows(database, CAMPAIGNS) == []
        figures = rows(
            database, KEY_FIGURES, "accepted_count", "contributor_count", "distinct_text_count"
        )
        assert figures == [(1001, 2, 1001)]
        assert rows(database, KEY_FIGURES, "frequent_contributor_count") == [(1,)]
        counts = ("submission_count", "contribution_count", "distinct_text_count", "is_frequent")
        assert rows(database, CONTRIBUTORS, "contributor_id", *counts) == [
            (1, 1001, 1000, 1000, True),
            (2, 1, 1, 1, False),
        ]


def test_i05_a_disposable_address_is_flagged_and_nothing_is_removed(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, author=1)
    lake.contribution(2, NINTH, author=1)
    lake.contribution(3, NINTH, author=2)
    lake.rows["verdicts"][0]["sender_disposable"] = True
    with lake.derive(consultation) as database:
        assert rows(database, CONTRIBUTORS, "contributor_id", "is_disposable") == [
            (1, True),
            (2, False),
        ]
        assert rows(database, KEY_FIGURES, "accepted_count") == [(3,)]


def test_a_replaced_contribution_no_longer_counts_in_its_campaign(
    lake: GivenLake, consultation: Consultation
) -> None:
    for number in (1, 2, 3):
        lake.contribution(number, EIGHTH, author=number, cluster=1)
    lake.contribution(4, NINTH, author=3, supersedes=3)
    with lake.derive(consultation) as database:
        assert rows(database, CAMPAIGNS) == []


# --- themes --------------------------------------------------------------------------------------


def test_each_theme_has_a_row_in_the_announced_order_even_if_nobody_wrote_about_it(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, constat(theme="hors_theme"))
    with lake.derive(consultation) as database:
        assert rows(database, SYNTHESIS_BY_THEME) == [
            ("service", "Service rendu", 0, 0, 0, 0, 0, 0, 0.0, 0),
            ("lien", "Lien avec la population", 0, 0, 0, 0, 0, 0, 0.0, 0),
            ("hors_theme", "Hors des thèmes annoncés", 1, 1, 1, 1, 0, 0, 1.0, 1),
        ]


def test_a_theme_counts_statements_contributions_and_contributors_apart(
    lake: GivenLake, consultation: Consultation
) -> None:
    two = [constat("Il fait noir."), proposition("Une lampe."), constat("Rien.", 3, "lien")]
    lake.contribution(1, EIGHTH, *two, author=1, cluster=1)
    lake.contribution(2, EIGHTH, proposition("Une lampe."), author=1)
    lake.contribution(3, EIGHTH, author=3, cluster=1, repeats=[2])
    lake.contribution(4, EIGHTH, author=4, cluster=1, repeats=[2])
    with lake.derive(consultation) as database:
        counts = rows(database, SYNTHESIS_BY_THEME)[:2]
        # contributions, contributors, statements, constats, propositions, of a campaign, share,
        # texts
        assert [row[2:] for row in counts] == [
            (2, 1, 3, 1, 2, 1, 0.3333, 2),
            (1, 1, 1, 1, 0, 0, 0.3333, 1),
        ]


def test_an_empty_consultation_has_figures_that_are_zero(
    lake: GivenLake, consultation: Consultation
) -> None:
    with lake.derive(consultation) as database:
        assert rows(database, KEY_FIGURES) == [(0,) * 11]
        assert [row[2:] for row in rows(database, SYNTHESIS_BY_THEME)] == [(0,) * 8] * 3
        for table in (LEDGER_BY_DAY, LEDGER_BY_REASON, CONSTATS, PROPOSITIONS, CAMPAIGNS):
            assert rows(database, table) == []
        check = database.query("from work.reconciliation where expected_count != found_count")
        assert check.num_rows == 0


def test_days_are_counted_by_theme(lake: GivenLake, consultation: Consultation) -> None:
    lake.contribution(1, EIGHTH, constat(), constat("Rien.", 3, "lien"), author=1)
    lake.contribution(2, EIGHTH, constat("Noir."), author=1)
    lake.contribution(3, NINTH, constat("Tout noir."), author=3)
    with lake.derive(consultation) as database:
        assert rows(database, CONTRIBUTIONS_BY_THEME_AND_DAY) == [
            ("lien", EIGHTH, 1, 1),
            ("service", EIGHTH, 2, 1),
            ("service", NINTH, 1, 1),
        ]


def test_a_channel_counts_what_came_and_what_was_retained(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, author=9)
    lake.contribution(2, NINTH, author=9)
    lake.submission(3, NINTH, "rejected", "spam")
    lake.submission(4, NINTH, "rejected", "empty", channel="questionnaire")
    with lake.derive(consultation) as database:
        assert rows(database, CONTRIBUTIONS_BY_CHANNEL) == [
            ("mail", 3, 2, 1),
            ("questionnaire", 1, 0, 0),
        ]


def test_the_last_day_brings_new_groups_and_new_voices_to_known_ones(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, constat(), author=1)
    lake.contribution(2, NINTH, constat(), proposition(), author=1)  # says it again
    lake.contribution(3, NINTH, constat(), author=3)
    with lake.derive(consultation) as database:
        # theme, kind, group_id, is_new, gained_contributor_count, contributor_count
        assert rows(database, GAINS_OF_DAY) == [
            ("service", "constat", 1, False, 1, 2),
            ("service", "proposition", 2, True, 1, 1),
        ]


def test_examples_are_distinct_words_of_as_many_authors_as_there_are(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, constat("La place est sombre."), author=1)
    lake.contribution(2, EIGHTH, constat("La  place est SOMBRE."), author=2)
    lake.contribution(3, EIGHTH, constat("Il fait noir."), constat("Tout est noir."), author=1)
    lake.contribution(4, EIGHTH, constat("On n'y voit rien."), author=4)
    for number in (5, 6, 7):
        lake.contribution(number, NINTH, constat(f"Noir {number}."), author=number)
    with lake.derive(consultation) as database:
        assert rows(database, EXAMPLES, "position", "statement_id", "quote") == [
            (1, (1, 1), "La place est sombre."),
            (2, (4, 1), "On n'y voit rien."),
            (3, (5, 1), "Noir 5."),
            (4, (6, 1), "Noir 6."),
            (5, (7, 1), "Noir 7."),
        ]


def test_communes_out_of_the_department_are_one_row(
    lake: GivenLake, consultation: Consultation
) -> None:
    communes = ["03185", "03185", "2A004", "63113", None]
    for number, commune in enumerate(communes, start=1):
        lake.contribution(number, EIGHTH, commune=commune)
    with lake.derive(consultation) as database:
        assert rows(database, CONTRIBUTIONS_BY_COMMUNE) == [
            ("03185", "Montluçon", 2),
            ("hors", "hors du département", 2),
            (None, None, 1),
        ]
        assert check_table(CONTRIBUTIONS_BY_COMMUNE, database.read(CONTRIBUTIONS_BY_COMMUNE)) == []


def test_the_key_figures_count_messages_contributors_and_texts_apart(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, constat(), proposition(), author=1, text=None, cluster=1)
    lake.contribution(2, EIGHTH, author=1, text="Le même texte.", cluster=1)
    lake.contribution(3, EIGHTH, author=2, text="Le  même TEXTE.", cluster=1)
    lake.contribution(4, EIGHTH, author=3, cluster=1)
    lake.contribution(5, EIGHTH, author=4)
    lake.submission(6, EIGHTH, "rejected", "spam")
    with lake.derive(consultation) as database:
        assert database.read(KEY_FIGURES).to_pylist() == [
            {
                "received_count": 6,
                "accepted_count": 5,
                "contributor_count": 4,
                "distinct_text_count": 4,
                "statement_count": 2,
                "constat_count": 1,
                "proposition_count": 1,
                "campaign_count": 1,
                "campaign_contribution_count": 4,
                "campaign_contributor_count": 3,
                "frequent_contributor_count": 0,
            }
        ]


# --- groups --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("voices", "contributors", "weight"),
    [
        pytest.param(51, 100, "majoritaire", id="over 50 %"),
        pytest.param(50, 100, "fréquent", id="50 %"),
        pytest.param(15, 100, "fréquent", id="15 %"),
        pytest.param(14, 100, "partagé", id="under 15 %"),
        pytest.param(3, 20, "fréquent", id="15 % of twenty"),
        pytest.param(3, 100, "partagé", id="3 %"),
        pytest.param(2, 100, "isolé", id="under 3 %"),
        pytest.param(1, 1, "majoritaire", id="alone in the theme"),
    ],
)
def test_a_weight_is_a_share_of_the_contributors_of_the_theme(
    lake: GivenLake, consultation: Consultation, voices: int, contributors: int, weight: str
) -> None:
    for number in range(1, contributors + 1):
        group = 1 if number <= voices else 1000 + number
        lake.contribution(number, EIGHTH, constat(f"Constat {number}.", group))
    lake.contribution(9999, EIGHTH, constat("Ailleurs.", 9999, "lien"))
    with lake.derive(consultation) as database:
        found = database.query(
            "select weight_label from marts.constats where theme = 'service' and group_id = ?",
            [f"g-{1:016x}"],
        )
        assert found["weight_label"].to_pylist() == [weight]


def test_the_thresholds_are_those_of_the_consultation(
    lake: GivenLake, consultation: Consultation
) -> None:
    for number in range(1, 6):
        lake.contribution(number, EIGHTH, constat(f"Constat {number}.", min(number, 4)))
    weights = replace(consultation.weights, majoritaire=0.3, frequent=0.2, partage=0.1)
    with lake.derive(replace(consultation, weights=weights)) as database:
        assert rows(database, CONSTATS, "group_id", "weight_label") == [
            (4, "majoritaire"),
            (1, "fréquent"),
            (2, "fréquent"),
            (3, "fréquent"),
        ]


def test_a_group_joined_to_another_counts_there_and_leaves_a_trace(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, constat("La place est sombre.", group=1))
    lake.contribution(2, EIGHTH, constat("Il fait noir.", group=2))
    lake.contribution(3, NINTH, constat("On ne voit rien.", group=3))
    lake.merge(3, 2, NINTH)
    lake.merge(2, 1, TENTH)
    with lake.derive(consultation) as database:
        assert rows(database, CONSTATS, "group_id", "contributor_count", "first_date") == [
            (1, 3, EIGHTH)
        ]
        assert {group for (group,) in rows(database, STATEMENTS, "group_id")} == {1}
        assert rows(database, GROUP_HISTORY, "group_id", "became_group_id", "date") == [
            (3, 2, NINTH),
            (2, 1, TENTH),
        ]


def test_groups_are_ranked_by_contributors_contributions_statements_day_then_identifier(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, TENTH, constat("Six.", 6), constat("Cinq.", 5), author=1)
    lake.contribution(2, NINTH, constat("Quatre.", 4), author=1)
    lake.contribution(3, TENTH, constat("Trois.", 3), constat("Trois encore.", 3), author=1)
    lake.contribution(4, TENTH, constat("Deux.", 2), author=1)
    lake.contribution(5, TENTH, constat("Deux encore.", 2), author=1)
    lake.contribution(6, TENTH, constat("Un.", 1), author=1)
    lake.contribution(7, TENTH, constat("Un encore.", 1), author=2)
    lake.contribution(8, TENTH, proposition("Une lampe.", 8), constat("Lien.", 9, "lien"), author=1)
    with lake.derive(consultation) as database:
        assert rows(database, CONSTATS, "theme", "rank", "group_id") == [
            ("lien", 1, 9),
            ("service", 1, 1),
            ("service", 2, 2),
            ("service", 3, 3),
            ("service", 4, 4),
            ("service", 5, 5),
            ("service", 6, 6),
        ]
        assert rows(database, PROPOSITIONS, "theme", "rank", "group_id") == [("service", 1, 8)]


def test_among_equals_the_surest_group_comes_first(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, constat("Un.", 1) | {"kind_score": 0.3}, author=1)
    lake.contribution(2, TENTH, constat("Deux.", 2) | {"kind_score": 0.8}, author=1)
    lake.contribution(3, NINTH, constat("Trois.", 3) | {"kind_score": 0.3}, author=1)
    with lake.derive(consultation) as database:
        assert rows(database, CONSTATS, "rank", "group_id") == [(1, 2), (2, 1), (3, 3)]


def test_a_group_counts_its_voices_apart_and_tells_what_comes_from_a_campaign(
    lake: GivenLake, consultation: Consultation
) -> None:
    for number in (1, 2, 3):
        lake.contribution(number, TENTH, constat("Il fait noir."), author=number, cluster=1)
    lake.contribution(4, NINTH, constat("Il  FAIT noir."), constat("On n'y voit rien."), author=4)
    with lake.derive(consultation) as database:
        assert rows(
            database,
            CONSTATS,
            *("contributor_count", "contribution_count", "statement_count"),
            *("distinct_text_count", "campaign_share", "campaign_contribution_count"),
            "first_date",
        ) == [(4, 4, 5, 2, 0.6, 3, NINTH)]


LONG = "Depuis la fermeture de la brigade, la nuit, personne ne passe plus dans le bourg."
SHORT = "Personne la nuit."


@pytest.mark.parametrize(
    ("statements", "quoted"),
    [
        pytest.param([(SHORT, 0.9, EIGHTH), (LONG, 0.1, NINTH)], LONG, id="easy to quote"),
        pytest.param([(LONG, 0.1, EIGHTH), (LONG + "..", 0.9, NINTH)], LONG + "..", id="nearest"),
        pytest.param([(LONG + ".", 0.5, NINTH), (LONG, 0.5, EIGHTH)], LONG, id="earliest"),
        pytest.param([(SHORT, 0.5, NINTH)], SHORT, id="the only one"),
    ],
)
def test_a_group_is_quoted_by_the_statement_that_is_the_easiest_to_quote(
    lake: GivenLake,
    consultation: Consultation,
    statements: list[tuple[str, float, date]],
    quoted: str,
) -> None:
    for number, (text, score, day) in enumerate(statements, 1):
        lake.contribution(number, day, constat(text, score=score))
    with lake.derive(consultation) as database:
        assert rows(database, CONSTATS, "label", "quote") == [(quoted, quoted)]


@pytest.mark.parametrize(
    "before",
    ["", "Été 2019 : ", "👩‍👩‍👧 et 🇫🇷 : ", "e\u0301te\u0301 ", "\u202f« ", "\x00 "],
    ids=["nothing", "accents", "emoji", "combining", "fine space", "NUL"],
)
def test_spans_count_characters_as_python_does(
    lake: GivenLake, consultation: Consultation, before: str
) -> None:
    text = before + "La place est sombre. Fin. 👍🏽"
    lake.contribution(1, EIGHTH, constat("La place est sombre."), text=text)
    with lake.derive(consultation) as database:
        found = database.query("from work.quotations").to_pylist()
    (statement,) = {row.pop("statement_id") for row in found}
    assert re.fullmatch(r"c-[0-9a-f]{16}-001", statement)
    assert found == [{"quote": "La place est sombre.", "source": "La place est sombre."}] * 3


# --- what must agree -----------------------------------------------------------------------------


def give_everything(lake: GivenLake) -> None:
    for number in (1, 2, 3):
        lake.contribution(number, EIGHTH, constat(), proposition(), cluster=1)
    lake.contribution(4, NINTH, constat("Rien.", 3, "lien"), author=1)
    lake.contribution(5, TENTH, constat("Rien.", 3, "lien"), author=1, supersedes=4)
    lake.submission(6, TENTH, "rejected", "spam")
    lake.submission(7, None, "quarantined", "unreadable")


def unequal(database: Database) -> list[str]:
    found = database.query("from work.reconciliation where expected_count != found_count")
    return sorted(found["what"].to_pylist())


def test_every_sum_agrees_when_nothing_is_missing(
    lake: GivenLake, consultation: Consultation
) -> None:
    give_everything(lake)
    with lake.derive(consultation) as database:
        sums = database.query("from work.reconciliation order by what").to_pylist()
        assert {row["what"]: (row["expected_count"], row["found_count"]) for row in sums} == {
            "constats par groupe": (4, 4),
            "contributions par commune": (4, 4),
            "contributions retenues": (4, 4),
            "envois par raison": (7, 7),
            "envois par statut": (7, 7),
            "envois relevés": (7, 7),
            "propositions par groupe": (3, 3),
            "énoncés des contributions retenues": (7, 7),
            "énoncés par thème": (7, 7),
        }


@pytest.mark.parametrize(
    ("table", "differs"),
    [
        ("verdicts", ["envois relevés"]),
        ("contributions", ["contributions par commune", "contributions retenues"]),
        ("copies", ["contributions par commune", "contributions retenues"]),
        ("memberships", ["énoncés des contributions retenues"]),
    ],
)
def test_a_row_that_is_missing_shows_in_a_sum(
    lake: GivenLake, consultation: Consultation, table: str, differs: list[str]
) -> None:
    give_everything(lake)
    del lake.rows[table][0]
    with lake.derive(consultation, submission_count=7) as database:
        assert unequal(database) == differs


def test_a_theme_that_the_consultation_does_not_have_shows_in_a_sum(
    lake: GivenLake, consultation: Consultation
) -> None:
    give_everything(lake)
    lake.contribution(8, TENTH, proposition("Une lampe.", 8, "ancien_theme"))
    with lake.derive(consultation) as database:
        assert unequal(database) == ["énoncés par thème"]


def test_a_row_that_is_missing_from_a_mart_shows_in_a_sum(
    lake: GivenLake, consultation: Consultation
) -> None:
    give_everything(lake)
    with lake.derive(consultation) as database:
        database._connection.execute("delete from marts.constats where theme = 'lien'")
        database._connection.execute("delete from marts.ledger_by_reason where status = 'accepted'")
        assert unequal(database) == ["constats par groupe", "envois par raison"]


def test_what_is_derived_passes_the_last_gate(lake: GivenLake, consultation: Consultation) -> None:
    give_everything(lake)
    with lake.derive(consultation) as database:
        contracts = (*CORE_TABLES, *MART_TABLES)
        looked_at = subject(database, Judged(database, "essai"))
        assert check_publication(TENTH, contracts, looked_at, JUDGEMENT) == []
        assert check_table(SUBMISSIONS, database.read(SUBMISSIONS)) == []


def test_deriving_again_gives_the_same_rows(lake: GivenLake, consultation: Consultation) -> None:
    give_everything(lake)
    with lake.derive(consultation) as database:
        before = {t.qualified: database.read(t) for t in (*CORE_TABLES, *MART_TABLES)}
        database.derive()
        for table in (*CORE_TABLES, *MART_TABLES):
            assert database.read(table).equals(before[table.qualified]), table.qualified


@pytest.mark.parametrize(
    ("name", "count"),
    [
        pytest.param("g-0000000000000001", 3, id="a group"),
        pytest.param("c-0000000000000001", 2, id="a contribution"),
        pytest.param("s-0000000000000002", 2, id="a submission"),
        pytest.param("a-0000000000000001", 3, id="a contributor"),
        pytest.param("k-0000000000000001", 6, id="a campaign"),
        pytest.param("c-0000000000000001-002", 1, id="a statement"),
        pytest.param("g-ffffffffffffffff", 0, id="nothing"),
    ],
)
def test_a_figure_leads_back_to_its_statements_in_one_query(
    lake: GivenLake, consultation: Consultation, name: str, count: int
) -> None:
    give_everything(lake)
    with lake.derive(consultation) as database:
        statements = database.query(read_sql("trace/statements"), {"id": name})
        submissions = database.query(read_sql("trace/submissions"), {"id": name})
    assert statements.num_rows == count
    traced = set(statements["submission_id"].to_pylist())
    assert traced == set(submissions["submission_id"].to_pylist())
