"""`assises run`: a day's synthesis, or that of each of several days, by a command.

Heavy libraries are imported by the command that needs them, so that help answers at once.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from flows.confinement import use_temporary
from flows.terminal import CLOSED, DONE, REFUSED, say, say_held, say_state, show

if TYPE_CHECKING:
    from flows.run import Run

ABOUT_RUN: Final = """exemple :
  assises run --consultation examples/allier-2020/consultation.toml --as-of 2020-01-19
  assises run --source maildir:/srv/mail/consultation
  assises run --from 2020-01-10 --to 2020-01-14
  assises run --as-of 2020-01-12 --accept-gate p-0123456789ab --because "Boîte vérifiée"
  assises run --explain-change --because "Mot oublié" --by "Claire Dumont, cheffe de cabinet"

Relève, lit, valide, protège, analyse, charge, agrège et publie, une fois. Relancer ne refait pas ce
qui est fait. Sans --as-of, la synthèse porte jusqu'à hier compris. Avec --from, chaque jour est
publié sous sa date, d'une seule relève : ceux qui ne changent pas restent tels quels.

Le fichier de la consultation peut changer en cours de route : ce qui en dépend est refait, et il
reste écrit ce qui a changé, quand, par qui et pourquoi (assises status --changes).

Une publication retenue dit par quels contrôles (p-…), et lesquels une personne peut laisser passer.
Qui, et pourquoi, est publié avec la synthèse : ne nommez personne d'autre.

codes de sortie : 0 fait, 1 échec, 2 mauvaise demande, 3 publication retenue, 4 consultation close
"""
Parser = argparse.ArgumentParser


def add_run(commands: Any) -> Parser:
    """Add `run`; return it, which reads the consultation's file."""
    run: Parser = commands.add_parser(
        "run", help="faire la synthèse d'un jour", description=ABOUT_RUN
    )
    run.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="URI",
        help=(
            "imaps://UTILISATEUR@SERVEUR, maildir:CHEMIN, mbox:FICHIER ou eml:DOSSIER, au lieu "
            "des sources du fichier ; répétable (un tableau csv: se déclare dans le fichier, avec "
            "ses colonnes)"
        ),
    )
    run.add_argument(
        "--dry-run",
        action="store_true",
        help="dire seulement ce que contiennent les sources et ce qui serait relevé",
    )
    run.add_argument("--workers", type=int, metavar="N", help="processus de travail (un par cœur)")
    add_engine(run)
    add_store(run)
    _add_days(run)
    _add_reasons(run)
    run.set_defaults(command=_run)
    return run


def add_engine(command: Parser) -> None:
    """Add the option that names a Dask cluster."""
    command.add_argument(
        "--engine",
        metavar="MOTEUR",
        help=(
            "travailler sur un cluster Dask : dask://MACHINE:PORT, son ordonnanceur, ou dask, un "
            "cluster de cette machine ; par défaut, de simples processus (docs/scale.md)"
        ),
    )


def add_store(command: Parser) -> None:
    """Add the option that says where messages are kept; the home remembers it."""
    command.add_argument(
        "--store",
        default=os.environ.get("ASSISES_STORE"),
        metavar="ADRESSE",
        help=(
            "à la première exécution, où garder les messages et ce qui en est tiré : "
            "s3://SEAU/PRÉFIXE, ou un dossier partagé ($ASSISES_STORE, ou le dossier de travail)"
        ),
    )


def use_store(options: argparse.Namespace) -> None:
    """Have the home keep messages where it is asked; raise UsageError when that is no place."""
    from flows.run import UsageError, find_home
    from warehouse.store import is_address

    if not options.store:
        return
    if not is_address(options.store):
        raise UsageError(
            "--store : écrivez s3://SEAU/PRÉFIXE ou le chemin entier d'un dossier, sans "
            "identifiant (AWS_ACCESS_KEY_ID et AWS_SECRET_ACCESS_KEY le donnent)."
        )
    find_home(options.home).choose_store(options.store)


def _add_days(run: Parser) -> None:
    run.add_argument(
        "--as-of",
        metavar="JOUR",
        help="dernier jour compté : AAAA-MM-JJ ou today ; par défaut, hier",
    )
    run.add_argument(
        "--from",
        dest="first",
        metavar="JOUR",
        help="publier chaque jour depuis celui-ci, chacun comme il aurait été",
    )
    run.add_argument(
        "--to", dest="last", metavar="JOUR", help="avec --from, le dernier ; par défaut, hier"
    )


def _add_reasons(run: Parser) -> None:
    run.add_argument(
        "--explain-change",
        action="store_true",
        help="montrer ce qui a changé dans le fichier ou le programme, et ce que cela a déplacé",
    )
    run.add_argument(
        "--accept-gate",
        action="append",
        default=[],
        metavar="ID",
        help="laisser passer ce contrôle (p-…), qui retient une publication ; répétable",
    )
    run.add_argument(
        "--because",
        metavar="MOTIF",
        help="pourquoi : du contrôle, publié avec la synthèse ; sinon, du changement",
    )
    run.add_argument(
        "--by", metavar="QUI", help='qui le décide : "Prénom Nom, qualité" ; sinon, le compte'
    )


def _run(options: argparse.Namespace) -> int:
    from flows.orchestrator import configure
    from flows.run import first_day, prepare_run

    _refuse_mixed(options)
    as_of = options.last or options.as_of
    run = prepare_run(
        options.consultation, options.home, as_of, options.source, options.workers, options.engine
    )
    first = first_day(run, options.first) if options.first else None
    if options.dry_run:
        return _show_pending_change(run, options) if options.explain_change else _list(run)
    use_store(options)
    _refuse_hopeless(run)
    if options.accept_gate:
        _let_pass(run, options)
    configure(run.home.root)
    use_temporary(run.home.temporary)
    final = " (définitive)" if run.is_final else ""
    days = f"du {first:%d/%m/%Y} " if first else ""
    say(f"{run.consultation.title} : synthèse {days}au {run.as_of:%d/%m/%Y}{final}.", DONE)
    is_changed = _note_change(run, options)
    outcomes = _outcomes(run, first, options)
    if options.explain_change:
        _show_change(run, options, is_changed=is_changed)
    return _report_days(outcomes, options)


def _list(run: Run) -> int:
    """Say what the sources hold."""
    from flows.inspection import listing_text
    from flows.orchestrator import configure

    configure(run.home.root)  # where Prefect's own files go, should a password be in a block
    run.refuse_sources()
    for line in listing_text(run):
        print(line)
    return DONE


def _outcomes(run: Run, first: date | None, options: argparse.Namespace) -> list[Any]:
    """Return what became of each day that was asked for."""
    from flows.orchestrator import begin_server, run_once

    begin_server()  # before what else takes seconds to import
    from expectations.engine import prepare
    from flows.inspection import attention, attention_sentence

    known = attention(run.home)
    asked = {
        "consultation": options.consultation,
        "home": run.home.root,
        "sources": options.source,
        "workers": options.workers,
        "engine": options.engine,
    }
    try:
        if first:
            from flows.backfill import backfill  # after Prefect's settings

            prepare()
            return list(run_once(backfill, first=first, last=run.as_of, **asked))
        from flows.daily_synthesis import daily_synthesis

        prepare()
        return [run_once(daily_synthesis, as_of=options.as_of, **asked)]
    finally:  # what somebody must read does not wait for a run that fails
        sentence = attention_sentence(known, attention(run.home), run.as_of)
        if sentence is not None:
            say(sentence, DONE)


def _refuse_mixed(options: argparse.Namespace) -> None:
    """Raise UsageError when options do not go together."""
    from flows.run import UsageError

    if options.last and not options.first:
        raise UsageError("--to va avec --from : pour un seul jour, écrivez --as-of.")
    if options.first and options.as_of:
        raise UsageError("--from et --as-of ne vont pas ensemble : le dernier jour est --to.")
    if options.json and not options.explain_change:
        raise UsageError("--json va, ici, avec --explain-change.")
    if options.dry_run and options.accept_gate:
        raise UsageError("--dry-run ne fait rien : --accept-gate va sans lui.")
    for name, given in (("--because", options.because), ("--by", options.by)):
        if given is not None and not given.strip():
            raise UsageError(f"{name} est vide : écrivez-le entre guillemets, ou ôtez-le.")


def _refuse_hopeless(run: Run) -> None:
    """Raise at once what would fail the run; in a home that is at work, write it down and tell."""
    try:
        run.refuse_hopeless()
    except Exception as error:
        # A source that was typed is for who typed it.
        is_usual = run.sources == run.consultation.sources
        if is_usual and run.home.vault.consultation == run.consultation.slug:
            from flows.orchestrator import configure

            configure(run.home.root)
            from flows.running import note_refusal

            note_refusal(run, "run", error)
        raise


def _let_pass(run: Run, options: argparse.Namespace) -> None:
    from flows.gates import Request, let_pass

    let_pass(run, Request(options.accept_gate, options.because or "", options.by))


def _show_pending_change(run: Run, options: argparse.Namespace) -> int:
    from flows.changes import change_text, find_change

    found = find_change(run)
    if found is None:
        say("Ni le fichier ni le programme n'ont changé depuis la dernière exécution.", DONE)
    return show(found, options.json, lambda row: change_text(row) if row else "")


def _note_change(run: Run, options: argparse.Namespace) -> bool:
    """Write down who changed the file and why, when they say so; tell whether it changed."""
    from flows.changes import find_change, record_who, to_compare

    is_changed = find_change(run) is not None or to_compare(run.home) is not None
    if (options.because or options.by) and not options.accept_gate:  # said of the gate
        record_who(run, options.by, options.because)
    return is_changed


def _show_change(run: Run, options: argparse.Namespace, *, is_changed: bool) -> None:
    from flows.changes import change_text, history

    if not is_changed:
        say("Rien n'a changé depuis la dernière exécution ; voici le dernier changement.", DONE)
    show(history(run.home)[-1], options.json, change_text)


def _report_days(outcomes: Sequence[Any], options: argparse.Namespace) -> int:
    """Report the last day that is published, wholly: each of several was told when it was done."""
    from tasks.publish import Held
    from warehouse.publication import Published

    published = [one for one in outcomes if isinstance(one, Published)]
    if not options.json:
        for one in published[:-1]:
            print(one.link)
    code = _report((published or outcomes)[-1], options)
    return REFUSED if any(isinstance(one, Held) for one in outcomes) else code


def _report(outcome: Any, options: argparse.Namespace) -> int:
    from flows.daily_synthesis import Closed, NotDue
    from tasks.publish import Held

    if isinstance(outcome, NotDue):
        return CLOSED  # said by the flow
    if isinstance(outcome, Held):
        return say_held(outcome, options)
    if isinstance(outcome, Closed):
        say_state(outcome.final)
        return say(
            f"La consultation est close : la synthèse définitive est celle du "
            f"{outcome.final.as_of:%d/%m/%Y}. Envois arrivés depuis, comptés hors délai : "
            f"{outcome.late_count}.",
            CLOSED,
        )
    kind = "définitive " if outcome.is_final else ""
    say(f"Synthèse {kind}publiée : {outcome.link / 'synthese.html'}", DONE)
    say_state(outcome)
    if not options.json:
        print(outcome.link)
    return DONE
