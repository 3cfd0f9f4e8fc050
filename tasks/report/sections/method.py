"""« Méthode et limites »: what the figures are, what they are not, what people checked."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.report.document import (
    Block,
    Cell,
    Column,
    Heading,
    Inline,
    Items,
    Paragraph,
    Prose,
    Section,
    Table,
    prose,
)
from tasks.report.model import Figure, Quality, Synthesis
from tasks.report.typography import FIXED, count, french, measure, number, share
from tasks.report.wording import agreement, identity
from warehouse.contracts import ENOUGH_OF_CLASS, ENOUGH_READ

_NAMES = {"theme": ("Thèmes", "Moyenne des thèmes"), "kind": ("Natures", "Moyenne des natures")}


def method(synthesis: Synthesis) -> Section:
    """Write how the synthesis was made, and how far it can be trusted."""
    return Section(
        "methode",
        "Méthode et limites",
        (
            *_said(
                "Ce n'est ni un sondage ni un vote",
                "Écrivent celles et ceux qui le veulent. Leurs avis ne représentent pas la "
                "population, et un poids dans cette synthèse ne dit rien de ceux qui n'ont pas "
                "écrit. Une proposition isolée peut être la meilleure.",
            ),
            *_said(
                "Chaque message est compté",
                "Rien n'est écarté en silence : un message est retenu, ou mis de côté pour une "
                "raison que donne le [registre](#registre), jour par jour. {identity}.",
                {"identity": identity(synthesis.total)},
            ),
            *_said(
                "Un contributeur est une adresse",
                "Une personne qui écrit plusieurs fois de la même adresse compte une fois ; une "
                "personne qui écrit de deux adresses compte deux fois ; un foyer ou une "
                "association qui partage une adresse compte une fois. Un envoi sans adresse sûre "
                "compte pour un contributeur. Les noms ne servent jamais à rapprocher des envois.",
            ),
            *_said(
                "Comment les énoncés sont classés",
                "Un programme, le même pour tous et sans service en ligne, retient de chaque "
                "message ce que son auteur a écrit lui-même, le découpe en énoncés, puis attribue "
                "à chacun le thème annoncé dont ses mots sont les plus proches et une nature "
                "d'après sa tournure. Les énoncés proches de sens sont réunis en groupes ; un "
                "groupe garde son identité d'un jour à l'autre. Les tables publiées gardent, pour "
                "chaque énoncé, un degré de confiance et ce qui a décidé.",
            ),
            Heading(prose("Ce que des personnes ont revu")),
            Paragraph(_reviewed(synthesis)),
            Heading(prose("Ce que vaut ce classement")),
            *_quality(synthesis.qualities),
            *_said(
                "Ce que la machine peut manquer",
                "L'ironie, l'allusion, une phrase qui porte deux idées, un mot local, une faute "
                "qui change un mot. Elle peut ranger un énoncé dans le thème voisin, réunir deux "
                "avis qui emploient les mêmes mots pour dire le contraire, ou tenir séparées deux "
                "façons de dire la même chose : les petits écarts de chiffres n'ont pas de sens. "
                "Les citations, elles, sont exactes.",
            ),
            *_said(
                "Les personnes ne sont pas nommées",
                "Noms, adresses, numéros et autres données personnelles sont masqués avant "
                "l'analyse, et les auteurs ne sont connus que par un pseudonyme. Le masquage est "
                "automatique : il peut masquer trop, il peut laisser passer. Un message qui "
                "signale une urgence ou un fait à traiter est montré chaque jour aux personnes qui "
                "conduisent la consultation, et jamais publié comme tel.",
            ),
            *_said(
                "Les campagnes sont montrées",
                "Un texte envoyé par beaucoup reste l'avis de beaucoup : il n'est ni retiré ni "
                "pondéré. Envois, contributeurs et textes distincts sont donnés "
                "[côte à côte](#campagnes) pour que chacun juge.",
            ),
            *_accepted(synthesis.publication.accepted_gates),
        ),
    )


def _said(title: str, text: str, values: Mapping[str, Inline] | None = None) -> tuple[Block, ...]:
    return (Heading(prose(title)), Paragraph(prose(text, values)))


def _accepted(gates: tuple[str, ...]) -> tuple[Block, ...]:
    if not gates:
        return ()
    return (
        *_said(
            "Ce qu'un contrôle retenait",
            "Avant chaque publication, le programme retient ce qui doit être jugé par une "
            "personne. Ont été publiés, sous le nom de qui l'a décidé :",
        ),
        Items(tuple((french(gate),) for gate in gates)),
    )


def _reviewed(synthesis: Synthesis) -> Prose:
    groups = synthesis.proposition_group_count + synthesis.constat_group_count
    reviewed = synthesis.reviewed_group_count
    values = {
        "groups": count(groups, "groupe"),
        "reviewed": f"{number(reviewed)} {'a été relu' if reviewed == 1 else 'ont été relus'}",
    }
    if not reviewed:
        return prose(
            "Personne n'a encore relu les groupes de constats et de propositions (en tout, "
            "{groups}) : libellés et classement sont ceux du programme.",
            values,
        )
    return prose(
        "Des {groups} de constats et de propositions, {reviewed} par une personne, qui a pu en "
        "changer le libellé, le thème, la nature, ou les énoncés qu'ils réunissent. Chaque "
        "correction est gardée avec son auteur, sa date et son motif ; aucune ne change un message "
        "ni une citation.",
        values,
    )


def _quality(qualities: tuple[Quality, ...]) -> list[Block]:
    if not qualities:
        unread = (
            "La qualité de ce classement n'a pas été mesurée sur cette consultation : personne n'a "
            "encore lu à l'aveugle, c'est-à-dire sans voir ce qu'en dit la machine, d'énoncés "
            "tirés au sort."
        )
        return [Paragraph(prose(unread))]
    blind = (
        "Des énoncés tirés au sort dans chaque thème et chaque nature ont été lus à l'aveugle : "
        "par une ou deux personnes, chacune à part, sans voir ce qu'en dit la machine."
    )
    tables = [_table(quality) for quality in qualities if quality.macro_f1]
    return [
        Paragraph(prose(blind)),
        Items(tuple(_measured(quality) for quality in qualities)),
        *tables,
        *(_HOW_TO_READ if tables else ()),
    ]


def _measured(quality: Quality) -> Prose:
    """Say what was read of the themes or of the kinds, and what it says of the whole."""
    read = count(quality.read_count, "énoncé lu", "énoncés lus")
    population = count(quality.population_count, "énoncé distinct", "énoncés distincts")
    parts: list[Inline] = [
        french(
            f"{_NAMES[quality.label_type][0]} : {read}, dont {number(quality.read_twice_count)} "
            f"par deux personnes, sur {population}. "
        )
    ]
    if quality.macro_f1:
        parts += _mean(quality.macro_f1, quality.covered_share)
    else:
        parts.append(french(f"C'est trop peu pour un chiffre : il en faut {ENOUGH_READ}."))
    if quality.kappa:
        kappa = quality.kappa
        parts.append(
            french(
                f" L'accord des deux lecteurs est {agreement(kappa.value)} : kappa de Cohen de "
                f"{measure(kappa.value)} (de {_interval(kappa)})."
            )
        )
    elif quality.macro_f1 and quality.read_twice_count < ENOUGH_READ:
        parts.append(
            french(
                f" L'accord des lecteurs n'est pas mesuré : il faut {ENOUGH_READ} énoncés lus par "
                "deux personnes."
            )
        )
    return tuple(parts)


def _mean(f1: Figure, covered_share: float) -> Prose:
    covered = (
        f", pour {share(covered_share)} des énoncés distincts : rien n'a été lu des autres sortes"
        if covered_share < 1
        else ""
    )
    return prose(
        "Le F1 moyen est de **{f1}** (de {interval}){covered}.",
        {"f1": measure(f1.value), "interval": _interval(f1), "covered": french(covered)},
    )


def _table(quality: Quality) -> Table:
    name, mean = _NAMES[quality.label_type]
    return Table(
        f"table-qualite-{quality.label_type}",
        french(f"{name} : la machine comparée aux lecteurs, de 0 à 1"),
        (
            Column(name, "text"),
            Column("F1", "measure"),
            Column("Intervalle", "text"),
            Column("Précision", "measure"),
            Column("Rappel", "measure"),
            Column("Énoncés lus"),
        ),
        tuple(
            (french(of.name), *_f1(of.f1), of.precision, of.recall, of.true_count)
            for of in quality.classes
        ),
        (mean, *_f1(quality.macro_f1), "", "", quality.read_count),
    )


def _f1(figure: Figure | None) -> tuple[Cell, Cell]:
    return (figure.value, _interval(figure)) if figure else (None, None)


def _interval(figure: Figure) -> str:
    return f"{measure(figure.low)}{FIXED}à{FIXED}{measure(figure.high)}"


_HOW_TO_READ = (
    Paragraph(
        prose(
            "La précision d'un thème est la part de ses énoncés qui en relèvent pour les "
            "lecteurs ; son rappel, la part de ceux qui en relèvent que la machine y range. Le F1 "
            "tient des deux : 1 quand la machine range comme les lecteurs, 0 quand elle ne trouve "
            "rien. L'intervalle dit ce que le hasard du tirage laisse ignorer : sur vingt tirages, "
            "dix-neuf en donneraient un où se trouve le chiffre de tous les énoncés. Un énoncé que "
            "les deux lecteurs rangent autrement compte à chacun pour moitié. Un tiret : moins de "
            "{of_class} énoncés lus, trop peu pour un chiffre.",
            {"of_class": number(ENOUGH_OF_CLASS)},
        )
    ),
    Paragraph(
        prose(
            "L'accord est nommé d'après Landis et Koch (1977) : très faible jusqu'à 0,20, faible "
            "jusqu'à 0,40, modéré jusqu'à 0,60, fort jusqu'à 0,80, presque parfait au-delà. Chaque "
            "énoncé compte une fois, si souvent qu'il soit copié."
        ),
        "note",
    ),
)
