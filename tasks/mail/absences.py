"""Automatic replies that no header announces: I am away, we are closed, your message has arrived.

Their sentences are without number; their words are few. A short text is one when it holds a sign of
the kind, nearly all its words are those of offices and of correspondence, and none asks, judges, or
speaks of public life: no contribution may ever be taken for a machine's.
"""

from __future__ import annotations

import re

from tasks.mail.word_sets import word_set

MAX_WORDS, MAX_CHARS = 120, 1_200
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+")
_SENTENCES = re.compile(r"[.!?:;\n]+")

# somebody who asks, wants or judges is a person, whatever else the text says
_OPINION = re.compile(
    r"\b(?:propos(?:e|ons|er|ition)\w*|souhait\w+|voudr\w+|faut|faudrait?|devrai\w*|doi(?:t"
    r"|vent)|pense|pensons|estim(?:e|ons)|trouve|suggèr\w+|regrett\w+|constat\w+"
    r"|manqu\w+|besoin|je\s+demande|mon\s+avis|à\s+mon\s+sens|trop|contribution\s+:|pourquoi)\b",
    re.IGNORECASE,
)
_WISHES = re.compile(
    r"\b(?:vous|nous)\s+souhait\w+\s+(?:à\s+tous\s+)?(?:de|d['’]|une?)\s*\w+", re.IGNORECASE
)
# who speaks of these speaks to the consultation
_PUBLIC = tuple(
    word_set("""
        gendarm polic commissariat brigade patrouill plainte vol voleur cambriol quartier rue rues
        voisin délinqu sécurité insécur habitant caméra vidéo vitesse drogue dégrad incivil ronde
        violen agress tranquillité maire-adjoint élu citoyen justice tribunal jeune bruit route
        radar pompier village
        """)
)
_BOUND = (
    r"(?:jusqu|\bdu\s+\d|\bau\s+\d|\ble\s+\d|\d/\d|\binclus|\b(?:lun|mar|mercre|jeu|vendre|same)di"
    r"|\bdimanche|janvier|février|décembre|novembre|aujourd|\bdemain|\bce\s+jour"
    r"|actuellement|momentanément|temporairement|exceptionnellement|bientôt|prochain|\bdurée"
    r"|\bpour\s+\w+\s+jours|\buntil\b|\bnouvel\s+ordre)"
)
_AWAY = (
    r"(?:\babsente?s?\b|\bm['’]absente|\babsence\b|\bcongés?\b|\bvacances\b|indisponible|fermée?s?\b"
    r"|fermeture|\bde\s+retour\b|\bretour\s+le\b|rouvr|réouvert|ouvre\s+à\s+nouveau"
    r"|\bne\s+suis\s+pas\s+(?:disponible|joignable|là|au\s+bureau)|pas\s+accès|hors\s+du\s+bureau"
    r"|\ben\s+(?:déplacement|stage|formation|mission|arrêt|rtt|séminaire|télétravail|voyage)\b"
    r"|\bà\s+un\s+séminaire|\bne\s+travaille\s+pas|\ben\s+réunion|\bon\s+holiday)"
)
_YOURS = (
    r"\b(?:vo(?:tre|s)\s+(?:message|courriel|mail|e-?mail|demande|envoi|courrier|contribution)s?"
    r"|ce\s+(?:message|courriel|mail))\b"
)
_ANSWER = r"(?:répondr|recontacter|contacter|rappeler|traiter|lir|prendr|consulter|parviendr)"
_ANSWERS = rf"{_ANSWER}(?:a|ai|ons|ont)\b"
_SIGNS = re.compile(
    rf"""{_AWAY}[^.!?\n]{{0,80}}{_BOUND} | {_BOUND}[^.!?\n]{{0,60}}{_AWAY}
    | {_YOURS}[^.!?\n]{{0,60}}
        (?:reçu|parvenu|arrivé|enregistré|trait|transmis|transféré|\blue?s?\b
        |examiné|réceptionné|pris|attente|réponse)
    | \b(?:message|merci)\W+(?:bien\s+)?reçu\b | \bréponse\s+sous\b
    | \bdélais?\s+de\s+réponse\s+(?:sont|est)\b
    | (?:reçu|réception|connaissance|enregistré|compte)\s[^.!?\n]{{0,30}}{_YOURS}
    | \b(?:message|réponse|mail|courriel|envoi|reply|response)\b[^.!?\n]{{0,30}}\bautomati(?:que|c)
    | \bautomati(?:c|que)\s+(?:reply|response|message) | \bautomated\b
    | \b(?:vous|y|mes|les|vos)\s+(?:\w+\s+)?{_ANSWERS}
    | \b{_ANSWERS}\s+(?:\w+\s+)?(?:vos|mes|votre)\b
    | \brevien(?:s|dra|drai|drons|dront|t)\s+vers\s+vous | \bréponse\s+vous\s+(?:sera|parviendra)
    | \b(?:adresse|messagerie|boîte|boite)\b[^.!?\n]{{0,60}}
        \b(?:n['’](?:est\s+(?:plus|pas\s+\w+ée)|utilise)|n['’]a\s+plus|ne\s+reçoit|pleine)\b
    | \bn['’]utilise\s+plus\b | \bnouvelle\s+adresse\b | \bn['’]exerce\s+plus
    | \bne\s+travaille\s+plus | \bne\s+fai[ts]\s+plus\s+partie | \bfait\s+valoir\s+mes\s+droits
    | \bplus\s+joignable | \bquitte\b[^.!?\n]{{0,40}}\bfonctions
    | \bout\s+of\s+(?:the\s+)?office | \bon\s+(?:\w+\s+)?leave\b | \bwill\s+be\s+back\b
    | \bget\s+back\s+to\s+you | \bwe\s+have\s+received\s+your | \bnicht\s+im\s+büro
    | \bwill\s+(?:reply|respond|answer)\b | \bim\s+urlaub\b""",
    re.IGNORECASE | re.VERBOSE,
)
_OFFICE = tuple(
    word_set("""
        absen congé vacanc retour indispon déplacement formation stage séminaire mission arrêt
        malad matern patern parental rtt ferm ouver ouvr rouvr réouv bureau agence cabinet étude
        boutique magasin garage société entreprise établissement locaux secrétar standard accueil
        permanence médiathèque association mairie équipe collègue remplac successeur assistant
        message mail courriel courrier e-mail email messagerie boîte boite réception répon répond
        reçu recev reçoi adress contact joindr joign appel téléphon écri utilis trait délai demand
        dossier numéro référence accus automat consult lir lire lu lus transm transf urg correspond
        ticket service patien compréh remerci merci bref meilleur disponib accès limit parven
        parviend enregistr génér envoi envoy pris prise prend prendr prendre compte charge
        connaissance retrait fonction exerc travail poste cesse quitt succès suivi suivis suite
        formulaire site inform réceptionn reviens réunion personnel ordre nouvel compagnie électroni
        activ profession avocat client moyen ouvré solde scolarité privilégi lettre correspondan
        holiday forward sorry conseill docteur président répondeur horaire fête année annuel
        inventaire technique problème
        pleine file attente distribu valid intérêt portez porter participe intermittence cours
        reviendr revien recontact rappel échang différ notre nouvelle télétravail inclus joindre
        droits valoir parlement
        thank email e-mail offic leav annual return repl respon contact urgent assist access
        receiv creat travel connect back away limited answer matter automated
        büro urlaub dringend wenden kollegin fällen januar
        """)
)
_NEUTRAL = frozenset(
    word_set("""
        je j tu il elle on nous vous ils elles me m te se s le la l les un une des du de d au aux à
        et ou où ni mais donc car que qu qui quoi dont ce c cet cette ces mon ma mes votre vos notre
        nos son sa ses leur leurs en y ne n pas plus est sont suis sommes êtes été être sera serai
        seront serons soit ai as a avons avez ont avoir eu pour par sur sous dans avec sans chez
        vers
        dès lors depuis pendant durant jusqu jusque après avant si très bien tout tous toute toutes
        monsieur madame mme mr bonjour bonsoir cordialement salutations bientôt tard tôt fois raison
        lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin
        juillet août septembre octobre novembre décembre jour jours semaine semaines mois heure
        heures
        h matin midi soir après-midi aujourd hui demain hier fin début ans date durée période moment
        actuellement momentanément temporairement exceptionnellement définitivement prochain
        prochaine prochainement rapidement indéterminée possible peux peut pouvez pourrai pourra
        pouvoir veuillez faire fais fait faites fera objet mettons mettre œuvre place placé bonnes
        bonne joyeuses souhaite souhaitons noter note tenir rendez lieu peu compter partir ici là
        cas
        ayant temps mi vite er nouvel raisons cher chère semaine fois soyez très
        i am the of until with to my for please you your will be on and in an is we have has been
        this can as get from by it at or not if are me our soon case limited january december st nd
        rd th ich bin bis zum nicht im bitte sie sich an meine
        """)
)


def reads_as_auto_reply(text: str, *, has_its_subject: bool) -> bool:
    """Tell an automatic reply by its words; a subject that announces one asks for fewer of them."""
    if len(text) > MAX_CHARS or _OPINION.search(_WISHES.sub("", text)):
        return False
    office = other = 0
    for word in _told_words(_ADDRESS.sub(" ", text)):
        if word.startswith(_PUBLIC):
            return False
        if word.startswith(_OFFICE):
            office += 1
        elif word not in _NEUTRAL and len(word) > 1:
            other += 1
    if not office or office + other > MAX_WORDS:
        return False
    is_typical = office >= (0.5 if has_its_subject else 0.7) * (office + other)
    return is_typical and bool(_SIGNS.search(text))


def _told_words(text: str) -> list[str]:
    """Return the words in lower case, without the names: capitals inside a sentence."""
    told = []
    for sentence in _SENTENCES.split(text):
        words = _WORD.findall(sentence)
        told += [w.lower() for w in words[:1]] + [w for w in words[1:] if w.islower()]
    return told
