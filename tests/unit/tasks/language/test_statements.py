"""Letters to statements: what is one, what is none, and where it begins and ends."""

from __future__ import annotations

import pytest

from tasks.language.labels import short_label
from tasks.language.statements import split_statements
from tasks.language.words import stem
from tests.letters import FOLDER, Letter, read_letters

MARKED = [letter for path in sorted(FOLDER.glob("*.txt")) for letter in read_letters(path)]

WRAPPED = """Les gendarmes de notre brigade ne passent plus dans le village depuis que la
brigade voisine a été regroupée avec celle du chef-lieu, ce qui inquiète bien
des personnes âgées. Une permanence serait utile."""
LETTER = """Madame la Préfète,

Suite à l'article paru dans le journal, voici ma contribution.

La nuit, personne ne répond.

Merci de votre attention.

Veuillez agréer, Madame, l'expression de mes salutations distinguées.
[nom]
Retraitée"""
PRESENTATION = """Je m'appelle [nom] et j'habite Vichy depuis vingt ans.
Habitant de Moulins, je souhaite répondre à votre consultation.
Vous pouvez me joindre au [téléphone] pour en parler."""
LETTERS = {
    "sentences": (
        "Il faut plus de gendarmes. Les rues sont sales ! Pourquoi attendre ?",
        ["Il faut plus de gendarmes.", "Les rues sont sales !", "Pourquoi attendre ?"],
    ),
    "abbreviations": (
        "M. Durand et Mme. Petit citent l'art. 3 du code. Rien ne change.",
        ["M. Durand et Mme. Petit citent l'art. 3 du code.", "Rien ne change."],
    ),
    "etc_inside_and_at_the_end": (
        "Les vols, le bruit, etc. sont fréquents. Tags, déchets, etc. On ne voit personne.",
        ["Les vols, le bruit, etc. sont fréquents.", "Tags, déchets, etc.", "On ne voit personne."],
    ),
    "numbers_and_addresses_of_pages": (
        "Il y a 2.5 agents pour 1.000 habitants. Voir www.exemple.fr/page.html pour le détail.",
        [
            "Il y a 2.5 agents pour 1.000 habitants.",
            "Voir www.exemple.fr/page.html pour le détail.",
        ],
    ),
    "no_space_after_the_stop": (
        "Personne ne passe.Il faut une ronde.",
        ["Personne ne passe.", "Il faut une ronde."],
    ),
    "sentences_without_capitals": (
        "on ne voit personne. il faut des rondes",
        ["on ne voit personne.", "il faut des rondes"],
    ),
    "suspended": (
        "Le soir... on a peur. La police… elle ne vient pas.",
        ["Le soir... on a peur.", "La police… elle ne vient pas."],
    ),
    "bullets": (
        "- Plus de rondes\n* Moins de bruit\n• Une permanence\n1) Un numéro\n2. Un site",
        ["Plus de rondes", "Moins de bruit", "Une permanence", "Un numéro", "Un site"],
    ),
    "numbered_on_one_line": (
        "1. Rouvrir la brigade. 2. Former les agents. 3. Répondre au téléphone.",
        ["Rouvrir la brigade.", "Former les agents.", "Répondre au téléphone."],
    ),
    "lines_without_stops": (
        "Plus de patrouilles\nDes caméras à l'entrée du bourg\nUn gendarme référent",
        ["Plus de patrouilles", "Des caméras à l'entrée du bourg", "Un gendarme référent"],
    ),
    "hard_wrapped": (WRAPPED, [WRAPPED[:-29], "Une permanence serait utile."]),
    "letter": (LETTER, ["La nuit, personne ne répond."]),
    "greeting_before_the_words": ("Bonjour, il faut des rondes.", ["il faut des rondes."]),
    "cover_note": ("Bonjour,\n\nVeuillez trouver ci-joint ma contribution.\n\nCordialement", []),
    "presentation": (PRESENTATION, []),
    "thanks_that_ask": (
        "Merci d'avance.\nMerci de rouvrir la brigade.",
        ["Merci de rouvrir la brigade."],
    ),
    "wishes_are_not_formulas": (
        "Je veux plus de considération pour les gendarmes.",
        ["Je veux plus de considération pour les gendarmes."],
    ),
    "nothing": ("\n \n-----\n[nom]\n", []),
}


@pytest.mark.parametrize(("text", "expected"), LETTERS.values(), ids=LETTERS)
def test_letter_is_cut_into_statements(text: str, expected: list[str]) -> None:
    assert [text[s.start : s.end] for s in split_statements(text)] == expected


@pytest.mark.parametrize("letter", MARKED, ids=[letter.name for letter in MARKED])
def test_marked_letter_is_cut_where_a_reader_cut_it(letter: Letter) -> None:
    found = [letter.text[s.start : s.end] for s in split_statements(letter.text)]
    assert found == [letter.text[a:b] for a, b in letter.spans]


LED = {
    "request_word": (
        "Il faut renforcer les effectifs, rouvrir la brigade, installer des caméras.",
        [
            ("Il faut renforcer les effectifs", None),
            ("rouvrir la brigade", "Il faut"),
            ("installer des caméras.", "Il faut"),
        ],
    ),
    "colon": (
        "Mes demandes : un accueil ouvert le soir, des rondes à pied, moins de vitesse",
        [
            ("un accueil ouvert le soir", "Mes demandes"),
            ("des rondes à pied", "Mes demandes"),
            ("moins de vitesse", "Mes demandes"),
        ],
    ),
    "line_above_bullets": (
        "Il faudrait :\n- un banc\n- une lampe\nLa rue est sombre.",
        [("un banc", "Il faudrait"), ("une lampe", "Il faudrait"), ("La rue est sombre.", None)],
    ),
    "label": (
        "Constat : la rue est sombre. Proposition : rallumer les lampes.",
        [("la rue est sombre.", "Constat"), ("rallumer les lampes.", "Proposition")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), LED.values(), ids=LED)
def test_what_governs_an_item_is_kept_beside_it(
    text: str, expected: list[tuple[str, str | None]]
) -> None:
    found = split_statements(text)
    assert [
        (text[s.start : s.end], text[slice(*s.lead)] if s.lead else None) for s in found
    ] == expected


HEADED = {
    "kinds_under_a_theme": (
        "Thème 2 : le service\nConstats :\nPersonne le soir.\nPropositions :\nPlus de rondes.",
        [
            ("Personne le soir.", "Thème 2 : le service"),
            ("Plus de rondes.", "Thème 2 : le service"),
        ],
    ),
    "announced_themes": (
        "Thème 2 : le service rendu\nPlus de rondes.\nThème 3 : le lien\nOn se salue.",
        [
            ("Plus de rondes.", "Thème 2 : le service rendu"),
            ("On se salue.", "Thème 3 : le lien"),
        ],
    ),
    "numbered_with_colon": (
        "3) lien entre la population et les forces :\n- On se salue",
        [("On se salue", "3) lien entre la population et les forces")],
    ),
    "numbered_title": (
        "2) attentes en termes de service\nPlus de rondes.",
        [("Plus de rondes.", "2) attentes en termes de service")],
    ),
    "theme_and_words_on_one_line": (
        "Thème 2 : il faut plus de rondes.",
        [("il faut plus de rondes.", "Thème 2")],
    ),
    "no_heading_before": (
        "Avant.\nMes constats :\nAprès.",
        [("Avant.", None), ("Après.", "Mes constats")],
    ),
    "numbered_requests_are_no_headings": (
        "1) Créer une brigade\n2) Former les agents",
        [("Créer une brigade", None), ("Former les agents", None)],
    ),
}


@pytest.mark.parametrize(("text", "expected"), HEADED.values(), ids=HEADED)
def test_heading_is_carried_by_what_follows(
    text: str, expected: list[tuple[str, str | None]]
) -> None:
    assert [(text[s.start : s.end], s.heading) for s in split_statements(text)] == expected


def test_line_that_repeats_an_announced_title_is_a_heading() -> None:
    text = "4) participation des citoyens à la sécurité\nSurveiller entre voisins"
    titles = ["participation des citoyens à la sécurité collective et à la paix publique"]
    (span,) = split_statements(text, titles)
    assert span.heading == "4) participation des citoyens à la sécurité"


LOST_BREAKS = {
    "infinitives": (
        "Former les agents Rouvrir la brigade Répondre aux courriers",
        ["Former les agents", "Rouvrir la brigade", "Répondre aux courriers"],
    ),
    "pronouns": (
        "La gare est sale Il faut la nettoyer",
        ["La gare est sale", "Il faut la nettoyer"],
    ),
    "names_are_not_verbs": (
        "Le parc Olivier de Serres et le Premier des deux lavoirs sont fermés",
        ["Le parc Olivier de Serres et le Premier des deux lavoirs sont fermés"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), LOST_BREAKS.values(), ids=LOST_BREAKS)
def test_line_ends_that_became_spaces_are_found(text: str, expected: list[str]) -> None:
    assert [text[s.start : s.end] for s in split_statements(text)] == expected


@pytest.mark.parametrize(
    "unit", ["A", "@", "a,", "police ", "e\u0301", "a\n", "- ", ". ", "(", "1) ", "il faut "]
)
def test_a_text_without_end_takes_no_more_than_its_length(unit: str) -> None:
    text = "Il faut voir. " + unit * (60_000 // len(unit))
    spans = split_statements(text)
    assert spans[0].end <= len(text)
    assert short_label(text, "proposition")


def test_a_word_without_end_is_stemmed_like_its_beginning() -> None:
    assert stem("a" * 3_000_000) == stem("a" * 40)
