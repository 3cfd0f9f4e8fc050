"""The home: whose it is, its room, and whether all that it holds can be read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from stat import S_ISLNK

from flows.doctor.findings import OTHERS, Said, Visit, fine, repair, see
from flows.run import FREE_BYTES
from flows.terminal import amount_fr, plural
from warehouse.database import Database
from warehouse.files import STAGED, unreadable
from warehouse.home import ExpiredError, Home, account_name, key_fingerprint
from warehouse.publication import LATEST, VERSIONS, Shelf
from warehouse.store import check_store as try_store

# --- the folder ----------------------------------------------------------------------------------


def check_folder(visit: Visit) -> Iterator[Said]:
    """Look whose the folder and its files are, and who else may read them."""
    root = visit.home.root
    if not root.exists():
        place = _existing(root)
        if os.access(place, os.W_OK):
            yield fine(f"{root} sera créé à la première exécution")
        else:
            yield repair(
                f"{root} ne peut pas être créé : {place} n'est pas à {account_name(os.geteuid())}."
            )
        return
    if (owner := root.stat().st_uid) != os.geteuid():
        yield repair(
            f"{root} est à {account_name(owner)}, et vous êtes {account_name(os.geteuid())} : "
            f"lancez tout sous le même compte (sudo -u {account_name(owner)} assises …)."
        )
        return
    found = dict(_files(root))
    said = [*_strays(root, found), *_open_to_others(root, found)]
    yield from said or [fine(f"{root}, à {account_name(owner)} seul")]


def _files(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield what a folder holds and is, links apart; what a run takes away meanwhile is nothing."""
    for path in (root, *root.rglob("*")):
        with suppress(FileNotFoundError):
            about = path.lstat()
            if not S_ISLNK(about.st_mode):
                yield path, about


def _strays(root: Path, found: Mapping[Path, os.stat_result]) -> Iterator[Said]:
    me = os.geteuid()
    strays = [path for path, about in found.items() if about.st_uid != me]
    if strays:
        yield repair(
            f"{plural(len(strays), 'fichier', 'fichiers')} d'un autre compte que "
            f"{account_name(me)}, dont {strays[0]} : "
            f"sudo chown -R {account_name(me)} {root}"
        )


def _open_to_others(root: Path, found: Mapping[Path, os.stat_result]) -> Iterator[Said]:
    if found[root].st_mode & OTHERS:
        yield repair(f"{root} est ouvert à d'autres comptes : chmod -R go-rwx {root}")
    elif count := sum(bool(about.st_mode & OTHERS) for about in found.values()):
        yield see(
            f"{plural(count, 'fichier serait ouvert', 'fichiers seraient ouverts')} à d'autres "
            "comptes hors de ce dossier : "
            f"chmod -R go-rwx {root}"
        )


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())


def check_consultation(visit: Visit) -> Iterator[Said]:
    """Compare whose home it is with the consultation's file."""
    bound, slug = visit.home.vault.consultation, visit.run.consultation.slug
    if bound in (None, slug):
        yield fine("aucun message encore" if bound is None else f"« {slug} »")
    else:
        yield repair(
            f"{visit.home.root} est le dossier de « {bound} », pas de « {slug} » : corrigez "
            "--consultation ou --home."
        )


def check_disk(visit: Visit) -> Iterator[Said]:
    """Compare the room that is left with what a run takes."""
    place = _existing(visit.home.root)
    free, wanted = shutil.disk_usage(place).free, _room(visit.home)
    told = f"{amount_fr(free)} libres sous {place}, une exécution en demande jusqu'à "
    told += amount_fr(wanted)
    if free < FREE_BYTES:
        yield repair(f"{told} : libérez de la place.")
    else:
        yield see(f"{told} : faites de la place.") if free < wanted else fine(told)


def _room(home: Home) -> int:
    """Estimate what a run writes before it removes anything: a publication, the database."""
    latest = (home.published / LATEST).resolve()
    files = [path for path in latest.rglob("*") if path.is_file()]
    files += [home.database] if home.database.exists() else []
    return FREE_BYTES + 2 * sum(path.stat().st_size for path in files)


def check_store(visit: Visit) -> Iterator[Said]:
    """Try the store where messages are kept, if there is one: write, read, remove."""
    address = visit.home.store
    if address is None:
        yield fine("les messages sont dans ce dossier")
        return
    try_store(address)
    yield fine(f"les messages sont dans {address}, qui se lit et s'écrit")


# --- what runs left ------------------------------------------------------------------------------


def check_lock(visit: Visit) -> Iterator[Said]:
    """Say whether a run is in progress."""
    owner = visit.home.owner()
    yield fine("personne" if owner is None else f"une exécution est en cours (PID {owner})")


def check_leftovers(visit: Visit) -> Iterator[Said]:
    """Look for what a killed run was still writing."""
    home = visit.home
    if home.owner() is not None:
        yield fine("une exécution est en cours")
        return
    left = [*home.root.rglob(f"{STAGED}*"), *home.temporary.glob("*")]
    if left:
        files = plural(len(left), "fichier", "fichiers")
        yield see(f"{files} d'une exécution interrompue : la prochaine fait place nette.")
    else:
        yield fine("rien d'inachevé")


def check_journal(visit: Visit) -> Iterator[Said]:
    """Say how the last run ended."""
    entries = visit.home.journal.entries()
    if not entries:
        yield fine("aucune exécution encore")
        return
    last = entries[-1]
    begun = f"celle du {datetime.fromisoformat(last['started_at']):%d/%m/%Y à %H:%M} UTC"
    if last["outcome"] == "failed":
        yield see(f"{begun} a échoué : {last['sentence']}")
    elif last["outcome"] == "held":
        told = " ; ".join(gate["sentence"] for gate in last["gates"])
        yield see(f"{begun} a retenu la publication : {told}")
    elif last["ended_at"] is None and visit.home.owner() is None:
        yield see(f"{begun} a été interrompue : la prochaine reprend son travail.")
    else:
        yield fine(f"{plural(len(entries), 'exécution', 'exécutions')}, la dernière est {begun}")


# --- what it holds -------------------------------------------------------------------------------


def check_key(visit: Visit) -> Iterator[Said]:
    """Compare the key of the pseudonyms with the one that the vault was filled under."""
    try:
        key = visit.home.held_key()
    except ExpiredError as error:
        yield see(str(error))
        return
    if key is None:
        yield fine("sera faite à la première exécution")
    else:
        yield fine(f"celle du coffre (empreinte {key_fingerprint(key)[:12]}…)")


def check_vault(visit: Visit) -> Iterator[Said]:
    """Read the vault: footers, or every message against its sum."""
    vault = visit.home.vault
    lost = vault.damaged(whole=visit.thorough)
    for path in lost:
        if "parsed" in path.relative_to(vault.root).parts:
            yield repair(f"{path} est abîmé : lancez « assises rebuild ».")
        else:
            yield repair(f"{path} est abîmé : remettez celui de la sauvegarde (assises restore).")
    if not lost:
        files = plural(len(vault.batches()), "fichier", "fichiers")
        yield fine(f"{files} de messages : {'tout est lu' if visit.thorough else 'tout se lit'}")


def check_decisions(visit: Visit) -> Iterator[Said]:
    """Read every decision."""
    root = visit.home.decisions.root
    lost = unreadable(root, whole=True)
    yield from (
        repair(f"{path} est abîmé : remettez celui de la sauvegarde (assises restore).")
        for path in lost
    )
    if not lost:
        yield fine(f"{_tables(root)} : tout est lu")


def check_lake(visit: Visit) -> Iterator[Said]:
    """Read the lake: footers, or every row."""
    root = visit.home.lake.root
    lost = unreadable(root, whole=visit.thorough)
    for path in lost:
        yield repair(f"{path} est abîmé : lancez « assises rebuild ».")
    if not lost:
        yield fine(f"{_tables(root)} : tout {'est lu' if visit.thorough else 'se lit'}")


def _tables(root: Path) -> str:
    return plural(len(list(root.rglob("*.parquet"))), "fichier", "fichiers")


def check_database(visit: Visit) -> Iterator[Said]:
    """Open the working database, unless a run works in it."""
    path = visit.home.database
    if visit.home.owner() is not None:
        yield fine("une exécution s'en sert")
    elif not path.exists():
        yield fine("sera faite à la prochaine exécution")
    else:
        Database.check(path, whole=visit.thorough)
        yield fine(f"s'ouvre, {amount_fr(path.stat().st_size)}")


def check_publications(visit: Visit) -> Iterator[Said]:
    """Compare what is served, or with `thorough` all that is kept, with its own sums."""
    shelf = Shelf(visit.home.published)
    for name in shelf.broken_links():
        yield repair(
            f"published/{name} ne mène à aucune publication : supprimez ce lien, puis relancez "
            "« assises run » pour ce jour."
        )
    kept = sorted(f"{VERSIONS}/{path.name}" for path in (shelf.root / VERSIONS).glob("*"))
    served = [LATEST] if (shelf.root / LATEST).exists() else []
    for name in kept if visit.thorough else served:
        yield _compared(shelf, name, whole=visit.thorough)
    if not kept:
        yield fine("rien n'est encore publié")


def _compared(shelf: Shelf, name: str, *, whole: bool) -> Said:
    try:
        published = shelf.get(name)
    except ValueError:
        published = None
    if published is None:
        return repair(
            f"{(shelf.root / name).resolve()} est illisible : supprimez ce dossier, puis relancez "
            "« assises run » pour ce jour."
        )
    day = f"{published.as_of:%d/%m/%Y}"
    if lost := published.damaged(whole=whole):
        return repair(
            f"Synthèse au {day}, fichiers abîmés : {', '.join(lost)}. Supprimez "
            f"{published.folder}, puis « assises run --as-of {published.as_of} »."
        )
    return fine(f"synthèse au {day}, version {published.version} : tous ses fichiers sont justes")
