"""Which way a statement points: opposite positions share most of their words, not their polarity.

Negations and the words that turn a position round ("supprimer", "contre", "moins", "manque",
"inutile") are counted: an odd number turns the statement. A mistake here only keeps two statements
from being grouped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.language.words import lexicon, stem, stems, tokens

# Of each pair of opposites, the word that takes away, refuses or blames. Those that only say which
# way ("moins de", "supprimer") are nothing of what a statement is about; the others are.
AGAINST = stems(
    lexicon(
        """
        abaisser abaissement abandon abandonner abolir abolition abrogation abroger absence absent
        absents absente absentes alleger allegement annuler annulation anti arret arretent arreter
        arretez arretons baisse baisser bannir cesser cessez contre contraire couper coupure
        decroitre defavorable diminuer diminuent diminution diviser ecarter eliminer elimination
        eloigner enlever ecourter fin finir freiner geler halte hostile insuffisant insuffisante
        insuffisants insuffisantes insuffisance interdire interdiction interdit limiter limitation
        manque manquent manquer manquons moins oppose opposee opposer opposition oter
        penurie perdre perte priver prohiber proscrire raccourcir raccourcissement ralentir
        rallentir reculer reduction reduire refus refusent refuser regrouper regroupement rejeter
        remplacer remplacement renoncer restreindre restriction retirer retires retrait revoquer
        sortir sortie sortons stop stopper supprimer supprime supprimez supprimons suppression
        suspendre suspension desaccord desapprouver disparition disparaitre disparaissent
        """
    )
)
# Words of blame, lack or harm: what is said is turned, and is still about them.
_BLAME = stems(
    lexicon(
        """
        abime abimer abuser abus absurde affaibli affaiblir agressif agressive aggraver aggrave
        angoisse anonyme arrogant arrogants arrogante aveugle bacle bafoue bloque bloquer bruyant
        bruyante bruyants bruyantes cache cacher casse casser catastrophe catastrophique cher chere
        chers close clos complique compliquee compliques compliquent compliquer confus contraignant
        contraignante couteux couteuse crainte cruel danger dangereux dangereuse debordes deborde
        decourage decourageant decourager decu decue decus defaillant defaillance deficient deficit
        degrade degradation degrader degradent delabre delaisse delaisser delaissee demantelement
        demanteler demuni deplorable depourvu derisoire desagreable desarme desarmement desarmer
        desert deserte deserter desertion desinterer desinteret desordre detendu deterioration
        deteriorer detruire detruit difficile difficiles difficilement difficulte dissolution
        dissoudre distant distante distants disproportionne echec echouer ecoeure effraye
        effrayant eloigne eloignee eloignes eloignement empecher enerve epuise epuises eteindre
        eteint eteints eteinte excessif exclure exclusion exagere facultatif faible faiblesse
        faiblesses fatigue faux fausse ferme fermee fermees ferment fermer fermeture fermetures
        flou froid froide froids gaspillage gaspiller gene gener grave honte honteux
        humiliant humilier ignore ignorent ignorer illegal illisible illusoire impoli impolis
        impossible impraticable imprecis impuissant impuissance inaccessible inacceptable inactif
        inadapte inadaptee inadequat inadmissible inaudible incapable incoherent incompetent
        incompetence incomplet incomprehensible indifferent indifference indigne indisponible
        inefficace inefficaces inefficacite inegal inegale inegalite inexistant inexistante
        inhumain injoignable injoignables injuste injustes injustice injustifie injustifiee
        injustifiees injustifies inquiet inquiete inquietant inquietude insalubre insatisfait
        insecurite insensible insignifiant insuffisamment insulter insupportable interminable
        inutile inutiles inutilisable invisible invisibles irrespect irrespectueux irresponsable
        isole isolee jeter lache laxisme laxiste laxistes lent lente lentes lenteur lents
        lointain lointaine loin mal malhonnete malpoli malsain maltraiter maltraite
        marre mauvais mauvaise mauvaises mecontent mediocre mefiance mefier mefie mefient
        meprisant meprisante meprisants mepriser meprisent mensonge mentir minable minimiser
        negatif negligent neglige negliger nefaste nocif nuire nuisance nul nulle obsolete
        obscur opaque oublie oublier oubliee passoire payant payante payants penible perime
        peur pire polluant pollue pollution pourri probleme problematique punitif raciste racistes
        rare rarement rares rate refractaire regresser rejet relacher repousser retard retarde
        ridicule rigide ruine sale sales sabotage saboter saccager sature satures scandale
        scandaleux sombre soupcon sourd sourde submerge surcharge surchargee surcharges
        surchargees suspect tard tendu tendue trahir trahison triste vague vetuste vetustes vide
        violent violente violents violer
        """
    )
)
_TURNING = AGAINST | _BLAME
_EXCESS = lexicon("trop exces excessif excessive surabondance")
_NEGATIONS = lexicon("ne n non ni sans aucun aucune jamais zero nulle personne")
_SECOND_HALVES = lexicon("pas plus jamais aucun aucune rien guere point")
# What begins by saying where, when or under what condition is not yet said.
_SETTING = lexicon(
    "a au aux avec alors apres avant car chez comme dans depuis des en et lors lorsque mais malgre"
    " ou par parce pendant pour puisque quand selon si sous suite sur vu"
)
# What a relative clause of refusal tells ("que personne ne prend") is of the thing, not of the wish.
_STOPS = re.compile(r"[,;:.!?(…]|\s(?:que personne|qui ne ser(?:t|vent))\b")
_HEAD_WORDS = 4
_LONG_AGO = -100  # words before the first
_LACK = frozenset(
    {
        ("pas", "assez"),
        ("plus", "assez"),
        ("trop", "peu"),
        ("tres", "peu"),
        ("pas", "suffisamment"),
        ("peu", "de"),
        ("peu", "d"),
        ("bien", "peu"),
    }
)


def polarity(text: str) -> str:
    """Tell the polarity of a statement: "+" or "-", with "!" when something is too much.

    What stands before the first comma or stop gives it, when that says something by itself.
    """
    return _polarity(tokens(_head(text)))


def _head(text: str) -> str:
    for stop in _STOPS.finditer(text):
        words = tokens(text[: stop.start()])
        if len(words) >= _HEAD_WORDS and words[0] not in _SETTING:
            return text[: stop.start()]
    return text


def _polarity(words: Sequence[str]) -> str:
    turns = 0
    excess = False
    skip, negated = -1, _LONG_AGO
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
            reach = 6 if word in _SECOND_HALVES else 2  # "personne ne", "sans aucun" are one
            turns += negated < i - reach
            negated = i
        elif word in _SECOND_HALVES:
            # "pas" without "ne" is spoken French; "plus" and "rien" alone are not negations.
            turns += word == "pas" and negated < i - 6
        elif stem(word) in _TURNING:
            turns += 1
    return ("-" if turns % 2 else "+") + ("!" if excess else "")
