"""*Constat*, *proposition* or neither? Rules of French and what was learnt decide together.

A proposition asks for something, in any form; a constat says how things are. The rules read the
folded text, so they hold for "Il faut" as for "IL FAUT" and for letters without accents. Their sum
is added to that of a table (`kind_weights.csv`) learnt from labelled statements, in which each rule
and the words around have a weight. What says nothing is *autre*, by rule alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain, pairwise
from typing import NamedTuple

from tasks.language.linear import Features, LinearModel, pieces, statement_vectors
from tasks.language.vectors import INT
from tasks.language.words import Memory, content_words, fold, lexicon, unmasked


class KindLabel(NamedTuple):
    """A kind, how sure (0.5 to 1) and the rule that weighed most, in French."""

    kind: str
    score: float
    why: str


@dataclass(frozen=True)
class _Rule:
    """A sign of a kind: a statement has it only if one of its words begins like `words`."""

    why: str  # empty: the words found are quoted
    weight: float  # above zero for a proposition, below for a constat
    words: re.Pattern[str]
    pattern: re.Pattern[str]
    name: str  # a digest of the pattern: a rule that changed is one that nothing was learnt of

    def find(self, folded: str) -> re.Match[str] | None:
        """Find it in a folded text."""
        is_anchored = self.pattern.pattern.startswith("^")
        return self.pattern.match(folded) if is_anchored else self.pattern.search(folded)


class _Evidence(NamedTuple):
    """A rule that holds: what it weighs, its name among what is learnt, why and where it holds."""

    weight: float
    name: str
    why: str  # with the words found in place of "{}"
    place: tuple[int, int] = (0, 0)


_NOT_INFINITIVES = lexicon(
    """
    hier premier dernier particulier quartier policier officier metier papier courrier dossier foyer
    loyer danger acier fer mer cher leger entier regulier singulier familier financier routier
    chantier atelier escalier concierge financiers ancier usager etranger berger boucher boulanger
    passager prisonnier ouvrier desir plaisir avenir souvenir loisir cuir tir hiver enfer amer fier
    janvier fevrier calendrier janvier cancer leader manager super mobilier immobilier uber voir
    soir espoir noir miroir trottoir devoir pouvoir couloir voir
    """
)
_RE_VERBS = (
    "faire|refaire|mettre|remettre|permettre|promettre|admettre|soumettre|transmettre|rendre"
    "|prendre|reprendre|apprendre"
    "|comprendre|entreprendre|surprendre|dire|interdire|contredire|lire|elire|ecrire|inscrire"
    "|prescrire|construire"
    "|reconstruire|instruire|detruire|reduire|produire|conduire|reconduire|introduire|traduire"
    "|suivre|poursuivre|vivre"
    "|etre|defendre|etendre|entendre|attendre|descendre|suspendre|vendre|repandre|repondre"
    "|correspondre|combattre|battre"
    "|abattre|inclure|exclure|conclure|convaincre|vaincre|joindre|rejoindre|atteindre|contraindre"
    "|craindre|restreindre"
    "|eteindre|naitre|connaitre|reconnaitre|paraitre|disparaitre|accroitre|croire|croitre"
    "|dissoudre|resoudre|rompre"
    "|interrompre|perdre|tendre|satisfaire|soustraire|extraire|nuire|plaire|taire|fondre|confondre"
    "|debattre|cuire"
)
_INFINITIVE = (
    rf"(?:[a-z]{{2,}}er|[a-z]{{2,}}ir|[a-z]*(?:cevoir|avoir|savoir|revoir|prevoir|pouvoir|vouloir)"
    rf"|{_RE_VERBS})"
)
_LEAD = (
    r"(?:(?:et|puis|ensuite|enfin|aussi|egalement|surtout|d'abord|tout d'abord|tout simplement"
    r"|simplement|deja|bref|donc"
    r"|mais|ou|alors|peut etre|peut-etre|sinon|par exemple|notamment|personnellement|a mon avis"
    r"|selon moi|pour moi"
    r"|\w{1,2}[).])\s*[,:]?\s+)*"
)
_START = rf"^\W*{_LEAD}"
_QUANTITIES = (
    r"(?:plus|moins|pas|non|davantage|oui) (?:de |d'|du |des |a |au |aux )|(?:stop|halte|priorite"
    r"|zero|place|vivement|pour (?:un|une|des|que|la mise)|au moins un|le plus (?:possible )?de)\b"
)
_ACTION_NOUNS = (
    r"(?:le |la |les |l'|un |une |des |de )?(?:vrai\w* |plus grande? |reel\w* |forte? |simple )?"
    r"(?:retour|creation|mises? (?:en (?:place|oeuvre)|a disposition|a jour)|renforcement"
    r"|developpement|augmentation|diminution|reduction"
    r"|suppression|retablissement|reouverture|ouverture|instauration|installation|obligation"
    r"|interdiction|application|tolerance (?:zero|0)"
    r"|fin d(?:e|es|u)|arret|maintien|amelioration|simplification|revision|reforme|revalorisation"
    r"|generalisation|multiplication"
    r"|harmonisation|uniformisation|adaptation|reorganisation|modernisation|recrutement|embauche"
    r"|deploiement|implantation|extension|remise"
    r"|respect (?:de|des|du|envers|mutuel)|meilleure?s?|sensibilisation|prise en (?:compte|charge)"
    r"|rapprochement|regroupement|fusion"
    r"|transparence|gratuite|education(?! nationale)|campagnes?|redeploiement|mutualisation"
    r"|responsabilisation|accompagnement|valorisation"
    r"|abolition|limitation|abrogation|annulation|publication|participation|promotion|remplacement"
    r"|refonte|reprise en main|recours"
    r"|reconnaissance|protection|intervention|lutte|peines? |sanctions?|formations?|possibilite"
    r"|chasse aux|exemplarite|service (?:civique|national)"
    r"|garantie|scolarisation|construction|connaissance|prevention|repression|autorisation"
    r"|acces (?:gratuit|facilite)|travaux d'interet"
    r"|mutation|nomination|service universel|droit (?:a|au|aux)|fermeture d\w+ |presence"
    r"|patrouilles?|quotas?|charte)\b"
)
_NUISANCES = (
    r"non[- ]respect|irrespect|incivilites?|agressions?|violences?|insecurite|insultes?"
    r"|degradations?|delinquance|cambriolages?|vols?|bruit|nuisances?"
    r"|trafics?|tags?|crachats?|injures?|harcelement|racisme|sexisme|discriminations?|bousculades?"
    r"|agressivite|vandalisme|impolitesse|grossieretes?|menaces?"
)


def _rule(why: str, weight: float, words: str, pattern: str) -> _Rule:
    name = f"{zlib.crc32(pattern.encode()):08x}"
    return _Rule(why, weight, re.compile(words), re.compile(pattern), name)


_RULES = (
    # --- asking
    _rule(
        "",
        2.5,
        r"fau[td]|fallait",
        r"\b(?:il (?:ne )?(?:faut|faudrait|faudra|fallait)|faudrait|faut-il"
        r"|faut)\b(?! (?:dire|croire|avouer|reconnaitre|compter|attendre|environ|presque|\d"
        r"|faire (?:plus de )?\d))",
    ),
    _rule(
        "",
        2.5,
        r"necessaire|indispensable|urgent|important|imperatif|souhaitable|temps|preferable|utile"
        r"|primordial|essentiel|bon\b|opportun|judicieux|interessant|bienvenu",
        r"\bil (?:est|serait|sera|parait|semble|me parait|me semble) (?:\w+ )?(?:necessaire"
        r"|indispensable|urgent|important|imperatif"
        r"|souhaitable|temps|preferable|utile|primordial|essentiel|bon|opportun|judicieux"
        r"|interessant|bienvenu) (?:de|d'|que|qu')",
    ),
    _rule(
        "",
        2.0,
        r"serai",
        r"\b(?:serait|seraient) (?:\w+ )?(?:bien|bon|bonne|bonnes|bons|utile|utiles|souhaitable"
        r"|souhaitables|preferable|necessaire"
        r"|necessaires|une bonne|bienvenu\w*|appreci\w+|interessant\w*|judicieu\w+|ideal\w*"
        r"|un plus|mieux|pertinent\w*|indispensable)\b",
    ),
    _rule(
        "",
        2.5,
        r"(?:je|nous|j)?(?:propos|demand|souhait|voudrai|veux|voulons|sugger|preconis|recommand"
        r"|reclam|exig|attend|aimerai|aimerions|prefererai)",
        r"\b(?:je|nous|j')\s?(?:ne )?(?:propos\w+|demand(?:e|ons)|souhait\w+|voudrai\w+|veux"
        r"|voulons|suggere|suggerons|preconis\w+"
        r"|recommand\w+|reclam\w+|exig\w+|attends? (?:de|que|des|du)|aimerai\w+|aimerions"
        r"|prefererai\w*)\b",
    ),
    _rule(
        "",
        1.8,
        r"convient|importe|suffi|agi|reste\b|qu\b",
        r"\b(?:il convient|il importe|il suffi(?:t|rait|ra)|il s'agi(?:t|rait) de|reste a"
        r"|y a qu'a|il n'y a qu'a)\b",
    ),
    _rule(
        "",
        1.9,
        r"devr|pourr",
        r"\b(?:on|nous|vous|ils|elles|chacun|l'etat|tous|tout le monde) (?:ne )?(?:devrai\w+"
        r"|pourrai\w+|devrions|pourrions)\b",
    ),
    _rule(
        "",
        1.7,
        r"devr",
        r"\b(?:devrai(?:t|ent)|devra|devront|devrions|devriez)\b",
    ),
    _rule(
        "",
        1.5,
        r"doi|devons|devez",
        r"\b(?:doit|doivent|devons|devez|dois)\b",
    ),
    _rule(
        "",
        0.8,
        r"pourrai",
        r"\bpourrai(?:t|ent)(?:-(?:on|il|elle))?\b",
    ),
    _rule(
        "",
        2.0,
        r"pourquoi|si\b|quand|vivement|attend",
        r"\b(?:pourquoi (?:ne|n'|pas)|et si (?:on|nous|l'on)|a quand|vivement"
        r"|qu'attend\w*)\b",
    ),
    _rule(
        "",
        1.6,
        r"revoir|renforcer|developper|ameliorer|supprimer|interdire|bannir|generaliser"
        r"|encourager|proscrire",
        r"\b(?:a (?:revoir|renforcer|developper|ameliorer|supprimer|interdire|bannir"
        r"|generaliser|encourager|proscrire))\b",
    ),
    _rule(
        "",
        2.2,
        r"merci|priere",
        rf"\b(?:merci|priere) de {_INFINITIVE}\b",
    ),
    _rule(
        "",
        1.5,
        r"besoin",
        r"\b(?:avons|ai|a|ont|y a|on a) (?:\w+ )?besoin (?:de|d'|que|qu'|du|des)\b"
        r"|^\W*besoin (?:de|d'|du|des)\b",
    ),
    _rule(
        "",
        1.8,
        r"plus|moins|pas\b|non|davantage|oui|stop|halte|priorite|zero|place|vivement|pour\b",
        rf"{_START}(?:{_QUANTITIES})",
    ),
    _rule(
        "phrase en « que »",
        2.2,
        r"que?\b",
        rf"{_START}(?:que |qu')(?!faire|penser|dire|dites|fait|font|vous"
        rf"|peut|puis|veut|signifi|est|ce soit)",
    ),
    _rule(
        "gérondif en tête",
        1.5,
        r"en\b",
        rf"{_START}en (?:ne |s'|l'|les? |la )?(?!revanche|avant"
        rf"|attendant)[a-z]+ant\b",
    ),
    _rule(
        "",
        0.9,
        r"former|definir|creer|mettre|revaloriser|instaurer|prevoir|signer",
        r"\b(?<!difficile )(?<!impossible )(?<!facile )a (?:mieux |bien )?(?:former|definir"
        r"|creer|mettre|revaloriser|instaurer|prevoir|signer)\b",
    ),
    _rule(
        "souhait",
        1.0,
        r"soi|puisse|ai|sache|fasse|garantisse|permette",
        r"\bqui (?:soit|soient|puisse|puissent|ait|aient|sache|fasse|fassent|aille"
        r"|garantisse|permette)\b",
    ),
    _rule(
        "alternative",
        0.9,
        r"lieu|plutot",
        r"\bau lieu d(?:e|')|\bplutot que d(?:e|')",
    ),
    _rule(
        "annoncé comme une demande",
        2.5,
        r"demande|proposition|souhait|attente|suggestion|idee",
        r"^\W*(?:(?:mes|nos) )?(?:demandes?|propositions?|souhaits?"
        r"|attentes?|suggestions?|idees)\b(?! (?:de|d'|du) )",
    ),
    # --- saying how things are
    _rule(
        "annoncé comme un constat",
        -3.0,
        r"constat",
        r"^\W*(?:(?:mes|nos) )?constats?\b(?! (?:de|d'|du) )",
    ),
    _rule(
        "",
        -1.2,
        r"ya?\b",
        r"\b(?:il (?:n')?y (?:a|avait|en a)|y'a|ya)\b(?! qu)",
    ),
    _rule(
        "",
        -0.7,
        r"manque|absence|penurie|carence|deficit|disparition|trop|insuffisan|difficile|impossible"
        r"|inadmissible",
        r"\b(?:manque|absence|penurie|carence|deficit|disparition|trop|insuffisan\w+"
        r"|difficile|difficiles|impossible|inadmissible)\b",
    ),
    _rule(
        "",
        -1.0,
        r"(?:ai|avais|suis|vois|constate|trouve|plains|habite|avons|voit|sent)\b",
        r"\b(?:j'ai|j'avais|je suis|je vois|je constate|je trouve|je plains|je n'ai|j'habite"
        r"|nous avons|on voit|on constate|on se sent)\b",
    ),
    _rule(
        "",
        -0.6,
        r"malheureusement|helas|heureusement|depuis|autrefois|actuellement|souvent|parfois|jamais"
        r"|aujourd",
        r"\b(?:malheureusement|helas|heureusement|depuis|autrefois|actuellement|souvent"
        r"|parfois|jamais|aujourd'hui)\b",
    ),
    _rule(
        "",
        -0.9,
        r"(?:est|sont|etait|etaient|ete|ont|n)\b",
        r"\b(?:est|sont|etait|etaient|a ete|ont ete|n'est|ne sont|n'ont|n'a|ont)\b",
    ),
    _rule(
        "",
        -0.9,
        r"(?:est|etait|sont)\b",
        r"\b(?:c'est|ce n'est|c'etait|c est|ce sont)\b",
    ),
    _rule(
        "infinitif sujet",
        -1.6,
        r"(?:est|ete|etait|signifie)\b",
        rf"^\W*(?:ne pas |se |s'en )?{_INFINITIVE}\b(?: (?!qu|qui|que|quand|ou|si|car|lorsqu|comme"
        rf"|ce|en|ne|n'|et)[\w']+){{0,7}}"
        r",? (?:est|a ete|etait|signifie|n'est|c'est)\b",
    ),
    _rule(
        "",
        -0.6,
        r"plaie|scandale|honte|sentiment|sensation|facilite|satisfa|accessib",
        r"\b(?:une plaie|un scandale|une honte|sentiment d|sensation|facilite|satisfaction"
        r"|satisfait\w*|peu accessib\w+)\b",
    ),
    _rule(
        "question",
        -1.0,
        r"\?",
        r"\?\s*$",
    ),
    _rule(
        "",
        -1.6,
        rf"manque|absence|aucun|trop|difficulte|probleme|non\b|{_NUISANCES}",
        rf"^\W*(?:le |les |des |du |la |l'|un |une )?(?:manque|absence|aucune?|trop d\w*"
        rf"|difficultes?|problemes?|{_NUISANCES})\b",
    ),
    _rule(
        "liste de nuisances",
        -0.9,
        rf"non\b|{_NUISANCES}",
        rf"\b(?:{_NUISANCES})\b[^.:;]*\b(?:{_NUISANCES})\b",
    ),
    _rule(
        "",
        -0.5,
        r"ne|n\b",
        r"\b(?:ne|n')\s?\w+ (?:pas|plus|jamais|aucun\w*|rien|guere|que)\b",
    ),
)
_ACTION = re.compile(rf"{_START}{_ACTION_NOUNS}")


_NEEDED = re.compile("|".join(rule.words.pattern for rule in _RULES))


def _rules_of(word: str) -> list[int]:
    """Return the numbers of the rules that a statement with a word ("j'ai" is two) may have."""
    parts = list(filter(_NEEDED.match, word.split("'")))
    return [n for n, rule in enumerate(_RULES) if any(map(rule.words.match, parts))]


def _any_part(pattern: str) -> Memory[bool]:
    """Tell of words whether one, or a part that an apostrophe begins or ends, is of a pattern."""
    whole = re.compile(pattern)
    return Memory(lambda word: any(map(whole.fullmatch, word.split("'"))))


# What a word may be, remembered: most statements need not be looked through for most of these.
_MAY_HOLD = Memory(_rules_of)
_MAY_BE_INFINITIVE = _any_part(_INFINITIVE)
_CLAUSE_INFINITIVE = re.compile(
    rf"(?:^\W*{_LEAD}|[:;,.!?]\s*(?:et |puis |ou |- )?)(?:ne (?:pas|plus|jamais) |mieux |bien |en "
    rf"|y |se |s'|les |le |la |l'|leur |de |d'|d abord |a )*"
    rf"({_INFINITIVE})\b"
)
_HEAD_INFINITIVE = re.compile(
    rf"^\W*{_LEAD}(?:(?:ne (?:pas|plus|jamais)|mieux|bien|en|y|se|les|le|la|leur|de|a|surtout) |s'"
    rf"|l'|d'|n')*({_INFINITIVE})\b"
)
_IMPERATIVE = re.compile(
    rf"{_START}(?:ne |n')?([a-z]{{2,}}(?:ez|(?<![st]i)ons)|soyez|soyons|faites|refaites"
    rf"|laissez)\b(?! de nous)"
)
_NOT_IMPERATIVES = lexicon(
    "chez assez nez nous raisons prisons saisons maisons patrons cantons camions garcons boissons"
    " pensons esperons excusez"
)
_BARE = re.compile(
    rf"{_START}(?!(?:le|la|les|ce|cet|cette|ces|mon|ma|mes|je|il|ils|elle|elles|on|nous|vous|ca"
    rf"|cela|qui|quoi|tout|tous|toutes|par|pour|en|a|au"
    r"|contre|y|pas|deux|trois|depuis|tres|pire|aucune?|difficiles?|sentiment|comme|certaine?s?|ou"
    r"|si|quand)\b|[ljc]'|\d)"
)
_INDEFINITE = re.compile(rf"{_START}(?:un|une|des|de vrais|de vraies|de) ")
_FINITE_VERBS = (
    r"est|sont|ont|etait|etaient|sera|seront|ai|avons|avez"
    r"|suis|sommes|fait|font|va|vont|peut|peuvent|veut|veulent|voit|sait"
    r"|dit|vient|viennent|reste|restent|met|mettent|prend|prennent|manque|manquent|ferment"
    r"|disparaissent|[a-z]{3,}(?:aient|ait|issent)"
)
_FINITE = re.compile(rf"\b(?:(?:il|elle|on|qui|ca|y) (?:n')?a|{_FINITE_VERBS})\b")
_MAY_BE_FINITE = _any_part(rf"a|{_FINITE_VERBS}")
_NO_CONTENT = re.compile(
    r"^\W*(?:(?:non|pas) concernee?s?|n ?[/.]?[ac]|s[./]?o|oui|non|rien(?: a (?:dire|ajouter"
    r"|signaler|declarer))?|ras|r a s|neant|aucun\w*|idem|sans (?:avis|reponse|objet|commentaires?)"
    r"|ne sais pas|je ne sais pas|nsp|sans opinion"
    r"|pas d'avis|voir (?:ci-dessus|plus haut|ma reponse|reponse|derniere)\b.*|(?:meme"
    r"|voir) (?:reponse|remarque)\b.*|deja repondu|etc|voila"
    r"|merci\b(?! de [a-z]+(?:er|ir|re)\b).*|bravo\b.*|courage\b.*|vive la france.*|cf\b.*"
    r"|exemples?\b\W*)\W*$"
)
_WH_QUESTION = re.compile(
    r"^\W*(?:mais |et |alors )?(?:quel(?:le|s|les)?|comment|qui|que|qu'|ou|quand|combien|lequel"
    r"|est-ce|faut-il|a quoi|pourquoi)\b"
)
_LEADING_QUESTION = re.compile(
    r"\bpourquoi (?:ne|n'|pas|tant|autant|toujours)|\bfaut-il\b|\bpourrai|\bdevrai"
)
_MOST = 3.0  # what the rules, or what was learnt, can weigh at the most
_WORD = re.compile(r"[a-z0-9']+|[?!:;,.]")
_SAYS = re.compile(
    r"\b(?:j'ecris|je vous ecris|je ne comprends pas (?:la|cette|votre) question|ca veut dire quoi"
    r"|ci[- ]dessus)\b"
)


def classify_kinds(texts: Sequence[str], vectors: INT | None = None) -> list[KindLabel]:
    """Label each statement, in order; `vectors` are theirs, where they are known already."""
    model = kind_model()
    read = [_Reading.of(t) for t in texts]
    features = [r.features() for r in read]
    proposition = model.classes.index("proposition")
    known = statement_vectors(texts) if vectors is None else vectors
    scores = model.scores(known, features)
    margins = (scores[:, proposition] - scores[:, 1 - proposition]).tolist()
    found = [f.found for f in features]
    return [r.label(*told) for r, *told in zip(read, margins, found, strict=True)]


def is_request(folded: str, *, nouns: bool) -> bool:
    """Tell whether a folded line asks in so many words; with `nouns`, "création de…" is asking."""
    return any(rule.weight >= 1.5 for rule in _evidence(folded, _WORD.findall(folded))) and (
        nouns or not _ACTION.match(folded)
    )


@cache
def kind_model() -> LinearModel:
    """Read the table of weights that comes with the program, once."""
    table = resources.files("tasks.language").joinpath("kind_weights.csv")
    return LinearModel.read(table.read_text(encoding="utf-8"))


def kind_features(text: str) -> Features:
    """Find in a statement what kinds are learnt from: words, their order, the rules that hold."""
    return _Reading.of(text).features()


class _Reading(NamedTuple):
    """A statement, folded too, its words and marks, and the rules that hold."""

    said: str
    folded: str
    words: list[str]
    evidence: list[_Evidence]

    @classmethod
    def of(cls, text: str) -> _Reading:
        said = " ".join(unmasked(text).split())
        folded = fold(said)
        words = _WORD.findall(folded)
        return cls(said, folded, words, _evidence(folded, words))

    def features(self) -> Features:
        words = self.words
        found = {f"mot {w}" for w in words}
        found.update([f"suite {a} {b}" for a, b in pairwise(words)])
        threes = zip(words, words[1:], words[2:], strict=False)
        found.update([f"suite {a} {b} {c}" for a, b, c in threes])
        found.add(f"longueur {min(len(words) // 4, 8)}")
        if words:
            found.update(f"début {' '.join(words[:n])}" for n in (1, 2))
            found.update(f"début -{words[0][-n:]}" for n in (2, 3))
            found.add(f"second -{words[1][-2:] if len(words) > 1 else ''}")
        found.update(f"règle {rule.name}" for rule in self.evidence)
        return Features(found, pieces(self.folded))

    def label(self, margin: float, found: AbstractSet[str]) -> KindLabel:
        """Label it, given by how much what was learnt of it speaks for a proposition."""
        if why := _nothing_said(self.folded):
            return KindLabel("autre", 0.8, why)
        ruled = sum(rule.weight for rule in self.evidence) - 0.4  # a constat unless it asks
        total = _bounded(margin) + max(-_MOST, min(_MOST, ruled))
        kind = "proposition" if total > 0 else "constat"
        score = round(0.5 + 0.5 * abs(total) / (1 + abs(total)), 4)
        sign = 1 if total > 0 else -1
        best = max(self.evidence, key=lambda rule: rule.weight * sign, default=None)
        if best is not None and best.weight * sign > 0:
            return KindLabel(kind, score, best.why.format(self._quote(best.place)))
        if ruled <= 0 and kind == "constat":
            return KindLabel(kind, score, "aucune demande repérée")
        return KindLabel(kind, score, _words_that_weigh(kind, found))

    def _quote(self, place: tuple[int, int]) -> str:
        """Quote what stands there in the folded text; with accents, where those moved nothing."""
        text = self.said if len(self.said) == len(self.folded) else self.folded
        return f"« {text[slice(*place)].strip(' -*•,;:.').lower()} »"


def _words_that_weigh(kind: str, found: AbstractSet[str]) -> str:
    model = kind_model()
    words = (f for f in found if f.startswith(("mot ", "suite ")))
    weighing = model.reasons(words, model.classes.index(kind))
    said = " et ".join(f"« {f.partition(' ')[2]} »" for f in weighing)
    return f"par {said}" if said else "tournure"


def _bounded(margin: float) -> float:
    """Bound what was learnt: letters ask in words that the labelled answers seldom have."""
    return _MOST * margin / (2 + abs(margin))


def _nothing_said(folded: str) -> str:
    """Say why nothing is found or asked in a folded text; empty when something is."""
    if not content_words(folded) or _NO_CONTENT.match(folded):
        return "sans contenu"
    if len(folded) < 90 and _SAYS.search(folded):
        return "parle de la lettre elle-même"
    asked = folded.endswith("?") and _WH_QUESTION.match(folded) and len(folded.split()) <= 14
    return "question sans demande" if asked and not _LEADING_QUESTION.search(folded) else ""


def _evidence(folded: str, words: Sequence[str]) -> list[_Evidence]:
    """Weigh the rules that hold for a folded text, in their order."""
    found = [
        _Evidence(rule.weight, rule.name, rule.why or "{}", match.span())
        for number in sorted(set(chain.from_iterable(map(_MAY_HOLD.__getitem__, words))))
        if (match := (rule := _RULES[number]).find(folded))
    ]
    if action := _ACTION.match(folded):
        found.append(_Evidence(1.8, "nom d'action", "{}", action.span()))
    if any(map(_MAY_BE_INFINITIVE.__getitem__, words)):
        found += _infinitives(folded)
    if (order := _IMPERATIVE.match(folded)) and order.group(1) not in _NOT_IMPERATIVES:
        found.append(_Evidence(2.2, "impératif", "impératif {}", order.span(1)))
    if not (any(map(_MAY_BE_FINITE.__getitem__, words)) and _FINITE.search(folded)):
        if _INDEFINITE.match(folded):
            found.append(_Evidence(1.0, "sans verbe, indéfini", "groupe nominal sans verbe"))
        elif _BARE.match(folded):
            why = "groupe nominal sans verbe ni article"
            found.append(_Evidence(0.7, "sans verbe, sans article", why))
        else:
            found.append(_Evidence(0.0, "sans verbe", ""))
    return found


def _infinitives(folded: str) -> Iterator[_Evidence]:
    """Yield the infinitive that a folded text begins with; else one that begins a clause of it."""
    if (head := _HEAD_INFINITIVE.match(folded)) and head.group(1) not in _NOT_INFINITIVES:
        yield _Evidence(2.4, "infinitif en tête", "infinitif {}", head.span(1))
    elif (clause := _CLAUSE_INFINITIVE.search(folded)) and clause.group(1) not in _NOT_INFINITIVES:
        yield _Evidence(0.9, "infinitif", "infinitif {}", clause.span(1))
