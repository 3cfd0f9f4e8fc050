"""What a letter says that is no statement: it greets, thanks, closes, presents itself.

A formula is told by its words and by nothing else, so it is one wherever it stands. Sentences are
levelled before they come here: lower case, without accents. Each formula names words of which it
has one, so that most sentences are compared with no pattern at all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from tasks.language.words import lexicon, unmasked

_GREETING_WORDS = lexicon(
    """
    a aux bonjour bonsoir cher chers chere cheres citoyens citoyennes collegues compatriotes
    concitoyens coucou dames de departement des dame et droit du gouvernement hello interieur la l
    le les madame mademoiselle maire mairesse mesdames messieurs ministre mme monsieur mr messieurs
    m mrs nom prefecture prefet prefete president presidente qui republique responsables salut
    sieurs sous tous tout toutes votre vos service services organisateurs monde attention
    """
)
_GREETING_OPENERS = lexicon(
    "bonjour bonsoir madame mademoiselle mesdames messieurs monsieur mme mr m cher chers chere"
    " cheres salut hello coucou a"
)
GREETING_PREFIX = re.compile(
    r"(?:bonjour|bonsoir|(?:madame|monsieur|mesdames|messieurs)(?:,?\s+(?:et\s+)?(?:madame"
    r"|monsieur|mesdames|messieurs))?"
    r"(?:\s+(?:le|la|les)\s+(?:prefe?te?s?|ministre|maire|presidente?))?)(?:\s+a\s+tous"
    r"|\s+a\s+toutes)*\s*[,!.:]\s*"
)
_LETTER = (
    r"(?:contributions?|propositions?|reflexions?|remarques?|reponses?|idees?|suggestions?"
    r"|avis|observations?|courrier|lettre|message|participation|texte|document|doleances?"
    r"|attentes|points? de vue|questionnaire|mail|opinions?)"
)

_LETTER_WORDS = """
    contribution contributions proposition propositions reflexion reflexions remarque remarques
    reponse reponses idee idees suggestion suggestions avis observation observations courrier lettre
    message participation texte document doleance doleances attentes point points questionnaire mail
    opinion opinions
    """
_MONTHS = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre"


@dataclass(frozen=True)
class _Formula:
    """Words of which the formula has one at least, and what it says."""

    words: str
    pattern: str


_CLOSINGS = (
    _Formula(
        """
        cordialement salutation salutations respectueusement sincerement amicalement civilites
        citoyennement fraternellement sentiments voeux voux amities vous respect consideration
        """,
        r"(?:(?:tres|bien|sinceres?|mes|nos|meilleures?|respectueuses?|cordiales?|avec"
        r"|toutes?)[ ,]+)*(?:cordialement|salutations?|respectueusement|sincerement"
        r"|amicalement|civilites|citoyennement|fraternellement|sentiments|voe?ux|amities|a vous"
        r"|respect|consideration)(?: a (?:vous|tous|toutes)| votre)?"
        r"(?: (?:distinguees?|citoyennes?|respectueu(?:x|ses)|les meilleures|republicaines?"
        r"|cordiales?|d\W?un\w? .{0,40}|distingues?|devouee?s?|meilleurs?))?",
    ),
    _Formula(
        "cordialement",  # a name may follow, a request may not
        r"(?:bien |tres )?cordialement\W(?:(?!\b(?:il|faut|je|nous|on|mais|plus|moins)\b).){0,60}",
    ),
    _Formula(
        "bien bientot suivre bonne cdt cdlt slts",
        r"bien (?:a vous|cordialement.*)|a (?:bientot|suivre)|bonne (?:journee|soiree|reception"
        r"|continuation|lecture|annee|fin de \w+|chance)\b.{0,40}|cdt|cdlt|slts",
    ),
    _Formula(
        """
        salutation salutations sentiment sentiments consideration respects hommages cordialement
        remercie remerciement remerciements voeux voux
        """,
        r"(?:(?:et )?(?:je|nous) vous (?:prie|prions|adresse|adressons|remerci|souhait|salu|present"
        r"|assur)|en vous |et vous |veuillez|vous remerci"
        r"|dans l'attente|avec (?:mes|nos|toute|l'expression|l'assurance)|recevez|agreez|croyez"
        r"|daignez|acceptez|restant).{0,140}"
        r"\b(?:salutations?|sentiments?|consideration|respects|hommages|cordialement"
        r"|remercie(?:ments?)?|mes voe?ux)\b.{0,90}",
    ),
    _Formula(
        "votre vos restant reste restons demeure tiens tenons",
        r"(?:je|nous) (?:reste|restons|demeure|me tiens|nous tenons|suis) (?:bien "
        r"|toujours )?a (?:votre|vos|l[ae']).{0,60}|restant a votre.{0,60}",
    ),
    _Formula(
        "attente esperant",
        r"dans l'attente (?:de|d').{0,100}|en esperant (?:que|avoir|vous|une).{0,80}(?:attention|lu"
        r"|compte|reponse|contribution|utile|consideration|aide)\b.{0,30}",
    ),
    _Formula(
        "merci mercis remercie remercions remerciant remercier remerciements",
        r"(?:(?:tout d'abord|d'abord|avant tout|enfin),? )?"
        r"(?:(?:un |encore |tres |grand |mille )*mercis?|(?:je|nous) (?:vous |tiens a vous "
        r"|souhaite vous )?(?:en )?remerci\w+|en vous remerciant|avec mes remerciements)"
        r"(?: (?:beaucoup|bien|encore|infiniment|vivement|sincerement))*"
        r"(?:(?:[ ,]+|(?<='))(?:a (?:vous|tous|toutes)|d'avance|par avance|messieurs|madame"
        r"|monsieur|et|pour|de|d'|votre|vos|l'|la|le|les|cette|ce|m'|nous|me|avoir|bien|vouloir"
        r"|attention|ecoute|lecture|lire|lu|lus|ecoutes?|temps|initiative|consultation|interet"
        r"|comprehension|travail|de l'interet|porterez|que|vous"
        r"|accorder|prendre|pris|en|compte|ma|mes|mon|nos|donner|donne|donnee|parole|possibilite"
        r"|occasion|patience|retour|reponse|action|engagement|efforts?"
        r"|nous avoir lus|avance|cordialement|participer|exprimer|permettre|organiser|organisation"
        r"|concertation|demarche|votre ecoute"
        rf"|{_LETTER}|ici|ces|quelques|lignes|consulter|notre|avis|voix|a|aux|forces|ordre|d'"
        r"|service|tout|ce|elle|elles|lui|eux|moi|message|interet))*",
    ),
)
_PRESENTATIONS = (
    # the letter
    _Formula(
        "trouver trouverez",
        r"(?:(?:bonjour|madame|monsieur)\W+)*(?:veuillez|vous|je vous prie|nous vous prions"
        r"|prie?re).{0,30}\btrouver(?:ez)?\b.{0,120}",
    ),
    _Formula(
        "joint jointe joints jointes apres dessous inclus piece pj annexe fichier document",
        rf"(?:ci-?\s?(?:joint|jointe|joints|jointes|apres|dessous|inclus)|en (?:piece jointe|pj"
        rf"|annexe))\b.{{0,80}}(?:{_LETTER}).{{0,60}}|voir (?:piece jointe|fichier joint"
        rf"|document joint).{{0,40}}",
    ),
    _Formula(
        _LETTER_WORDS,
        rf"(?:.{{0,120}}[ ,])?(?:je|nous|j'ai l'honneur de|permettez[- ]moi de) ?(?:vous"
        rf"|tiens a vous|souhaite vous|me permets de vous|vais vous|viens vous|desire vous"
        rf"|voudrais vous)? ?"
        rf"(?:adresse\w*|transmets?|transmettre|transmettons|envoie|envoyer|envoyons"
        rf"|fais part(?:venir)?|faire part(?:venir)?|faisons part(?:venir)?|soumets|soumettre"
        rf"|livre|livrer|communique|presente)"
        rf" .{{0,60}}\b(?:{_LETTER})\b.{{0,80}}",
    ),
    _Formula(
        "transmets suite recevoir prendre",
        r"je vous transmets (?:ce|ci|le).{0,80}|pour suite a donner.{0,20}|veuillez (?:recevoir"
        r"|prendre (?:note|connaissance)).{0,90}",
    ),
    _Formula(
        "voici voila",
        rf"(?:.{{0,120}}[ ,:])?voi(?:ci|la) (?:donc |ici |ci-dessous )?(?:ma|mon|mes|notre|nos"
        rf"|quelques[- ]un(?:e?s)|quelques|une|les|des)(?: \w+)? (?:{_LETTER})(?: .{{0,80}})?",
    ),
    _Formula(
        "suite reponse repondre cadre conformement",
        rf"(?:suite a|en reponse a|pour repondre a|dans le cadre d\w*|conformement a"
        rf"|a la suite d\w*|faisant suite a|comme suite a)\b"
        rf"(?:(?!\b(?:rien|personne|jamais|aucune?|n')).){{0,130}}"
        rf"(?:consultation|assises|appel|article|annonce|demande|courrier|mail|message"
        rf"|{_LETTER})(?: (?:publie|paru|lance|dans|du|de|sur|des|citoyenne?s?|publique"
        rf"|a)\b(?:(?!\b(?:rien|personne|jamais|aucune?|n')).){{0,60}})?",
    ),
    _Formula(
        "repondre participer contribuer apporter",
        r"(?:.{0,60}, )?(?:je |nous )(?:souhait\w+|voudrais|desire|tiens a|veux|viens"
        r"|me permets de) (?:\w+ )?(?:repondre|participer|contribuer|apporter ma contribution)"
        r" (?:a |au |aux )?(?:votre|la|cette|l'|vos|ma|mes|cet).{0,70}",
    ),
    # the author of the letter
    _Formula(
        "appelle nomme presente soussigne",
        r"(?:bonjour\W+)?(?:je m'appelle|je me (?:nomme|presente)|je soussigne)\b.{0,140}",
    ),
    _Formula(
        "habite habitons habitais vis reside demeure habitant habitante habitants habitantes",
        r"(?:j'habite|nous habitons|j'habitais|je vis|je reside|je demeure"
        r"|habitante?s?)\b(?:(?!\b(?:sans|ou|qui|pas|plus|et|peur|depuis que|police"
        r"|gendarm))[^,;:!?]){0,60}(?:, ?depuis[^,;:!?]{0,40}|, juste [^;:!?]{0,40})?",
    ),
    _Formula(
        """
        suis age agee retraite retraitee habitant habitante marie mariee citoyen citoyenne simple
        """,
        r"(?:je suis|agee? de|retraitee?|habitante?|mariee?|citoyenne?|simple)\b (?:un |une |age "
        r"|agee? |retraite|habitant|citoyen|de |d'|mariee?|pere|mere)"
        r"(?:(?!police|gendarm|securit|plainte|pas |peur|victime|temoin|inqui)[^;:!?]){0,60}",
    ),
    _Formula(
        "joindre contacter rappeler recontacter repondre mon",
        r"(?:vous pouvez |n'hesitez pas a |merci de |pour )?(?:me|nous) (?:joindre|contacter"
        r"|rappeler|recontacter|repondre)\b.{0,100}"
        r"|mon (?:adresse|mail|e-?mail|numero|telephone|tel)\b(?:\W*|.{0,40}(?:@|\d\d).{0,80})",
    ),
    _Formula(
        """
        objet sujet pj piece pieces p tel telephone port portable e mail email courriel adresse
        mobile nom prenom envoye provenance date
        """,
        r"(?:objet|sujet|pj|pieces? jointes?|p\.j\.|tel|telephone|port|portable|e-?mail|courriel"
        r"|adresse|mobile|nom|prenom|envoye (?:de|depuis|a partir)|provenance|date) ?:.{0,90}",
    ),
    _Formula(
        f"envoye {_MONTHS}",
        r"envoye (?:de|depuis|a partir d\w+) (?:mon|ma|un|une|outlook|yahoo|l'app)\b.{0,60}"
        r"|(?:fait )?(?:a )?[\w' -]{2,40},? le \d{1,2}(?:er)? (?:\w+) ?(?:\d{4})?"
        r"|le \d{1,2}(?:er)? \w+ \d{4}",
    ),
    _Formula(
        """
        citoyen citoyens citoyenne citoyennes habitant habitants habitante habitantes retraite
        retraites retraitee retraitees contribuable electeur electrice administre administree
        """,
        r"une? (?:citoyen\w*|habitant\w*|retraite\w*|contribuable|electeur|electrice"
        r"|administree?)(?: .{0,40})?",
    ),
    _Formula("compte", r"compte[- ]rendu (?:de|du|des) (?:(?!\b(?:est|sont|pas|jamais)\b).){0,80}"),
    _Formula("p ps post", r"p\.?\s?s\.?|post[- ]scriptum"),
)

_Formulas = dict[str, list[re.Pattern[str]]]


def _by_word(*formulas: _Formula) -> _Formulas:
    """Compile formulas, found by any of the words that each has."""
    found: _Formulas = defaultdict(list)
    for formula in formulas:
        compiled = re.compile(rf"^\W*(?:{formula.pattern})\W*$")
        for word in lexicon(formula.words):
            found[word].append(compiled)
    return dict(found)


_CLOSING, _PRESENTING = _by_word(*_CLOSINGS), _by_word(*_PRESENTATIONS)
_TELLING = _CLOSING.keys() | _PRESENTING.keys()
_LETTERS = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[a-z]+")
_HEADER = re.compile(
    r"\W*(?:de|a|pour) ?:(?: ?(?:m\.|mme|monsieur|madame|prefe\w+).{0,80}|.{0,60}@.{0,40})\W*$"
)
_LONGEST = 700  # characters and 60 words; no formula is longer


def formula_of(sentence: str) -> str:
    """Tell which formula a sentence is: "closing" (it closes or thanks), "other", or none ("")."""
    if "[" in sentence:
        sentence = unmasked(sentence)
    if len(sentence) == 1 or not _LETTERS.search(sentence):
        return "other"
    words = _WORD.findall(sentence) if len(sentence) <= _LONGEST else []
    if not words or len(words) > 60:
        return ""
    if words[0] in _GREETING_OPENERS and len(words) <= 12 and _GREETING_WORDS.issuperset(words):
        return "other"
    if not _TELLING.isdisjoint(words):
        telling = _TELLING.intersection(words)
        flat = " ".join(sentence.split())
        if _matches(_CLOSING, telling, flat):
            return "closing"
        if _matches(_PRESENTING, telling, flat):
            return "other"
    return "other" if words[0] in {"de", "a", "pour"} and _HEADER.match(sentence) else ""


def _matches(formulas: _Formulas, telling: frozenset[str] | set[str], flat: str) -> bool:
    tried = {pattern: None for word in telling for pattern in formulas.get(word, ())}
    return any(pattern.match(flat) for pattern in tried)
