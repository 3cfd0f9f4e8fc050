"""A Dovecot of one's own, on loopback, for the time of the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tests.servers.certificates import Authority

PASSWORD = "mot-de-passe-d'essai-é"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%u
auth_failure_delay = 0 secs
mail_max_userip_connections = 100
mailbox_list_index = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
"""


def free_port() -> int:
    """Find a port of loopback that nobody listens to."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Mailboxes:
    """A running Dovecot: any user name is a mailbox, and PASSWORD opens it."""

    folder: Path
    port: int
    tls_port: int
    authority: Path
    uid: int
    gid: int

    def root(self, user: str, folder: str = "INBOX") -> Path:
        """Return the Maildir of a folder, made when it does not exist."""
        root = self.folder / "mail" / user
        if folder != "INBOX":
            root /= "." + folder.encode("utf-7").decode().replace("+", "&")
        for name in ("", "cur", "new", "tmp"):
            path = root / name
            path.mkdir(parents=True, exist_ok=True)
            self._give(path)
        self._give(self.folder / "mail" / user)
        return root

    def _give(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)

    def put(
        self,
        user: str,
        letters: Iterable[bytes],
        folder: str = "INBOX",
        received_at: datetime | None = None,
    ) -> None:
        """Deliver letters."""
        root = self.root(user, folder)
        start = len(list((root / "cur").iterdir())) + len(list((root / "new").iterdir()))
        stamp = time.time_ns() // 1000
        for rank, letter in enumerate(letters, start):
            path = root / "new" / f"{1_578_558_600 + rank}.M{stamp}P{rank}.essai"
            path.write_bytes(letter)
            if received_at is not None:
                os.utime(path, (received_at.timestamp(),) * 2)
            self._give(path)

    def renumber(self, user: str, validity: int) -> None:
        """Change UIDVALIDITY."""
        self.doveadm("mailbox", "update", "-u", user, "--uid-validity", str(validity), "INBOX")

    def expunge(self, user: str, uids: Iterable[int]) -> None:
        """Remove messages for good, as a clerk at another screen does."""
        wanted = ",".join(map(str, uids))
        self.doveadm("expunge", "-u", user, "mailbox", "INBOX", "uid", wanted)

    def flags(self, user: str) -> str:
        """Return the flags of every message as the server has them."""
        return self.doveadm("fetch", "-u", user, "uid flags", "mailbox", "*")

    def forget(self, user: str) -> None:
        """Lose what the server remembers of its numbers, as a restored backup does."""
        root = self.root(user)
        for name in ("dovecot-uidlist", "dovecot-uidvalidity"):
            (root / name).unlink(missing_ok=True)
        for path in root.glob("dovecot.index*"):
            path.unlink()

    def remove(self, user: str) -> None:
        """Delete a mailbox altogether."""
        shutil.rmtree(self.folder / "mail" / user)

    def kill_sessions(self) -> None:
        """Kill -9 the processes that serve this Dovecot's open sessions."""
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            try:
                command = (process / "cmdline").read_bytes()
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if command.startswith(b"dovecot/imap\0") and int(parent) == self.master:
                os.kill(int(process.name), signal.SIGKILL)

    @property
    def master(self) -> int:
        return int((self.folder / "run" / "master.pid").read_text())

    def doveadm(self, *arguments: str) -> str:
        done = subprocess.run(
            ["doveadm", "-c", str(self.folder / "dovecot.conf"), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


class Dovecot:
    """Starts and stops it."""

    def __init__(self) -> None:
        if shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin") is None:
            pytest.fail("Il manque Dovecot : sudo apt install dovecot-imapd")
        # Not a folder of pytest's, which other users than this one cannot enter.
        self._folder = Path(tempfile.mkdtemp(prefix="assises-dovecot-"))
        self._folder.chmod(0o755)
        (self._folder / "mail").mkdir()
        is_root = os.getuid() == 0
        owner = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.getuid())
        authority = Authority(self._folder)
        issued = authority.issue()
        self.mailboxes = Mailboxes(
            self._folder, free_port(), free_port(), authority.file, owner.pw_uid, owner.pw_gid
        )
        os.chown(self._folder / "mail", owner.pw_uid, owner.pw_gid)
        configuration = self._folder / "dovecot.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=self._folder,
                internal="dovecot" if is_root else owner.pw_name,
                login="dovenull" if is_root else owner.pw_name,
                group="dovecot" if is_root else owner.pw_gid,
                certificate=issued.certificate,
                key=issued.key,
                password=PASSWORD,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                port=self.mailboxes.port,
                tls_port=self.mailboxes.tls_port,
            ),
            encoding="utf-8",
        )
        self._process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(configuration)],
            env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 20
        while True:
            if self._process.poll() is not None:
                log = self._folder / "dovecot.log"
                pytest.fail(f"Dovecot ne démarre pas : {log.read_text() if log.exists() else ''}")
            try:
                socket.create_connection(("127.0.0.1", self.mailboxes.tls_port), 1).close()
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)  # it would wait for sessions left open
        self._process.communicate(timeout=20)
        shutil.rmtree(self._folder)
