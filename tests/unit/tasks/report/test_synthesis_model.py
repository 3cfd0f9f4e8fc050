from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from tasks.consultation import Consultation
from tasks.report.model import SynthesisError, days_between, read_synthesis

Tables = dict[str, pa.Table]


def test_themes_come_in_the_announced_order_and_hors_theme_last(
    tables: Tables, consultation: Consultation
) -> None:
    shuffled = tables | {
        "marts.synthesis_by_theme": tables["marts.synthesis_by_theme"].take([4, 2, 0, 3, 1])
    }
    synthesis = read_synthesis(shuffled, consultation)
    assert [theme.code for theme in synthesis.themes] == list(consultation.theme_labels())


def test_groups_come_by_rank_whatever_the_order_of_the_rows(
    tables: Tables, consultation: Consultation
) -> None:
    rows = tables["marts.propositions"]
    reversed_rows = tables | {"marts.propositions": rows.take(list(range(len(rows)))[::-1])}
    assert read_synthesis(reversed_rows, consultation) == read_synthesis(tables, consultation)


def test_a_group_s_share_is_of_its_theme_s_contributors(
    tables: Tables, consultation: Consultation
) -> None:
    service = read_synthesis(tables, consultation).themes[1]
    assert service.propositions[0].contributor_share == 74 / 140


def test_a_contributor_of_several_themes_counts_once(
    tables: Tables, consultation: Consultation
) -> None:
    synthesis = read_synthesis(tables, consultation)
    assert synthesis.contributor_count == 208
    assert sum(theme.contributor_count for theme in synthesis.themes) > 208


def test_all_days_add_up_and_the_undated_come_last(
    tables: Tables, consultation: Consultation
) -> None:
    synthesis = read_synthesis(tables, consultation)
    assert synthesis.days[-1].day is None
    assert (synthesis.total.received, synthesis.total.accepted, synthesis.total.set_aside) == (
        274,
        226,
        48,
    )


def test_a_campaign_s_days_are_local_days(tables: Tables, consultation: Consultation) -> None:
    (campaign,) = read_synthesis(tables, consultation).campaigns
    assert (campaign.first_date, campaign.last_date) == (date(2020, 1, 13), date(2020, 1, 19))


def test_a_column_more_than_the_contract_changes_nothing(
    tables: Tables, consultation: Consultation
) -> None:
    wider = {name: table.append_column("more", [table[0]]) for name, table in tables.items()}
    assert read_synthesis(wider, consultation) == read_synthesis(tables, consultation)


def test_days_and_reasons_that_disagree_are_refused(
    tables: Tables, consultation: Consultation
) -> None:
    fewer = tables["marts.ledger_by_reason"].slice(1)
    with pytest.raises(SynthesisError, match="ledger_by_reason"):
        read_synthesis(tables | {"marts.ledger_by_reason": fewer}, consultation)


@pytest.mark.parametrize(
    "name", ["synthesis_by_theme", "contributions_by_theme_and_day", "propositions", "constats"]
)
def test_a_theme_of_another_consultation_is_refused(
    tables: Tables, consultation: Consultation, name: str
) -> None:
    table = tables[f"marts.{name}"]
    place = table.schema.get_field_index("theme")
    other = table.set_column(place, table.schema.field(place), pa.array(["jardins"] * len(table)))
    with pytest.raises(SynthesisError, match="jardins"):
        read_synthesis(tables | {f"marts.{name}": other}, consultation)


def test_days_between_two_days_hold_both() -> None:
    assert days_between(date(2020, 1, 31), date(2020, 2, 1)) == (
        date(2020, 1, 31),
        date(2020, 2, 1),
    )
    assert days_between(date(2020, 1, 2), date(2020, 1, 1)) == ()
