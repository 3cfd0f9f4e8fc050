"""Which way a statement points: opposite positions share most of their words, not their polarity.

Negations and the words that turn a position round ("supprimer", "contre", "moins", "manque",
"inutile") are counted: an odd number turns the statement. A mistake here only keeps two statements
from being grouped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.language.words import Memory, lexicon, stem, stems, tokens

# Of each pair of opposites, the word that takes away, refuses or blames. Those that only say which
# way ("moins de", "supprimer") are nothing of what a statement is about; the others are.
AGAINST = stems(
    lexicon(
        """
        abaissement abaisser abandon abandonner abolir abolition abrogation abroger absence
        absent absente absentes absents allegement alleger annulation annuler anti arret
        arretent arreter arretez arretons baisse baisser bannir cesser cessez contraire contre
        couper coupure decroitre defavorable desaccord desapprouver diminuent diminuer
        diminution disparaissent disparaitre disparition diviser ecarter ecourter elimination
        eliminer eloigner enlever fin finir freiner geler halte hostile insuffisance insuffisant
        insuffisante insuffisantes insuffisants interdiction interdire interdit limitation
        limiter manque manquent manquer manquons moins oppose opposee opposer opposition oter
        penurie perdre perte priver prohiber proscrire raccourcir raccourcissement ralentir
        rallentir reculer reduction reduire refus refusent refuser regroupement regrouper
        rejeter remplacement remplacer renoncer restreindre restriction retirer retires retrait
        revoquer sortie sortir sortons stop stopper suppression supprime supprimer supprimez
        supprimons suspendre suspension
        """
    )
)
# Words of blame, lack or harm: what is said is turned, and is still about them.
_BLAME = stems(
    lexicon(
        """
        abime abimer absurde abus abuser affaibli affaiblir aggrave aggraver agressif agressive
        angoisse anonyme arrogant arrogante arrogants attise attiser aveugle bacle bafoue bloque
        bloquer bruyant bruyante bruyantes bruyants cache cacher casse casser catastrophe
        catastrophique cher chere chers clos close complique compliquee compliquent compliquer
        compliques confus contraignant contraignante couteuse couteux crainte cruel danger
        dangereuse dangereux deborde debordes decourage decourageant decourager decu decue decus
        defaillance defaillant deficient deficit defigurent defigurer degradation degrade
        degradent degrader delabre delaisse delaissee delaisser demantelement demanteler demuni
        deplorable depourvu derisoire desagreable desarme desarmement desarmer desert deserte
        deserter desertion desinterer desinteret desordre detendu deterioration deteriorer
        detruire detruit difficile difficilement difficiles difficulte disproportionne
        dissolution dissoudre distant distante distants echec echouer ecoeure effrayant effraye
        eloigne eloignee eloignement eloignes empecher enerve epuise epuises eteindre eteint
        eteinte eteints exagere excessif exclure exclusion facultatif faible faiblesse
        faiblesses fantasme fatigue fausse faux ferme fermee fermees ferment fermer fermeture
        fermetures flou froid froide froids gaspillage gaspiller gene gener grave honte honteux
        humiliant humilier ignore ignorent ignorer illegal illisible illusoire impoli impolis
        impossible impraticable imprecis impuissance impuissant inacceptable inaccessible
        inactif inadapte inadaptee inadequat inadmissible inaudible incapable incoherent
        incompetence incompetent incomplet incomprehensible indifference indifferent indigne
        indisponible inefficace inefficaces inefficacite inegal inegale inegalite inexistant
        inexistante inhumain injoignable injoignables injuste injustes injustice injustifie
        injustifiee injustifiees injustifies inquiet inquietant inquiete inquietude insalubre
        insatisfait insecurite insensible insignifiant insuffisamment insulter insupportable
        interminable inutile inutiles inutilisable invention invisible invisibles irrespect
        irrespectueux irresponsable isole isolee jeter lache laxisme laxiste laxistes lent lente
        lentes lenteur lents loin lointain lointaine mal malhonnete malpoli malsain maltraite
        maltraiter marre masque masquer mauvais mauvaise mauvaises mecontent mediocre mefiance
        mefie mefient mefier mensonge mentir meprisant meprisante meprisants meprisent mepriser
        minable minimiser mythe nefaste negatif neglige negligent negliger nocif nuire nuisance
        nul nulle obscur obsolete opaque oublie oubliee oublier passoire payant payante payants
        penible perime peur pire polluant pollue pollution pourri problematique probleme punitif
        raciste racistes rare rarement rares rate refractaire regresser rejet relacher repousser
        retard retarde ridicule rigide ruine sabotage saboter saccager sale sales sature satures
        scandale scandaleux sombre soupcon sourd sourde submerge surcharge surchargee
        surchargees surcharges suspect tard tendu tendue trahir trahison triste vague vetuste
        vetustes vide violent violente violents violer
        """
    )
)
_TURNING = AGAINST | _BLAME
# Asking that things stay as they are is a position of its own.
_KEEPING = stems(lexicon("rester restent reste laisser laissez laissons demeurer demeure inchange"))
_ARREST = stem("arreter")  # at the head, to stop; further on, to catch somebody
_EXCESS = lexicon("trop exces excessif excessive surabondance")
_NEGATIONS = lexicon("ne n non ni sans aucun aucune jamais zero nulle personne")
_SECOND_HALVES = lexicon("pas plus jamais aucun aucune rien guere point")
# What begins by saying where, when or under what condition is not yet said.
_SETTING = lexicon(
    "a au aux avec alors apres avant car chez comme dans depuis des en et lors lorsque mais malgre"
    " ou par parce pendant pour puisque quand selon si sous suite sur vu"
)
# A relative clause of refusal ("que personne ne prend") tells of the thing, not of the wish.
_STOPS = re.compile(r"[,;:.!?(…]|\s(?:que personne|qui ne ser(?:t|vent))\b")
_HEAD_WORDS = 4
_LONG_AGO = -100  # words before the first
_LACK = frozenset(
    {
        ("pas", "assez"),
        ("plus", "assez"),
        ("trop", "peu"),
        ("tres", "peu"),
        ("aussi", "peu"),
        ("si", "peu"),
        ("tellement", "peu"),
        ("vraiment", "peu"),
        ("a", "rien"),  # "ça sert à rien"
        ("pas", "suffisamment"),
        ("peu", "de"),
        ("peu", "d"),
        ("bien", "peu"),
    }
)
_TELLING_WORDS = _EXCESS | _NEGATIONS | _SECOND_HALVES | {first for first, _ in _LACK}
_TELLING_STEMS = _TURNING | _KEEPING
_TELLS = Memory(lambda word: word in _TELLING_WORDS or stem(word) in _TELLING_STEMS)


def polarity(text: str) -> str:
    """Tell the polarity of a statement: "+" or "-", "!" for too much, "=" for leaving as it is.

    What stands before the first comma or stop gives it, when that says something by itself.
    """
    return _polarity(_head(text))


def _head(text: str) -> tuple[str, ...]:
    """Return the words before the first stop that says something; else all."""
    words = tokens(text)
    if words and words[0] in _SETTING and "[" not in text:  # so would each head begin
        return words
    for stop in _STOPS.finditer(text):
        if stop.start() == len(text) - 1:
            break
        before = tokens(text[: stop.start()])
        if len(before) >= _HEAD_WORDS and before[0] not in _SETTING:
            return before
    return words


def _polarity(words: Sequence[str]) -> str:
    turns = 0
    excess = keeps = False
    skip, negated = -1, _LONG_AGO
    for i, word in enumerate(words):
        if i <= skip or not _TELLS[word]:
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
        elif (said := stem(word)) in _TURNING:
            turns += said != _ARREST or i <= _HEAD_WORDS
        elif said in _KEEPING:
            keeps = True
    return ("-" if turns % 2 else "+") + ("!" if excess else "") + ("=" if keeps else "")
