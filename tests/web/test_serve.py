"""`recevable serve`: what stops it says so in French and exits with 2; a start that was killed goes on."""

from __future__ import annotations

import contextlib
import errno
import lzma
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from tests.bounds import HANG

from recevable.cli.app import run_code
from recevable_web import serve

# How many starts are killed; `.ci/run` asks for more.
KILLS: Final = int(os.environ.get("RECEVABLE_TEST_KILLS", "1"))
ENV: Final = {name: value for name, value in os.environ.items() if not name.startswith(("RECEVABLE_WEB_", "DJANGO_"))}
COMMAND: Final = [sys.executable, "-m", "recevable", "serve"]
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, in this process, for what stops it before it starts."""

    def command(*args: str | Path) -> tuple[int, str]:
        code = run_code(["serve", *map(str, args)])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return command


def test_the_life_of_a_demonstration(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "demo"
    with subprocess.Popen(
        [*COMMAND, "--dossier", folder, "--port", "0", "--vide"],
        env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        first = server.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", first)
        assert found is not None, first
        assert "Valérie Validation (valideur)" in server.stdout.readline()
        with urllib.request.urlopen(found[0]) as page:
            assert "<h1>Connexion</h1>" in page.read().decode()
        # its folder and its port are held
        assert run("--dossier", folder, "--port", "0") == (
            2,
            f"recevable : `{folder}` sert déjà à un autre guichet. Arrêtez-le, ou donnez un autre répertoire "
            "(--dossier).\n  aide : recevable serve --help\n",
        )
        code, printed = run("--dossier", tmp_path / "autre", "--port", found[1])
        assert (code, f"le port {found[1]} est déjà pris" in printed) == (2, True)
        assert not (tmp_path / "autre").exists()
        server.send_signal(signal.SIGINT)
        rest, errors = server.communicate(timeout=HANG)
    assert server.returncode == 0
    assert rest.endswith("Guichet arrêté.\n")
    assert errors == ""
    assert (folder / "cle").stat().st_mode & 0o077 == 0


def test_a_folder_of_somebody_else_is_not_touched(tmp_path: Path, run: Run) -> None:
    (tmp_path / "these.odt").write_text("dix ans de travail")
    code, printed = run("--dossier", tmp_path, "--port", "0")
    assert (code, "contient autre chose qu'une démonstration : rien n'y est touché" in printed) == (2, True)
    assert [one.name for one in tmp_path.iterdir()] == ["these.odt"]
    code, printed = run("--dossier", tmp_path / "these.odt", "--port", "0")
    assert (code, "c'est un fichier" in printed) == (2, True)
    code, printed = run("--dossier", tmp_path / "these.odt" / "demo", "--port", "0")
    assert (code, "un fichier est à la place d'un de ses répertoires" in printed) == (2, True)
    assert run("--dossier", "/proc/demo", "--port", "0")[0] == 2


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "vous n'avez pas le droit d'y écrire"),
        (errno.EROFS, "il est en lecture seule"),
        (errno.ENOSPC, "il n'y a plus de place"),
        (errno.EIO, f"erreur {errno.EIO} du système"),
    ],
)
def test_a_folder_that_cannot_be_written_says_why(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refused)
    code, printed = run("--dossier", tmp_path / "demo", "--port", "0")
    assert (code, words in printed) == (2, True)


def test_an_address_of_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve._listening(0, ipv6=True) as server:
        assert server.socket.family == socket.AF_INET6
        assert server.server_name == "::1"


def test_a_machine_without_ipv6_says_so(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.EADDRNOTAVAIL, "no")

    monkeypatch.setattr(serve._Server, "server_bind", none)
    code, printed = run("--dossier", tmp_path / "demo", "--ipv6")
    assert (code, "cette machine n'a pas d'adresse IPv6" in printed) == (2, True)
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("port", ["-1", "65536", "huit"])
def test_a_port_that_is_none_is_refused(run: Run, port: str) -> None:
    assert run("--port", port)[0] == 2


def test_without_the_extra_it_says_what_to_install() -> None:
    without = "import sys; sys.modules['django'] = None"
    code = f"{without}; from recevable.cli.app import run_code; sys.exit(run_code(['serve']))"
    found = subprocess.run([sys.executable, "-c", code], env=ENV, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "pip install 'recevable[web]'" in found.stderr


# Fewer samples than there are: what is tried is the start, not the number.
_START: Final = """
import sys
from pathlib import Path
import recevable
real = recevable.sample_dossiers
recevable.sample_dossiers = lambda name: real(name)[:12]
from recevable_web.serve import prepare
prepare(Path(sys.argv[1]))
from recevable_web.records.models import Account, Dossier, DossierVersion, Grant, PackFile, Publication
print(*(model.objects.count() for model in (Account, Grant, Publication, Dossier, DossierVersion)))
"""

_LIVED: Final = ("dossier", "dossierversion")


@pytest.mark.thorough
def test_a_start_that_was_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [sys.executable, "-c", _START, str(folder)]
    chance = random.Random(20261129)
    for _ in range(KILLS):
        with subprocess.Popen(command, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
            time.sleep(chance.uniform(0.1, 4))
            killed.kill()
    life = tmp_path / "vie.sqlite3"
    life.write_bytes(lzma.decompress(serve.archive().read_bytes()))
    with contextlib.closing(sqlite3.connect(life)) as base:
        lived = [base.execute(f"SELECT count(*) FROM records_{name}").fetchone()[0] for name in _LIVED]
    for _ in range(2):
        found = subprocess.run(command, env=ENV, capture_output=True, text=True, check=True)
        accounts, grants, published, *counts = map(int, found.stdout.splitlines()[-1].split())
        # the rules of today, too, if they are not those of the life
        assert (accounts, grants, published in (1, 2)) == (6, 9, True)
        assert counts == [12 + number for number in lived]


@pytest.mark.parametrize("what", ["key", "database", "version"])
def test_a_folder_that_was_left_in_pieces(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    command = [*COMMAND, "--dossier", str(folder), "--port", "0", "--vide"]
    if what == "key":
        # cut while the key was written: it is made again
        (folder / "cle.123").write_text("")
        assert len(serve._key(folder)) >= 64
        serve._ours(folder)
        return
    serve._key(folder)
    base = folder / "guichet.sqlite3"
    if what == "database":
        base.write_bytes(b"ce n'est pas une base" * 100)
    else:
        with sqlite3.connect(base) as other:
            other.execute("CREATE TABLE django_migrations (id integer primary key, app text, name text, applied text)")
            other.execute("INSERT INTO django_migrations VALUES (1, 'records', '9999_plus_tard', '2030-01-01')")
        other.close()
    found = subprocess.run(command, env=ENV, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    said = "ne peut pas servir" if what == "database" else "vient d'une autre version"
    assert said in found.stderr
    assert f"Effacez `{folder}` pour recommencer" in found.stderr
