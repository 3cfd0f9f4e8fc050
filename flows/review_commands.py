"""`assises review …`: what analysts correct, sign off and measure, by commands.

Heavy libraries are imported by the command that needs them, so that help answers at once.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flows.terminal import DONE, REFUSED, say, say_held, say_state, show

if TYPE_CHECKING:
    from flows.review import Imported
    from flows.run import Run

ABOUT: Final = """exemple :
  assises review export --output relecture
  assises review import relecture/relecture.ods

Relire la synthèse dans un classeur, corriger, annuler, valider, mesurer. Une décision ne change
aucun message : elle vaut pour les jours suivants, et s'annule.
"""
ABOUT_EXPORT: Final = """exemple :
  assises review export --output relecture
  assises review export --output relecture --confidential
  assises review export --output echantillon --sample 300

Écrit le classeur de relecture, en ODS et en XLSX : groupes à nommer, réunir ou partager, énoncés à
reclasser, citations à donner à tous, messages à lire. Le mode d'emploi est sa première feuille.

Avec --sample, écrit plutôt les classeurs de deux lecteurs, qui classent des énoncés tirés au sort
sans voir ce qu'en dit le programme : « assises review score » en tire la justesse.
"""
ABOUT_IMPORT: Final = """exemple :
  assises review import relecture.ods --dry-run
  assises review import relecture.ods --by "Jeanne Martin"

Lit un classeur rempli (ODS ou XLSX), enregistre chaque décision, et refait la synthèse. Ce qui ne
peut pas être appliqué est dit, feuille et cellule ; le reste l'est. Lire deux fois le même classeur
n'applique qu'une fois.

codes de sortie : 0 tout est appliqué, 2 mauvaise demande, 3 des cellules sont refusées
"""
ABOUT_LOG: Final = """exemple :
  assises review log
  assises review log --json

Toutes les décisions, dans l'ordre : qui, quand, ce qui valait avant, ce qui vaut depuis, le motif,
et si elle est en vigueur, remplacée ou annulée.
"""
ABOUT_UNDO: Final = """exemple :
  assises review undo d-0123456789abcdef
  assises review undo i-0123456789abcdef --because "mauvais classeur"

Annule des décisions (d-…) ou toutes celles d'un classeur lu (i-…) : ce qu'elles remplaçaient vaut
de nouveau, et la synthèse est refaite. Rien n'est effacé du journal ; une annulation s'annule.
"""
ABOUT_SCORE: Final = """exemple :
  assises review score
  assises review score --json

Dit avec quelle justesse les énoncés de cette consultation sont classés, d'après l'échantillon lu à
l'aveugle : F1 par thème et par nature avec intervalle, accord des deux lecteurs.
"""
ABOUT_LABELS: Final = """exemple :
  assises review labels --part apprentissage > etiquettes.csv

Écrit en CSV les énoncés lus à l'aveugle, avec leurs étiquettes, pour « assises evaluate ». Ce qui
mesure ne doit pas servir à apprendre : la part « mesure » ne sert qu'à évaluer.
"""
ABOUT_VALIDATE: Final = """exemple :
  assises review validate --by "Jeanne Martin, cheffe de bureau"
  assises review validate --by "Jeanne Martin" --withdraw --because "erreur de thème"

Valide la synthèse d'un jour sous le nom d'une personne, ou retire sa validation. Une version
validée le reste ; toute autre version est de nouveau un brouillon.
"""
ABOUT_TRANSMIT: Final = """exemple :
  assises review transmit --by "Jeanne Martin, cheffe de bureau" --output synthese.zip

Écrit l'archive à remettre d'une synthèse validée, et note à qui elle l'est. Une version n'est
transmise qu'une fois.
"""
ACTS: Final = {
    "group_label": ("libellé de groupe", "libellés de groupe"),
    "group_merge": ("groupe réuni", "groupes réunis"),
    "group_theme": ("thème de groupe", "thèmes de groupe"),
    "group_kind": ("nature de groupe", "natures de groupe"),
    "group_read": ("groupe relu", "groupes relus"),
    "statement_theme": ("thème d'énoncé", "thèmes d'énoncé"),
    "statement_kind": ("nature d'énoncé", "natures d'énoncé"),
    "statement_group": ("énoncé déplacé", "énoncés déplacés"),
    "statement_open": ("citation à donner ou non", "citations à donner ou non"),
    "submission_words": ("message saisi", "messages saisis"),
    "submission_kept": ("message retenu ou écarté", "messages retenus ou écartés"),
    "attention_done": ("signalement traité", "signalements traités"),
    "sample_theme": ("thème de l'échantillon", "thèmes de l'échantillon"),
    "sample_kind": ("nature de l'échantillon", "natures de l'échantillon"),
    "undo": ("annulation", "annulations"),
}
Parser = argparse.ArgumentParser


def add_review(commands: Any) -> tuple[list[Parser], list[Parser]]:
    """Add `review` and its commands.

    Returns those that need the consultation's file, then those that only look.
    """
    review = commands.add_parser(
        "review", help="relire, corriger, valider, mesurer", description=ABOUT
    )
    acts = review.add_subparsers(
        title="commandes",
        required=True,
        metavar="COMMANDE",
        parser_class=type(review),
        prog="assises review",
    )
    deciding = [*_add_workbooks(acts), *_add_signing(acts)]
    return deciding, _add_looking(acts)


def _add_workbooks(acts: Any) -> Iterator[Parser]:
    export = acts.add_parser(
        "export", help="écrire le classeur de relecture", description=ABOUT_EXPORT
    )
    export.add_argument(
        "--output",
        type=Path,
        default=Path("relecture"),
        metavar="DOSSIER",
        help="dossier où écrire (relecture)",
    )
    export.add_argument(
        "--statements",
        type=int,
        default=2000,
        metavar="N",
        help="lignes de la feuille des énoncés, au plus (2000)",
    )
    other = export.add_mutually_exclusive_group()
    other.add_argument(
        "--confidential",
        action="store_true",
        help="y mettre les messages à lire et les signalements (données personnelles)",
    )
    other.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="les classeurs de l'échantillon à lire à l'aveugle, de N énoncés en tout",
    )
    export.set_defaults(command=_export)
    yield export

    read = acts.add_parser("import", help="lire un classeur rempli", description=ABOUT_IMPORT)
    read.add_argument("workbooks", type=Path, nargs="+", metavar="CLASSEUR", help="ODS ou XLSX")
    _add_name(read, "qui décide, si le classeur ne le dit pas")
    read.add_argument("--dry-run", action="store_true", help="dire seulement ce qui serait décidé")
    read.set_defaults(command=_import)
    yield read

    undo = acts.add_parser("undo", help="annuler des décisions", description=ABOUT_UNDO)
    undo.add_argument("identifiers", nargs="+", metavar="ID", help="d-… ou i-…")
    _add_name(undo, "qui annule")
    undo.add_argument("--because", metavar="MOTIF", help="pourquoi")
    undo.set_defaults(command=_undo)
    yield undo


def _add_signing(acts: Any) -> Iterator[Parser]:
    validate = acts.add_parser(
        "validate", help="valider la synthèse d'un jour", description=ABOUT_VALIDATE
    )
    validate.add_argument("--because", metavar="MOTIF", help="pourquoi")
    validate.add_argument("--withdraw", action="store_true", help="retirer la validation")
    validate.set_defaults(command=_validate)
    transmit = acts.add_parser(
        "transmit", help="faire l'archive d'une synthèse validée", description=ABOUT_TRANSMIT
    )
    transmit.add_argument("--to", metavar="DESTINATAIRE", help="à qui elle est remise")
    transmit.add_argument(
        "--output", type=Path, metavar="FICHIER", help="où en mettre aussi une copie"
    )
    transmit.set_defaults(command=_transmit)
    for command in (validate, transmit):
        _add_name(command, "nom et qualité de qui en décide", required=True)
        command.add_argument(
            "--as-of", metavar="JOUR", help="jour publié, AAAA-MM-JJ ; par défaut, le dernier"
        )
        yield command


def _add_looking(acts: Any) -> list[Parser]:
    log = acts.add_parser("log", help="le journal des décisions", description=ABOUT_LOG)
    log.set_defaults(command=_log)
    score = acts.add_parser("score", help="mesurer la justesse", description=ABOUT_SCORE)
    score.set_defaults(command=_score)
    for command in (log, score):
        command.add_argument("--json", action="store_true", help="répondre en JSON")
    labels = acts.add_parser(
        "labels", help="les étiquettes données à l'aveugle", description=ABOUT_LABELS
    )
    labels.add_argument(
        "--part",
        choices=["apprentissage", "mesure"],
        default="apprentissage",
        help="la part de l'échantillon (apprentissage)",
    )
    labels.set_defaults(command=_labels)
    return [log, score, labels]


def _add_name(command: Parser, about: str, *, required: bool = False) -> None:
    command.add_argument("--by", metavar="NOM", required=required, help=about)


# --- workbooks -----------------------------------------------------------------------------------


def _export(options: argparse.Namespace) -> int:
    from flows.review import export_review

    run = _prepared(options)
    if code := _publish_again(options, run):
        return code
    if options.sample is not None:
        return _export_sample(options, run)
    paths = export_review(
        run, options.output, options.statements, confidential=options.confidential
    )
    if options.confidential:
        say("Données personnelles : ne transmettez pas ces fichiers, supprimez-les ensuite.", DONE)
    print(*paths, sep="\n")
    return DONE


def _export_sample(options: argparse.Namespace, run: Run) -> int:
    from flows.sampling import write_samples

    written = write_samples(run.home, run.consultation, options.output, options.sample, run.now)
    left = ", ".join(f"lecteur {n}, {count}" for n, count in written.left_counts.items())
    say(f"Énoncés tirés au sort cette fois : {written.drawn_count}. À lire : {left}.", DONE)
    print(*written.paths, sep="\n")
    return DONE


def _import(options: argparse.Namespace) -> int:
    from flows.review import import_workbooks

    run = _prepared(options)
    if code := _publish_again(options, run):
        return code
    imported = import_workbooks(run, options.workbooks, options.by, dry_run=options.dry_run)
    for one in imported:
        for sentence in _import_sentences(one, dry_run=options.dry_run):
            say(sentence, DONE)
    held = DONE if options.dry_run else _publish_again(options, run)
    return REFUSED if any(one.refusals for one in imported) else held


def _import_sentences(imported: Imported, *, dry_run: bool) -> Iterator[str]:
    for refusal in imported.refusals:
        yield f"- {refusal}"
    count = imported.acts.total()
    done = "à enregistrer" if dry_run else "enregistrées" if count > 1 else "enregistrée"
    decided = f"{count or 'Aucune'} décision{'s' * (count > 1)}{f' {done}' if count else ''}"
    said = [f"{decided} ({_counted(imported.acts)})" if count else decided]
    if refused := len(imported.refusals):
        said.append(f"{refused} {'cellules refusées' if refused > 1 else 'cellule refusée'}")
    name = f", lecture {imported.import_id}" if count and not dry_run else ""
    yield f"{imported.path.name}, par {imported.author}{name} : {', '.join(said)}."


def _counted(acts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{acts[act]} {one if acts[act] == 1 else many}"
        for act, (one, many) in ACTS.items()
        if acts.get(act)
    )


def _undo(options: argparse.Namespace) -> int:
    from flows.review import undo

    run = _prepared(options)
    undone = undo(run, options.identifiers, options.by, options.because)
    say(f"Décisions annulées : {_counted(Counter(row['act'] for row in undone))}.", DONE)
    return _publish_again(options, run)


def _publish_again(options: argparse.Namespace, run: Run) -> int:
    """Make the latest publication again if people decided since, or an import was cut short."""
    from flows.review import is_current

    if is_current(run):
        return DONE
    from flows.orchestrator import run_once
    from flows.revision import revision  # after Prefect's settings
    from tasks.publish import Held

    outcome = run_once(revision, consultation=options.consultation, home=run.home.root)
    if isinstance(outcome, Held):
        return say_held(outcome, options)
    say(f"Synthèse refaite : {outcome.link / 'synthese.html'}", DONE)
    say_state(outcome)
    return DONE


def _prepared(options: argparse.Namespace) -> Run:
    """Read the consultation's file, before Prefect is imported."""
    from flows.confinement import use_temporary
    from flows.orchestrator import configure
    from flows.rights import refuse_empty
    from flows.run import prepare_run

    run = prepare_run(options.consultation, options.home)
    refuse_empty(run.home)
    configure(run.home.root)
    use_temporary(run.home.temporary)
    return run


# --- the log -------------------------------------------------------------------------------------


def _log(options: argparse.Namespace) -> int:
    from flows.review import log
    from flows.run import find_home

    return show(log(find_home(options.home)), options.json, log_text)


def log_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write the log for a person, an import after the other."""
    if not rows:
        return "Aucune décision n'a été prise."
    lines: list[str] = []
    for before, row in zip([None, *rows], rows, strict=False):
        if before is None or before["import_id"] != row["import_id"]:
            lines += [
                "",
                f"{row['decided_at']:%d/%m/%Y %H:%M} UTC, {row['decided_by']} ({row['import_id']})",
            ]
        lines.append(f"  {row['decision_id']}  {row['state']:10}  {_told(row)}")
    return "\n".join(lines[1:])


def _told(row: Mapping[str, Any]) -> str:
    change = f"« {row['before']} » → « {row['after']} »" if row["before"] else f"« {row['after']} »"
    told = f"{ACTS[row['act']][0]} {row['subject']}"
    if row["after"]:
        told += f" : {change}"
    return told + (f" ({row['reason']})" if row["reason"] else "")


# --- the blind sample ----------------------------------------------------------------------------


def _score(options: argparse.Namespace) -> int:
    from flows.run import find_home
    from flows.sampling import score, score_text

    return show(score(find_home(options.home)), options.json, score_text)


def _labels(options: argparse.Namespace) -> int:
    from flows.run import find_home
    from flows.sampling import labels

    print(labels(find_home(options.home), options.part), end="")
    return DONE


# --- sign-off ------------------------------------------------------------------------------------


def _validate(options: argparse.Namespace) -> int:
    from flows.signoff import validate, withdraw_validation

    run = _prepared(options)
    decide = withdraw_validation if options.withdraw else validate
    published = decide(run, options.as_of, options.by, options.because)
    done = "n'est plus validée" if options.withdraw else f"est validée par {options.by}"
    say(f"La synthèse au {published.as_of:%d/%m/%Y} {done}.", DONE)
    _notify(run)
    print(published.link)
    return DONE


def _transmit(options: argparse.Namespace) -> int:
    from flows.signoff import transmit

    run = _prepared(options)
    sent = transmit(run, options.as_of, options.by, options.to, options.output)
    say("La synthèse validée est notée transmise. L'archive à remettre :", DONE)
    _notify(run)
    print(options.output or sent.archive)
    return DONE


def _notify(run: Run) -> None:
    """Tell the recipients of what was signed; it is signed, whether they can be told or not."""
    from flows.notification import notify

    with run.home.lock():
        notices = notify(run)
    for notice in notices:
        say(notice.sentence, DONE)
