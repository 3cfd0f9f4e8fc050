from __future__ import annotations

import pytest

from tasks.privacy.persons import Policy
from tasks.privacy.redaction import redact_texts

MASKING, KEEPING = Policy(), Policy(keeps_office_holders=True)


def redact(text: str, policy: Policy = MASKING) -> str:
    return redact_texts([text], [()], policy)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M. Dupont et Mme Le Goff", "M. [nom] et Mme [nom]"),
        ("monsieur dupont crie", "monsieur [nom] crie"),
        ("mr et mme dupont", "mr et mme [nom]"),
        ("M. D. et Mme L. crient", "M. [nom] et Mme [nom] crient"),
        ("Mme de Villiers", "Mme [nom]"),
        ("mon voisin DUPONT Jean crie", "mon voisin [nom] crie"),
        ("mon voisin Boulanger crie", "mon voisin [nom] crie"),
        ("ma fille lea a peur", "ma fille [nom] a peur"),
        ("ma petite-fille France étudie", "ma petite-fille [nom] étudie"),
        ("mes voisins Léa et Tom, Paul Petit", "mes voisins [nom] et [nom], [nom]"),
        ("la famille Benali", "la famille [nom]"),
        ("l'adjudant-chef Vasseur", "l'adjudant-chef [nom]"),
        ("le maréchal des logis Dupuis", "le maréchal des logis [nom]"),
        ("Le capitaine de gendarmerie Dupuis", "Le capitaine de gendarmerie [nom]"),
        ("un certain Kevin B. rôde", "un certain [nom] rôde"),
        ("Il s'appelle Mickaël.", "Il s'appelle [nom]."),
        ("C'est Fatoumata Diallo, la concierge.", "C'est [nom], la concierge."),
        ("J'ai vu Julien Maire hier.", "J'ai vu [nom] hier."),
        ("JALONNET Christine est venue.", "[nom] est venue."),
        ("E. Tissier est venu.", "[nom] est venu."),
        ("Rose, la fleuriste, a peur.", "[nom], la fleuriste, a peur."),
        ("Merci à Josiane.", "Merci à [nom]."),
        ("MADAME GAUTHIER A ÉTÉ AGRESSÉE", "MADAME [nom] A ÉTÉ AGRESSÉE"),
        ("Le maire de Vichy, Claude Durand, est absent.", "Le maire de Vichy, [nom], est absent."),
        ("Macron doit écouter.", "[nom] doit écouter."),
        ("À propos de Gonçalves : rien.", "À propos de [nom] : rien."),
    ],
)
def test_a_person_is_masked_and_the_words_around_stay(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "La rue Jean Jaurès et l'avenue du Général de Gaulle.",
        "Le lycée Théodore-de-Banville et le collège Jean-Moulin.",
        "La loi Veil et le stade Darragon.",
        "La Marine nationale recrute.",
        "Monsieur le Préfet, Madame la Maire,",
        "M. le Maire et Mme la Préfète de l'Allier",
        "Le maire de Saint-Yorre et les gendarmes de Dompierre",
        "L'Allier n'est pas la Seine-Saint-Denis.",
        "Bellerive-sur-Allier et Saint-Gérand-le-Puy",
        "Petit à petit, le boulanger du coin ferme.",
        "Un olivier, une olive : L'aurore est belle.",
        "Je me balade à Vichy.",
        "Les gendarmes ne viennent pas, le maire non plus.",
        "LES GENDARMES NE VIENNENT PAS, LE MAIRE NON PLUS",
        "Pierre et gravier jonchent la route.",
        "Sanctionner, Éduquer, Prévenir.",
        "On vit mieux en Hollande.",
    ],
)
def test_words_places_and_institutions_stay(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Le maire Jean Dupont ment.", "Le maire Jean Dupont ment."),
        ("Le maire de Moulins, Pierre Durand", "Le maire de Moulins, Pierre Durand"),
        ("notre député M. Sauzet", "notre député M. Sauzet"),
        ("Le préfet Aubertin, puis M. Aubertin", "Le préfet Aubertin, puis M. Aubertin"),
        ("Le préfet Aubertin et mon voisin Aubertin", "Le préfet Aubertin et mon voisin [nom]"),
        ("L'adjudant Lopez", "L'adjudant [nom]"),
        ("Le président du comité des fêtes Paul Morel", "Le président du comité des fêtes [nom]"),
    ],
)
def test_a_policy_keeps_who_is_named_with_a_public_office(text: str, kept: str) -> None:
    assert redact(text, KEEPING) == kept
    assert redact(text) != text


def test_a_listed_name_stays_alone_or_whole_and_nobody_else_s() -> None:
    listed = Policy(public_names=("Emmanuel Macron",))
    text = "Emmanuel Macron, M. Macron, Macron, mon voisin Macron et Kevin Macron"
    assert redact(text, listed) == ("Emmanuel Macron, M. Macron, Macron, mon voisin [nom] et [nom]")


def test_what_is_found_in_a_text_does_not_depend_on_the_texts_beside_it() -> None:
    texts = ["À propos de Gonçalves : rien.", "Haddad et Peyrot sont partis.", "La rue est sombre."]
    alone = [redact(text) for text in texts]
    assert redact_texts(texts[::-1], [()] * 3) == alone[::-1]
