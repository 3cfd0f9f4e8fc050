"""Lines below a letter that its author did not write: devices, antivirus, lawyers, good advice.

Each is recognised whole, by how it begins and what it must hold, so that a sentence which only
looks like one stays with the author's words.
"""

from __future__ import annotations

import re

from tasks.mail.formulas import WORD
from tasks.mail.word_sets import word_set

_DEVICE = re.compile(
    r"""^[\s>*_(\[|-]*(?:(?:bien\s+)?cordialement[\s,.–-]+)?(?:
      (?:(?:message\s+|courriel\s+|mail\s+|e-?mail\s+)?(?:envoy[ée]|exp[ée]di[ée]|r[ée]dig[ée]
      |[ée]crit|transmis)e?s?\s+(?:de|depuis|à\s+partir\s+d[eu']?|avec|via|à\s+l['’]aide\s+d[eu]|par|sur
      |d['’])\s*
        (?:(?:mon|ma|mes|un|une|l['’]|le|la|notre|d['’]un|d['’]une)\s*)?
        (?:.{0,40}\b(?:i-?phone|i-?pad|android|ios|smartphone|téléphone|tel|mobile|portable
        |tablette|samsung|galaxy|huawei|xiaomi|redmi|oppo|sony|xperia|honor|
          wiko|motorola|oneplus|pixel|nokia|blackberry|windows|outlook|gmail|yahoo|orange
          |bouygues|sfr|free|la\s*poste|mail|messagerie|appli(?:cation)?|
          appareil|protonmail|proton|thunderbird|courrier|webmail|mac|ordinateur|bluemail|bbox
          |zimbra|mailo|spark|k-9|mailbird)\b.{0,60}
         |\S+(?:\s+\S+){0,3}))
    | (?:sent|posted|written)\s+(?:from|with|via|using|by)\s+[^,;!?]{2,60}
      (?:[,.]\s*(?:please|excuse|sorry|pardon).{0,60})?
    | (?:get|obten(?:ez|ir)|t[ée]l[ée]chargez?r?|installez)\s+(?:outlook|bluemail|yahoo|gmail|spark
      |l['’]appli).{0,60}
    | provenance\s*:\s*courrier.{0,60}
    | (?:garanti\s+)?sans\s+virus\b.{0,60} | virus-free\b.{0,60} | aucun\s+virus\s+(?:trouvé
      |détecté).{0,120}
    | (?:ce|cet|l['’])\s*(?:e-?mail|courriel|message|courrier(?:\s+électronique)?
      |absence)\b.{0,80}\b(?:antivirus|anti-virus|virus)\b.{0,160}
    | (?:analyse|vérification)\s+effectuée\s+par\s+.{2,80} | this\s+(?:e-?mail
      |message)\s+(?:has\s+been|is)\s.{0,60}virus.{0,80}
    | \((?:see\s+attached\s+file|voir\s+(?:le\s+)?fichier\s+joint)s?\s*:.{1,200}
    | \[(?:cid|image)\s*:[^\]]{1,120}\]
    | l['’]absence\s+de\s+virus\s.{0,160}
    | (?:https?://|www\.)?\S*(?:avast|avg|norton|mcafee|bitdefender|kaspersky|eset)\.\S+
    | (?:yahoo|gmail|outlook|la\s*poste|sfr|orange)\s+mail\s*:.{0,80}
    )[\s\])._*|!-]*$""",
    re.IGNORECASE | re.VERBOSE,
)
# a line that starts with none of these is no machine's: told without trying the patterns
_MACHINE_STARTS = tuple(
    word_set("""
        envoyé envoye expédié expedie rédigé redige écrit ecrit telecharge transmis
        cordialement message courriel mail e-mail email sent
        posted written get obten télécharge installez provenance garanti sans virus aucun ce l' l’
        cid image see voir analyse vérification this http
        www avast avg norton yahoo gmail outlook la sfr
        orange avant afin pour pens préserv protég proteg n'imprim n’imprim think please bien
        """)
)
_LEGAL_CUE = re.compile(
    r"confidenti|destinataire|pi[èe]ces?\s+jointes?|par\s+erreur|exp[ée]diteur|d[ée]truire"
    r"|non\s+autoris|responsabilit|int[ée]grit|alt[ée]r[ée]"
    r"|usage\s+exclusif|strictement|divulg|diffus|intended\s+recipient|privileged|in\s+error"
    r"|unauthori|disclos|attachments?\b",
    re.IGNORECASE,
)
_LEGAL_START = re.compile(
    r"^[\s*_>-]*(?:(?:ce|cet|le\s+présent)\s+(?:message|e-?mail|courriel|courrier)\b"
    r"|this\s+(?:e-?mail|message)\b|avis\s+de\s+confidentialit[ée]|confidentialit[ée]\b"
    r"|avertissement\b|disclaimer"
    r"|si\s+vous\s+(?:n['’]êtes\s+pas\s+le|(?:avez\s+)?re[çc](?:u|evez))\s"
    r"|les\s+informations\s+contenues|l['’]intégrité\s+de|toute\s+(?:utilisation|diffusion"
    r"|publication)\b"
    r"|(?:tout|la)\s+message\s+électronique|the\s+information\s+contained"
    r"|if\s+you\s+(?:are\s+not|have\s+received)|internet\s+ne\s+permettant)",
    re.IGNORECASE,
)
_ENVIRONMENT = re.compile(
    r"^\W*(?:p\s+)?(?=.{0,160}\b(?:n['’]|d['’])?(?:imprim\w*|print\w*))(?:avant|afin|pour"
    r"|pens\w*|préserv\w*|prot[ée]g\w*|n['’]imprim\w*|merci|think|please)\b"
    r".{0,160}(?:environnement|planète|planete|nécessaire|nécessité|utile|papier|imprimer"
    r"|environment).{0,80}$",
    re.IGNORECASE,
)


def is_machine_line(line: str) -> bool:
    """Tell a line that a device, an antivirus or a footer wrote."""
    if len(line) > 300 or not line.lower().lstrip(" \t>*_([|-–—?🌳🍃🌱🌍").startswith(
        _MACHINE_STARTS
    ):
        return False
    return bool(_ENVIRONMENT.match(line)) or (
        bool(_DEVICE.match(line)) and len(WORD.findall(line)) <= 30
    )


def is_legal(paragraph: str) -> bool:
    """Tell a paragraph that limits who may read the message."""
    return (
        bool(_LEGAL_START.match(paragraph))
        and len({c.lower()[:6] for c in _LEGAL_CUE.findall(paragraph)}) >= 2
    )
