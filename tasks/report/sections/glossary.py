"""« Glossaire »: what the words of the synthesis mean."""

from __future__ import annotations

from tasks.consultation import Consultation
from tasks.report.document import Prose, Section, Strong, Term, Terms, prose
from tasks.report.typography import number, share
from tasks.report.wording import weight_mark
from warehouse.contracts import WEIGHT_LABELS


def glossary(consultation: Consultation) -> Section:
    """Explain the words, from what comes in to what is published."""
    least = number(consultation.campaign_contributors)
    return Section(
        "glossaire",
        "Glossaire",
        (
            Terms(
                (
                    _term(
                        "Contribution",
                        "Un message retenu, pièces jointes comprises, réduit à ce que son auteur "
                        "a écrit lui-même.",
                    ),
                    _term(
                        "Contributeur",
                        "Une adresse d'expédition, quel que soit le nombre de ses messages. Un "
                        "envoi sans adresse sûre compte pour un contributeur.",
                    ),
                    _term(
                        "Énoncé",
                        "Chaque contribution est découpée en énoncés, d'une phrase environ. Chacun "
                        "reçoit un thème et une nature : constat, proposition ou autre.",
                    ),
                    _term(
                        "Constat",
                        "Un énoncé qui décrit ou juge une situation : un problème, une cause, une "
                        "expérience, une opinion sur ce qui est.",
                    ),
                    _term(
                        "Proposition",
                        "Un énoncé qui demande, recommande ou souhaite qu'une chose soit faite, "
                        "changée, arrêtée ou gardée.",
                    ),
                    _term(
                        "Groupe",
                        "Les énoncés de même thème et de même nature qui disent la même chose. Son "
                        "titre et sa citation viennent de l'un d'eux. Dans chaque thème, les "
                        "groupes sont rangés du plus au moins partagé ; chacun est compté comme "
                        "une proposition ou un constat.",
                    ),
                    Term(
                        "Poids",
                        prose(
                            "La part des contributeurs du thème qui ont écrit un énoncé du groupe."
                        ),
                        weights(consultation),
                    ),
                    _term(
                        "Campagne",
                        "Un texte copié, ou à peine modifié, par {least} contributeurs au moins.",
                        least=least,
                    ),
                    _term(
                        "Citation",
                        "Les mots mêmes de leur auteur, fautes comprises ; seules les données "
                        "personnelles sont masquées. L'identifiant qui l'accompagne mène, par la "
                        "commande `assises trace`, à la contribution et aux autres énoncés du "
                        "groupe.",
                    ),
                )
            ),
        ),
    )


def weights(consultation: Consultation) -> tuple[Prose, ...]:
    """Give each weight its mark and the share from which it holds."""
    at_least = consultation.weights
    bounds = (
        f"plus de {share(at_least.majoritaire, 1)}",
        f"à partir de {share(at_least.frequent, 1)}",
        f"à partir de {share(at_least.partage, 1)}",
        f"moins de {share(at_least.partage, 1)}",
    )
    return tuple(
        (Strong(f"{weight_mark(label)} {label}"), f" {bound}")
        for label, bound in zip(WEIGHT_LABELS, bounds, strict=True)
    )


def _term(name: str, meaning: str, **values: str) -> Term:
    return Term(name, prose(meaning, values))
