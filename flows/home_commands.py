"""`assises rebuild`, `backup`, `restore`: the folder of a consultation as a whole, by commands.

Heavy libraries are imported by the command that needs them, so that help answers at once.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from flows.terminal import DONE, say, say_held, say_state

ABOUT_REBUILD: Final = """exemple :
  assises rebuild --consultation consultation.toml

Refait des messages du coffre et des décisions tout ce qui peut l'être : lectures, lac, base de
travail. Publie de nouveau le dernier jour publié, et dit si la publication est la même, octet pour
octet, ou ce qui a changé. À lancer quand une base ou un fichier est abîmé. Rien n'est relevé ; la
dernière publication reste servie ; interrompu, relancez.
"""
ABOUT_BACKUP: Final = """exemple :
  assises backup /mnt/sauvegardes --consultation consultation.toml
  assises backup /mnt/sauvegardes --expire

Écrit dans un dossier une archive (tar) de tout ce qui ne peut pas être refait : messages, clé,
décisions, journal, publications, archives transmises, données ouvertes, et le fichier de la
consultation avec ceux qu'il nomme. Elle contient des données personnelles en clair : chiffrez-la.
"""
ABOUT_RESTORE: Final = """exemple :
  assises restore /mnt/sauvegardes --home /srv/assises
  assises restore /mnt/sauvegardes/allier-2020-2020-01-19T050000Z.tar --home /srv/assises

Refait d'une archive, ou de la dernière d'un dossier, le dossier de travail d'une consultation.
Chaque fichier est vérifié ; tout est restauré, ou rien. Les décisions sont celles de la dernière
archive du même dossier : qui a été effacé depuis l'archive restaurée le reste.
"""
Parser = argparse.ArgumentParser


def add_home(commands: Any) -> tuple[list[Parser], list[Parser]]:
    """Add the commands on a home.

    Returns those that need its consultation's file, then those that do not.
    """
    rebuild = commands.add_parser(
        "rebuild", help="refaire tout ce qui peut l'être", description=ABOUT_REBUILD
    )
    rebuild.add_argument(
        "--workers", type=int, metavar="N", help="processus de travail (un par cœur)"
    )
    rebuild.set_defaults(command=_rebuild)

    backup = commands.add_parser(
        "backup", help="sauvegarder le dossier de travail", description=ABOUT_BACKUP
    )
    backup.add_argument("folder", type=Path, metavar="DOSSIER", help="où écrire l'archive")
    backup.add_argument(
        "--expire",
        action="store_true",
        help="supprimer du dossier les archives faites avant le dernier effacement",
    )
    backup.set_defaults(command=_backup)

    restore = commands.add_parser(
        "restore", help="restaurer une sauvegarde", description=ABOUT_RESTORE
    )
    restore.add_argument(
        "archive", type=Path, metavar="ARCHIVE", help="l'archive, ou le dossier qui en contient"
    )
    restore.set_defaults(command=_restore)
    return [rebuild, backup], [restore]


def _rebuild(options: argparse.Namespace) -> int:
    from flows.orchestrator import configure, run_once
    from flows.rights import refuse_empty
    from flows.run import prepare_run
    from tasks.publish import Held

    run = prepare_run(options.consultation, options.home)
    refuse_empty(run.home)
    configure(run.home.root)

    from flows.rebuild import rebuild  # after Prefect's settings

    rebuilt = run_once(
        rebuild,
        consultation=options.consultation,
        home=run.home.root,
        workers=options.workers,
    )
    if rebuilt.outcome is None:
        return say("Rien n'est publié : « assises run » fera tout.", DONE)
    if isinstance(rebuilt.outcome, Held):
        return say_held(rebuilt.outcome, options)
    say(_told(rebuilt.outcome.as_of.strftime("%d/%m/%Y"), **rebuilt.differences), DONE)
    say_state(rebuilt.outcome)
    print(rebuilt.outcome.link)
    return DONE


def _backup(options: argparse.Namespace) -> int:
    from flows.backup import back_up
    from flows.run import prepare_run

    run = prepare_run(options.consultation, options.home)
    made = back_up(run, options.consultation, options.folder)
    say("Sauvegarde faite. Elle contient des données personnelles en clair : chiffrez-la.", DONE)
    if options.expire:
        for path in made.outdated:
            path.unlink()
        say(f"Archives antérieures au dernier effacement, supprimées : {len(made.outdated)}.", DONE)
    elif made.outdated:
        say(
            f"Archives qui contiennent encore une personne effacée depuis : {len(made.outdated)}. "
            "« assises backup --expire » les supprime.",
            DONE,
        )
    print(made.archive)
    return DONE


def _restore(options: argparse.Namespace) -> int:
    from flows.backup import restore_home
    from flows.orchestrator import configure, run_once
    from flows.run import find_home

    restored = restore_home(options.archive, find_home(options.home))
    if restored.holds_withdrawn:
        say(
            "Des personnes ont été effacées depuis cette archive : leurs messages sont retirés.",
            DONE,
        )
        configure(restored.home.root)

        from flows.withdrawal import withdrawal  # after Prefect's settings

        held = run_once(withdrawal, consultation=restored.consultation, home=restored.home.root)
        if held is not None:
            options.consultation = restored.consultation
            return say_held(held, options)
    say(
        f"Restauré de {restored.archive.name}. Ce qui a été décidé après le "
        f"{restored.decided_until:%d/%m/%Y à %H:%M} UTC n'est pas connu de cette sauvegarde : si "
        "quelqu'un a été effacé depuis, recommencez-le (assises erase) avant de rien diffuser. Le "
        f"fichier de la consultation est {restored.consultation} : remettez-le à sa place, avec "
        "ceux qui l'accompagnent, puis « assises run ».",
        DONE,
    )
    print(restored.home.root)
    return DONE


def _told(day: str, made_of: list[str], files: list[str]) -> str:
    if not files and not made_of:
        return (
            f"Tout est refait. La publication du {day} est la même, octet pour octet (la base : "
            "mêmes lignes)."
        )
    changed = ", ".join(made_of) or "le programme, sous le même numéro de version"
    return (
        f"Tout est refait, et la publication du {day} en remplace une autre. A changé : {changed}. "
        f"Fichiers qui diffèrent : {', '.join(files) or 'aucun'}."
    )
