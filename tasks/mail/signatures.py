"""The foot of a letter: device, antivirus and legal lines, and the block by which the author signs.

Works on lines from the bottom up. A line counts as a name because it is the author's (their displayed
name, their address) or because of its shape and place; doubt leaves it with the author's words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tasks.mail.formulas import WORD, is_closing, is_greeting

_DEVICE = re.compile(
    r"""^[\s>*_(\[|-]*(?:(?:bien\s+)?cordialement[\s,.–-]+)?(?:
      (?:(?:message\s+|courriel\s+|mail\s+|e-?mail\s+)?(?:envoyé|expédié|rédigé|écrit|transmis)e?s?\s+(?:de|depuis|à\s+partir\s+d[eu']?|avec|via|à\s+l['’]aide\s+d[eu]|par|sur|d['’])\s*
        (?:(?:mon|ma|mes|un|une|l['’]|le|la|notre|d['’]un|d['’]une)\s*)?
        (?:.{0,40}\b(?:i-?phone|i-?pad|android|ios|smartphone|téléphone|tel|mobile|portable|tablette|samsung|galaxy|huawei|xiaomi|redmi|oppo|sony|xperia|honor|
          wiko|motorola|oneplus|pixel|nokia|blackberry|windows|outlook|gmail|yahoo|orange|bouygues|sfr|free|la\s*poste|mail|messagerie|appli(?:cation)?|
          appareil|protonmail|proton|thunderbird|courrier|webmail|mac|ordinateur|bluemail|bbox|zimbra|mailo|spark|k-9|mailbird)\b.{0,60}
         |\S+(?:\s+\S+){0,3}))
    | (?:sent|posted|written)\s+(?:from|with|via|using|by)\s+.{2,60}
    | (?:get|obten(?:ez|ir)|téléchargez?r?|installez)\s+(?:outlook|bluemail|yahoo|gmail|spark|l['’]appli).{0,60}
    | provenance\s*:\s*courrier.{0,60}
    | (?:garanti\s+)?sans\s+virus\b.{0,60} | virus-free\b.{0,60} | aucun\s+virus\s+(?:trouvé|détecté).{0,120}
    | (?:ce|cet|l['’])\s*(?:e-?mail|courriel|message|courrier(?:\s+électronique)?|absence)\b.{0,80}\b(?:antivirus|anti-virus|virus)\b.{0,160}
    | (?:analyse|vérification)\s+effectuée\s+par\s+.{2,80} | this\s+(?:e-?mail|message)\s+(?:has\s+been|is)\s.{0,60}virus.{0,80}
    | l['’]absence\s+de\s+virus\s.{0,160}
    | (?:https?://|www\.)?\S*(?:avast|avg|norton|mcafee|bitdefender|kaspersky|eset)\.\S+
    | (?:yahoo|gmail|outlook|la\s*poste|sfr|orange)\s+mail\s*:.{0,80}
    )[\s\])._*|!-]*$""",
    re.IGNORECASE | re.VERBOSE,
)
# a line that starts with none of these is no machine's: told without trying the patterns
_MACHINE_STARTS = (
    "envoyé", "expédié", "cordialement", "bien cordialement", "rédigé", "écrit", "transmis", "message", "courriel", "mail", "e-mail", "email", "sent", "posted", "written", "get", "obten",
    "télécharge", "installez", "provenance", "garanti", "sans", "virus", "aucun", "ce", "l'", "l’", "analyse", "vérification", "this", "http", "www",
    "avast", "avg", "norton", "yahoo", "gmail", "outlook", "la", "sfr", "orange", "avant", "afin", "pour", "pens", "préserv", "protég", "proteg", "n'imprim",
    "n’imprim", "think", "please",
)  # fmt: skip
_LEGAL_CUE = re.compile(
    r"confidenti|destinataire|pi[èe]ces?\s+jointes?|par\s+erreur|exp[ée]diteur|d[ée]truire|non\s+autoris|responsabilit|int[ée]grit|alt[ée]r[ée]"
    r"|usage\s+exclusif|strictement|divulg|diffus|intended\s+recipient|privileged|in\s+error|unauthori|disclos|attachments?\b",
    re.IGNORECASE,
)
_LEGAL_START = re.compile(
    r"^[\s*_>-]*(?:(?:ce|cet|le\s+présent)\s+(?:message|e-?mail|courriel|courrier)\b|this\s+(?:e-?mail|message)\b|avis\s+de\s+confidentialit[ée]|confidentialit[ée]\b|avertissement\b|disclaimer"
    r"|si\s+vous\s+(?:n['’]êtes\s+pas\s+le|(?:avez\s+)?re[çc](?:u|evez))\s|les\s+informations\s+contenues|l['’]intégrité\s+de|toute\s+(?:utilisation|diffusion|publication)\b"
    r"|(?:tout|la)\s+message\s+électronique|the\s+information\s+contained|if\s+you\s+(?:are\s+not|have\s+received)|internet\s+ne\s+permettant)",
    re.IGNORECASE,
)
_ENVIRONMENT = re.compile(
    r"^[\s*_>P\W]*(?:(?:avant|afin|pour)\b.{0,60}\b(?:imprim|environnement|planète|planete|papier)|(?:pensez|pensons|préserv|protég|protege)\w*\b.{0,60}\b(?:imprim|environnement|planète|planete)"
    r"|n['’]imprime[zr]\b.{0,80}|(?:think|please\s+consider)\b.{0,60}\b(?:print|environment)).{0,140}$",
    re.IGNORECASE,
)

PHONE = r"(?:\+\s?33|0033|0)\s?(?:\(0\)\s?)?[1-9](?:[\s.\-/_]{0,2}\d{2}){4}"
_SEPARATORS = r"[\s,;/|·•–—-]*(?:(?:ou|et)\s+)?"
_LABEL = r"(?:(?:t[ée]l(?:[ée]phone)?|t|port(?:able)?|p|mob(?:ile)?|m|fixe|fax|f|gsm|domicile|dom|perso(?:nnel)?|bureau|bur|standard|n°|num[ée]ro|ligne\s+directe|☎|☏|📞|📱|✆)[\s.:°]*){1,3}"
_EMAIL = r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"
_PHONE_LINE = re.compile(rf"^[\s*_(\[|•-]*(?:(?:{_LABEL})?[\s:]*{PHONE}[\s)]*(?:\(?(?:{_LABEL})\)?)?{_SEPARATORS})+(?:<?{_EMAIL}>?)?[\s.*_)\]|]*$", re.IGNORECASE)
_EMAIL_LINE = re.compile(rf"^[\s*_(\[|•-]*(?:(?:adresse\s+)?(?:e-?mail|courriel|mail|mél|mel|@|✉|email|internet)\s*[:.]?\s*)*<?(?:mailto:)?{_EMAIL}>?(?:\s*<mailto:[^>]*>)?(?:{_SEPARATORS}(?:{_LABEL})?{PHONE})?[\s.*_)\]|]*$", re.IGNORECASE)
_POSTCODE_LINE = re.compile(r"^[\s*_|•-]*(?:F-?|FR-?)?\d{2}\s?\d{3}[\s,-]+[A-ZÀ-ÖØ-Þ][\w'’ ./()-]{1,45}[\s,.*_|]*$")
_WAYS = (
    r"(?:rue|r\.|avenue|av\.?|ave|boulevard|bd\.?|bld|place|pl\.?|chemin|ch\.|chem|impasse|imp\.?|allées?|route|rte|cours|quai|square|lieu[\s-]*dit|lotissement|lot\.?|résidence|rés\.?"
    r"|hameau|faubourg|fbg|passage|sente|sentier|ruelle|clos|domaine|villa|cité|esplanade|voie|montée|le\s+bourg|bourg|parc|mail|quartier|immeuble|bât\.?|bâtiment|appt\.?|appartement|villas?|rond[\s-]point|promenade|côte|traverse|venelle|levée|z\.?a\.?)"
)
_STREET_LINE = re.compile(rf"^[\s*_|•-]*(?:\d{{1,4}}\s?(?:bis|ter|quater|[a-dA-D])?\s*[,;]?\s+(?:{_WAYS}\b|[A-ZÀ-Þ])|(?:lieu[\s-]*dit|le\s+bourg|résidence|b\.?p\.?\s*\d)\b)[^.!?:;]{{0,70}}\s*,?$", re.IGNORECASE)
_NUMBERED = re.compile(rf"^[\s*_|•-]*\d{{1,4}}\s?(?:bis|ter|quater|[a-dA-D]\b)?\s*[,;]?\s+{_WAYS}\b", re.IGNORECASE)
_LABEL_LINE = re.compile(
    r"^[\s*_|•-]*(?:adresse(?:\s+(?:postale|mail|électronique))?|domicile|demeurant|domicilié|mail|e-?mail|courriel|noms?|prénoms?|commune|code\s+postal|ville|site|web|facebook|twitter|linkedin|skype)\s*(?:e?s?\s+(?:à|au)|:)\s*\S.{0,90}$",
    re.IGNORECASE,
)
_URL_LINE = re.compile(r"^[\s*_|•<-]*(?:https?://|www\.)\S+[\s>*_|]*$", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"^[\s*_]*(?:fait\s+)?(?:(?:à|a)\s+[A-ZÀ-Þ][\w' -]{1,40},?\s+)?(?:[A-ZÀ-Þ][\w'’-]+(?:[ -][\w'’-]+){0,4},\s+)?(?:le\s+)?(?:\w+\s+)?\d{1,2}(?:er)?[\s./-](?:\d{1,2}|janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre)[\s./-]\d{2,4}\s*[.,]?$",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"^(?:--\s?|—|–|-- --|_{2,}|-{3,}|\*{3,}|={3,})\s*$")
_POSTSCRIPT = re.compile(r"^\s*(?:p\.?\s?s\.?|n\.?\s?b\.?|post[- ]?scriptum)\s*(?:\d\s*)?[:.,)–—-]", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-–—*•·▪◦→✓+]|\d{1,2}\s*[).°/-]|[a-z]\))\s*\S")
_TITLES = re.compile(r"^(?:(?:m(?:me|mes|lle|r|rs|gr|e)?|mm|monsieur|madame|mademoiselle|dr|docteur|pr|professeur|ma[îi]tre|famille|signé|sign[ée]e?\s*:|les|l['’]abbé|père)[.\s:]+(?:et\s+|&\s*)?)+", re.IGNORECASE)
_PARTICLES = frozenset("de du des la le les d' l' von van der den el al ben da dos das di del et & ép épouse née ou st ste saint sainte y e".split())
_NAME_WORD = re.compile(r"(?:[dDlLOo]['’])?[A-ZÀ-ÖØ-Þ][\w]*(?:[-'’.][\w]+)*\.?")
_NOT_NAMES = frozenset(
    """plus moins pas stop non oui merci il elle ils elles on nous vous je tu ce cet cette ces c'est un une pour par avec sans dans sur sous en
    au aux que qui quoi dont où mais donc car si comme très trop peu beaucoup bien mieux tout tous toute toutes aucun aucune voir voici voilà
    bonne bon bonjour bonsoir madame monsieur cordialement respectueusement salutations attention objet sujet thème propositions proposition
    police gendarmerie gendarmes policiers policier gendarme sécurité securite vidéo video vidéosurveillance vidéoprotection caméras cameras caméra
    prévention prevention justice état etat france république commune mairie préfecture prefecture ministre ministère citoyens citoyen respect
    proximité présence civisme éducation formation moyens patrouilles patrouille radars radar stationnement circulation routière municipale
    nationale rurale voisins vigilants réseau réseaux lien confiance accueil plainte plaintes drogue drogues incivilités délinquance
    contribution consultation assises réponse suite fin idem néant rien urgent important conclusion résumé constat constats""".split()
)
_ABSTRACT = re.compile(r"\w{5,}(?:tion|sion|ment|ité|ance|ence|isme|eurs|erie|tions|sions|ments|ités|aux)$")
_MAX_BLOCK = 14
_MAX_ROLE_WORDS = 9


@dataclass(frozen=True)
class Author:
    """What is known of an author before the letter is read: displayed name and address."""

    name: str
    address: str

    @property
    def tokens(self) -> frozenset[str]:
        return _author_tokens(self.name, self.address)

    def signs(self, line: str) -> bool:
        """Tell whether a line of a name's size holds the author's name."""
        tokens = self.tokens
        if not tokens:
            return False
        local = _letters(self.address.partition("@")[0])
        found = [t for t in _fold(line) if len(t) >= 3]
        return any(t in tokens or (len(t) >= 4 and t in local) for t in found)


@lru_cache(maxsize=64)
def _author_tokens(name: str, address: str) -> frozenset[str]:
    local = address.partition("@")[0]
    found = _fold(name) + _fold(re.sub(r"[\d._+-]+", " ", local))
    return frozenset(t for t in found if len(t) >= 3 and t not in _PARTICLES)


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha())


def _fold(text: str) -> list[str]:
    """Split into words without accents; also as some programs write them, accented letters left out."""
    words = [w.lower() for w in re.split(r"[\W\d_]+", text) if w]
    folded = []
    for word in words:
        folded.append(word)
        if not word.isascii():
            folded.append(unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode())
            folded.append(word.encode("ascii", "ignore").decode())
    return folded


def is_machine_line(line: str) -> bool:
    """Tell a line that a device, an antivirus or a footer wrote."""
    if len(line) > 300 or not line.lower().lstrip(" \t>*_([|-–—🌳🍃").startswith(_MACHINE_STARTS):
        return False
    return bool(_ENVIRONMENT.match(line)) or bool(_DEVICE.match(line)) and len(WORD.findall(line)) <= 30


def is_legal(paragraph: str) -> bool:
    """Tell a paragraph that limits who may read the message."""
    return bool(_LEGAL_START.match(paragraph)) and len({c.lower()[:6] for c in _LEGAL_CUE.findall(paragraph)}) >= 2


def _is_contact(line: str) -> bool:
    if len(line) > 110 or is_machine_line(line):
        return False
    return bool(
        _PHONE_LINE.match(line) or _EMAIL_LINE.match(line) or _POSTCODE_LINE.match(line)
        or (_NUMBERED.match(line) and not line.rstrip().endswith(("!", "?", ":", ";")) and len(WORD.findall(line)) <= 14)
        or _STREET_LINE.match(line) and len(WORD.findall(line)) <= 9 or _URL_LINE.match(line)
    )  # fmt: skip


def name_shape(line: str) -> int:
    """Count the name words of a line that has the shape of a name; 0 when it has not."""
    text = line.strip(" \t*_,.;-–—()[]\"")
    if not text or len(text) > 70 or any(c.isdigit() for c in text) or re.search(r"[!?:;/=@…«»]|\.\s+\S{3,}", text):
        return 0
    untitled = _TITLES.sub("", text)
    has_title = untitled != text
    words = untitled.replace("’", "'").replace(",", " ").split()
    if not 1 <= len(words) <= 7:
        return 0
    names = 0
    for word in words:
        low = word.lower().strip(".()")
        if low in _PARTICLES or low == "-":
            continue
        if low in _NOT_NAMES or not _NAME_WORD.fullmatch(word.strip("()")):
            return 0
        names += 1
    if words[0].lower() in ("et", "ou", "&", "de", "du", "des"):
        return 0
    return names + (1 if has_title and names else 0)


@dataclass(frozen=True)
class _Foot:
    """The last lines of a letter, with what each of them can be."""

    lines: Sequence[str]
    filled: list[int]
    author: Author
    body_words: frozenset[str]

    def before(self, at: int) -> str:
        return self.lines[self.filled[at - 1]] if at > 0 else ""

    def kind(self, at: int) -> str:
        """Class a line: own_name, name, contact, date, role (short, undecided) or text."""
        line = self.lines[self.filled[at]]
        if len(line) > 110:
            return "text"
        if _is_contact(line) or _LABEL_LINE.match(line):
            return "contact"
        if _DATE_LINE.match(line):
            return "date"
        if _BULLET.match(line) or is_greeting(line) or is_closing(line):
            return "text"
        shape = name_shape(line.partition("(")[0] if "(" in line else line)
        if shape and self.author.signs(line):
            return "own_name"
        if self._is_own_lower_case(line) or self._is_own_with_role(line):
            return "own_name"
        if shape:
            return "name"
        words = len(WORD.findall(line))
        return "role" if 0 < words <= _MAX_ROLE_WORDS and not line.rstrip().endswith((".", "!", "?", ":", ";", "…")) else "text"

    def _is_own_lower_case(self, line: str) -> bool:
        words = [w for w in _fold(line) if w not in _PARTICLES and len(w) > 1]
        return 1 <= len(words) <= 4 and self.author.signs(line) and all(w in self.author.tokens for w in words)

    def _is_own_with_role(self, line: str) -> bool:
        """Tell "Jean Dupont, maire de Vichy": the author's name, then a short description."""
        name, mark, role = re.split(r"(,|\s[-–—|]\s|\()", line, maxsplit=1)[:3] if re.search(r",|\s[-–—|]\s|\(", line) else (line, "", "")
        return bool(mark) and name_shape(name) >= 2 and self.author.signs(name) and len(WORD.findall(role)) <= 10 and not role.rstrip().endswith(("!", "?"))

    def is_sure_name(self, at: int) -> bool:
        """Tell whether a line that only has the shape of a name may be taken for one where it stands."""
        line = self.lines[self.filled[at]]
        words = [w.lower() for w in WORD.findall(_TITLES.sub("", line))]
        return not any(w in self.body_words or _ABSTRACT.fullmatch(w) for w in words if w not in _PARTICLES)


def find_signature(lines: Sequence[str], author: Author) -> int:
    """Find the line where the signature block begins; the number of lines when there is none."""
    end = len(lines)
    filled = [i for i in range(max(0, end - 60), end) if lines[i].strip()]
    if not filled:
        return end
    delimited = _delimited(lines, filled)
    if delimited is not None:
        filled = [i for i in filled if i < delimited]
    window = filled[-_MAX_BLOCK - 1 :]
    above = " ".join(lines[i] for i in filled[:-1])[-6000:]
    foot = _Foot(lines, window, author, frozenset(re.findall(r"(?<![.!?:•-] )\b[a-zà-ÿ][\w'-]*", above)))
    start = _block_start(foot, enclosed=delimited is not None)
    if start is not None:
        return window[start]
    return end if delimited is None else delimited


def _delimited(lines: Sequence[str], filled: list[int]) -> int | None:
    """Find the last line that is only a signature mark, with little after it."""
    for rank in range(len(filled) - 1, max(-1, len(filled) - 16), -1):
        if _DELIMITER.match(lines[filled[rank]]):
            after = [lines[i] for i in filled[rank + 1 :]]
            words = sum(len(WORD.findall(line)) for line in after)
            is_standard = lines[filled[rank]].rstrip() == "--"
            if not after or words <= (80 if is_standard else 40) and not any(is_greeting(x) for x in after):
                longest = max((len(WORD.findall(line)) for line in after), default=0)
                return filled[rank] if is_standard or longest <= _MAX_ROLE_WORDS + 3 else None
            return None
    return None


def _block_start(foot: _Foot, *, enclosed: bool) -> int | None:
    """Walk up from the last line while lines can belong to a signature; keep the highest sure start."""
    start: int | None = None
    kinds_below: list[str] = []
    for at in range(len(foot.filled) - 1, -1, -1):
        kind = foot.kind(at)
        if kind == "text" or kinds_below.count("role") + (kind == "role") > 5:
            break
        if _is_start(foot, at, kind, kinds_below, enclosed=enclosed):
            start = at
        kinds_below.append(kind)
    return start


def _is_start(foot: _Foot, at: int, kind: str, below: list[str], *, enclosed: bool) -> bool:
    line = foot.lines[foot.filled[at]]
    before = foot.before(at)
    closed = bool(before) and is_closing(before)
    framed = closed or bool(before) and is_greeting(before)
    named = "own_name" in below or "name" in below
    if kind == "own_name":
        return framed or _ends_well(before) or "contact" in below or not below or foot.kind(at - 1) != "text"
    if kind == "contact":
        return all(k in ("contact", "date", "name", "own_name") for k in below) or framed
    if kind == "name":
        if framed:
            return True
        shape = name_shape(line.partition("(")[0])
        if shape < 2 or not foot.is_sure_name(at):
            return False
        return "contact" in below[-1:] or not below and (_ends_well(before) or _is_blank_above(foot, at) or _is_statement(before))
    if kind == "role":
        return closed and (named or ("contact" in below and len(below) <= 6))
    return kind == "date" and (framed or named) and (named or "contact" in below)


def _ends_well(line: str) -> bool:
    return not line or line.rstrip().endswith((".", "!", "?", "…", ",", ")", "»", '"', ":"))


def _is_statement(line: str) -> bool:
    """Tell a bullet or a long line: a short line of capitalised words below it is no part of a list."""
    return bool(_BULLET.match(line)) or len(line) > 60


def _is_blank_above(foot: _Foot, at: int) -> bool:
    index = foot.filled[at]
    return index == 0 or not foot.lines[index - 1].strip()


def split_postscript(lines: Sequence[str]) -> int:
    """Find where a postscript begins among the last lines; the number of lines when there is none."""
    for index in range(len(lines) - 1, max(-1, len(lines) - 25), -1):
        if _POSTSCRIPT.match(lines[index]):
            return index
    return len(lines)


_COUPLE = re.compile(r"^(?P<one>\S+)\s+(?:et|&)\s+(?P<two>\S+)\s+(?P<last>\S.*)$")
_NAME = r"[A-ZÀ-ÖØ-Þ][\w’'-]*(?:[ ](?:(?:de|du|des|la|le|d['’]|von|van|el|ben)[ ]?){0,2}[A-ZÀ-ÖØ-Þ][\w’'-]*){1,3}"
_PRESENTED = re.compile(
    rf"\b(?:[Jj]e m['’]appelle|[Jj]e me (?:nomme|prénomme)|[Jj]e,? soussignée?|[Nn]ous,? soussignée?s|[Mm]on nom est|[Mm]oi,|(?:[Jj]e suis|[Ii]ci)(?=\s[A-ZÀ-Þ]))[ ,:]+(?:(?:M\.|Mme|Mr|Monsieur|Madame|Mlle)[ ]+)?({_NAME}|[A-ZÀ-Þ][\w-]+)(?:\s+et\s+(?:Mme\s+|M\.\s+)?({_NAME}))?"
)
_APPOSED = re.compile(rf",\s({_NAME}),\s(?:je|j['’]|habitant|domicilié|demeurant|âgé|retraité)")
_NAME_LABEL = re.compile(r"^\s*(?:noms?(?:\s+(?:et|/)\s+prénoms?)?|prénoms?(?:\s+(?:et|/)\s+noms?)?)\s*:\s*([^\n:]{2,60})$", re.IGNORECASE | re.MULTILINE)


def clean_name(line: str) -> str:
    """Take titles, marks and descriptions away from a name."""
    text = re.split(r",|\(|\s[-–—|]\s", line.strip(" \t*_.;-–—\"'"))[0]
    return " ".join(_TITLES.sub("", text).split()).strip(" .,")


def names_in_signature(lines: Iterable[str], author: Author) -> list[str]:
    """Read the names in a signature block; of a couple, each person's too."""
    names = []
    for line in lines:
        if _is_contact(line):
            continue
        head = re.split(r",|\(|\s[-–—|]\s", line)[0]
        shape = name_shape(head)
        if not shape or (shape < 2 and not author.signs(head)):
            continue
        name = clean_name(line)
        names.append(name)
        if couple := _COUPLE.match(name):
            names += [f"{couple['one']} {couple['last']}", f"{couple['two']} {couple['last']}"]
    return names


def names_in_text(text: str) -> list[str]:
    """Read the names by which an author presents themself in the letter."""
    found = [n for pair in _PRESENTED.findall(text) for n in pair if n]
    found += _APPOSED.findall(text)
    if ":" in text:
        found += [m.strip() for m in _NAME_LABEL.findall(text)]
    return [name for raw in found if (name := clean_name(raw)) and name.lower() not in _NOT_NAMES]
