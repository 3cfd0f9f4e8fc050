"""Where a sentence that says several things is cut: a finding and its request, the items of a list.

Cutting wrongly costs more than not cutting: a clause that depends on its neighbour stays with it,
and an item is one only when it can stand alone. What governs the items of a list ("Il faut", "Mes
demandes :") is kept beside each as its lead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tasks.language.words import lexicon


class Clause(NamedTuple):
    """What a sentence says in one of its parts, and the words before it that govern it."""

    start: int
    end: int
    lead: tuple[int, int] | None = None


class _Part(NamedTuple):
    """What stands between two separators; `start` is after "et" or "de", `raw` before."""

    raw: int
    start: int
    end: int
    head: str
    size: int  # words

    @property
    def is_strong(self) -> bool:
        return self.head in _STRONG and self.size >= 2


_PLAIN = dict(
    zip(
        "àâäáãåçéèêëíìîïñóòôöõúùûüýÿœæ’‘ʼ`´",
        "aaaaaaceeeeiiiinooooouuuuyyoa" + 5 * "'",
        strict=True,
    )
)


def level(text: str) -> str:
    """Fold a text without changing where its characters stand."""
    low = text.lower()
    if len(low) != len(text):  # "İ" is two characters in lower case
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    for character in _PLAIN.keys() & set(low):  # several times faster than `translate`
        low = low.replace(character, _PLAIN[character])
    return low


def _re(pattern: str) -> re.Pattern[str]:
    """Compile a pattern in which a space stands for any white space, as a hard wrap leaves it."""
    return re.compile(pattern.replace(" ?", r"\s*").replace(" ", r"\s+"))


# --- French words
# ---------------------------------------------------------------------------------------

_ADVERB = (
    r"(?:donc|aussi|egalement|absolument|vraiment|surtout|imperativement|simplement|deja|bien|mieux"
    r"|peut-etre|alors|ainsi|d'abord|avant tout|ensuite|au moins|juste|seulement|rapidement"
    r"|d'urgence)"
)
_GOOD = (
    r"(?:necessaire|indispensable|urgent|important|imperatif|souhaitable|temps|preferable|utile"
    r"|primordial|essentiel|bon|bien|mieux|opportun|judicieux|interessant|pertinent|grand temps)"
)
_MUST = r"(?:faut|faudrait|faudra)"
_REQUEST = (
    rf"(?:(?:il )?{_MUST}\b(?! (?:dire|croire|avouer|reconnaitre|compter|attendre|environ|presque"
    rf"|savoir|voir|noter|preciser|rappeler|ajouter|constater|\d))"
    r"|(?:je|nous|on) (?:vous )?(?:propos(?:e|ons)|demand(?:e|ons)|sugger(?:e|ons)"
    r"|preconis(?:e|ons)|recommand(?:e|ons)|reclam(?:e|ons)|exig(?:e|eons)|souhait(?:e|ons"
    r"|erais?|erait|erions)|voudrai[st]|voudrions|aimerai[st]|aimerions)\b(?! pas\b)"
    rf"|il (?:est|serait) (?:(?!pas\b)\w+ )?{_GOOD} (?:de |d'|que |qu')"
    r"|il (?:convient|conviendrait) (?:de |d'|que |qu')"
    r"|(?:on|nous) (?:devrait|devrions|pourrait|pourrions)\b"
    rf"|ce serait {_GOOD} (?:de |d'|que |qu'|si )"
    r"|pourquoi (?:ne |n'[a-z]+ )?pas\b|ne (?:pourrait|devrait)-on pas\b)"
)
_SO = (
    r"(?:et donc|donc|alors|du coup|par consequent|en consequence|ainsi|or|et|mais|aussi|pour cela"
    r"|pour ca|d'ou|en effet|de plus|par ailleurs|c'est pourquoi|a mon avis|selon moi)"
)
_THEREFORE = (
    r"(?:(?:et |d')?(?:c'est pourquoi|c'est pour(?:quoi| (?:cela|ca|cette raison)) (?:que |qu')?"
    r"|par consequent|en consequence|d'ou (?:la (?:necessite|demande)|l'(?:interet|importance"
    r"|idee|urgence)|le besoin|notre|ma|mes|nos)))"
)
_JOINT = _re(
    rf"(?<=\S)\s*(?:[,;:–—]|(?<=\s)-)\s*(?P<head>(?:{_SO}\s*,? ){{0,2}}{_REQUEST}"
    rf"|{_THEREFORE} )"
    rf"|(?<=[\w)»]) (?P<bare>(?:(?:et donc|donc|alors|du coup|et) )?{_REQUEST})"
)
_ASKING = lexicon(
    """
    faut faudrait faudra propose proposons demande demandons suggere suggerons preconise preconisons
    recommande recommandons reclame reclamons exige exigeons souhaite souhaitons souhaiterais
    souhaiterait souhaiterions souhaiterai voudrais voudrait voudrions aimerais aimerait aimerions
    necessaire indispensable urgent important imperatif souhaitable temps preferable utile
    primordial essentiel bon bien mieux opportun judicieux interessant pertinent convient
    conviendrait     suffirait devrait devrions pourrait pourrions pourquoi d'ou c'est consequent
    """
)
_OPEN_END = _re(
    r"(?:^|.*[\s'.…,;(])(?:comment|temps|est|sont|que|qu'|qui|dont|ou|quand|si|car|comme|et|ni|mais|donc"
    r"|parce|lorsque|puisque"
    r"|de|a|en|pour|plus|moins|la|cela|ca|ce|la ou|tout|trop|dit|dire|repondu|dont|pas|aussi"
    r"|ils?|elles?|on|etre|peut-etre"
    r"|ne|me|te|se|nous|qu'on|y)"
)
_UNENDED = re.compile(r"\b(?:est|sont|reste|c'est|serait)$")
_SAYING = _re(r".*\b(?:dit|disent|dire|repondu|repond|repete|ecrit|explique|annonce|affirme)$")
# A clause that begins so depends on another.
_DEPENDENT = _re(
    r"(?:(?:et|mais|or|car|oui|non|bref|puis) )*(?:si|s'ils?|quand|lorsque?|lorsqu'|comme|puisque"
    r"|puisqu'|pour|afin|dans|en|sur|avec|sans|devant|face|vu|etant|compte|parce|car|a|au|aux"
    r"|plutot|meme|bien que|quoique|alors que|apres|avant|depuis|des|selon|concernant|quant|malgre"
    r"|grace|qui|que|qu'|dont|ou|chez|par|contre|entre|vers|pendant|tant|tandis|non seulement|ne"
    r"|n'|hormis|sauf|afin|de|d'|du|soit|plus|moins|faute|suite|tel|telle|notamment|ni|sous"
    r"|jusqu'|pourvu|lors|outre|hors|y compris|ce que|ce qui)(?:\b|(?<='))"
)
_CONDITION = _re(
    r"\s*(?:(?:mais|et|donc|or|alors) )?(?:(?:pour|si|quand|afin|lorsque|comme|puisque|face|vu"
    r"|la encore)\b|s'|lorsqu'|puisqu')"
)
_IF = _re(r"\s(?:(?<!meme\s)si|s'ils?|quand|lorsque|lorsqu')(?:\b|(?<='))")
_SUBORDINATE = _re(
    r"(?:^|(?<=[\s(]))(?:qui|que|qu'|dont|ou|si|quand|lorsque|lorsqu'|parce|car|puisque|puisqu'"
    r"|afin|comme|tandis|pour que)(?:\b|(?<='))"
)
_VERBS = (
    r"est|sont|ont|etait|etaient|sera|seront|serait|seraient|fait|font|va|vont|peut|peuvent|doit"
    r"|doivent|veut|veulent|vient|viennent|restent|manquent|met|mettent|prend|prennent|devient"
    r"|deviennent|existe|existent|fonctionne|fonctionnent|arrivent|passent|ferment|ouvrent|coute"
    r"|coutent|posent|tournent|roulent|repond|repondent|trouvent|semble|semblent|augmente"
    r"|augmentent|diminuent|suffit|suffisent|sert|servent|tient|tiennent|attendent|perd"
    r"|perdent|sent|sentent|voit|voient|sait|savent|disent|permet|permettent|vivent|devrait"
    r"|devraient|pourrait|pourraient|faut|faudrait|avons|avez|sommes|etes|ai|suis|oblige|obligent"
    r"|empeche|empechent|travaillent|gagnent|payent|paient|payons|appelle|appellent|agit|agissent"
    r"|ferme|circulent|dorment|traitent|commettent|respectent|habitent|aiment|forment|utilisent"
    r"|subissent|deviendra|aura|auront|fera|feront|pourra|pourront|devra|devront|ira|iront"
    r"|renvoie|renvoient|laisse|laissent|rend|rendent|cree|creent|donnent|donne|reste|manque"
    r"|passe|commence|commencent|consiste|consistent|concerne|concernent|constitue|depend"
    r"|dependent|touche|touchent|merite|meritent|devient|implique|engendre|provoque|provoquent"
    r"|sortent|osent|parlent|demandent|montent|partent|tombent|cassent|brulent|insultent|crient"
)
_FINITE = _re(
    r"\b(?:(?:je|ils?|elles?|on|ca|cela|y) \w|(?:j'|c'|ce n'|ce sont)|"
    rf"(?<!\bsans\s)(?<!\b[ld][ae]\s)(?<!\ben\s)(?<!['-])(?:{_VERBS})\b"
    r"|(?:ne |n'|n )(?:y |se |s'|en |les? |la |l'|lui )*\w+|(?:nous|vous) "
    r"(?:(?:y|en|les?|la|vous|nous) )?\w+(?:ons|ez)\b"
    r"|(?!etait\b)(?!(?:bien|me|sou|satis|par|re|ex|at|por|abs|dis|impar|for|mal)?(?:faits?|lait|trait"
    r"|hait|trait)\b)[a-z]{3,}(?:aient|ait|issent)\b)"
)
_PRONOUN = _re(
    r"\b(?:je|j'|j|ceci|ils?|elles?|on|nous|vous|c'est|ce sont|qui|n'|ne|ca|cela|etre|quand"
    r"|lorsque|si"
    r"|parce|car|dont|mais|que|qu')(?:\b|(?<='))"
)
_NOT_INFINITIVES = lexicon(
    """
    hier premier dernier particulier quartier policier officier metier papier courrier dossier foyer
    loyer danger acier fer mer cher leger entier regulier singulier familier financier routier
    chantier atelier escalier concierge ancier usager etranger berger boucher boulanger passager
    prisonnier ouvrier desir plaisir avenir souvenir loisir cuir tir hiver enfer amer fier janvier
    fevrier calendrier cancer leader manager super mobilier immobilier uber soir espoir noir miroir
    trottoir devoir couloir pompier infirmier banquier poubelier greffier huissier conseiller
    hospitalier scolaire postier facteur sanglier gibier verger potager fichier cahier clavier
    scooter master poster reporter roller container conteneur hamster mortier cavalier centenier
    chevalier millier collier palier panier pilier grenier gravier gosier jupiter pouvoir
    olivier didier roger xavier gauthier casimir vladimir alger niger allier montpellier
    chequier peuplier plombier menager alimentaire viager dealer squatter soutien bailler
    """
)
_RE_VERBS = (
    r"(?:re)?(?:faire|mettre|rendre|prendre|dire|lire|ecrire|construire|suivre|vivre|vendre|joindre"
    r"|connaitre)|permettre|promettre|admettre|soumettre|transmettre|apprendre|comprendre"
    r"|entreprendre|interdire|elire|inscrire|instruire|detruire|reduire|produire|conduire"
    r"|reconduire|introduire|traduire|poursuivre|etre|defendre|etendre|entendre|attendre|descendre"
    r"|suspendre|repandre|repondre|combattre|battre|abattre|debattre|inclure|exclure|conclure"
    r"|convaincre|vaincre|rejoindre|atteindre|contraindre|craindre|restreindre|eteindre"
    r"|disparaitre|accroitre|croire|resoudre|dissoudre|rompre|interrompre|perdre|satisfaire"
    r"|extraire|nuire|taire"
)
_INFINITIVE = (
    rf"(?:[a-z]{{2,}}[ei]r|[a-z]*(?:cevoir|avoir|savoir|revoir|prevoir)|voir|{_RE_VERBS})(?![\w-])"
)
_INFINITIVE_WORD = re.compile(_INFINITIVE)
_CLITICS = (
    r"(?:(?:ne (?:pas|plus|jamais|rien)|mieux|bien|se|y|en|les|le|la|leur|tout|surtout|faire"
    r"|pouvoir|ne) |s'|l'|d'en |n')*"
)
_AND = r"(?:(?:et|puis|ensuite|enfin|aussi|egalement|surtout|ainsi que|voire|bref) )*"
_ACTION_NOUNS = (
    r"(?:retour|mise|mises|remise|maintien|suivi|acces|fin|arret|recours|respect|lutte|peines?"
    r"|controles?|patrouilles?|rondes?|presence|reforme|baisse|hausse|refonte|reprise|garantie"
    r"|possibilite|gratuite|meilleure?s?|droit|campagnes?|cours|service|tolerance|refus|rappel"
    r"|creation|obligation|interdiction|amendes?|sanctions?|formations?|aides?|soutien|appel"
    r"|embauche|recrutement|priorite|egalite|transparence|valorisation|reouverture|ouverture"
    r"|fermeture|securisation|limitation|[a-z]{3,}(?:tions?|sions?|ments?|ages?))"
)
_TO = (
    r"(?:de |d'|du |des |a |au |aux |en |pour |contre |entre |avec |dans |sur |par |envers |plus )"
)
_HEADS = (
    ("gerund", _re(r"en (?:ne |se |s'|y |les? |la |l')*(?!avant|attendant)[a-z]{2,}ant\b")),
    ("that", _re(r"(?:que |qu')(?!el)")),
    ("order", _re(r"(?!(?:chez|assez|nez)\b)[a-z]{2,}ez\b")),
    (
        "quantity",
        _re(
            r"(?:plus|moins|davantage|beaucoup plus|beaucoup moins|assez|trop|un peu plus) "
            r"(?:de |d'|du |des )|(?:pas|non|stop|halte|oui) (?:de |d'|au |aux |a )|zero \w|stop "
            r"|aucune? \w"
            r"|priorite (?:a|au|aux) "
        ),
    ),
    ("to", _re(rf"(?:de |d'|a )({_CLITICS})({_INFINITIVE})")),
    ("infinitive", _re(rf"({_CLITICS})({_INFINITIVE})")),
    ("the action", _re(rf"(?:le |la |les |l'){_ACTION_NOUNS} {_TO}")),
    (
        "action",
        _re(
            rf"(?:une? |des )?(?:vrai\w* |plus grande? |reelle? |meilleure? |forte )?"
            rf"{_ACTION_NOUNS} {_TO}"
        ),
    ),
    (
        "one",
        _re(r"(?:un|une|des|de (?:vrai\w+|nouve\w+|bon\w+|petit\w+|meilleur\w+|reel\w+)) \w"),
    ),
    (
        "none",  # what cannot begin an item
        _re(
            r"(?:de|du|d'|a|au|aux|en|dans|sur|sous|par|pour|avec|sans|chez|vers|contre|entre|et|ou"
            r"|ni|mais|donc|car|qui|que|qu'|dont|si|comme|quand|il|ils|elle|elles|je|j'|on|nous"
            r"|vous|c'|ce|ca|cela|ne|n'|tres|plus|moins|aussi|meme|surtout|notamment|y|se|s'|est"
            r"|sont|a|ont|voire|soit|alors|puis|bien|mieux|tout|toute|tous|toutes|trop|peu|ainsi|tel"
            r"|telle|tels|telles|dit|afin|selon|lors|apres|avant|depuis|des que|jusqu'|etc|bref"
            r"|quel|quels|quelle|quelles|lui|eux|leur|oui|non|merci|par|parfois|souvent|toujours"
            r"|voila|voici|l'un|l'une|certes|hors|hormis|sauf|parce|puisque|pas|encore|rien|personne"
            r"|monsieur|madame|etant|ayant|lequel|laquelle|faut|faudrait|proches?|presente?s?"
            r"|visibles?|disponibles?|accessibles?|efficaces?|honnetes?|justes?|independante?s?"
            r"|capables?|respectueu\w+|competente?s?|humaine?s?|simples?|claire?s?|rapides?|libres?"
            r"|egaux|egale?s?|solidaires?|responsables?|transparente?s?|equitables?|locale?s?"
            r"|locaux|nationale?s?|nationaux|europeen\w*|publi(?:cs?|ques?)|prive\w*|sociale?s?|sociaux"
            r"|rurale?s?|ruraux|urbaine?s?|economiques?|politiques|ecologiques?|medicale?s?"
            r"|religieu\w+|francais\w*|grande?s?|petite?s?|gros|grosses?|jeunes|vieux|moyens?|riches"
            r"|pauvres|reguliers?|regulieres?|dignes?|seule?s?|pourtant|cependant|lorsque|lorsqu'"
            r"|celle|celui|ceux|celles|ouverte?s?|mise?s|faite?s?|prise?s"
            r"|tous|[a-z]+ante?s?(?= )|suffisante?s?|(?:deux|trois|quatre)"
            r"|premierement|deuxiemement|notre|votre|sinon"
            r"|regiona\w+|departementa\w+|communa(?:les?|ux)|mondia\w+|genera(?:les?|ux)"
            r"|internationa\w+|ensuite|communication entre)(?:(?![\w-])|(?<='))"
        ),
    ),
    ("the", _re(r"(?:le |la |les |l'|mon |ma |mes |notre |nos |leurs? |cette |ces |cet )\w")),
    ("bare", _re(r"[a-z]")),
)
_STRONG = frozenset(
    {"order", "gerund", "that", "quantity", "to", "infinitive", "the action", "action"}
)
_STANDING = _STRONG | {"one", "the", "bare"}
_PARTICIPLE = re.compile(r"[^\W\d_]+(?<![Tt])(?:é|ée|és|ées)(?= |$|[.,;!])")
_NOUNS_IN_E = lexicon(
    """
    marche lycee musee cafe employe depute idee journee annee entree duree armee arrivee soiree
    cle canape conge fossee traite trophee matinee assemblee pensee tournee rentree comite cite
    sante pate communaute passe prejuge resume expose bebe ble pre the curé sortie delegue
    """
)
_ADJECTIVE = re.compile(
    r"(?!comptable|table|sable|cartable)\w+(?:ible|able|uel|uelle|ieux|ieuse)s?\b"
)
_ENT = re.compile(r"\b[a-z]{2,}(?<!m)ent\b")  # they may be verbs: "équipent", "règnent"
_NOUNS_IN_ENT = lexicon(
    """
    agent argent accident incident president client parent urgent content present absent patient
    talent vent cent lent different frequent recent permanent violent innocent adolescent continent
    equivalent excellent prudent evident competent intelligent transparent apparent souvent couvent
    dent pertinent efficient coherent adherent decent indecent indifferent resident precedent
    antecedent occident orient ingredient inconvenient quotient detergent contingent negligent
    indigent divergent serpent torrent imminent latent referent prevalent recurrent concurrent
    incompetent incoherent inefficient impatient imprudent vice-president regent afferent
    """
)
_EXAMPLE = _re(r"(?:par )?(?:ex|exemples?|p\.ex|notamment|comme|c'est[- ]a[- ]dire|cad|cf)\b")
_ONGOING = re.compile(r"(?:etc\W*|[.…\s]+)$")

# --- what governs a list
_SUBJECT = (
    r"(?!(?:avant|apres|si|quand|comme|pour|sans) )(?:(?!\bqu[ei']|\bdont )[^,;:.!?()]){2,60}?"
)
_GOVERNOR = _re(
    rf"(?:{_SO}\s*,? |{_AND})?(?:{_REQUEST}(?: {_ADVERB})*(?: (?:de(?= )|d'))?"
    rf"|(?:merci|priere) (?:de(?= )|d')"
    rf"|{_SUBJECT} (?:doit|doivent|devraient|devrait|devons|devez|devra|devront)"
    rf"(?: {_ADVERB})*"
    rf"|{_SUBJECT} (?:est|serait|s'agit|suffit|consiste) (?:de(?= )|d'|a(?= ))) ?"
)
_KIND_NOUN = (
    r"(?:constats?|constatations?|propositions?|demandes?|problemes?|solutions?|suggestions?|idees?"
    r"|besoins?|souhaits?|remarques?|observations?|doleances?|attentes?|priorites?|mesures?|voeux"
    r"|pistes?|actions?|revendications?|reclamations?|difficultes?|ameliorations?|preconisations?"
    r"|recommandations?|points? (?:positifs?|negatifs?)|griefs?)"
)
_ASKED = _re(
    rf"\b(?:{_REQUEST}|(?:doit|doivent|devons|devrait|devraient|devra|devront)\b)"
    r"|(?:^|(?<=[.!?]\s))(?!(?:chez|assez|nez|venez)\b)[a-z]{3,}ez\b|\b(?:merci|priere) de "
)
_LABEL = _re(
    rf"(?:(?:les?|la|mes|mon|ma|nos|notre|l'|quelques|principa\w+|premiere?|autres?|voici|\d+)"
    rf"(?:(?<=')|(?<!')\b) ?)*"
    rf"{_KIND_NOUN}(?: (?:concretes?|principa\w+|possibles?|suivantes?|n ?°? ?\d+|\d+|generale?s?"
    rf"|a faire|d'amelioration))?\s*:\s*(?=\S)"
)
_OF_LABEL = (
    r"(?:(?:les?|la|mes|mon|ma|nos|notre|l'|quelques|principa\w+|premiere?s?|autres?|voici|voila|une?"
    r"|des|\d+|et|ou|donc|deux|trois|quatre|cinq|plusieurs|concretes?|possibles?|suivantes?|a faire"
    r"|generales?|d'amelioration)(?:(?<=')|(?<!')\b) ?)*"
)
_LABELS = _re(rf"{_OF_LABEL}{_KIND_NOUN} ?(?:{_OF_LABEL}{_KIND_NOUN} ?)*{_OF_LABEL}")
_LABEL_LENGTH = 60
_MEASURES = _re(rf"{_OF_LABEL}(?:une serie de |de |d')?{_KIND_NOUN}? ?{_OF_LABEL}:?")
_FOLLOWING = _re(r".{3,120} (?:suivante?s?|ci[- ]dessous|ci[- ]apres) ?")
_CONTENT = re.compile(r"[^\W\d_]{3,}")


def label_end(said: str, start: int, end: int) -> int | None:
    """Find where "Proposition :" ends when a sentence begins so."""
    if said.find(":", start, start + _LABEL_LENGTH) < 0:
        return None
    found = _LABEL.match(said, start, end)
    return found.end() if found else None


def asks(said: str, start: int, end: int, *, nouns: bool) -> bool:
    """Tell whether words ask for something; with `nouns`, "création de…" asks too."""
    if _ASKED.search(said, start, end):
        return True
    head = _head(said, said, start, end).head
    return head in {"infinitive", "quantity"} or (nouns and head in {"action", "the action"})


def is_infinitive(word: str) -> bool:
    """Tell whether a levelled word is an infinitive, and no noun or name that ends like one."""
    return word not in _NOT_INFINITIVES and bool(_INFINITIVE_WORD.fullmatch(word))


def announces(said: str, start: int, end: int, *, short: bool = False) -> bool:
    """Tell whether words say what follows them is: "il faudrait", "mes demandes", "je propose".

    With `short`, any few words without a verb do.
    """
    if _EXAMPLE.match(said, start, end):
        return False
    governor = _GOVERNOR.match(said, start, end)
    if governor and (governor.end() >= end or _MEASURES.fullmatch(said, governor.end(), end)):
        return True
    if _LABELS.fullmatch(said, start, end) or _FOLLOWING.fullmatch(said, start, end):
        return True
    return short and _is_short(said, start, end)


# --- clauses
# ---------------------------------------------------------------------------------------


_SHORTEST, _LONGEST = 16, 10_000  # characters of a sentence that is worth looking into


def cut_clauses(said: str, text: str, start: int, end: int) -> list[Clause]:
    """Cut a sentence of `text`, levelled in `said`, where it says something else."""
    if not _SHORTEST <= end - start <= _LONGEST:
        return [Clause(start, end)]
    clauses = [(start, end)]
    if not _ASKING.isdisjoint(said[start:end].split()):
        clauses = list(_at_requests(said, start, end))
    items = [item for a, b in clauses for item in _items(said, text, a, b)]
    return [items[0]] if len(items) == 1 else [_closed(said, item) for item in items]


_HANGING = _re(
    r"(?:(?:^|[\s,;]+)(?:et|ou|puis|mais|surtout|enfin|aussi|donc|ainsi que"
    r"|en consequence|par consequent))+[\s,;]*$"
)


def _closed(said: str, clause: Clause) -> Clause:
    """Take off the "et" that a cut leaves at the end."""
    tail = max(clause.start, clause.end - 40)
    hanging = _HANGING.search(said[tail : clause.end])
    return Clause(clause.start, tail + hanging.start(), clause.lead) if hanging else clause


def _at_requests(said: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut before a request that follows a clause which says something of its own."""
    begun, seen, depth = start, start, 0
    for joint in _JOINT.finditer(said, start, end):
        head = joint.start("head") if joint["head"] else joint.start("bare")
        depth += _depth(said, seen, joint.start())
        seen = joint.start()
        if (
            depth <= 0
            and is_main_clause(said, begun, joint.start())
            and not _is_condition(said, begun, joint)
            and not _UNENDED.search(said[max(begun, joint.start() - 12) : joint.start()])
            and len(said[head : min(end, head + 80)].split()) >= 4
            and (joint["head"] or _can_run_on(said, begun, joint.start(), joint["bare"]))
            and not (joint.group().lstrip()[0] == ":" and _SAYING.match(said, begun, joint.start()))
        ):
            cut = _before_condition(said, begun, joint)
            yield begun, cut or joint.start()
            begun = cut + 1 if cut else head
    yield begun, end


def _before_condition(said: str, start: int, joint: re.Match[str]) -> int | None:
    """Find the comma before ", si on veut," or "; aujourd'hui,": words that go with a request."""
    end = joint.start()
    if not joint.group().lstrip().startswith(","):
        return None
    sign = max(said.rfind(s, max(start, end - _LOOK_BACK), end) for s in ",;")
    if sign < 0:
        return None
    short = len(said[sign + 1 : end].split()) <= 3
    apart = said[sign] == ";" and not _is_clause(said[sign + 1 : end])
    if not (short or apart or _CONDITION.match(said, sign + 1, end)):
        return None
    return sign if is_main_clause(said, start, sign) else None


def _is_condition(said: str, start: int, joint: re.Match[str]) -> bool:
    """Tell whether a comma ends the condition of a request: "je crois que si on veut, il faut"."""
    before = said[max(start, joint.start() - _LOOK_BACK) : joint.start()]
    comma = joint.group().lstrip().startswith(",")
    return comma and bool(_IF.search(before[before.rfind(",") + 1 :]))


def _depth(said: str, start: int, end: int) -> int:
    opened = said.count("(", start, end) + said.count("«", start, end)
    return opened - said.count(")", start, end) - said.count("»", start, end)


_NEAR = 6  # words within which "qui" or "que" still governs what follows
_LOOK_BACK = 400  # characters of a clause that tell whether it is one


def is_main_clause(said: str, start: int, end: int) -> bool:
    """Tell whether words hold a clause of four words at least that depends on no other."""
    piece = said[max(start, end - _LOOK_BACK) : end]
    if len(piece.split()) < 4:
        return False
    return any(_is_clause(segment) for segment in re.split(r"[,;:]", piece))


def _is_clause(segment: str) -> bool:
    segment = segment.strip(" \t\r\n\"'«»(-–—")
    if _DEPENDENT.match(segment):
        return False
    core = _SUBORDINATE.split(segment, maxsplit=1)[0]
    return bool(_FINITE.search(core))


def _can_run_on(said: str, start: int, end: int, head: str) -> bool:
    """Tell whether a request may begin here without a comma: the words before are complete."""
    before = said[max(start, end - _LOOK_BACK) : end]
    return (
        not _OPEN_END.fullmatch(before.rstrip())
        and not _SUBORDINATE.search(" ".join(before.split()[-_NEAR:]))
        and not _DEPENDENT.match(before)
        and (not re.search(r"[,;:]", before) or bool(re.match(r"(?:et|donc|alors|du)\b", head)))
    )


# --- lists
# ---------------------------------------------------------------------------------------

_SEPARATOR = re.compile(r",(?!\d)|[;()«»]|(?<=\s)(?:[/+]|[-–—]{1,2})(?=\s)")
_SEPARATES = re.compile(r"[,;/+–—]|\s-\s")
_INTRODUCTION = 160  # characters within which a list is announced by a colon
_LAST_AND = _re(r" (?:et|ainsi que) (?:aussi |surtout |enfin )?")
_COLON = re.compile(r"(?<=\s):(?=\s)|(?<=[^\s\d]):(?=\s)|(?<=\d):(?=\s)")


def _items(said: str, text: str, start: int, end: int) -> Iterator[Clause]:
    """Give the items of a clause that is a list, or the clause."""
    if not _SEPARATES.search(said, start, end):
        yield Clause(start, end)
        return
    colon = None
    if said.find(":", start, end) >= 0:
        colon = _COLON.search(said, start, min(end, start + _INTRODUCTION))
    found: list[Clause] = []
    if colon:
        found = _after_colon(said, text, (start, end), colon)
    if not found and (colon is None or ";" in said[start:end]):
        found = _list(said, text, start, end)
    yield from found or [Clause(start, end)]


def _after_colon(
    said: str, text: str, place: tuple[int, int], colon: re.Match[str]
) -> list[Clause]:
    """Take the items after a colon, when what is before it governs them or stands alone."""
    start, end = place
    before = stripped(said, start, colon.start())
    after = stripped(said, colon.end(), end)
    if _EXAMPLE.match(said, *before) or _depth(said, start, colon.start()) > 0:
        return []
    items = _list(said, text, *after)
    if not items:
        return []
    if _is_short(said, *before) or announces(said, *before):
        return [Clause(i.start, i.end, i.lead or before) for i in items]
    strong = all(_head(said, text, i.start, i.end).is_strong for i in items)
    if strong and is_main_clause(said, *before):
        return [Clause(*before), *items]
    return []


def _is_short(said: str, start: int, end: int) -> bool:
    piece = said[start:end]
    return (
        len(piece.split()) <= 8
        and not _FINITE.search(piece)
        and not _DEPENDENT.match(piece)
        and _head(piece, piece, 0, len(piece)).head in {"one", "the", "bare"}
    )


def _list(said: str, text: str, start: int, end: int) -> list[Clause]:
    """Find the items of a list, by the strongest separator that it has; none when it is no list."""
    marks = list(_marks(said, start, end))
    kinds = [said[a] for a, _ in marks]
    semicolons = kinds.count(";")
    if semicolons:
        items = _between(marks, start, end, ";", said)
        found = _semicolon_items(said, text, items)
        if found or semicolons > 1:
            return found
    for sign in "/+-":
        if sum(k == sign or (sign == "-" and k in "–—") for k in kinds) >= 2:
            signs = "-–—" if sign == "-" else sign
            return _sign_items(said, text, _between(marks, start, end, signs, said))
    return _comma_items(said, text, _between(marks, start, end, ",;", said))


def _marks(said: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Find the separators that stand outside brackets and quotation marks."""
    depth = 0
    for mark in _SEPARATOR.finditer(said, start, end):
        sign = mark.group()
        if sign in "(«":
            depth += 1
        elif sign in ")»":
            depth = max(depth - 1, 0)
        elif not depth:
            yield mark.span()


def _between(
    marks: Sequence[tuple[int, int]], start: int, end: int, signs: str, said: str
) -> list[tuple[int, int]]:
    cuts = [m for m in marks if said[m[0]] in signs]
    edges = [(start, start), *cuts, (end, end)]
    pieces = (stripped(said, a[1], b[0]) for a, b in pairwise(edges))
    return [(a, b) for a, b in pieces if a < b]


def stripped(said: str, start: int, end: int) -> tuple[int, int]:
    """Take the white space off both ends of a span."""
    while start < end and said[start].isspace():
        start += 1
    while end > start and said[end - 1].isspace():
        end -= 1
    return start, end


_AND_FIRST = _re(_AND)


def _head(said: str, text: str, start: int, end: int) -> _Part:
    """Tell what a part begins with."""
    begin = _AND_FIRST.match(said, start, end)
    first = begin.end() if begin else start
    head = "none"
    for name, pattern in _HEADS:
        found = pattern.match(said, first, end)
        if not found:
            continue
        if name in {"to", "infinitive"} and found.group(2) in _NOT_INFINITIVES:
            continue
        head = name
        if name == "to":
            first = found.start(1)
        break
    if head == "bare" and (word := _PARTICIPLE.match(text, first, end)):
        head = "bare" if level(word.group()) in _NOUNS_IN_E else "none"
    size = len(said[first:end].split())
    if head == "bare" and size == 1 and _ADJECTIVE.match(said, first, end):
        head = "none"
    return _Part(start, first, end, head, size)


def _semicolon_items(said: str, text: str, pieces: Sequence[tuple[int, int]]) -> list[Clause]:
    """Keep apart what semicolons separate when it can stand alone."""
    if len(pieces) < 2:
        return []
    kept = [[*pieces[0]]]
    first = _head(said, text, *pieces[0])
    nominal = len(pieces) >= 3 and not _FINITE.search(said, *pieces[0])
    for a, b in pieces[1:]:
        part = _head(said, text, a, b)
        stands = not _depends(said, *kept[-1]) and (
            (part.is_strong and part.head != "to")
            or (nominal and part.size >= 2 and _is_noun_item(said, [first], part))
            or is_main_clause(said, a, b)
            or (said[b - 1] == "?" and part.size >= 4)
        )
        if stands:
            kept.append([a, b])
        else:
            kept[-1][1] = b
    if len(kept) == 1 or (len(kept) == 2 and any(len(said[a:b].split()) < 4 for a, b in kept)):
        return []
    lead = _lead_of(said, *kept[0])
    return [
        Clause(a, b, lead if i and not is_main_clause(said, a, b) else None)
        for i, (a, b) in enumerate(kept)
    ]


def _depends(said: str, start: int, end: int) -> bool:
    return bool(_DEPENDENT.match(said, start, end)) and not is_main_clause(said, start, end)


def _is_noun_item(said: str, before: Sequence[_Part], part: _Part) -> bool:
    """Tell whether a part goes on a list of noun phrases: "des" may be an "of" of those before."""
    if part.head == "one" and said.startswith("des", part.start):
        return not any(_OF.match(said, p.start, p.end) for p in before[-3:])
    return part.head in _STANDING


def _lead_of(said: str, start: int, end: int) -> tuple[int, int] | None:
    governor = _GOVERNOR.match(said, start, end)
    return stripped(said, start, governor.end()) if governor and governor.end() < end else None


def _sign_items(said: str, text: str, pieces: Sequence[tuple[int, int]]) -> list[Clause]:
    """Cut at slashes, pluses or dashes when all that they separate can stand alone."""
    parts = [_head(said, text, a, b) for a, b in pieces]
    lead = None
    first = parts[0]
    if first.head not in _STANDING or first.size < 2:
        if announces(said, first.raw, first.end):
            lead, parts = (first.raw, first.end), parts[1:]
    else:
        lead = None
    if len(parts) < 2 or not all(
        (p.head in _STANDING or (i == 0 and _GOVERNOR.match(said, p.raw, p.end)))
        for i, p in enumerate(parts)
    ):
        return []
    if sum(p.size >= 2 for p in parts) * 2 < len(parts) or len(parts) < 3:
        return []
    if not all(p.is_strong for p in parts) and (
        _FINITE.search(said, parts[0].start, parts[0].end) or not _is_parallel(said, parts)
    ):
        return []
    return [Clause(p.raw, p.end, lead) for p in parts]


def _comma_items(said: str, text: str, pieces: Sequence[tuple[int, int]]) -> list[Clause]:
    if len(pieces) < 2:
        return []
    if _ONGOING.match(said[pieces[-1][0] : pieces[-1][1]]):
        pieces = pieces[:-1]
    if len(pieces) == 2 and not _LAST_AND.search(said, *pieces[1]):
        return []
    governor = _GOVERNOR.match(said, *pieces[0])
    lead = None
    first = pieces[0][0]
    if governor and governor.end() < pieces[0][1]:
        lead = stripped(said, pieces[0][0], governor.end())
        first = governor.end()
    parts = [_head(said, text, first, pieces[0][1])]
    if parts[0].head not in _GOES_ON and (lead or _has_verb(said, pieces)):
        return []
    parts += [_head(said, text, a, b) for a, b in pieces[1:]]
    items = _strong_items(said, text, parts, governed=lead is not None)
    if items:
        return [
            Clause(lead[0] if lead and not i else a, b, lead if i else None)
            for i, (a, b) in enumerate(items)
        ]
    if lead:
        return []
    return [Clause(a, b) for a, b in _noun_items(said, text, parts)]


# Which heads go on a list that begins with each.
_GOES_ON = {
    "infinitive": {"infinitive", "to", "action"},
    "governed infinitive": {"infinitive", "to"},
    "order": {"order"},
    "to": {"to", "infinitive"},
    "gerund": {"gerund"},
    "that": {"that"},
    "quantity": {"quantity", "infinitive", "action", "one"},
    "action": {"action", "quantity", "infinitive", "one"},
    "the action": {"the action", "action", "the", "infinitive"},
    "one": {"one", "quantity", "infinitive", "action"},
}


def _strong_items(
    said: str, text: str, parts: Sequence[_Part], *, governed: bool
) -> list[tuple[int, int]]:
    """Find the items that begin as requests do; what is between them belongs to the one before."""
    first = parts[0]
    governs = governed and first.head == "infinitive"
    allowed = _GOES_ON.get("governed infinitive" if governs else first.head)
    if allowed is None or (first.head == "one" and not governed):
        return []
    parts = [*parts[:-1], *_at_last_and(said, text, parts[-1], allowed)]
    kept = [[first.raw if not governed else first.start, first.end]]
    heads = [first]
    for part in parts[1:]:
        if part.head in allowed and part.size >= 2 and _begins(said, heads, part):
            kept.append([part.start, part.end])
            heads.append(part)
        elif _RESUMES.match(said, part.raw, part.end):
            return []
        else:
            kept[-1][1] = part.end
    longer = sum(p.size >= (3 if p.head in {"one", "the"} else 2) for p in heads)
    if len(kept) < 3 or longer * 2 < len(heads) or first.size < 2:
        return []
    if first.head != "that" and any(_governs(said, a, b) for a, b in kept):
        return []
    return [(a, b) for a, b in kept]


def _begins(said: str, before: Sequence[_Part], part: _Part) -> bool:
    """Tell whether a part is an item: no object of what is before, and not pointing to it."""
    if part.head in {"one", "the"}:
        return before[-1].head != "infinitive" and _is_noun_item(said, before, part)
    if part.head != "infinitive":
        return True
    nested = before[0].head != "infinitive" and _NESTED.search(
        said, before[-1].start + 1, before[-1].end
    )
    return not nested and not _POINTING.match(said, part.start, part.end)


_POINTING = _re(rf"(?:les?|la|leur|y|en|l') ?{_INFINITIVE}|l'{_INFINITIVE}")
_RESUMES = _re(r"(?:c'|ce |cela|ca|tout (?:cela|ca)|voila|tel|telle|sont|est|seraient|serait)\b")


def _governs(said: str, start: int, end: int) -> bool:
    """Tell whether an item has a verb of its own, which may be that of the whole list."""
    core = _SUBORDINATE.split(said[start:end], maxsplit=1)[0]
    return bool(_FINITE.search(core))


_NESTED = _re(rf"\b(?:de |d'|pour |a )(?:{_CLITICS})({_INFINITIVE})|\b(?:que|qui) |\bqu'")


def _at_last_and(said: str, text: str, last: _Part, allowed: set[str]) -> list[_Part]:
    """Cut the last part at "et" when what follows begins as the items do."""
    for found in reversed(list(_LAST_AND.finditer(said, last.start, last.end))[-3:]):
        if _NESTED.search(said, last.start + 1, found.start()):
            continue  # "pour donner des amendes et faire leur travail"
        after = _head(said, text, found.end(), last.end)
        before = _head(said, text, last.raw, found.start())
        if (
            after.head in allowed
            and after.size >= 2
            and before.size >= 2
            and (after.head not in {"one", "the"} or before.head == after.head)
        ):
            return [before, after]
    return [last]


_SURE_VERBS = lexicon(  # asked first, because it is quick
    """
    je il ils elle elles on nous vous est sont ont etait c'est qui que n'est n'ont ne faut peut
    doivent doit fait font va vont peuvent j'ai il n'y mais car si quand
    """
)


def _has_verb(said: str, pieces: Sequence[tuple[int, int]]) -> bool:
    start, end = pieces[0][0], pieces[-1][1]
    return bool(
        not _SURE_VERBS.isdisjoint(said[start:end].split())
        or _PRONOUN.search(said, start, end)
        or _FINITE.search(said, start, end)
        or any(w not in _NOUNS_IN_ENT for w in _ENT.findall(said, start, end))
    )


def _noun_items(said: str, text: str, parts: Sequence[_Part]) -> list[tuple[int, int]]:
    """Find the items of a list that has no verb: each is a short noun phrase or an infinitive."""
    if _has_verb(said, [(p.raw, p.end) for p in parts]):
        return []
    parts = [*parts[:-1], *_at_last_noun(said, text, parts[-1])]
    if len(parts) < 3 or not all(p.head in _STANDING and p.size <= 9 for p in parts):
        return []
    if not _is_parallel(said, parts):
        return []
    sizes = [_own_words(said, p) for p in parts]
    if sum(size >= 2 for size in sizes) * 2 < len(parts) or not all(
        _CONTENT.search(said, p.start, p.end) for p in parts
    ):
        return []
    return [(p.start if i else p.raw, p.end) for i, p in enumerate(parts)]


_ENDS_WITH_NOUN = _re(
    r".*\b(?:(?:de |d'|sans |en (?!commun)|par )[\w-]+|(?:avec|contre|entre|envers) "
    r"(?:les? |la |l'|des )?[\w-]+)"
)
_ENDS_WITH_PLURAL = _re(r".*\b(?:des|aux|les|nos) [\w-]+[sx]")
_OF = _re(r"(?!une? |des )(?:.*[\s'])?(?:de |d'|du |des )")
# An object may follow: "contre les femmes, les enfants", "en arrêtant de fermer les écoles, les…".
_OPEN_TO_OBJECTS = _re(
    r"(?:\b(?:avec|contre|entre|envers|vers|sur|pour|par|chez|dans) "
    r"(?:les? |la |l'|des |nos |un |une )"
    rf"|\b(?:de |d'|a |en |pour )(?:[a-z]+ant|{_INFINITIVE})\b)"
)
_DETERMINERS = _re(r"(?:le |la |les |l'|un |une |des |mon |ma |mes |nos |notre |leurs? |ces )+")


def _own_words(said: str, part: _Part) -> int:
    determiner = _DETERMINERS.match(said, part.start, part.end)
    own = said[determiner.end() if determiner else part.start : part.end]
    return len([word for word in own.split() if not word.startswith("etc")])


def _is_parallel(said: str, parts: Sequence[_Part]) -> bool:
    """Tell whether no part can be an adjective or a further object of the first."""
    first = parts[0]
    if any(p.head == "infinitive" and p.size < 2 for p in parts) or first.head in {
        "order",
        "gerund",
    }:
        return False
    is_open = False
    determined = first.head in {"one", "the", "the action"}
    for i, (before, part) in enumerate(pairwise(parts), 1):
        is_open = is_open or bool(_OPEN_TO_OBJECTS.search(said, before.start, before.end))
        if determined and part.head == "bare":
            return False
        if part.head == "bare" and _may_be_object(said, first, before, part):
            return False
        if part.head in {"the", "the action", "one"} and (
            before.head in {"infinitive", "to", "order"}
            or (before.head == "quantity" and part.head != "one")
            or (part.head != "one" and is_open)
            or not _is_noun_item(said, parts[:i], part)
        ):
            return False
    return True


def _may_be_object(said: str, first: _Part, before: _Part, part: _Part) -> bool:
    """Tell whether a noun without article may go on "plus de policiers" or "acheter des radios"."""
    single = _own_words(said, part) == 1
    if before.head in {"quantity", "infinitive"} and (single or first.head == before.head):
        return True
    plural = _ENDS_WITH_PLURAL.fullmatch(said, before.start, before.end)
    if plural and single and said[part.end - 1] in "sx":
        return True  # "le respect des élus, policiers, gendarmes"
    open_end = _ENDS_WITH_NOUN.fullmatch(said, before.start, before.end)
    return bool(open_end) and (single or before.head == "action")


def _at_last_noun(said: str, text: str, last: _Part) -> list[_Part]:
    ands = list(_LAST_AND.finditer(said, last.start, last.end))
    if not ands:
        return [last]
    found = ands[-1]
    before = _head(said, text, last.raw, found.start())
    after = _head(said, text, found.end(), last.end)
    inside = re.search(
        r"\b(?:de|du|des|d'|aux?|a|en|sur|pour|entre)\b", said[before.start : before.end]
    )
    apart = after.head in {"action", "infinitive", "quantity"} or not inside
    if after.head in _STANDING and after.size >= 2 and apart and before.head in _STANDING:
        return [before, after]
    return [last]
