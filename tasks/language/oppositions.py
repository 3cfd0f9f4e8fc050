"""Pairs of groups of one theme that say the contrary of one another, to be read side by side.

Two labels oppose when they say the same words, once what turns a position is set aside: "plus de",
"non à", "supprimer", "ne … pas", "fermer" for "ouvrir". A pair that is not one is worse, before a
reader, than one missed: nothing is judged by likeness, and what may be read in two ways is not
read ("plus de privilèges", "pas de bus", a question, a condition, two wishes in one).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import NamedTuple

from tasks.language.polarity import polarity
from tasks.language.words import STOP_WORDS, content_words, lexicon, stem, stems, tokens, unmasked

MOST_PAIRS = 3  # of one group

# What wants a thing, and what refuses it, where a position begins or after a modal.
_RAISING = stems(
    lexicon(
        """
        accroitre augmenter augmentation developper developpement etendre extension generaliser
        generalisation intensifier multiplier renforcer renforcement
        """
    )
)
_FOR = _RAISING | stems(
    lexicon(
        """
        ajouter adopter autoriser autorisation conserver creer creation defendre disposer
        etablir favorable favorables favoriser garder installer installation instaurer
        instauration introduire legaliser legalisation maintenir maintien preserver restaurer
        reinstaurer retablir retablissement retour revenir sauver sauvegarder
        """
    )
)
_LOWERING = stems(
    lexicon("baisser baisse diminuer diminution moins reduire reduction restreindre restriction")
)
_AGAINST = _LOWERING | stems(
    lexicon(
        """
        abandonner abandon abolir abolition abroger abrogation annuler annulation arreter arret
        arretez arretons bannir cesser contre eliminer elimination enlever fin finir halte hostile
        interdire interdit interdiction oppose opposee opposer opposes opposition oter prohiber
        proscrire refuser refus rejeter renoncer retirer retrait stop stopper supprimer supprimez
        supprimons supprimee supprimees suppression abolie interdite interdites
        """
    )
)
# Of these, "plus de" is "more"; of anything else it may be "no more".
_DISPUTED = stems(
    lexicon(
        """
        arme armes camera cameras drone drones proportionnelle quota quotas
        radar radars referendum videoprotection videosurveillance
        """
    )
)
# Of these too, but "pas de" them is a lack more often than a refusal, as of most things.
_ASKED_FOR = stems(
    lexicon(
        """
        accueil agent agents aide argent bus communication confiance contact contacts
        controle controles dialogue echange echanges ecoute effectif effectifs fermete
        formation gare gendarme gendarmerie gendarmes hopital information informations lien
        liens medecin medecins moyen moyens patrouille patrouilles personnel police policier
        policiers pouvoir pouvoirs presence prevention proximite recherche rencontre
        rencontres reponse reponses respect reunion reunions ronde rondes securite service
        services solution solutions soutien suivi temps train trains transparence transport
        transports travail visibilite
        """
    )
)
# How much there is of a thing.
_LACK = stems(lexicon("absence insuffisance manque manquent manquer"))
_AMOUNTS = lexicon("assez beaucoup suffisamment trop")
# Of two contraries, one is read as the other, turned.
_CONTRARIES = {
    stem(word): stem(contrary)
    for word, contrary in (
        pair.split(":")
        for pair in lexicon(
            """
            baissent:augmentent bruyant:calme complique:simple compliquee:simple
            compliquer:simplifier decentralisation:centralisation decentraliser:centraliser
            degrade:ameliorer degrader:ameliorer desagreable:agreable desarmer:armer
            difficile:facile diminuent:augmentent eteindre:allumer facultatif:obligatoire
            ferme:ouvrir fermer:ouvrir fermeture:ouverture impossible:possible
            inacceptable:acceptable inadapte:adapte incompetent:competent inefficace:efficace
            inegal:egal injuste:juste injustifie:justifie injustifiee:justifiee
            insatisfait:satisfait inutile:utile lent:rapide lentement:rapidement loin:proche
            mauvais:bon mauvaise:bonne mecontent:content payant:gratuit payante:gratuit
            privatisation:nationalisation privatiser:nationaliser ralentir:accelerer
            """
        )
    )
}
_HELD = frozenset(_CONTRARIES.values())
_TURNING = lexicon("mal rarement")
_MODALS = lexicon(
    "devra devraient devrait devront doit doivent etre est faudra faudrait faut sera seraient"
    " serait seront soient soit sommes sont souhaite souhaitons suis veux voudrais voulons"
)
_SECOND_HALVES = lexicon("aucun aucune guere jamais nullement pas plus")
_REACH = 5  # words from "ne" to its second half
# What turns once more, where it stands further on: the whole is not read.
_MIXED = lexicon("aucun aucune contre jamais moins non pas plus sans zero")
# Told as often as wished for; and what is wanted somewhere only is not said.
_CHANGES = lexicon("augmentation baisse baisses developpement diminution reduction reductions")
_SOMEWHERE = lexicon("avec dans en par sur")
_VAGUE = stems(lexicon("cas chose choses dire gens nombre porte portes probleme question"))
_MORE, _NONE = lexicon("davantage plus"), lexicon("aucun aucune pas zero")
_OF, _ARTICLES = lexicon("d de"), lexicon("d de des du l la le les un une")
_BEFORE_COMPLEMENT = lexicon("a au aux avec chez d dans de des du en par pour sur vers")
# They tell how strongly or that one asks, not what.
_DEGREES = lexicon(
    "beaucoup bien souvent surtout toujours tous tout toute toutes tres vrai vraie vraiment"
)
_LIGHT = (STOP_WORDS - lexicon("bon bonne")) | lexicon(
    """
    absolument accorder besoin completement definitivement demande demandons donner envisager
    immediatement imperativement instant mettre mise moment necessaire niveau nombreuses nombreux
    oeuvre place priorite propose proposer proposons redonner remettre remise simplement souhaite
    souhaitons souhaiter systematiquement totalement urgence urgent veux voudrais voulons
    """
)
# A condition, a choice, a comparison, a question, a list, or what is said elsewhere.
_TWOFOLD = re.compile(
    r"[?,;:/+()=]|\b(?:si|s'ils?|sauf|mais|ou|ni|sinon|plutôt|lieu|à la place|que|qu['’]\w+|quand"
    r"|lorsque|qui|rien|personne|seulement|uniquement|peut[- ]être|pourquoi|comment|entre|avant"
    r"|après|puis|dont|leurs?|ce|cet|cette|ces|c['’]\w+|en\s\w+er|(?:au|du|en) (?:moins|plus)"
    r"|par contre|contre-\w+|s['’]arr\w+|y en a|pas tou\w+|et n(?:e\b|['’])|faut[ -]il"
    r"|n(?:e |['’])\w+ (?:nous|vous)|\w+-(?:t-)?(?:ils?|elles?|on|nous))\b",
    re.IGNORECASE,
)
# Whom or what they stand for is not said: two of them may speak of two things.
_UNSAID = re.compile(
    r"(?:(?:et|donc|alors|or|non|oui) )*"
    r"(?:ca|cela|ceci|celui|celle|ceux|elles?|ils|y|en|lui|tout|tel|telle"
    r"|il (?!(?:ne |n )?(?:faut|faudrait|y|manque|est|serait)\b))\b"
)
_IT, _INFINITIVES = lexicon("l la le les"), ("er", "ir", "re")  # "les interdire"
_TAKING_SIDES = _FOR | _AGAINST | _CONTRARIES.keys() | _HELD
# Two persons who tell of themselves do not contradict each other, but on what they feel.
_FEELINGS = stems(lexicon("confiance crains crainte peur sens respecte satisfait soutiens"))
_ME = lexicon("je m me moi mon ma mes")
_WE_ARE, _VERY = lexicon("suis sommes"), lexicon("aussi si tellement tres trop")
_WISH, _AMOUNT = "wish", "amount"
_LEAST_SENTENCE = 3  # words, where only a negation or a contrary turns it
_LEAST_SUBJECT = 2  # words


class Group(NamedTuple):
    """What is read of a group; `text` is the statement it is quoted by."""

    group_id: str
    theme: str
    kind: str
    label: str
    text: str
    contributor_count: int


class Opposition(NamedTuple):
    """Two groups that say the contrary of one another, the more shared first."""

    theme: str
    group_id: str
    opposed_group_id: str
    common_words: str


@dataclass
class _Position:
    """What a label is about, and which way it points."""

    words: dict[str, str] = field(default_factory=dict)  # of what it is about, by their stems
    sentence: list[str] = field(default_factory=list)  # all but what turns it
    stops: list[int] = field(default_factory=list)  # how many words stand before a complement
    by: str = ""  # a wish or an amount tells which way; else a negation or a contrary does
    is_turned: bool = False
    steps: int = 0  # words that want, refuse or turn: "ne pas baisser" has two
    is_gradual: bool = False  # more or less is wanted, not all or nothing

    def take(self, by: str, *, turns: bool, is_gradual: bool = False) -> None:
        self.by = by or self.by
        self.steps += 1
        self.is_turned ^= turns
        self.is_gradual |= is_gradual

    def say(self, word: str, said: str) -> None:
        if word in _BEFORE_COMPLEMENT:
            self.stops.append(len(self.words))
        if word not in _ARTICLES | _DEGREES:
            self.sentence.append(said if said in _HELD else word.rstrip("sx"))
        if word not in _LIGHT and (len(word) > 1 or word.isdigit()):
            self.words.setdefault(said, word)

    def subjects(self) -> Iterator[tuple[object, ...]]:
        """Say on what a contrary position contradicts it.

        Who wants a thing somewhere is contradicted by who refuses it altogether.
        """
        subject = list(self.words)
        if not self.by:
            yield ("", *self.sentence)
            return
        yield self.by, *(sorted(subject) if self.by == _WISH else subject)
        if self.by == _WISH and self.steps == 1:
            if self.is_turned and not self.is_gradual:
                yield "somewhere", *sorted(subject)
            elif not self.is_turned:
                for stop in self.stops:
                    if _LEAST_SUBJECT <= stop < len(subject):
                        yield "somewhere", *sorted(subject[:stop])

    def contradicts(self, other: _Position) -> bool:
        """Tell whether this contradicts a position that is of the same and points the other way.

        Not to lower a thing is not to want more of it, not to raise it is to keep it.
        """
        steps = self.steps + other.steps
        return not self.by or steps == 2 or (steps == 3 and self.is_gradual == other.is_gradual)


_Side = tuple[Group, _Position]


def find_oppositions(groups: Iterable[Group]) -> list[Opposition]:
    """Pair the groups whose labels say the contrary; their order does not matter."""
    sides: dict[object, tuple[list[_Side], list[_Side]]] = defaultdict(lambda: ([], []))
    for group in sorted(groups, key=_rank):
        position = _read(group.label)
        if position and _is_sure(group, position):
            for subject in position.subjects():
                side = sides[group.theme, group.kind, subject][position.is_turned]
                if len(side) < MOST_PAIRS:
                    side.append((group, position))
    pairs = {
        (min(one, other, key=_rank), max(one, other, key=_rank))
        for both in sides.values()
        for (one, read), (other, read_other) in product(*both)
        if read.contradicts(read_other)
    }
    return sorted(_most_shared(pairs))


def _rank(group: Group) -> tuple[int, str]:
    return -group.contributor_count, group.group_id


def _is_sure(group: Group, position: _Position) -> bool:
    """Tell whether a group takes the position of its label: what it is quoted by may not."""
    is_of_kind = group.kind == "proposition" or (group.kind == "constat" and position.by != _WISH)
    return is_of_kind and polarity(group.label)[0] == polarity(group.text)[0]


def _most_shared(pairs: Iterable[tuple[Group, Group]]) -> Iterator[Opposition]:
    """Keep the most shared pairs of each group."""
    seen: Counter[str] = Counter()
    for one, other in sorted(pairs, key=lambda pair: (_rank(pair[1]), _rank(pair[0]))):
        if max(seen[one.group_id], seen[other.group_id]) < MOST_PAIRS:
            seen.update((one.group_id, other.group_id))
            common = _common_words(one.label, other.label)
            yield Opposition(one.theme, one.group_id, other.group_id, common)


def _common_words(label: str, other: str) -> str:
    """Write the words of a label that are in the other too, as the first writes them."""
    shared = stems(content_words(other))
    words = dict.fromkeys(re.findall(r"\w+", unmasked(label)))
    return " ".join(w for w in words if stems(content_words(w)) & shared)


def _read(label: str) -> _Position | None:
    """Read on what a label is, and which way; nothing where that may be read in two ways."""
    words = ["je" if word == "j" else word for word in tokens(label)]
    negation = _negation(words)
    if negation is None or _TWOFOLD.search(label) or _leaves_unsaid(words):
        return None
    position = _Position(is_turned=bool(negation), steps=min(len(negation), 1))
    for i, word in enumerate(words):
        before, after = words[i - 1] if i else "", [*words[i + 1 :], ""]
        begins = not position.words or before in _MODALS
        if i in negation or (begins and _takes_sides(position, before, word, after)):
            continue
        if not _goes_on(position, before, word, after[0]):
            return None
    return position if _says_enough(position, words) else None


def _says_enough(position: _Position, words: list[str]) -> bool:
    """Tell whether a label says of what it is, and speaks for others than its author."""
    subject = position.words.keys() - _VAGUE
    if position.by == _WISH:
        return bool(subject)
    if _ME & set(words):
        return len(subject) >= _LEAST_SUBJECT and bool(_FEELINGS & subject)
    is_short = len(subject) < _LEAST_SUBJECT and len(position.sentence) < _LEAST_SENTENCE
    return bool(subject) and (bool(position.by) or not is_short)


def _leaves_unsaid(words: list[str]) -> bool:
    """Tell whether a label speaks of what is said elsewhere: "c'est utile", "les interdire"."""
    return bool(_UNSAID.match(" ".join(words))) or any(
        before in _IT and word.endswith(_INFINITIVES) and stem(word) in _TAKING_SIDES
        for before, word in pairwise(words)
    )


def _negation(words: list[str]) -> tuple[int, ...] | None:
    """Find where "ne … pas" is; nothing where it has no second half ("ne … que") or is repeated."""
    firsts = [i for i, word in enumerate(words) if word in ("n", "ne")]
    if not firsts:
        return ()
    near = range(firsts[0] + 1, min(firsts[0] + _REACH, len(words)))
    seconds = [i for i in near if words[i] in _SECOND_HALVES]
    return (firsts[0], seconds[0]) if len(firsts) == 1 and seconds else None


def _takes_sides(position: _Position, before: str, word: str, after: list[str]) -> bool:
    """Take in a word that wants or refuses what follows."""
    said = stem(word)
    if word in _CHANGES or after[0] in _SOMEWHERE:
        return False
    if _wants(before, word, after):
        is_gradual = said in _RAISING or word in _MORE
        position.take(_WISH, turns=False, is_gradual=is_gradual)
    elif _refuses(before, word, after):
        position.take(_WISH, turns=True, is_gradual=said in _LOWERING)
    elif said in _LACK and after[0] in _OF:
        position.take(_AMOUNT, turns=True)
    else:
        return False
    return True


def _wants(before: str, word: str, after: list[str]) -> bool:
    if word in _MORE:  # "plus de neige" may be none
        is_more = word == "davantage" or _first(after) in _ASKED_FOR | _DISPUTED
        return after[0] in _OF and is_more
    if word == "pour":  # not "pour aller en ville", "pour ma part"
        return before in _WE_ARE or (not before and after[0] in _ARTICLES)
    return word == "oui" or stem(word) in _FOR


def _refuses(before: str, word: str, after: list[str]) -> bool:
    if word in _NONE:  # "pas de bus" may be a lack
        is_refusal = before or after[0] == "besoin" or _first(after) in _DISPUTED
        return after[0] not in STOP_WORDS - _OF and bool(is_refusal)
    if word == "non":
        return not before and after[0] in _BEFORE_COMPLEMENT
    if word == "contre":
        return (not before or before in _WE_ARE) and after[0] in _ARTICLES
    return stem(word) in _AGAINST and (word != "moins" or after[0] in _OF)


def _first(words: list[str]) -> str:
    """Return the stem of the first of some words that says what they are about."""
    return stem(next((word for word in words if word not in _LIGHT), ""))


def _goes_on(position: _Position, before: str, word: str, after: str) -> bool:
    """Take in any other word, unless the whole may be read in two ways with it."""
    said = stem(word)
    if word in _AMOUNTS:
        position.take(_AMOUNT, turns=False)
    elif word == "peu" and (after in _OF or before in _VERY):
        position.take(_AMOUNT, turns=True)
    elif word in _TURNING and before not in _ARTICLES:
        position.take("", turns=True)
    elif not position.by and said in _CONTRARIES:
        position.take("", turns=True)
        position.say(word, _CONTRARIES[said])
    elif word in _MIXED or said in _AGAINST or (word == "et" and not position.words):
        return False
    else:
        position.say(word, said)
    return not (word == "trop" and position.is_turned)
