"""Which way a statement points. Opposite positions share most of their words; this is what tells them apart.

Negations and the words that turn a position round ("supprimer", "contre", "moins", "manque",
"inutile") are counted: an odd number turns the statement. A mistake here only keeps two statements
from being grouped.
"""

from __future__ import annotations

from collections.abc import Sequence

from tasks.language.words import lexicon, stem, stems

# Words with an opposite that citizens use of the same things; of each pair, the one that takes
# away, refuses or blames.
TURNING = stems(
    lexicon(
        """abandonner abolir abolition abrogation abroger absence absent absents absente absentes affaiblir alleger allegement annuler anti
        arret arretent arreter arretez arretons baisse baisser bannir cesser cessez contre contraire
        decourager defavorable degrader degradation demanteler demantelement desarmer desarmement
        desinterer deserter desertion deteriorer deterioration diminuer diminution difficile
        difficiles difficilement difficulte disparaitre disparition dissoudre dissolution eloigner
        eloignement empecher enlever facultatif fermer ferment fermee fermees ferme fermeture
        fermetures fin finir freiner halte hostile ignorer illegal impossible impuissant inactif
        inaccessible inadapte inefficace inefficaces inexistant inexistante injuste injustifie
        insatisfait insecurite insuffisant insuffisante insuffisants insuffisance interdire
        interdiction interdit inutile inutiles invisible invisibles lache lent lente lents lentes
        lenteur limiter limitation manque manquent manquer mal mauvais mauvaise mauvaises mecontent
        mediocre mefiance mefier moins negatif nuire opposer oppose opposee opposition penurie
        perdre perte peur pire rarement rare rares reduction reduire refus refuser rejeter
        restreindre retirer retrait
        stop stopper supprimer supprime suppression suspendre desapprouver desaccord inquietant inquiete inquietude danger dangereux"""
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
    """Polarity of a folded, tokenised statement: "+", "-", or either with "!" when something is said to be too much."""
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
        elif stem(word) in TURNING:
            turns += 1
    return ("-" if turns % 2 else "+") + ("!" if excess else "")
