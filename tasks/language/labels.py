"""The short label of a group: a noun phrase or an infinitive, taken from a citizen's words.

Only the beginning and the end of the sentence are touched: lead-ins go, the sentence stops at a
clause. No word is invented but the noun that stands for a negation ("Il n'y a plus de gendarmes":
"Absence de gendarmes") and the infinitive that stands for an order ("Rouvrez…", "En rouvrant…").
"""

from __future__ import annotations

import re
from itertools import takewhile

from tasks.language.words import lexicon

MAXIMUM = 90
_TAIL = 24  # characters in which a dangling word is looked for
_LITTLE = 45  # characters
_READ = 600  # characters in which a label is looked for


def _patterns(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


_LEADS = _patterns(
    r"[\W_]+(?=\w)",
    r"\(?\d{1,2}\s?[.)/°-]\s+",
    r"(?:et|mais|or|car)\s+(?!non\b)",
    r"(?:et|mais|donc|alors|ensuite|puis|enfin|aussi|également|par ailleurs|de plus|en outre|bref"
    r"|ainsi|surtout|notamment|déjà|d['’]abord"
    r"|tout d['’]abord|en premier(?: lieu)?|premièrement|deuxièmement|troisièmement|par exemple"
    r"|tout simplement|simplement|personnellement|franchement"
    r"|malheureusement|hélas|évidemment|bien sûr|bien entendu|sinon|effectivement|en effet"
    r"|pour ma part|pour moi|à mon avis|selon moi|d['’]après moi"
    r"|à mon sens|concrètement|en résumé|en conclusion|oui|non|cependant|toutefois|pourtant|ex"
    r"|exemple|plus sérieusement|en revanche|par contre|de même|de mon côté|à mon niveau|là encore"
    r"|en tant que (?:citoyen\w*|habitant\w*|contribuable)|tout particulièrement"
    r"|en particulier|actuellement|aujourd['’]hui|c['’]est pourquoi|pour cela|par conséquent"
    r"|en conséquence|dans l['’]idéal|idéalement|peut[- ]être|du coup|pour l['’]instant"
    r"|dans le pire des cas|en général)(?:\s*[,:]\s*|\s+(?=je |j['’]"
    r"|il (?:faut|y|est|serait|me|n['’]y|ne faut|manque|semble)|on |nous |que |qu['’]|c['’]est |ce "
    r"|faire |plus ))",
    r"peut[- ]être\s+(?=\w+(?:er|ir|re)\b|l[ea]s?\s|un)",
    r"(?:par\s+exemple|du\s+coup)\s+(?=l[ea]s?\s|plus\s|une?\s)",
    r"au\s+lieu\s+d(?:e\s|['’])[^.;:!?,]{3,80},\s*(?=\w+(?:er|ir|re)\b)",
    # a condition, when what is asked follows
    r"(?:si|comme|puisque|quand|lorsque|pour|afin|étant\s+donné|vu|face|compte\s+tenu)\s"
    r"[^.;:!?]{5,140}?,\s*"
    r"(?=(?:il\s+(?:faut|faudrait|faudra)|(?:je|nous)\s+(?:propos|demand|souhait)\w+|on\s+(?:devrait"
    r"|pourrait))\s+(?!l[ea]s?\s+\w+(?:er|ir|re)\b|leur\s|y\s|en\s|l['’]))",
    r"(?:j['’]ai|on\s+a|nous\s+avons)\s+(?:bien\s+)?(?:l['’]impression|le\s+sentiment)\s+(?:que\s+"
    r"|qu['’](?=[aeiouyéè]))",
    r"(?:le\s+problème|l['’]essentiel|l['’]important)\s*,?\s*(?:est|c['’]est)\s+(?:surtout\s+)?"
    r"(?:que\s+|qu['’](?=[aeiouyéè])|d['’]|de\s+)",
    r"(?:c['’]est|ce\s+n['’]est)\s+surtout\s+(?:que\s+|qu['’](?=[aeiouyéè]))",
    r"(?:le\s+(?:mieux|plus\s+\w+)|l['’]idéal|la\s+(?:meilleure\s+)?solution|une\s+(?:bonne\s+)?solution"
    r"|ma\s+proposition|la\s+priorité|l['’]objectif)\s+(?:est|serait|sera)\s+(?:\w+\s+){0,2}?"
    r"(?:de\s+|d['’])",
    r"(?:je|nous)\s+(?:pens(?:e|ons))\s+(?:aussi\s+|plutôt\s+|surtout\s+)?"
    r"(?:aux?\s+|à\s+)",
    r"(?:je\s+suis|nous\s+sommes)\s+(?:tout\s+à\s+fait\s+|plutôt\s+)?(?=(?:pour|contre|favorables?"
    r"|opposée?s?)\s)",
    r"(?:j['’]ai|on\s+a|nous\s+avons)\s+(?:très\s+|toujours\s+)?(?=(?:peur|confiance|honte)\b)",
    r"(?:je|nous)\s+(?:pens|crois|trouv|estim|consid[eè]r|croy)\w*\s+(?:aussi |également "
    r"|vraiment )?(?:que\s+|qu['’](?=[aeiouyéè]))",
    r"il\s+(?:me|nous)\s+(?:semble|paraît|parait)\s+(?:que\s+|qu['’](?=[aeiouyéè]))",
    r"(?:il\s+)?(?:faut|faudrait|faudra|fallait)\s+(?:(?:donc|aussi|absolument|également"
    r"|vraiment|impérativement|surtout|déjà|peut-être|juste|simplement|tout simplement|bien"
    r"|d['’]abord)\s+)*",
    r"il\s+(?:est|serait|sera|paraît|parait|semble)\s+(?:\w+\s+)?(?:nécessaire|indispensable"
    r"|urgent|important|impératif|souhaitable|temps|préférable|utile|primordial|essentiel"
    r"|bon|bien|opportun|judicieux|intéressant|légitime|logique|juste|normal|pertinent)\s+(?:de\s+|d['’])",
    r"il\s+(?:est|serait|sera)\s+(?:\w+\s+)?(?:nécessaire|indispensable|urgent|important|impératif"
    r"|souhaitable|temps|préférable|utile|primordial|essentiel|bon|bien)\s+(?=qu)",
    r"ce\s+serait\s+(?:bien|bon|mieux|utile|une bonne (?:chose|idée)|formidable"
    r"|l['’]idéal)\s+(?:de\s+|d['’]|(?=qu))",
    r"il\s+(?:convient|convient?drait|importe|suffi(?:t|rait)|s['’]agi(?:t|rait))\s+"
    r"(?:surtout\s+|aussi\s+|donc\s+)?(?:(?:de"
    r"|d['’])\s*|(?=qu))",
    r"(?:je|nous|j['’])\s*(?:propos\w+|demand\w+|suggér\w+|suggèr\w+|préconis\w+|recommand\w+"
    r"|réclam\w+|exig\w+)\s+(?:donc\s+|aussi\s+|également\s+)?(?:(?:de|d['’])(?:\s+|(?<=['’]))"
    r"|(?=qu|une?\b|le|la|les|des|plus|l['’]))",
    r"(?:je|nous|j['’])\s*(?:souhait\w+|voudr\w+|veux|voulons|aimer\w+|désir\w+"
    r"|attends?)\s+(?:donc\s+|aussi\s+|bien\s+|vraiment\s+|simplement\s+)?",
    r"(?:on|nous)\s+(?:devrait|devrions|pourrait|pourrions|doit|devons)\s+(?:donc\s+|aussi\s+"
    r"|bien\s+|également\s+|vraiment\s+|absolument\s+)*(?=\w+(?:er|ir|re|oir)\b|ne\s+pas|mieux)",
    r"(?:pourquoi\s+ne\s+pas|et\s+pourquoi\s+pas|pourquoi\s+pas|vivement|merci\s+de|prière\s+de"
    r"|reste\s+à)\s+",
    r"(?:nous\s+avons|on\s+a|j['’]ai|il\s+y\s+a)\s+besoin\s+(?=d)",
    r"il\s+y\s+a\s+(?:aussi\s+|également\s+|un\s+|une\s+|des\s+|trop\b(?=\s+d))?",
    r"(?:je\s+constate|on\s+constate|nous\s+constatons|je\s+remarque|je\s+vois"
    r"|on\s+voit)\s+(?:aussi\s+)?(?:que\s+|qu['’]|un\s+|une\s+)?",
)
# Every lead begins with one of these words, a figure or a sign.
_LEAD_WORDS = lexicon(
    """
    et mais or car donc alors ensuite puis enfin aussi également par de en bref ainsi surtout
    notamment déjà d tout premièrement deuxièmement troisièmement simplement personnellement
    franchement malheureusement hélas évidemment bien sinon effectivement pour à selon concrètement
    oui non cependant toutefois pourtant ex exemple plus là actuellement aujourd c dans idéalement
    peut du au si comme puisque quand lorsque afin étant vu face compte j on nous le l ce la une ma
    je il faut faudrait faudra fallait pourquoi vivement merci prière reste ne n
    """
)
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_KEPT_TROP = re.compile(r"^il\s+y\s+a\s+(?=trop\b)", re.IGNORECASE)
_ABSENCES = (
    (
        re.compile(
            r"^(?:il\s+)?(?:ne\s+(?:faut|faudrait|faudra)\s+(?=pas|plus|jamais|rien)"
            r"|(?:faut|faudrait|faudra)\s+(?=pas|jamais|rien))(\w+)\s+"
            r"(?=\w+(?:er|ir|re|oir)\b|se\s|s['’])",
            re.IGNORECASE,
        ),
        r"Ne \1 ",
    ),
    (
        re.compile(
            r"^(?:on|nous)\s+(?:ne\s+)?(?:devrait|doit|devrions|devons)\s+(pas|jamais)\s+"
            r"(?=\w+(?:er|ir|re|oir)\b)",
            re.IGNORECASE,
        ),
        r"Ne \1 ",
    ),
    (
        re.compile(
            r"^(?:on\s+n['’]a|nous\s+n['’]avons|je\s+n['’]ai)\s+(?:plus|pas|jamais)\s+assez\s+d",
            re.IGNORECASE,
        ),
        "Pas assez d",
    ),
    (
        re.compile(
            r"^(?:on\s+n['’]a|nous\s+n['’]avons|je\s+n['’]ai)\s+(?:plus|pas)\s+(?:du\s+tout\s+)?"
            r"d(?=e\s|['’])",
            re.IGNORECASE,
        ),
        "Absence d",
    ),
    (
        re.compile(r"^(?:il\s+)?n['’]y\s+a\s+(?:plus|pas|jamais)\s+assez\s+d", re.IGNORECASE),
        "Pas assez d",
    ),
    (
        re.compile(
            r"^(?:il\s+)?n['’]y\s+a\s+(?:plus|pas|jamais)\s+(?:beaucoup\s+|vraiment\s+)?d",
            re.IGNORECASE,
        ),
        "Absence d",
    ),
    (
        re.compile(r"^(?:il\s+)?n['’]y\s+a\s+(?:plus\s+|pas\s+)?aucune?\s+", re.IGNORECASE),
        "Absence de ",
    ),
    (
        re.compile(r"^(?:on|nous)\s+manqu(?:e|ons)\s+(?:cruellement\s+)?d", re.IGNORECASE),
        "Manque d",
    ),
    (re.compile(r"^il\s+manque\s+(?:des|de|du)\s+", re.IGNORECASE), "Manque de "),
)
_ELIDED = re.compile(r"^(Absence|Manque|Pas assez) de (?=[aeiouyéèêâîô])", re.IGNORECASE)
_REASONS = re.compile(
    r"[\s,;:(–—-]+(?:parce que|parce qu['’]|car\b|puisque|puisqu['’]|étant donné|vu que|vu qu['’]"
    r"|en effet\b|c['’]est[- ]à[- ]dire|à savoir\b|(?<=[,;:] )(?:ce qui|cela|ça)\b|afin (?:de"
    r"|d['’]|que)"
    r"|pour que|sinon\b|comme ça|mais (?:il|elle|ils|elles|on|je|nous|c['’]|cela|ça)\b"
    r"|(?<=[,;.]\s)merci\b|voir\s+(?:ma|mon|mes|ci|plus)\b|cf\b|etc\b|et\s+ce\b"
    r"|(?<=[,;]\s)pour\s+cela\b|de\s+(?:façon|manière|sorte)\s+(?:à\b|que\b|qu['’])"
    r"|(?<=\s)c['’]est\s+(?:aux?|à|le|la)\b"
    r"|mais\s+(?:pour\s+cela|surtout\s+pas)\b).*",
    re.IGNORECASE | re.DOTALL,
)
_PARENTHESIS = re.compile(r"\s*\([^()]*\)\s*(?=(\w)?)")
_NEXT_POINT = re.compile(r"\s+\d{1,2}\s?[-)/–]\s.*", re.DOTALL)  # "… 2 - former les agents"
# A line end that was lost: an infinitive, or a word that begins sentences, with a capital.
_NEXT_LINE = re.compile(
    r"\s(?=[A-ZÀ-ÖØ-Þ])(?<=[a-zà-ÿ]\s)(?=(?:[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+(?:er|ir|re)|Il|Ils|On|Je|Nous"
    r"|Les|Des|Une|Un|Et|Mais|Plus|Pour|Pas|Moins|Le|La)\s+[a-zà-öø-ÿ]).*",
    re.DOTALL,
)
_NO_MORE = re.compile(r"\bn(?:e\s+|['’])[\w'’-]+(?:\s+[\w'’-]+){0,3}\s+plus$", re.IGNORECASE)
_COMMONEST = "eaistnr"  # letters
_BEGINNING = 12  # characters within which no sentence ends
_SENTENCE_MARK = re.compile(r"[.!?…]")  # each end has one
_SENTENCE_END = re.compile(r"(?<!\b[A-Z])(?:[.!?…]+(?=\s|$)|\s[!?]+)")
_CLAUSES = (
    re.compile(r"\s*(?:[;:–—]|,| - )\s*(?=\w)"),
    re.compile(
        r"\s+(?=(?:qui|dont|pour|afin|lorsque|quand|si|avec|sans|notamment|plutôt|comme|dans|où|depuis"
        r"|malgré|sauf|selon|grâce)\s|en\s(?!(?:place|compte|œuvre|oeuvre|charge|plus|moins|tant|cause"
        r"|commun|danger|sorte|matière|fonction|effet|sont|est|ont|a|font|fait)\b)"
        r"|(?:et|ou)\s+(?:\w+(?:er|ir|re)\b|d[eu]\b|des\b|d['’]|à\b|aux?\b|les?\b|la\b|l['’]|une?\b))"
    ),
    re.compile(r"\s+(?=(?:et|ou)\s)"),
)
# What says nothing without its relative clause: "dans les zones [où…]".
_ANTECEDENT = re.compile(
    r"\s+(?:(?:en particulier|notamment|y compris|par rapport)\s+)?(?:dans|pour|sur|avec|par|chez"
    r"|envers|contre|vers|de|à|aux?|des)"
    r"\s+(?:les?\s+|la\s+|l['’]|des\s+|ce[ts]?\s+|cette\s+|certaine?s\s+)?"
    r"(?:ceux|celui|celles?|zones?|cas|affaires?|domaines?|personnes|gens|situations?|conditions?"
    r"|faits?|lieux|endroits?|choses?)$",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\s+(?:qui|dont|où|que|qu['’])")
# A coordination that the cut left with a word or two.
_SHRED = re.compile(
    r"[\s,]+(?:mais|et|ou|ni|car)(?:\s+(?:pour|cela|ce|non|pas|là|bien|le|fait|aussi|surtout|même))*$"
    r"|[\s,]+(?:mais|alors|même si|dès lors qu['’]|sauf si|alors que)(?:\s*[\w'’-]+){0,4}$"
    r"|[\s,]+(?:sauf|malgré|envers|contre|depuis|selon|notamment|particulièrement|en particulier"
    r"|surtout|fait|font|c['’]est|c['’]est déjà|lorsque|quand|pendant|lors|grâce|vis-à-vis|lui|peut"
    r"|peuvent|va|vont|j['’]ai|voire|soient|ont|a|étant|ayant|tout|toute|tous|toutes|trop"
    r"|de facto|par rapport|au lieu|dès"
    r"|dès lors|afin)$",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"(?:[\s,;:(–—]+|\s-\s?)(?:le|la|les|l['’]|un|une|des|du|de|d['’]|à|au|aux|et|ou|ni|en|dans|par|pour"
    r"|avec|sans|sur|sous|chez|vers|que|qu['’]|qui|dont|où|si|ce|cette|ces|son|sa|ses|leur|leurs"
    r"|notre|nos|votre|vos|mon|ma|mes|plus|très|ne|n['’]|se|s['’]|est|sont|soit|entre|afin"
    r"|comme|aussi|mais|car|il|elle|ils|elles|je|nous|vous|on|l['’]on"
    r"|qu['’]on|qu['’]ils?|qu['’]elles?|doit|doivent|être|avoir)$",
    re.IGNORECASE,
)


def short_label(text: str, kind: str) -> str:
    """Label the group that a statement leads: a capital, no final stop, at most `MAXIMUM`."""
    said = " ".join(text[:_READ].split())
    whole = said
    if "(" in said:
        whole = _PARENTHESIS.sub(lambda m: " " if m[1] else "", said) or said
    if _is_shouted(whole):
        whole = whole.lower()
    label = whole if kind == "autre" else _without_leads(whole)
    for shorten in (_first_sentence, _without_reason, _without_next):
        cut = shorten(label)
        if cut != label and len(cut.split()) >= 2:
            label = cut
    if kind != "autre":
        label = _infinitive(label)
    label = _fit(_tidy(label)) or _fit(_tidy(whole)) or "(sans texte)"
    return label[0].upper() + label[1:]


# Orders and means that become infinitives: only verbs whose forms are sure.
_VERBS = """
    accompagner accueillir adapter aider ajouter améliorer appliquer arrêter associer augmenter
    autoriser baisser cesser changer communiquer condamner contrôler créer demander développer
    diminuer donner durcir écouter éduquer embaucher encourager enseigner envoyer équiper expliquer
    expulser favoriser fermer financer former garantir imposer informer installer instaurer
    interdire limiter lutter mettre mieux modifier multiplier obliger organiser ouvrir payer
    permettre prévoir protéger punir rapprocher recruter redonner réduire reformer réformer
    remettre remplacer rendre renforcer respecter responsabiliser restaurer rétablir retrouver
    revaloriser revenir revoir rouvrir sanctionner sensibiliser simplifier soutenir supprimer
    surveiller taxer travailler utiliser valoriser vérifier verbaliser
"""
_IRREGULAR = {
    "faites": "faire",
    "faisons": "faire",
    "faisant": "faire",
    "mettez": "mettre",
    "mettons": "mettre",
    "mettant": "mettre",
    "remettez": "remettre",
    "remettons": "remettre",
    "remettant": "remettre",
    "permettant": "permettre",
    "rendez": "rendre",
    "rendons": "rendre",
    "rendant": "rendre",
    "interdisant": "interdire",
    "interdisons": "interdire",
    "interdisez": "interdire",
    "réduisant": "réduire",
    "réduisez": "réduire",
    "réduisons": "réduire",
    "ouvrant": "ouvrir",
    "ouvrez": "ouvrir",
    "rouvrant": "rouvrir",
    "rouvrez": "rouvrir",
    "punissant": "punir",
    "punissez": "punir",
    "punissons": "punir",
    "rétablissant": "rétablir",
    "rétablissez": "rétablir",
    "durcissant": "durcir",
    "garantissant": "garantir",
    "revenant": "revenir",
    "revenons": "revenir",
    "soutenant": "soutenir",
    "soutenez": "soutenir",
    "soutenons": "soutenir",
    "prévoyant": "prévoir",
    "revoyant": "revoir",
    "payant": "payer",
}


def _forms() -> dict[str, str]:
    """Give the infinitive of each imperative and gerund."""
    found = dict(_IRREGULAR)
    for verb in _VERBS.split():
        if verb.endswith("er"):
            stem = verb[:-2]
            soft = stem[:-1] + "ç" if stem.endswith("c") else stem + "e" * stem.endswith("g")
            found |= {stem + "ez": verb, soft + "ons": verb, soft + "ant": verb}
    return found


_FORMS = _forms()
_ORDER = re.compile(
    r"^(?:(?P<means>en)\s+(?P<gerund>[^\W\d_]+ant)|(?P<order>[^\W\d_]+(?:ons|ez|tes)))"
    r"(?=\s+(?!-)(?!nous\b|vous\b|moi\b|le\s+(?:à|au|auprès|en|dans)\b))",
    re.IGNORECASE,
)


# "il s'agit de punir et de prévenir": what is left of a lead that went.
_FURTHER = re.compile(r"(?<=\w)((?:,|\s+et|\s+ou)\s+)d(?:e\s+|['’])(?=\w+(?:er|ir|re|oir)\b)")


def _infinitive(label: str) -> str:
    """Write an order or a means as an infinitive: "Rouvrez la gare", "En rouvrant la gare"."""
    found = _ORDER.match(label)
    verb = found and _FORMS.get((found["gerund"] or found["order"]).lower())
    if found and verb:
        return verb + label[found.end() :]
    first, _, rest = label.partition(" ")
    begins = first.endswith(("er", "ir", "re")) and not rest.startswith(("de ", "d'", "d’"))
    return _FURTHER.sub(r"\1", label) if begins else label


def _without_leads(text: str) -> str:
    """Take lead-ins off until none is left; "il n'y a plus de" becomes the noun it stands for."""
    label = text
    for _ in range(6):
        first = _FIRST_WORD.match(label)
        if first and first.group().lower() not in _LEAD_WORDS:
            return label
        for pattern, noun in _ABSENCES:
            if pattern.match(label):
                return _ELIDED.sub(r"\1 d'", pattern.sub(noun, label))
        if kept := _KEPT_TROP.match(label):
            return label[kept.end() :]
        shorter = next(
            (
                label[m.end() :]
                for lead in _LEADS
                if (m := lead.match(label)) and len(label[m.end() :].split()) >= 2
            ),
            label,
        )
        if shorter == label:
            return label
        label = shorter
    return label


def _is_shouted(text: str) -> bool:
    """Tell whether most letters are capitals."""
    if sum(map(text.count, _COMMONEST)) >= 0.3 * len(text):  # so many that most cannot be
        return False
    letters = list(filter(str.isalpha, text))
    return len(letters) > 8 and sum(map(str.isupper, letters)) > 0.7 * len(letters)


def _first_sentence(text: str) -> str:
    mark = _SENTENCE_MARK.search(text, _BEGINNING)
    end = mark and _SENTENCE_END.search(text, max(mark.start() - 1, _BEGINNING))
    return text[: end.start()] if end else text


def _without_reason(label: str) -> str:
    return _REASONS.sub("", label)


def _without_next(label: str) -> str:
    return _NEXT_LINE.sub("", _NEXT_POINT.sub("", label))


def _fit(label: str) -> str:
    """Cut at the last clause that fits, else between two words."""
    while len(label) > MAXIMUM:
        place = _last_place(label)
        kept = label[:place]
        if _RELATIVE.match(label, place):
            kept = _shorter(_ANTECEDENT, kept)
        label = _tidy(_shorter(_SHRED, _tidy(kept)))
    return label


def _last_place(label: str) -> int:
    """Choose where to cut: at the end of a clause, unless that leaves little of what would fit."""
    place = 0
    for clause in _CLAUSES:
        starts = takewhile(MAXIMUM.__ge__, (m.start() for m in clause.finditer(label)))
        found = [start for start in starts if start >= 25]
        if found and (place == 0 or (place < _LITTLE and found[-1] > place + 15)):
            place = found[-1]
    return place or max(label.rfind(" ", 0, MAXIMUM + 1), 0) or MAXIMUM


def _shorter(pattern: re.Pattern[str], label: str) -> str:
    """Take a match off the end, unless too little is left."""
    shorter = pattern.sub("", label)
    return shorter if len(shorter.split()) >= 3 else label


def _tidy(label: str) -> str:
    """Take stops and dangling little words off the end."""
    before = ""
    while before != label:
        before = label
        label = label.strip().rstrip('.,;:!?…-–—*"«( ').lstrip('»)" ')
        if label[-4:].casefold() != "plus" or not _NO_MORE.search(label):
            label = label[:-_TAIL] + _DANGLING.sub("", label[-_TAIL:])
    if label.count('"') % 2:
        label = label.replace('"', "")
    if label.count("(") > label.count(")"):
        label = label[: label.rindex("(")].rstrip()
    return (
        label.replace("« ", "").replace("«", "") if label.count("«") > label.count("»") else label
    )
