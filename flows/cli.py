"""The command line: `assises run`, `status`, `message`, `trace`, `export`, `review` and others.

Messages go to stderr, data to stdout.
Heavy libraries are imported by the command that needs them, so that help answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from flows.run import Run
    from tasks.persons import Person

from flows.confinement import confine
from flows.deployment_commands import add_deployment
from flows.home_commands import add_home
from flows.review_commands import add_review
from flows.run_commands import add_run
from flows.setup_commands import add_setup
from flows.terminal import DEFAULT_CONSULTATION, DONE, FAILED, STALE, USAGE
from flows.terminal import say as _say
from flows.terminal import say_held as _say_held
from flows.terminal import say_state as _say_state
from flows.terminal import show as _print

ABOUT: Final = """exemple :
  assises run --consultation examples/allier-2020/consultation.toml --as-of 2020-01-19

De la boîte aux lettres d'une consultation à sa synthèse : constats et propositions, par thème.

pour la vôtre :
  assises init          écrit le fichier de la consultation, à remplir
  assises doctor        dit ce qui manque encore
  assises run           fait la synthèse jusqu'à hier ; à relancer chaque jour
"""
ABOUT_STATUS: Final = """exemple :
  assises status
  assises status --json
  assises status --attention
  assises status --max-age 26

Dit ce qui est publié, ce qui a tourné et ce qui est prévu, le registre (reçus = retenus + doublons
+ rejetés + en attente + retirés), ce qui retient une publication, la place prise, et ce qu'il reste
à faire. Ne lit que le dossier de travail, et ne dérange aucune exécution.

codes de sortie : 0 ; 5 avec --max-age, si aucune exécution n'a abouti depuis tant d'heures alors
qu'une était due
"""
ABOUT_MESSAGE: Final = """exemple :
  assises message --dry-run
  assises message
  assises message --again

Envoie le message que la dernière publication doit encore à ses destinataires ([message] du fichier
de la consultation), comme le fait chaque exécution : une fois par version ; une fois de plus,
documents joints, quand la synthèse définitive est validée. Interrompu, l'envoi définitif n'est pas
recommencé de lui-même : demandez s'il est arrivé, puis --again ou --received.
"""
ABOUT_TRACE: Final = """exemple :
  assises trace g-0123456789abcdef
  assises trace c-0123456789abcdef-002 --json
  assises trace s-0123456789abcdef --message

D'un chiffre aux mots qu'il compte : dit ce qui se trouve derrière un identifiant de groupe (g-),
d'énoncé (c-…-001), de contribution (c-), d'envoi (s-), de contributeur (a-) ou de campagne (k-).
"""
ABOUT_EVALUATE: Final = """exemple :
  assises evaluate enonces.csv --consultation consultation.toml
  assises evaluate enonces.csv --definitions-only --json
  assises evaluate enonces.csv --train autres.csv --write themes.csv

Dit avec quelle justesse les thèmes et les natures sont trouvés, comparés à ceux qu'une personne a
donnés : un tableau CSV en UTF-8, colonnes unit_id, text, theme, kind, un énoncé par ligne ; une
cellule vide ne compte pas. Précision, rappel et F1 de chaque classe, macro-F1 (moyenne des classes
étiquetées) avec son intervalle à 95 %, confusions, et à côté ce que feraient des moyens simples.

Deux modes : les définitions du fichier de la consultation, ou, avec elles, une table apprise
d'énoncés étiquetés ([trained] themes = "themes.csv"). Sans option, celui d'un « assises run ».
Avec --train, aucun énoncé à évaluer ne sert à apprendre.
"""
ABOUT_EXPORT: Final = """exemple :
  assises export open-data --consultation consultation.toml
  assises export open-data --consultation consultation.toml --as-of 2020-01-19 --output donnees

Écrit ce qui peut être donné à tous : des nombres de contributeurs en CSV, datapackage.json et
LISEZMOI.md. Les petits nombres sont masqués, compte tenu de tous les exports déjà faits : un jour
exporté ne change plus, et un jour antérieur au dernier exporté est refusé.
"""
ABOUT_ACCESS: Final = """exemple :
  assises access jeanne.martin@exemple.fr --output jeanne.zip

Droit d'accès : écrit dans une archive tout ce qui est détenu au sujet de la personne qui écrit de
cette adresse. L'archive contient des données personnelles : ne la remettez qu'à elle.
L'adresse « - » est lue sur l'entrée standard, et ne reste dans aucun historique.
"""
ABOUT_ERASE: Final = """exemple :
  assises erase jeanne.martin@exemple.fr --consultation consultation.toml --dry-run
  assises erase jeanne.martin@exemple.fr --consultation consultation.toml

Droit à l'effacement : retire du coffre, du lac, de la base et de toutes les publications ce qu'a
envoyé la personne qui écrit de cette adresse. Il reste une ligne sans donnée personnelle par envoi,
pour que les comptes tombent juste, et une preuve sans l'adresse. Chaque publication touchée est
refaite sous une nouvelle version, qui dit pourquoi. Rien ne revient à la relève suivante.
Sans retour : regardez d'abord ce que dit --dry-run.
"""
ABOUT_DISOWN: Final = """exemple :
  assises disown s-0123456789abcdef --consultation consultation.toml

« Je n'ai pas écrit ceci » : retire un envoi, et ses copies exactes, comme le fait erase ; le
registre dit « non écrite par son auteur présumé ».
"""
ABOUT_RETAIN: Final = """exemple :
  assises retain --consultation consultation.toml

Au jour que dit le fichier de la consultation ([retention] until), supprime les messages, ce qui en
a été tiré et la clé des pseudonymes. Restent les documents et tableaux d'ensemble de la dernière
publication, et une preuve. Avant ce jour, ne fait rien.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; an expected failure is one sentence on stderr."""
    options = _parser().parse_args(arguments)
    confine()
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except KeyboardInterrupt:
        return _say("Interrompu : relancez, rien n'est perdu.", FAILED)
    except Exception as error:  # noqa: BLE001 - told by a sentence, whatever it is
        from flows.failures import show_detail, tell

        if os.environ.get("ASSISES_DEBUG"):
            show_detail(error)
        return _say(*tell(error))


class _Parser(argparse.ArgumentParser):
    """An argument parser that speaks French."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Help, add_help=False, allow_abbrev=False, **options)
        self._positionals.title, self._optionals.title = "arguments ", "options "
        self.add_argument("-h", "--help", action="help", help="montrer cette aide")

    def format_help(self) -> str:
        """Show the example first, then how the command is written, then each option."""
        formatter = self._get_formatter()
        formatter.add_text(self.description)
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        for group in self._action_groups:
            formatter.start_section(group.title)
            formatter.add_arguments(group._group_actions)  # noqa: SLF001
            formatter.end_section()
        return formatter.format_help()

    def error(self, message: str) -> NoReturn:  # noqa: ARG002 - argparse's, in English
        # What was asked is not repeated: it may hold somebody's address.
        self.exit(USAGE, f"Demande incomprise : voyez « {self.prog} --help ».\n")


class _Help(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or "usage : ")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="assises", description=ABOUT)
    commands = parser.add_subparsers(
        title="commandes ", metavar="COMMANDE", parser_class=_Parser, prog="assises"
    )
    parser.set_defaults(command=lambda _: _say(parser.format_help(), USAGE))  # none is given
    doctor = add_setup(commands)

    run = add_run(commands)

    status = commands.add_parser("status", help="dire où l'on en est", description=ABOUT_STATUS)
    status.add_argument(
        "--attention",
        action="store_true",
        help="les messages à lire le jour même : urgences, menaces, demandes, presse, élus…",
    )
    status.add_argument(
        "--max-age",
        type=_hours,
        metavar="HEURES",
        help="pour une surveillance : ne rien dire, sauf si rien n'a abouti depuis tant d'heures",
    )
    status.add_argument(
        "--changes",
        action="store_true",
        help="ce qui a changé dans le fichier ou le programme, quand, par qui, et ce qui a bougé",
    )
    status.set_defaults(command=_status)

    message = commands.add_parser(
        "message", help="envoyer ce qui ne l'est pas encore", description=ABOUT_MESSAGE
    )
    acts = message.add_mutually_exclusive_group()
    acts.add_argument(
        "--dry-run", action="store_true", help="montrer seulement le message de la publication"
    )
    acts.add_argument(
        "--again", action="store_true", help="renvoyer le message définitif interrompu"
    )
    acts.add_argument(
        "--received", action="store_true", help="noter arrivé le message définitif interrompu"
    )
    message.set_defaults(command=_message)

    trace = commands.add_parser(
        "trace", help="remonter d'un chiffre aux mots", description=ABOUT_TRACE
    )
    trace.add_argument("identifier", metavar="ID", help="identifiant à suivre")
    trace.add_argument(
        "--message",
        action="store_true",
        help="écrire le message tel qu'il est arrivé (données personnelles)",
    )
    trace.set_defaults(command=_trace)

    export = commands.add_parser(
        "export", help="écrire ce qui peut être donné à tous", description=ABOUT_EXPORT
    )
    export.add_argument("what", choices=["open-data"], metavar="open-data", help="données ouvertes")
    export.add_argument(
        "--as-of", metavar="JOUR", help="jour publié, AAAA-MM-JJ ; par défaut, le dernier"
    )
    export.add_argument(
        "--output", type=Path, metavar="DOSSIER", help="où en mettre aussi une copie à donner"
    )
    export.set_defaults(command=_export)

    evaluate = commands.add_parser(
        "evaluate", help="mesurer la justesse des thèmes et natures", description=ABOUT_EVALUATE
    )
    _add_evaluate_arguments(evaluate)
    evaluate.set_defaults(command=_evaluate)

    access, *withdrawing = _add_rights(commands)
    reviewing, looking = add_review(commands)
    homes, restoring = add_home(commands)
    deploying = add_deployment(commands)

    for command in (
        doctor,
        run,
        message,
        export,
        evaluate,
        *withdrawing,
        *reviewing,
        *homes,
        *deploying,
    ):
        command.add_argument(
            "--consultation",
            type=Path,
            default=DEFAULT_CONSULTATION,
            metavar="FICHIER",
            help="le fichier de la consultation (consultation.toml)",
        )
    for command in (
        doctor,
        run,
        status,
        message,
        trace,
        export,
        access,
        *withdrawing,
        *reviewing,
        *looking,
        *homes,
        *restoring,
        *deploying,
    ):
        command.add_argument(
            "--home",
            type=Path,
            metavar="DOSSIER",
            help="dossier de travail ($ASSISES_HOME, ou var)",
        )
    for command in (doctor, run, status, trace, evaluate):
        command.add_argument("--json", action="store_true", help="répondre en JSON")
    return parser


def _add_rights(commands: Any) -> list[argparse.ArgumentParser]:
    """Add the commands of the rights of persons: access, then those that withdraw."""
    access = commands.add_parser(
        "access", help="tout ce qui est détenu d'une personne", description=ABOUT_ACCESS
    )
    access.add_argument("address", metavar="ADRESSE", help="adresse de la personne, ou -")
    access.add_argument(
        "--output",
        type=Path,
        default=Path("acces.zip"),
        metavar="FICHIER",
        help="l'archive à écrire (acces.zip)",
    )
    access.set_defaults(command=_access)

    erase = commands.add_parser(
        "erase", help="effacer une personne, partout", description=ABOUT_ERASE
    )
    erase.add_argument("address", metavar="ADRESSE", help="adresse de la personne, ou -")
    erase.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="ID",
        help="retirer aussi cet envoi (s-…), qui est d'elle sous une autre adresse ; répétable",
    )
    erase.add_argument("--dry-run", action="store_true", help="dire seulement ce qui serait retiré")
    erase.set_defaults(command=_erase)

    disown = commands.add_parser(
        "disown", help="retirer un envoi que son auteur n'a pas écrit", description=ABOUT_DISOWN
    )
    disown.add_argument("identifier", metavar="ID", help="l'envoi (s-…) ou la contribution (c-…)")
    disown.set_defaults(command=_disown)

    retain = commands.add_parser(
        "retain", help="supprimer ce dont la conservation est échue", description=ABOUT_RETAIN
    )
    retain.set_defaults(command=_retain)
    return [access, erase, disown, retain]


def _add_evaluate_arguments(evaluate: argparse.ArgumentParser) -> None:
    evaluate.add_argument("gold", type=Path, metavar="ÉNONCÉS", help="tableau d'énoncés étiquetés")
    mode = evaluate.add_mutually_exclusive_group()
    mode.add_argument(
        "--definitions-only",
        action="store_true",
        help="les définitions seules, même si le fichier nomme une table apprise",
    )
    mode.add_argument(
        "--train",
        type=Path,
        action="append",
        default=[],
        metavar="FICHIER",
        help="apprendre d'abord de ces énoncés (text, theme ; kind si connu) ; répétable",
    )
    evaluate.add_argument(
        "--write", type=Path, metavar="FICHIER", help="enregistrer la table apprise par --train"
    )


def _access(options: argparse.Namespace) -> int:
    from flows.rights import person, read_address, refuse_empty, write_access
    from flows.run import find_home

    home = find_home(options.home)
    refuse_empty(home)
    found = person(home, read_address(_given(options.address)))
    if not found.submission_ids:
        return _say(f"Aucun message de cette adresse. {_mentions(found)}", DONE)
    write_access(home, found, options.output)
    _say(f"Messages de cette personne : {len(found.submission_ids)}. {_mentions(found)}", DONE)
    print(options.output)
    return DONE


def _erase(options: argparse.Namespace) -> int:
    from flows.rights import decide_erasure, erased_at, person, read_address, refuse_empty

    run = _prepared(options)
    address = read_address(_given(options.address))
    if options.dry_run:
        refuse_empty(run.home)
        found = person(run.home, address, options.also)
        _say(f"Envois qui seraient retirés : {len(found.submission_ids)}. {_mentions(found)}", DONE)
        print("\n".join(found.submission_ids))
        return DONE
    found = decide_erasure(run, address, options.also)
    if not found.submission_ids and (before := erased_at(run, address)):
        _say(f"Cette personne a été effacée le {before:%d/%m/%Y}, rien n'est revenu depuis.", DONE)
    _say(_mentions(found), DONE)
    return _withdraw(options)


def _disown(options: argparse.Namespace) -> int:
    from flows.rights import decide_disowning

    run = _prepared(options)
    decide_disowning(run, options.identifier)
    return _withdraw(options)


def _withdraw(options: argparse.Namespace) -> int:
    """Carry out what was decided, now or before an interruption, and say what was done."""
    from flows.orchestrator import run_once
    from flows.rights import proofs
    from flows.run import find_home
    from flows.withdrawal import withdrawal
    from warehouse.publication import Shelf

    home = find_home(options.home)
    requests = set(home.decisions.pending()["request_id"].to_pylist())
    if not requests:
        return _say("Rien à retirer.", DONE)
    held = run_once(withdrawal, consultation=options.consultation, home=home.root)
    if held is not None:
        return _say_held(held, options)
    done = proofs(home, requests)
    for proven in done:
        days = ", ".join(f"{day:%d/%m/%Y}" for day in proven["remade_dates"]) or "aucune"
        _say(
            f"Envois retirés : {proven['submission_count']}. Publications refaites : {days}. "
            f"Preuve : {proven['request_id']}.",
            DONE,
        )
    for published in Shelf(home.published).dated():
        if any(published.as_of in proven["remade_dates"] for proven in done):
            _say_state(published)
    return _say(
        "Le message reste dans la boîte aux lettres elle-même, et ce qui a été diffusé ailleurs "
        "ne peut être repris : supprimez-le aussi là. Les sauvegardes faites avant le contiennent "
        "encore : « assises backup DOSSIER --expire » en fait une nouvelle et les supprime.",
        DONE,
    )


def _retain(options: argparse.Namespace) -> int:
    from flows.rights import retain

    run = _prepared(options)
    removed = retain(run)
    until = run.consultation.retention.until if run.consultation.retention else run.as_of
    if removed is None:
        return _say(f"Rien à supprimer avant le {until:%d/%m/%Y}.", DONE)
    return _say(
        f"Conservation échue le {until:%d/%m/%Y} : {removed} envois supprimés, avec tout ce qui en "
        "avait été tiré. Restent les documents de la dernière publication.",
        DONE,
    )


def _prepared(options: argparse.Namespace) -> Run:
    """Read the consultation's file, before Prefect is imported."""
    from flows.orchestrator import configure
    from flows.run import prepare_run

    run = prepare_run(options.consultation, options.home)
    configure(run.home.root)
    return run


def _given(address: str) -> str:
    return sys.stdin.readline() if address == "-" else address


def _mentions(found: Person) -> str:
    if not found.mentioned_in:
        return "Aucun autre message ne la nomme."
    listed = ", ".join(found.mentioned_in)
    return (
        f"Autres messages où figure son adresse ou son nom, à relire par une personne "
        f"(assises trace ID --message) : {listed}."
    )


def _hours(text: str) -> float:
    """Read a number of hours; raise ValueError for what no age is over or under: nan, -1, inf."""
    hours = float(text)
    if not 0 <= hours < float("inf"):
        raise ValueError(text)
    return hours


def _status(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from flows.inspection import attention, attention_text
    from flows.run import find_home
    from flows.status import stale, status
    from flows.status_text import status_text

    home = find_home(options.home)
    if options.changes:
        from flows.changes import history, history_text

        return _print(history(home), options.json, history_text)
    if options.attention:
        return _print(attention(home), options.json, attention_text)
    found = status(home, datetime.now(UTC))
    if options.max_age is None:
        return _print(found, options.json, status_text)
    if options.json:
        _print(found, options.json, status_text)
    sentence = stale(found, options.max_age)
    return DONE if sentence is None else _say(sentence, STALE)


def _message(options: argparse.Namespace) -> int:
    from flows.inspection import published_on
    from flows.notification import confirm, find_due, notify, write

    run = _prepared(options)
    declared = run.consultation.message
    if declared is None:
        return _say("Le fichier de la consultation n'a pas de table [message].", USAGE)
    published_on(run.home)  # a folder without any stays as it is
    if options.dry_run:
        if due := find_due(run, declared):
            letter, joined = write(run, due.published, due.kind)
            _say(f"Destinataires : {len(due.recipients)}. Joints : {len(joined)}.", DONE)
            print(f"{letter.subject}\n\n{letter.text}", end="")
        return DONE
    with run.home.lock():
        notices = confirm(run) if options.received else notify(run, again=options.again)
    for notice in notices:
        _say(notice.sentence, DONE)
    if not notices:
        return _say("Rien à envoyer.", DONE)
    return DONE if all(notice.is_done for notice in notices) else FAILED


def _trace(options: argparse.Namespace) -> int:
    from flows.inspection import message, trace, trace_text
    from flows.run import find_home

    home = find_home(options.home)
    if options.message:
        sys.stdout.buffer.write(message(home, options.identifier))
        return DONE
    return _print(trace(home, options.identifier), options.json, trace_text)


def _export(options: argparse.Namespace) -> int:
    from flows.export import copy_export, export_open_data
    from flows.run import find_home, read_consultation

    folder = export_open_data(
        find_home(options.home), read_consultation(options.consultation), options.as_of
    )
    if options.output:
        copy_export(folder, options.output)
    _say(f"Données ouvertes écrites : {folder}", DONE)
    print(folder)
    return DONE


def _evaluate(options: argparse.Namespace) -> int:
    from flows.evaluation import Request, evaluate, evaluation_text

    found = evaluate(
        Request(
            gold=options.gold,
            consultation=options.consultation,
            definitions_only=options.definitions_only,
            labels=options.train,
            write=options.write,
        )
    )
    if repeated := found["repeated_unit_count"]:
        _say(f"{repeated} unit_id sur plusieurs lignes : chaque ligne est comptée.", DONE)
    if options.write:
        _say(
            f"Table écrite : {options.write}. Pour qu'elle serve, dans le fichier de la "
            f'consultation, sous [trained] : themes = "{options.write.name}".',
            DONE,
        )
    return _print(found, options.json, evaluation_text)


if __name__ == "__main__":
    sys.exit(main())
