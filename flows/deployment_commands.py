"""`assises deploy` and `assises serve`: the daily run, every day until the deadline.

Heavy libraries are imported by the command that needs them, so that help answers at once.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from flows.run_commands import add_engine, add_store, use_store
from flows.terminal import DONE, USAGE, say, without_secret

if TYPE_CHECKING:
    from flows.run import Run

ABOUT_DEPLOY: Final = """exemple :
  PREFECT_API_URL=http://127.0.0.1:4200/api assises deploy --consultation consultation.toml
  assises deploy --consultation consultation.toml --systemd unites

Programme la synthèse de chaque jour, du lendemain de l'ouverture à quelques jours après la clôture
([schedule] du fichier de la consultation), sur un serveur Prefect ; ou, avec --systemd, écrit un
service et un minuteur pour cette machine. À refaire quand les dates, l'heure ou les dossiers
changent : la programmation est remplacée, et reprend si elle était suspendue.
"""
ABOUT_SERVE: Final = """exemple :
  assises serve --consultation consultation.toml

Fait la synthèse de chaque jour à son heure, tant que cette commande tourne (Ctrl-C l'arrête), avec
un serveur Prefect à elle, ouvert à cette machine seule ; ou celui de PREFECT_API_URL.
"""
Parser = argparse.ArgumentParser


def add_deployment(commands: Any) -> list[Parser]:
    """Add `deploy` and `serve`, which need the consultation's file and the home."""
    deploy = commands.add_parser(
        "deploy", help="programmer la synthèse de chaque jour", description=ABOUT_DEPLOY
    )
    where = deploy.add_mutually_exclusive_group()
    where.add_argument(
        "--pool",
        default="assises",
        metavar="GROUPE",
        help="le groupe de travail (work pool) du serveur Prefect, créé au besoin (assises)",
    )
    where.add_argument(
        "--systemd",
        type=Path,
        metavar="DOSSIER",
        help="y écrire un service et un minuteur de systemd, sans serveur",
    )
    add_engine(deploy)
    add_store(deploy)
    deploy.set_defaults(command=_deploy)
    serve = commands.add_parser(
        "serve", help="faire la synthèse de chaque jour, à son heure", description=ABOUT_SERVE
    )
    add_engine(serve)
    add_store(serve)
    serve.set_defaults(command=_serve)
    return [deploy, serve]


def _deploy(options: argparse.Namespace) -> int:
    from flows.run import prepare_run

    run = prepare_run(options.consultation, options.home, engine=options.engine)
    use_store(options)
    if options.systemd is not None:
        return _write_units(options, run)
    if not os.environ.get("PREFECT_API_URL"):
        return say(
            "Aucun serveur Prefect : donnez son adresse par PREFECT_API_URL, ou --systemd DOSSIER "
            "pour un minuteur de cette machine, ou lancez « assises serve ».",
            USAGE,
        )
    _ready(run)
    from flows.deployment import deploy, worker_command  # after Prefect's settings

    name = deploy(run, options.consultation, options.pool)
    say(f"Programmé sur le serveur Prefect : {name}. {next_due(run)}", DONE)
    say("Un « worker » doit tourner sur la machine où sont les messages :", DONE)
    command = shlex.join(worker_command(options.pool))
    print(f"PREFECT_API_URL={without_secret(os.environ['PREFECT_API_URL'])} {command}")
    return DONE


def _ready(run: Run) -> None:
    """Have Prefect keep its own files in the home."""
    from flows.orchestrator import configure
    from warehouse.files import make_folder

    make_folder(run.home.root)
    configure(run.home.root)


def _write_units(options: argparse.Namespace, run: Run) -> int:
    from flows.systemd import write_units

    service, timer = write_units(run, options.consultation, options.systemd.resolve())
    say(f"Écrits : {service}, {timer}.", DONE)
    say(f"{next_due(run)} Pour les mettre en service, en root :", DONE)
    print(shlex.join(["cp", str(service), str(timer), "/etc/systemd/system/"]))
    print("systemctl daemon-reload")
    print(f"systemctl enable --now {timer.name}")
    return DONE


def next_due(run: Run) -> str:
    """Say when the next run is due."""
    from tasks.schedule import schedule_of

    schedule = schedule_of(run.consultation)
    due = schedule.next_due(run.now)
    if due is None:
        return "Plus aucune exécution n'est due : le calendrier de la consultation est passé."
    return f"Prochaine exécution : {_told(due, schedule.timezone)}."


def _told(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%d/%m/%Y à %H:%M} ({zone.key})"


def _serve(options: argparse.Namespace) -> int:
    from flows.run import prepare_run

    run = prepare_run(options.consultation, options.home, engine=options.engine)
    use_store(options)
    run.refuse_sources()
    _ready(run)
    from flows.deployment import own_server, serve  # after Prefect's settings

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        if os.environ.get("PREFECT_API_URL"):
            say(f"{next_due(run)} Ctrl-C pour arrêter.", DONE)
            serve(run, options.consultation)
        with own_server(run.home.root / "prefect" / "server") as address:
            os.environ["PREFECT_API_URL"] = address
            page = address.removesuffix("/api")
            say(f"{next_due(run)} Suivi : {page}. Ctrl-C pour arrêter.", DONE)
            serve(run, options.consultation)
    except KeyboardInterrupt:
        return say("Arrêté : rien n'est perdu, « assises serve » reprend où l'on en est.", DONE)
