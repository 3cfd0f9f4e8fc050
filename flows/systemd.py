"""The daily run as a service and a timer of systemd, for a machine without a Prefect server.

A run missed while the machine was off is made at its start, once for all the days missed.
"""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path
from typing import Final

from flows.run import Run
from tasks.schedule import schedule_of
from warehouse.files import is_local

CHECKOUT: Final = Path(__file__).parents[1]
SERVICE: Final = """[Unit]
Description=Synthèse quotidienne : {title}
Documentation=file://{checkout}/docs/operations.md
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
WorkingDirectory={checkout}
ExecStart={program} run --consultation {consultation}{engine}
# 4 : rien n'est dû ce jour-là, ou la consultation est close.
SuccessExitStatus=4
Environment=ASSISES_HOME={home}
# Les secrets que le fichier de la consultation nomme « env:NOM » : une ligne NOM=valeur
# chacun, à root seul (0600).
EnvironmentFile=-/etc/assises/{slug}.env

# Le reste du système ne se lit que pour travailler, et ne s'écrit pas.
UMask=0077
LimitCORE=0
ProtectSystem=strict
ReadWritePaths={home}{shared}
PrivateTmp=true
PrivateDevices=true
ProtectHome=read-only
ProtectClock=true
ProtectControlGroups=true
ProtectHostname=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
NoNewPrivileges=true
CapabilityBoundingSet=
LockPersonality=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
SystemCallArchitectures=native
SystemCallFilter=@system-service
"""
TIMER: Final = """[Unit]
Description=Chaque jour à {at:%H:%M} ({zone}) : {title}

[Timer]
OnCalendar=*-*-* {at:%H:%M:%S} {zone}
Persistent=true

[Install]
WantedBy=timers.target
"""


def write_units(run: Run, consultation: Path, folder: Path) -> list[Path]:
    """Write the service and the timer of a consultation's daily run; return where.

    The home is made: what systemd lets a service write must exist.
    """
    asked, schedule = run.consultation, schedule_of(run.consultation)
    run.home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = run.home.store
    facts = {
        "title": _escaped(" ".join(asked.title.split())),
        "slug": asked.slug,
        "checkout": _escaped(str(CHECKOUT)),
        "program": _quoted(Path(sys.executable).parent / "assises"),
        "consultation": _quoted(consultation.resolve()),
        "home": _quoted(run.home.root),
        "shared": f" {_quoted(run.home.stored)}" if is_local(run.home.stored) and store else "",
        "engine": f" --engine {_escaped(run.engine.name)}" if run.engine else "",
        "user": pwd.getpwuid(os.getuid()).pw_name,
        "at": schedule.at,
        "zone": schedule.timezone.key,
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, template in (("service", SERVICE), ("timer", TIMER)):
        written.append(folder / f"assises-{asked.slug}.{kind}")
        written[-1].write_text(template.format(**facts), encoding="utf-8")
        written[-1].chmod(0o644)
    return written


def _quoted(path: Path) -> str:
    r"""Return a path as one word of a unit: quoted, what systemd would read in it escaped."""
    inside = _escaped(str(path)).replace("\\", r"\\").replace('"', r"\"")
    return f'"{inside}"'


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
