"""The questions that analysts ask first, answered in the copy of the database that they get.

Views, and table macros where a question has a parameter, in the schema `questions`: one SELECT a
file under `sql/questions`. A column means what it means in the table that it comes from, unless
said otherwise here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from warehouse.contracts import (
    CAMPAIGNS,
    CONTRIBUTIONS,
    CONTRIBUTIONS_BY_COMMUNE,
    CONTRIBUTIONS_BY_THEME_AND_DAY,
    GAINS_OF_DAY,
    GROUPS,
    OPPOSITIONS,
    PROPOSITIONS,
    SHARED_KIND,
    STATEMENTS,
    Table,
    literal,
)
from warehouse.sql import read_sql

SCHEMA: Final = "questions"


@dataclass(frozen=True)
class Question:
    """What is asked, and the relation that answers; with parameters, a table macro.

    `meanings` are those of the columns that no source has, or that mean something else here. DuckDB
    takes no comment on the columns of a macro.
    """

    name: str
    asks: str
    parameters: tuple[str, ...] = ()
    sources: tuple[Table, ...] = ()
    meanings: Mapping[str, str] = field(default_factory=dict)

    @property
    def qualified(self) -> str:
        """The name by which it is asked, without its parameters."""
        return f"{SCHEMA}.{self.name}"

    def meaning(self, column: str) -> str:
        """Return what a column means: said here, else by the first source that has it."""
        if column in self.meanings:
            return self.meanings[column]
        source = next(table for table in self.sources if column in table.schema.names)
        return source.column(column).description

    def create_statement(self) -> str:
        """Return the DDL of the relation."""
        query = read_sql(f"{SCHEMA}/{self.name}")
        if self.parameters:
            parameters = ", ".join(self.parameters)
            return f"create macro {self.qualified}({parameters}) as table {query}"
        return f"create view {self.qualified} as {query}"

    def comment_statements(self, columns: Iterable[str]) -> Iterator[str]:
        """Yield the DDL of the comments of a relation that has these columns."""
        kind = "macro table" if self.parameters else "view"
        yield f"comment on {kind} {self.qualified} is {literal(self.asks)}"
        if not self.parameters:
            for column in columns:
                meaning = literal(self.meaning(column))
                yield f'comment on column {self.qualified}."{column}" is {meaning}'


OWN_CONTRIBUTOR_COUNT: Final = {
    "own_contributor_count": "Contributeurs qui le disent sans reprendre le texte d'une campagne"
}

# Each after those that it reads.
QUESTIONS: Final = (
    Question(
        "shared_groups",
        "Quelles propositions, et quels constats, sont les plus partagés, campagnes comprises ou "
        "non ?",
        sources=(PROPOSITIONS,),
        meanings={
            "kind": SHARED_KIND.description,
            "contributor_share": "Part des contributeurs du thème",
            **OWN_CONTRIBUTOR_COUNT,
        },
    ),
    Question(
        "gains_of_last_day",
        "Qu'apporte le dernier jour : groupes nouveaux, groupes qui gagnent des contributeurs ?",
        sources=(GAINS_OF_DAY, PROPOSITIONS),
    ),
    Question(
        "growth_by_theme",
        "Comment chaque thème grandit-il de jour en jour ?",
        sources=(CONTRIBUTIONS_BY_THEME_AND_DAY,),
        meanings={
            "new_contributor_count": "Contributeurs du jour qui n'avaient rien dit du thème",
            "total_contribution_count": "Contributions au thème depuis l'ouverture",
            "total_contributor_count": "Contributeurs du thème depuis l'ouverture",
        },
    ),
    Question(
        "campaigns_by_group",
        "Quel est le poids des campagnes dans chaque groupe ?",
        sources=(PROPOSITIONS, CAMPAIGNS),
        meanings={
            "kind": SHARED_KIND.description,
            "campaign_contributor_count": "Contributeurs qui le disent avec le texte de la "
            "campagne",
            "campaign_contributor_share": "Leur part des contributeurs du groupe",
            **OWN_CONTRIBUTOR_COUNT,
        },
    ),
    Question(
        "opposite_positions",
        "Quelles positions s'opposent, et combien de contributeurs a chacune ?",
        sources=(OPPOSITIONS, PROPOSITIONS),
        meanings={
            "opposed_label": "Libellé court de l'autre groupe",
            "opposed_contributor_count": "Contributeurs de l'autre groupe",
            "opposed_quote": "Citation exacte de l'autre groupe",
        },
    ),
    Question(
        "statements_of_group",
        "Quels énoncés sont derrière un groupe ?",
        parameters=("of_group",),
    ),
    Question(
        "changes_since",
        "Qu'est-ce qui a changé dans les groupes depuis une autre publication, attachée sous un "
        "nom ?",
        parameters=("before",),
    ),
    Question(
        "ledger_changes_since",
        "Qu'est-ce qui a changé dans le compte des messages depuis une autre publication, attachée "
        "sous un nom ?",
        parameters=("before",),
    ),
    Question(
        "voices_by_commune_and_type",
        "D'où, et en quelle qualité, écrit-on sur chaque thème ? Interne : un petit nombre peut "
        "désigner quelqu'un",
        sources=(STATEMENTS, CONTRIBUTIONS, CONTRIBUTIONS_BY_COMMUNE),
        meanings={
            "contribution_count": "Contributions dont un énoncé au moins relève du thème",
            "contributor_count": "Contributeurs dont un énoncé au moins relève du thème",
        },
    ),
    Question(
        "statements_to_read",
        "Quels énoncés sont les moins sûrs, et à relire d'abord ?",
        sources=(STATEMENTS, GROUPS),
    ),
)
