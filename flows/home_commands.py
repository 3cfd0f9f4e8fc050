"""`assises rebuild`, `backup`, `restore`: the folder of a consultation as a whole, by commands.

Heavy libraries are imported by the command that needs them, so that help answers at once.
"""

from __future__ import annotations

import argparse
from typing import Any, Final

from flows.terminal import DONE, say, say_held, say_state

ABOUT_REBUILD: Final = """exemple :
  assises rebuild --consultation consultation.toml

Refait des messages du coffre et des décisions tout ce qui peut l'être : lectures, lac, base de
travail. Publie de nouveau le dernier jour publié, et dit si la publication est la même, octet pour
octet, ou ce qui a changé. À lancer quand une base ou un fichier est abîmé. Rien n'est relevé ; la
dernière publication reste servie ; interrompu, relancez.
"""
Parser = argparse.ArgumentParser


def add_home(commands: Any) -> list[Parser]:
    """Add the commands on a home; return those that need its consultation's file."""
    rebuild = commands.add_parser(
        "rebuild", help="refaire tout ce qui peut l'être", description=ABOUT_REBUILD
    )
    rebuild.add_argument(
        "--workers", type=int, metavar="N", help="processus de travail (un par cœur)"
    )
    rebuild.set_defaults(command=_rebuild)
    return [rebuild]


def _rebuild(options: argparse.Namespace) -> int:
    from flows.orchestrator import configure, run_once
    from flows.run import prepare_run
    from tasks.publish import Held

    run = prepare_run(options.consultation, options.home)
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
        return say_held(rebuilt.outcome)
    say(_told(rebuilt.outcome.as_of.strftime("%d/%m/%Y"), **rebuilt.differences), DONE)
    say_state(rebuilt.outcome)
    print(rebuilt.outcome.link)
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
