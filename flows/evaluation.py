"""How well would a run tell themes and kinds? Its answers beside what readers said.

Statements are labelled whole, as they stand in the table. Nothing of ASSISES_HOME is read or
written; training happens here only, never in a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flows.run import UsageError, read_consultation, read_learnt
from tasks.baselines import tell_by_words, tell_in_turn, tell_majority, tell_titles
from tasks.consultation import Consultation
from tasks.language.evaluation import score
from tasks.language.kinds import classify_kinds
from tasks.language.labelled import (
    LabelError,
    Labelled,
    folded_words,
    read_labelled,
    repeated_units,
)
from tasks.language.linear import LinearModel
from tasks.language.themes import ThemeModel
from warehouse.contracts import KINDS
from warehouse.files import write_bytes

TABLE_BEGINS: Final = b"feature,"
BASELINES: Final = {
    "majority": "toujours le plus fréquent",
    "titles": "mots des intitulés",
    "tfidf": "TF-IDF et régression logistique",
}
NAMES: Final = {"theme": "Thème", "kind": "Nature"}


@dataclass(frozen=True)
class Request:
    """What to evaluate: the labelled statements, the consultation, by which of its two modes."""

    gold: Path
    consultation: Path
    definitions_only: bool = False
    labels: Sequence[Path] = ()
    write: Path | None = None


@dataclass(frozen=True)
class _Trained:
    """The table that themes are told with, and the labels it was learnt from if it was now."""

    model: LinearModel
    facts: dict[str, Any]
    statements: Sequence[Labelled] = ()


def evaluate(request: Request) -> dict[str, Any]:
    """Score themes and kinds of the labelled statements, with the plain answers beside them.

    Raises UsageError when a table, a code or a combination of options is wrong.
    """
    declared = read_consultation(request.consultation)
    codes = list(declared.theme_labels())
    gold = _read_labels(request.gold, codes)
    _refuse_to_overwrite(request)
    trained = _trained(request, declared, gold)
    model = ThemeModel.of(
        declared.themes, declared.hors_theme_counter_cues, trained.model if trained else None
    )
    if request.write and trained:
        write_bytes(request.write, trained.model.write().encode())
    themed, kinded = [one for one in gold if one.theme], [one for one in gold if one.kind]
    texts = [one.text for one in themed]
    themes = [label.theme for label in model.classify(texts, [None] * len(texts))]
    kinds = [label.kind for label in classify_kinds([one.text for one in kinded])]
    known = trained.statements if trained else ()
    return {
        "mode": "trained" if trained else "definitions",
        "trained": trained.facts if trained else None,
        "gold": str(request.gold),
        "repeated_unit_count": repeated_units(gold),
        "theme": _facts([one.theme or "" for one in themed], themes, codes),
        "kind": _facts([one.kind or "" for one in kinded], kinds, KINDS),
        "baselines": {
            "theme": _theme_baselines(themed, known, declared),
            "kind": _kind_baselines(kinded, known),
        },
    }


def _facts(
    truth: Sequence[str], told: Sequence[str], order: Sequence[str]
) -> dict[str, Any] | None:
    return score(truth, told, order).facts() if truth else None


# --- what is read --------------------------------------------------------------------------------


def _read_labels(
    path: Path, codes: Sequence[str], required: Sequence[str] = ("text", "theme", "kind")
) -> list[Labelled]:
    try:
        return read_labelled(_content(path), codes, required)
    except LabelError as error:
        raise UsageError(f"{path} : {error}.") from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"Le fichier {path} n'existe pas : vérifiez son nom.") from None
    except OSError:
        raise UsageError(f"Le fichier {path} ne peut pas être lu.") from None


def _trained(request: Request, declared: Consultation, gold: Sequence[Labelled]) -> _Trained | None:
    """Return the table to tell themes with; null for the definitions alone."""
    if request.labels:
        return _train(request.labels, list(declared.theme_labels()), gold)
    learnt = None
    if not request.definitions_only:
        learnt = read_learnt(declared, request.consultation.resolve().parent)
    if learnt is None:
        return None
    return _Trained(LinearModel.read(learnt), {"table": declared.trained})


def _train(paths: Sequence[Path], codes: Sequence[str], gold: Sequence[Labelled]) -> _Trained:
    """Learn themes from the labelled statements that are not among those to be scored."""
    from tasks.training import train_themes

    statements = [one for path in paths for one in _read_labels(path, codes, ("text", "theme"))]
    scored = {folded_words(one.text) for one in gold}
    kept = [one for one in statements if folded_words(one.text) not in scored]
    texts, themes = _labels_of(kept, "theme")
    if len(set(themes)) < 2:
        raise UsageError(
            f"{', '.join(map(str, paths))} : pour apprendre, il faut des énoncés d'au moins deux "
            f"thèmes qui ne soient pas parmi ceux à évaluer ; il en reste {len(themes)}."
        )
    facts = {
        "labels": [str(path) for path in paths],
        "statement_count": len(themes),
        "left_out_count": len(statements) - len(kept),
    }
    return _Trained(train_themes(texts, themes), facts, kept)


def _refuse_to_overwrite(request: Request) -> None:
    """Raise before anything is learnt when the table cannot be written where it is asked."""
    path = request.write
    if path is None:
        return
    if not request.labels:
        raise UsageError(
            "--write enregistre la table apprise : donnez aussi --train et les énoncés étiquetés."
        )
    if path.exists() and not (path.is_file() and _content(path).startswith(TABLE_BEGINS)):
        raise UsageError(
            f"{path} existe et n'est pas une table apprise : donnez un autre nom avec --write."
        )


# --- what is compared ----------------------------------------------------------------------------


def _theme_baselines(
    themed: Sequence[Labelled], known: Sequence[Labelled], declared: Consultation
) -> dict[str, Any]:
    texts, truth = _labels_of(themed, "theme")
    if not truth:
        return {}
    titles = score(truth, tell_titles(texts, declared.themes)).summary()
    plain = _plain_baselines(texts, truth, *_labels_of(known, "theme"))
    return {"majority": plain["majority"], "titles": titles, "tfidf": plain["tfidf"]}


def _kind_baselines(kinded: Sequence[Labelled], known: Sequence[Labelled]) -> dict[str, Any]:
    texts, truth = _labels_of(kinded, "kind")
    return _plain_baselines(texts, truth, *_labels_of(known, "kind")) if truth else {}


def _plain_baselines(
    texts: Sequence[str],
    truth: Sequence[str],
    known_texts: Sequence[str],
    known_labels: Sequence[str],
) -> dict[str, Any]:
    """Score the commonest label, and words weighed on known labels or, without any, in turn."""
    if known_labels:
        told, learnt_from = tell_by_words(known_texts, known_labels, texts), "labels"
    else:
        told, learnt_from = tell_in_turn(texts, truth), "cross_validation"
    return {
        "majority": score(truth, tell_majority(truth)).summary(),
        "tfidf": score(truth, told).summary() | {"learnt_from": learnt_from},
    }


def _labels_of(statements: Sequence[Labelled], what: str) -> tuple[list[str], list[str]]:
    """Return the texts that have a theme or kind, and these."""
    found = [(one.text, label) for one in statements if (label := getattr(one, what))]
    return [text for text, _ in found], [label for _, label in found]


# --- what a person reads -------------------------------------------------------------------------


def evaluation_text(found: dict[str, Any]) -> str:
    """Write an evaluation for a person: the mode, then for themes and kinds the scores."""
    lines = [f"Mode : {_mode(found)}"]
    for what in NAMES:
        if scores := found[what]:
            lines += ["", *_scores_lines(NAMES[what], scores)]
            lines += ["", *_baseline_lines(scores, found["baselines"][what])]
        else:
            lines += ["", f"{NAMES[what]} : aucun énoncé étiqueté"]
    return "\n".join(lines)


def _mode(found: dict[str, Any]) -> str:
    trained = found["trained"]
    if trained is None:
        return "définitions seules"
    if "table" in trained:
        return (
            f"appris (table {trained['table']}) ; ne vaut que si aucun énoncé évalué n'a servi à "
            "la faire"
        )
    return (
        f"appris sur {trained['statement_count']} énoncés étiquetés ; "
        f"{trained['left_out_count']} laissés de côté, car parmi ceux à évaluer"
    )


def _scores_lines(name: str, scores: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{name} : macro-F1 {_with_interval(scores)}, exactitude {_decimal(scores['accuracy'])}, "
        f"{scores['statement_count']} énoncés"
    )
    yield from _table(
        ["", "précision", "rappel", "F1", "énoncés"],
        [
            [
                code,
                *(_decimal(of[key]) for key in ("precision", "recall", "f1")),
                str(of["support"]),
            ]
            for code, of in scores["by_class"].items()
        ],
    )
    yield ""
    yield f"{name} étiqueté (lignes) et trouvé (colonnes)"
    confusion = scores["confusion"]
    rows = [[true, *map(str, told.values())] for true, told in confusion.items()]
    yield from _table(["", *confusion], rows)


def _baseline_lines(scores: dict[str, Any], baselines: dict[str, Any]) -> Iterator[str]:
    yield "Pour comparer, macro-F1"
    rows = [["assises", _with_interval(scores)]]
    for name, of in baselines.items():
        by_turns = of.get("learnt_from") == "cross_validation"
        label = BASELINES[name] + (" (validation croisée)" if by_turns else "")
        rows.append([label, _with_interval(of)])
    width = max(len(label) for label, _ in rows)
    yield from (f"  {label:{width}}  {value}" for label, value in rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Align cells: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for first, *others in (header, *rows):
        cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        yield "  " + "  ".join([f"{first:{widths[0]}}", *cells])


def _with_interval(scores: dict[str, Any]) -> str:
    low, high = scores["interval"]
    return f"{_decimal(scores['macro_f1'])} [{_decimal(low)} ; {_decimal(high)}]"


def _decimal(value: float) -> str:
    return f"{value:.3f}".replace(".", ",")
