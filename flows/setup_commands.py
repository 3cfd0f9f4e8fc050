"""`assises init` and `assises doctor`: what a new consultation needs, and whether a run can start.

Heavy libraries are imported by the command that needs them, so that help answers at once.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from flows.terminal import DONE, FAILED, say, show

ABOUT_INIT: Final = """exemple :
  assises init ma-consultation
  assises init ma-consultation --title "Assises de la sécurité" \\
    --organiser "Préfecture de l'Allier" --addressee "Monsieur le Ministre" \\
    --department 03 --opening 2020-01-08 --deadline 2020-01-20 \\
    --theme "service=attentes en termes de service rendu à la population" \\
    --source imaps://assises@imap.exemple.fr

Écrit consultation.toml, commenté, à remplir : ce que disent les options y est déjà. Tant qu'il
reste une ligne à remplir, « assises run » refuse de commencer. N'écrase jamais rien.
"""
ABOUT_DOCTOR: Final = """exemple :
  assises doctor --consultation consultation.toml
  assises doctor --thorough
  assises doctor --json

Vérifie tout ce qui peut empêcher l'exécution de cette nuit, une ligne chacun : ok, à voir, ou à
réparer, et que faire. Ne change rien, ne relève rien, n'envoie rien.

codes de sortie : 0 rien à réparer, 1 quelque chose est à réparer
"""
_KEYS: Final = {
    "title": ("TITRE", "ce que le lecteur voit en tête de la synthèse"),
    "organiser": ("NOM", "qui consulte"),
    "addressee": ("NOM", "à qui la synthèse est remise"),
    "opening": ("JOUR", "premier jour accepté, AAAA-MM-JJ, ou instant, heure locale"),
    "deadline": ("JOUR", "premier jour en retard : « avant le 20 janvier » s'écrit 2020-01-20"),
    "department": ("CODE", "code du département, comme 03 ou 2A"),
    "slug": ("CODE", "nom court, sans espace ni accent ; par défaut, tiré du titre"),
}
Parser = argparse.ArgumentParser


def add_setup(commands: Any) -> Parser:
    """Add `init` and `doctor`; return the latter, which reads the consultation's file."""
    _add_init(commands)
    doctor: Parser = commands.add_parser(
        "doctor", help="vérifier que tout est prêt", description=ABOUT_DOCTOR
    )
    doctor.add_argument(
        "--thorough",
        action="store_true",
        help="lire en entier le coffre et toutes les publications (plus long)",
    )
    doctor.set_defaults(command=_doctor)
    return doctor


def _add_init(commands: Any) -> None:
    init = commands.add_parser(
        "init", help="écrire le fichier d'une consultation", description=ABOUT_INIT
    )
    init.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=Path(),
        metavar="DOSSIER",
        help="où l'écrire (le dossier courant)",
    )
    for key, (metavar, about) in _KEYS.items():
        init.add_argument(f"--{key}", metavar=metavar, help=about)
    init.add_argument(
        "--theme",
        action="append",
        default=[],
        metavar="CODE=INTITULÉ",
        help="un thème annoncé, mot pour mot ; répétable, dans l'ordre de l'annonce",
    )
    init.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="URI",
        help=(
            "imaps://UTILISATEUR@SERVEUR, maildir:CHEMIN, mbox:FICHIER ou eml:DOSSIER ; un chemin "
            "relatif part de DOSSIER ; répétable"
        ),
    )
    init.add_argument(
        "--password",
        metavar="OÙ",
        help=(
            "où est le mot de passe de la boîte, jamais lui-même : env:NOM, file:CHEMIN ou "
            "prefect:BLOC (env:ASSISES_IMAP_PASSWORD)"
        ),
    )
    init.add_argument(
        "--home", type=Path, metavar="DOSSIER", help="créer aussi ce dossier de travail"
    )
    init.set_defaults(command=_init)


def _init(options: argparse.Namespace) -> int:
    from flows.setup import Known, set_up

    given = {key: value for key in _KEYS if (value := getattr(options, key)) is not None}
    known = Known(given, options.theme, options.source, options.password)
    prepared = set_up(options.folder, known, options.home)
    if prepared.missing:
        say(f"À remplir dans ce fichier : {', '.join(prepared.missing)}.", DONE)
    where = f"--consultation {prepared.path}"
    where += f" --home {options.home}" if options.home else ""
    say("Ensuite :", DONE)
    for command in (f"doctor {where}", f"run {where} --dry-run", f"run {where}"):
        say(f"  assises {command}", DONE)
    print(prepared.path)
    return DONE


def _doctor(options: argparse.Namespace) -> int:
    from flows.doctor.examination import examination_text, examine
    from flows.doctor.findings import REPAIR

    findings = examine(options.consultation, options.home, thorough=options.thorough)
    show(
        [vars(finding) for finding in findings], options.json, lambda _: examination_text(findings)
    )
    return FAILED if any(finding.state == REPAIR for finding in findings) else DONE
