"""Words that lead to names, and words that are none, so that a person can mend them.

Every word is folded: lower case, no accent.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES: Final = _words("""
    m mr mrs ms mme mmes mlle mlles mm me monsieur madame mademoiselle messieurs mesdames msieur
    maitre dr docteur docteurs docteure pr professeur abbe famille epoux consorts veuve sieur
    mgr monseigneur soeur
    """)
RANKS: Final = _words("""
    adjudant adjudante adjudants brigadier brigadiere brigadiers gendarme gendarmes policier
    policiere policiers major lieutenant lieutenante capitaine capitaines commandant commandante
    colonel colonelle general generale commissaire sergent sergente caporal caporale marechal
    adj cdt cne ltn lt gnd brig inspecteur inspectrice logis mdl mdlc adc gav opj apj
    agent agente enqueteur enquetrice
    gardien gardienne paix chef cheffe aspirant soldat sapeur pompier
    """)
KIN: Final = _words("""
    voisin voisine voisins voisines ami amie amis amies mari femme epouse fils fille filles frere
    freres soeurs mere pere papa maman neveu niece cousin cousine cousins oncle tante tonton tata
    compagnon compagne conjoint conjointe concubin concubine mamie papi papy mamy collegue
    collegues copain copine copains copines camarade gendre bru belle beau ex ainee aine cadet
    cadette enfants enfant garcon jumeaux parrain marraine fiance fiancee couple vendeuse
    vendeur petit petite
    """)
NAMED: Final = _words("""
    nomme nommee nommes nommees denomme denommee denommes prenomme prenommee prenommes
    chez appelle appellent appelait appele appelee surnomme surnommee soussigne
    soussignee soussignes
    soussignees certain certaine signe signee alias prenom
    """)
TRADES: Final = _words("""
    proprietaire locataire gerant gerante boulanger boulangere pharmacien pharmacienne medecin
    instituteur institutrice maitresse directeur directrice patron patronne commercant commercante
    employe employee buraliste facteur factrice infirmier infirmiere agriculteur agricultrice
    garagiste boucher bouchere coiffeur coiffeuse principal principale proviseur concierge
    avocat avocate avocats notaire huissier journaliste educateur educatrice assistante victime
    temoin surveillant surveillante secretaire responsable entraineur bailleur veterinaire
    restaurateur cafetier kine dentiste chauffeur nounou nourrice pasteur imam cure pretre
    epicier epiciere prof fleuriste menuisier plombier macon professeur caissiere vigile educatrice
    stagiaire syndic animateur animatrice barman serveur serveuse cuisinier ouvrier client cliente
    eleve etudiant etudiante lyceen lyceenne benevole tresorier tresoriere defunt feu feue pauvre
    gamin gamine bebe brave gentil cher chere type individu mec gars homme dame jumelle parents
    colocataire eleveur eleveuse artisan retraite retraitee ancien ancienne jeune vieux vieille
    """)
OFFICES: Final = _words("""
    maire mairesse maires adjoint adjointe prefet prefete depute deputee deputes senateur
    senatrice ministre ministres president presidente conseiller conseillere elu elue procureur
    procureure magistrat magistrate juge eurodepute eurodeputee
    """)
# An office of these is none of the public's.
PRIVATE: Final = _words("""
    association asso club comite amicale syndicat federation collectif copropriete entreprise
    societe cooperative banque bancaire clientele conjugal principal education
    """)
# Words that are more than cues: they ask a capital of what follows them.
LOOSE: Final = _words("""
    petit petite beau belle jeune ancien ancienne vieux vieille premier premiere chef cheffe paix
    general generale principal principale certain certaine agent agente sous appelle appellent
    prof pauvre feu feue brave gentil cher chere type individu mec gars homme dame professeur client
    cliente eleve bebe parents adj col lt brig
    chez femme enfant enfants garcon signe patronne maitresse secretaire responsable
    """)
CUES: Final = TITLES | RANKS | KIN | NAMED | TRADES | OFFICES | LOOSE

# What a proper name names when it is no person.
PLACES: Final = _words("""
    rue ruelle avenue av boulevard bd bld place placette square chemin impasse allee allees route
    quai cours passage pont faubourg rond point giratoire voie esplanade promenade residence cite
    quartier hameau lotissement esat consulat bourg village commune ville gare lycee college ecole
    ecoles groupe scolaire universite faculte fac iut institut campus stade gymnase piscine salle
    espace centre complexe theatre cinema musee mediatheque bibliotheque hopital clinique ehpad
    foyer maison residences creche maternelle eglise cathedrale basilique chapelle abbaye temple
    mosquee cimetiere monument statue parc jardin bois foret foret lac etang riviere pont aeroport
    caserne fort fontaine tour immeuble batiment barrage zone zac zup port plage parking loi lois
    decret plan rapport amendement fondation association prix syndrome maladie marque
    supermarche restaurant hotel camping station arret abribus canal col mont val
    ligne metro tram tramway stadium arena palais hall villa domaine chateau ferme auberge
    code saint sainte st ste saints saintes
    """)
HONOURED: Final = _words("""
    docteur dr general marechal colonel commandant capitaine lieutenant abbe president professeur
    amiral cardinal cure saint sainte pere frere soeur mere pape roi reine prince princesse
    sergent adjudant maire ministre
    """)
OTHER_WORDS: Final = frozenset({"me", "m"})  # "je me balade", "m'a dit": a title has its capital
# Shops that bear a family's name, and what else has one and is nobody.
BRANDS: Final = _words("""
    leclerc carrefour auchan decathlon darty marionnaud rocher sephora casino michelin citroen
    renault peugeot mercedes ferrari porsche megane clio twingo ricard michel-ange javert napoleon
    marianne
    """)
NEVER_ASKED: Final = CUES | PLACES | BRANDS
# Whom citizens name without a first name or an office: they have held one, or were in the news.
FAMOUS: Final = _words("""
    macron sarkozy sarko hollande chirac mitterrand giscard pompidou castaner belloubet darmanin
    collomb benalla balkany balkanys cahuzac fillon juppe melenchon wauquiez valls cazeneuve
    taubira dati hulot buzyn blanquer penicaud griveaux schiappa castex attal retailleau bayrou
    barnier lecornu ciotti estrosi hidalgo zemmour bardella philippot asselineau dupont-aignan
    hamon jospin raffarin villepin squarcini alliot trump poutine merkel obama
    """)
PARTICLES: Final = _words("de du des d la le les l von van der den el al ben bel da dos das di y")
FIRST_PARTICLES: Final = _words("de d van von el ben da")
ARTICLES: Final = _words("l la le les un une des du ce cette ces")
PLACE_LINKS: Final = _words("saint sainte st ste saints notre sur sous les le la en aux au du")
LINKS: Final = _words("de du des d la le les l a aux au en sur et")
NOT_NAMES: Final = _words("""
    le la les l un une des de du d ce cet cette ces je tu il elle on nous vous ils elles qui que
    quoi dont ou et mais donc or ni car si ne pas plus moins tres tout tous toute toutes mon ma
    mes ton ta tes son sa ses notre nos votre vos leur leurs a au aux en dans par pour sur sous
    avec sans chez est sont etait ai as avez ont avait sera aime habite dit fait doit peut veut
    va vient suis sommes etes etre avoir merci bonjour bonsoir cordialement oui non voila voici
    quand comment pourquoi alors aussi ainsi apres avant depuis pendant lors hier demain
    aujourd hui ici la bas haut trop peu bien mal mieux
    maire maires prefet prefete president presidente ministre depute deputee senateur senatrice
    commissaire procureur juge conseiller conseillere adjoint adjointe monsieur madame messieurs
    mesdames etat france francais francaise francaises republique police gendarmerie gendarme
    gendarmes policier policiers policiere prefecture mairie commune ville departement region
    nation assemblee senat parlement gouvernement justice interieur defense europe union
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
    lundi mardi mercredi jeudi vendredi samedi dimanche noel paques toussaint internet facebook
    google apple samsung allier loire auvergne bourbonnais moulins vichy
    montlucon paris lyon marseille clermont ferrand nord sud est ouest rn rd cnil insee sncf
    pompier pompiers municipal municipale municipaux national nationale rural ruraux
    dear madam sir sirs loi lois peter pete objet sujet theme ps nb tel cf etc svp sos
    """)
COMPLEMENTS: Final = _words("de du des d a au aux en")
APPOSING: Final = _words("la le l mon ma notre qui un une dont age agee")
ABBREVIATIONS: Final = _words(
    "m mr mme mmes mlle mlles mm dr pr me mgr mrs ms st ste adj cne cdt col lt"
)
