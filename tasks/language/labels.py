"""The short label of a group: a noun phrase or an infinitive, taken from a citizen's words.

Only the beginning and the end of the sentence are touched: lead-ins go, the sentence stops at a
clause. No word is invented but the noun that stands for a negation ("Il n'y a plus de gendarmes":
"Absence de gendarmes").
"""

from __future__ import annotations

import re

MAXIMUM = 90
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
    r"|à mon sens|concrètement|en résumé|en conclusion|oui|non)(?:\s*[,:]\s*|\s+(?=je |il (?:faut"
    r"|y|est|serait|me)|on |nous |que |qu['’]|c['’]est |ce |faire |plus ))",
    r"(?:je|nous)\s+(?:pens|crois|trouv|estim|consid[eè]r|croy)\w*\s+(?:aussi |également "
    r"|vraiment )?(?:que\s+|qu['’](?=[aeiouyéè]))",
    r"il\s+(?:me|nous)\s+(?:semble|paraît|parait)\s+(?:que\s+|qu['’](?=[aeiouyéè]))",
    r"(?:il\s+)?(?:ne\s+)?(?:faut|faudrait|faudra|fallait)\s+(?:(?:donc|aussi|absolument|également"
    r"|vraiment|impérativement|surtout|déjà|peut-être|juste|simplement|tout simplement|bien"
    r"|d['’]abord)\s+)*",
    r"il\s+(?:est|serait|sera|paraît|parait|semble)\s+(?:\w+\s+)?(?:nécessaire|indispensable"
    r"|urgent|important|impératif|souhaitable|temps|préférable|utile|primordial|essentiel"
    r"|bon|bien|opportun|judicieux|intéressant)\s+(?:de\s+|d['’])",
    r"il\s+(?:est|serait|sera)\s+(?:\w+\s+)?(?:nécessaire|indispensable|urgent|important|impératif"
    r"|souhaitable|temps|préférable|utile|primordial|essentiel|bon|bien)\s+(?=qu)",
    r"ce\s+serait\s+(?:bien|bon|mieux|utile|une bonne (?:chose|idée)|formidable"
    r"|l['’]idéal)\s+(?:de\s+|d['’]|(?=qu))",
    r"il\s+(?:convient|convient?drait|importe|suffi(?:t|rait)|s['’]agi(?:t|rait))\s+(?:(?:de"
    r"|d['’])\s*|(?=qu))",
    r"(?:je|nous|j['’])\s*(?:propos\w+|demand\w+|suggér\w+|suggèr\w+|préconis\w+|recommand\w+"
    r"|réclam\w+|exig\w+)\s+(?:donc\s+|aussi\s+|également\s+)?(?:(?:de|d['’])(?:\s+|(?<=['’]))"
    r"|(?=qu|une?\b|le|la|les|des|plus|l['’]))",
    r"(?:je|nous|j['’])\s*(?:souhait\w+|voudr\w+|veux|voulons|aimer\w+|désir\w+"
    r"|attends?)\s+(?:donc\s+|aussi\s+|bien\s+|vraiment\s+|simplement\s+)?",
    r"(?:on|nous)\s+(?:devrait|devrions|pourrait|pourrions|doit|devons)\s+",
    r"(?:pourquoi\s+ne\s+pas|et\s+pourquoi\s+pas|pourquoi\s+pas|vivement|merci\s+de|prière\s+de"
    r"|reste\s+à)\s+",
    r"(?:nous\s+avons|on\s+a|j['’]ai|il\s+y\s+a)\s+besoin\s+(?=d)",
    r"il\s+y\s+a\s+(?:aussi\s+|également\s+|un\s+|une\s+|des\s+|trop\b(?=\s+d))?",
    r"(?:je\s+constate|on\s+constate|nous\s+constatons|je\s+remarque|je\s+vois"
    r"|on\s+voit)\s+(?:aussi\s+)?(?:que\s+|qu['’]|un\s+|une\s+)?",
)
_KEPT_TROP = re.compile(r"^il\s+y\s+a\s+(?=trop\b)", re.IGNORECASE)
_ABSENCES = (
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
_REASONS = re.compile(
    r"[\s,;:(–—-]+(?:parce que|parce qu['’]|car\b|puisque|puisqu['’]|étant donné|vu que|vu qu['’]"
    r"|en effet\b|c['’]est[- ]à[- ]dire|à savoir\b|(?<=[,;:] )(?:ce qui|cela|ça)\b|afin (?:de"
    r"|d['’]|que)"
    r"|pour que|sinon\b|comme ça|mais (?:il|elle|ils|elles|on|je|nous|c['’]|cela|ça)\b|merci\b).*",
    re.IGNORECASE | re.DOTALL,
)
_PARENTHESIS = re.compile(r"\s*\([^()]*\)")
_SENTENCE_END = re.compile(r"(?<!\b[A-Z])(?:[.!?…]+(?=\s|$)|\s[!?]+)")
_CLAUSES = (
    re.compile(r"\s*(?:[;:–—]|,| - )\s*(?=\w)"),
    re.compile(
        r"\s+(?=(?:et|ou|qui|dont|pour|afin|lorsque|quand|si|avec|sans|notamment|plutôt|comme|en"
        r"|dans|où)\s)"
    ),
)
_DANGLING = re.compile(
    r"[\s,;:(–—-]+(?:le|la|les|l['’]|un|une|des|du|de|d['’]|à|au|aux|et|ou|ni|en|dans|par|pour"
    r"|avec|sans|sur|sous|chez|vers|que|qu['’]|qui|dont|où|si|ce|cette|ces|son|sa|ses|leur|leurs"
    r"|notre|nos|votre|vos|mon|ma|mes|plus|très|trop|ne|n['’]|se|s['’]|est|sont|soit|entre|afin"
    r"|comme|aussi|tout|toute|tous|toutes|mais|car|il|elle|ils|elles|je|nous|vous|on|l['’]on"
    r"|qu['’]on|qu['’]ils?|qu['’]elles?|doit|doivent|être|avoir)$",
    re.IGNORECASE,
)


def short_label(text: str, kind: str) -> str:
    """Label the group that a statement leads: a capital, no final stop, at most `MAXIMUM`."""
    said = " ".join(text[:_READ].split())
    whole = _PARENTHESIS.sub("", said) or said
    letters = [c for c in whole if c.isalpha()]
    if len(letters) > 8 and sum(c.isupper() for c in letters) > 0.7 * len(letters):
        whole = whole.lower()
    label = whole if kind == "autre" else _without_leads(whole)
    for cut in (_first_sentence(label), _REASONS.sub("", label)):
        if len(cut.split()) >= 2:
            label = cut if len(cut) < len(label) else label
    label = _fit(_tidy(label)) or _fit(_tidy(whole)) or "(sans texte)"
    return label[0].upper() + label[1:]


def _without_leads(text: str) -> str:
    """Take lead-ins off until none is left; "il n'y a plus de" becomes the noun it stands for."""
    label = text
    for _ in range(6):
        for pattern, noun in _ABSENCES:
            if pattern.match(label):
                return pattern.sub(noun, label)
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


def _first_sentence(text: str) -> str:
    end = _SENTENCE_END.search(text, 12)
    return text[: end.start()] if end else text


def _fit(label: str) -> str:
    """Cut at the last clause that fits, else between two words."""
    while len(label) > MAXIMUM:
        places = next(
            (
                p
                for c in _CLAUSES
                if (p := [m.start() for m in c.finditer(label) if 25 <= m.start() <= MAXIMUM])
            ),
            [label.rfind(" ", 0, MAXIMUM + 1)],
        )
        label = _tidy(label[: places[-1]] if places[-1] > 0 else label[:MAXIMUM])
    return label


def _tidy(label: str) -> str:
    """Take stops and dangling little words off the end."""
    before = ""
    while before != label:
        before = label
        label = _DANGLING.sub("", label.strip().rstrip('.,;:!?…-–—*"«( ').lstrip('»)" '))
    if label.count('"') % 2:
        label = label.replace('"', "")
    if label.count("(") > label.count(")"):
        label = label[: label.rindex("(")].rstrip()
    return (
        label.replace("« ", "").replace("«", "") if label.count("«") > label.count("»") else label
    )
