"""Real use, on a PostgreSQL: migrations one at a time, gunicorn, probes, backups that verify once restored."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from tests.bounds import HANG
from tests.web.conftest import PROGRAMME, People, fixture, use
from tests.web.postgresql import _binaries
from tests.web.test_pages import browser, get
from tests.web.test_register import set_aside

from recevable_web.actions import acts, dossiers
from recevable_web.pages.management.commands.migrate import LOCK
from recevable_web.records.models import (
    Act,
    Dossier,
    DossierVersion,
    Evaluation,
    Letter,
    LetterContent,
    Role,
    Verdict,
    WorkerSign,
)

PORT: Final = 18436
# What a service does not start without.
SERVICE: Final = {
    "SECRET_KEY": "une-cle-de-64-caracteres-tiree-pour-les-essais-et-pour-eux-seuls",
    "HOSTS": "guichet.example",
    "OIDC_URL": "https://identite.example",
    "OIDC_CLIENT_ID": "guichet",
    "OIDC_CLIENT_SECRET": "secret-des-essais",
}
ADDRESS: Final = f"http://127.0.0.1:{PORT}"
PROBE: Final = {"Host": "guichet.example", "X-Forwarded-Proto": "https"}


def environment(url: str, **more: str) -> dict[str, str]:
    """The environment of a command of the server, and nothing else of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RECEVABLE_WEB_", "DJANGO_"))}
    given = {"DATABASE_URL": url, **SERVICE, **more}
    return kept | {f"RECEVABLE_WEB_{name}": value for name, value in given.items()}


def command(url: str, *args: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from recevable_web.manage import main; main()", *map(str, args)]
    return subprocess.run(program, env=environment(url), capture_output=True, text=True, check=check)


@pytest.fixture(scope="module")
def made(_postgresql: str) -> Iterator[dict[str, str]]:
    """URLs of two empty databases of the server of the tests: to be filled, and to be restored."""
    with psycopg.connect(_postgresql, autocommit=True) as admin:
        for name in ("plein", "restaure"):
            admin.execute(f"CREATE DATABASE {name}")
    base = _postgresql.rpartition("/")[0]
    yield {name: f"{base}/{name}" for name in ("plein", "restaure")}
    for one in connections.all():
        one.close()
    with psycopg.connect(_postgresql, autocommit=True) as admin:
        for name in ("plein", "restaure"):
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.thorough
@pytest.mark.usefixtures("_environment")
def test_the_life_of_a_service_on_postgresql(made: dict[str, str], tmp_path: Path) -> None:
    """Migrated by two at once, filled, served by gunicorn, saved by pg_dump, restored, verified."""
    url = made["plein"]
    _refuses_without_migrations(url)
    _migrates_one_at_a_time(url)
    use(url)
    _filled()
    connections["default"].close()
    heads = tmp_path / "tetes.ndjson"
    command(url, "tete", heads)
    _serves(url)
    dump = tmp_path / "guichet.dump"
    subprocess.run([_binaries() / "pg_dump", "--format=custom", "--file", dump, "--dbname", url], check=True)
    restore = [str(_binaries() / "pg_restore"), "--exit-on-error", "--single-transaction", "--dbname", made["restaure"]]
    subprocess.run([*restore, str(dump)], check=True)
    found = command(made["restaure"], "verifier", "--recalculer", "--tetes", heads)
    assert found.stdout.splitlines() == [
        "Registre : 1 actes, 1 têtes comparées.",
        "Versions de dossiers : 2.",
        "Contenus de pièces : 0.",
        "Courriers : 1 ; refaits à l'identique : 1, produits par un autre gabarit : 0.",
        "Évaluations : 2 ; recalculées à l'identique : 2, calculées par une autre version du moteur : 0.",
        "Tout est entier.",
    ]
    # what is kept refuses to change in the restored database too
    with psycopg.connect(made["restaure"]) as other, pytest.raises(psycopg.Error, match="append-only"):
        other.execute("UPDATE records_act SET subject = 'x'")


def _filled() -> None:
    people = People()
    instructor, validator = people("ines", Role.INSTRUCTOR), people("victor", Role.VALIDATOR)
    for name in ("solde-cinq-defauts", "appreciation-consignee"):
        dossiers.receive(instructor, PROGRAMME, fixture(name), f"{name}.json", on=timezone.localdate())
    dossier = Dossier.objects.get(reference__startswith="solde-cinq-defauts")
    proposed = Evaluation.objects.get(version__dossier=dossier).requests.get(name="solde")
    draft = acts.prepare(instructor, dossier, dossier.version, "solde", Verdict(proposed.verdict))
    acts.sign(validator, draft)


def _migrates_one_at_a_time(url: str) -> None:
    program = [sys.executable, "-c", "from recevable_web.manage import main; main()", "migrate"]
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        both = [
            subprocess.Popen(program, env=environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        for _ in range(600):
            if other.execute(waiting).fetchone() == (2,):
                break
            time.sleep(0.1)
        else:
            raise AssertionError("nobody waits for the migrations of another")
        assert other.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,)
        other.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    said = [one.communicate(timeout=HANG) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert sorted("No migrations to apply" in out or "Aucune migration" in out for out, _ in said) == [False, True]


def _gunicorn(url: str) -> subprocess.Popen[str]:
    program: list[str] = [sys.executable, "-m", "gunicorn", "--config", "python:recevable_web.gunicorn"]
    env = environment(url, BIND=f"127.0.0.1:{PORT}", WORKERS="1")
    return subprocess.Popen(
        [*program, "recevable_web.wsgi:application"],
        env=env,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def _refuses_without_migrations(url: str) -> None:
    with _gunicorn(url) as server:
        _, said = server.communicate(timeout=HANG)
    assert server.returncode != 0
    assert "Listening" not in said


def _asked(path: str, headers: dict[str, str] = PROBE) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(ADDRESS + path, headers=headers)) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _serves(url: str) -> None:
    with _gunicorn(url) as server:
        assert server.stderr is not None
        try:
            assert any("Listening at" in line for line in server.stderr)
            assert _asked("/sante") == (200, "ok\n")
            status, ready = _asked("/pret")
            assert (status, ready) == (200, "base : ok\nrègles en vigueur : ok\ntravaux : aucun signe d'un worker\n")
            status, page = _asked("/connexion")
            assert (status, "<h1>Connexion" in page) == (200, True)
            assert _asked("/sante", {**PROBE, "Host": "autre.example"})[0] == 400
        finally:
            server.terminate()
            server.communicate(timeout=HANG)
    assert server.returncode == 0


# A server may load the application before it forks (gunicorn --preload): its processes share no connection.
_LOADED: Final = """
import os, sys, bench_guichet
os.environ.update(bench_guichet.environment(sys.argv[1]))
from recevable_web import wsgi
from django.db import connection
assert connection.connection is None
"""


def test_the_service_that_is_measured_starts_and_holds_no_connection(made: dict[str, str]) -> None:
    """A process forked after the checks must not read the answers of another.  Settings are those of the bench."""
    bench = Path(__file__).parents[2] / "bench"
    # without the settings of the tests, which a service refuses
    env = {name: value for name, value in os.environ.items() if not name.startswith("RECEVABLE_WEB_")}
    env["PYTHONPATH"] = str(bench)
    subprocess.run([sys.executable, "-c", _LOADED, made["plein"]], env=env, check=True)


# --- probes -----------------------------------------------------------------------------------------------------------


def test_the_probe_tells_what_an_operator_looks_at(database: str) -> None:
    assert get(browser(), "/sante").content == b"ok\n"
    WorkerSign.objects.create(name="un", seen_at=timezone.now())
    answer = get(browser(), "/pret")
    assert answer.status_code == 200
    lines = answer.content.decode().splitlines()
    assert lines[:2] == ["base : ok", "règles en vigueur : ok"]
    assert lines[2].startswith("travaux : ok (signe il y a ")
    WorkerSign.objects.update(seen_at=timezone.now() - timedelta(minutes=10))
    assert "dernier signe d'un worker il y a 60" in get(browser(), "/pret").content.decode()
    with connection.cursor() as cursor:
        last = "SELECT max(name) FROM django_migrations WHERE app = 'records'"
        cursor.execute(f"DELETE FROM django_migrations WHERE app = 'records' AND name = ({last})")
    answer = get(browser(), "/pret")
    assert (answer.status_code, answer.content.decode()) == (503, "base : migrations à appliquer\n")


def test_a_service_whose_database_is_away_is_not_ready(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    from django.db import OperationalError

    from recevable_web.pages import health

    def away() -> bool:
        raise OperationalError("connection to server at 10.1.2.3 failed: password")

    monkeypatch.setattr(health, "_missing_migrations", away)
    answer = get(browser(), "/pret")
    assert (answer.status_code, answer.content.decode()) == (503, "base : ne répond pas\n")


# --- SQLite -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path, _environment: None) -> Iterator[Path]:
    """A SQLite database of its own, with two dossiers and an act."""
    path = tmp_path / "guichet.sqlite3"
    use(f"sqlite:///{path}")
    _filled()
    yield path
    connections["default"].close()


def test_a_sqlite_database_is_copied_while_it_is_written(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copie.sqlite3"
    # somebody is writing: the copy has what was committed
    connections["default"].close()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE records_dossier SET state = 'recu'")
    call_command("sauvegarder", str(copy))
    other.execute("ROLLBACK")
    other.close()
    assert copy.stat().st_mode & 0o077 == 0
    use(f"sqlite:///{copy}")
    assert Act.objects.count() == 1
    assert not Dossier.objects.filter(state="recu").exists()
    call_command("verifier", recalculer=True)
    connections["default"].close()
    use(f"sqlite:///{file}")
    with pytest.raises(CommandError, match="existe déjà"):
        call_command("sauvegarder", str(copy))
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        call_command("sauvegarder", str(tmp_path / "absent" / "copie"))
    assert [one.name for one in tmp_path.iterdir() if "en-cours" in one.name] == []


def test_a_database_that_was_altered_does_not_verify(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def verified() -> str:
        with pytest.raises(CommandError, match="cette base n'est pas celle qui a été écrite"):
            call_command("verifier", recalculer=True)
        return capsys.readouterr().err

    call_command("verifier", recalculer=True)
    with set_aside():
        DossierVersion.objects.filter(pk=1).update(composed=b"{}")
        assert "Version 1 : le dossier n'est pas celui qui a été reçu." in verified()
    with set_aside():
        Evaluation.objects.filter(pk=1).update(decision_gz=b"x")
        assert "Évaluation 1 : la décision n'est pas celle qui a été calculée." in verified()
    with set_aside():
        LetterContent.objects.update(pdf=b"%PDF")
        assert "Courrier 1 : le fichier n'est pas celui qui a été produit." in verified()
    with set_aside():
        # the letter and its digest are changed together: the act still seals the first
        LetterContent.objects.update(pdf=b"%PDF")
        Letter.objects.update(sha256=hashlib.sha256(b"%PDF").hexdigest())
        assert "Courrier 1 : le registre ne scelle pas ce fichier." in verified()
    with set_aside():
        LetterContent.objects.update(data=bytes(LetterContent.objects.get().data).replace(b"Madame", b"Bonjour"))
        assert "Courrier 1 : le même gabarit produit maintenant un autre fichier." in verified()
    with set_aside():
        Act.objects.update(subject="x")
        assert "Acte 1 : il a été modifié" in verified()
    with set_aside():
        Evaluation.objects.filter(pk=1).update(on=date(2023, 1, 1))
        assert "Évaluation 1 : le même moteur rend maintenant une autre décision." in verified()


def test_pg_dump_is_named_for_postgresql(database: str, tmp_path: Path) -> None:
    if database == "postgresql":
        with pytest.raises(CommandError, match="pg_dump --format=custom"):
            call_command("sauvegarder", str(tmp_path / "x"))
