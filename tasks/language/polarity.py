"""Which way a statement points: opposite positions share most of their words, not their polarity.

Negations and the words that turn a position round ("supprimer", "contre", "moins", "manque",
"inutile") are counted: an odd number turns the statement. A mistake here only keeps two statements
from being grouped.
"""

from __future__ import annotations

from collections.abc import Sequence

from tasks.language.words import lexicon, stem, stems

# Of each pair of opposites, the word that takes away, refuses or blames. Those that only say which
# way ("moins de", "supprimer") are nothing of what a statement is about; the others are.
AGAINST = stems(
    lexicon(
        """
        abandonner abolir abolition abrogation abroger absence absent absents absente absentes
        anti arret arretent arreter arretez arretons bannir cesser cessez contre contraire diminuer
        diminution baisse baisser defavorable enlever fin finir halte hostile insuffisant
        insuffisante insuffisants insuffisantes insuffisance interdire interdiction interdit
        limiter limitation manque manquent manquer moins opposer oppose opposee opposition penurie
        perdre perte reduction reduire refus refuser rejeter restreindre retirer retrait stop
        stopper supprimer supprime suppression suspendre desaccord desapprouver disparition
        disparaitre
        """
    )
)
_TURNING = AGAINST | stems(
    lexicon(
        """
        affaiblir alleger allegement annuler danger dangereux decourager degradation degrader
        demantelement demanteler desarmement desarmer deserter desertion desinterer deterioration
        deteriorer difficile difficiles difficilement difficulte dissolution dissoudre eloignement
        eloigner empecher facultatif ferme fermee fermees ferment fermer fermeture fermetures
        freiner ignorer illegal impossible impuissant inaccessible inactif inadapte inefficace
        inefficaces inexistant inexistante injuste injustifie inquiete inquietant inquietude
        insatisfait insecurite inutile inutiles invisible invisibles lache lent lente lentes
        lenteur lents mal mauvais mauvaise mauvaises mecontent mediocre mefiance mefier negatif
        nuire peur pire rare rarement rares
        """
    )
)
_EXCESS = lexicon("trop exces excessif excessive surabondance")
_NEGATIONS = lexicon("ne n non ni sans aucun aucune jamais zero")
_SECOND_HALVES = lexicon("pas plus jamais aucun aucune rien guere point")
_LACK = frozenset(
    {
        ("pas", "assez"),
        ("plus", "assez"),
        ("trop", "peu"),
        ("pas", "suffisamment"),
        ("peu", "de"),
        ("peu", "d"),
        ("bien", "peu"),
    }
)


def polarity(words: Sequence[str]) -> str:
    """Tell the polarity of tokens: "+" or "-", with "!" when something is said to be too much."""
    turns = 0
    excess = False
    skip = negated = -1
    for i, word in enumerate(words):
        if i <= skip:
            continue
        after = words[i + 1] if i + 1 < len(words) else ""
        if (word, after) in _LACK:
            turns += negated < i - 6
            skip, negated = i + 1, i
        elif word in _EXCESS:
            excess = True
        elif word in _NEGATIONS:
            if not (word in _SECOND_HALVES and negated >= i - 6 and negated >= 0):
                turns += 1
            negated = i
        elif word in _SECOND_HALVES:
            # "pas" without "ne" is spoken French; "plus" and "rien" alone are not negations.
            turns += word == "pas" and not (negated >= 0 and negated >= i - 6)
        elif stem(word) in _TURNING:
            turns += 1
    return ("-" if turns % 2 else "+") + ("!" if excess else "")
