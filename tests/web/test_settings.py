"""What production refuses to start with, and the demonstration, which refuses nothing of itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import override_settings
from tests.web.test_pages import browser, get, upload

from recevable_web.pages.checks import configuration
from recevable_web.records.models import Account, Dossier
from recevable_web.settings import database as parsed

GOOD = {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": ["guichet.example"], "DEBUG": False, "DEMO": False}


@pytest.mark.parametrize(
    ("wrong", "codes"),
    [
        ({}, []),
        ({"SECRET_KEY": "k" * 49}, ["guichet.E001"]),
        ({"SECRET_KEY": "court", "DEMO": True}, []),
        ({"DEBUG": True}, ["guichet.E002"]),
        ({"ALLOWED_HOSTS": []}, ["guichet.E003"]),
        ({"ALLOWED_HOSTS": ["*"]}, ["guichet.E003"]),
    ],
)
def test_production_refuses_what_would_open_it(wrong: dict[str, object], codes: list[str]) -> None:
    with override_settings(**{**GOOD, **wrong}):
        assert [one.id for one in configuration(())] == codes


@pytest.mark.parametrize("url", ["", "mysql://a/b", "sqlite:", "sqlite://hote/x", "/chemin", "postgresql"])
def test_a_database_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        parsed(url)


def test_the_parts_of_a_database_url() -> None:
    assert parsed("sqlite:////srv/g.sqlite3")["NAME"] == "/srv/g.sqlite3"
    found = parsed("postgresql://a%40b:p%2Fq@hote:5433/base")
    assert [found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "a@b",
        "p/q",
        "hote",
        "5433",
        "base",
    ]


def test_the_demonstration_fills_its_folder_once(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from recevable_web.serve import prepare; prepare(Path('demo'));"
        "from recevable_web.records.models import Account, Dossier, Grant;"
        "print(Account.objects.count(), Grant.objects.count(), Dossier.objects.count())"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("RECEVABLE_WEB_")}
    runs = [
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert runs[0].stdout.splitlines()[-1] == runs[1].stdout.splitlines()[-1]
    accounts, grants, dossiers = map(int, runs[0].stdout.splitlines()[-1].split())
    assert (accounts, grants) == (6, 9)
    assert dossiers > 200
    assert (tmp_path / "demo" / "cle").stat().st_mode & 0o077 == 0


def test_a_service_without_its_demonstration_lists_no_account(people: object, instructor: Account) -> None:
    page = get(browser(), "/connexion").content.decode()
    assert "fournisseur d&#x27;identité" in page or "fournisseur d'identité" in page
    assert instructor.name not in page


def test_a_file_that_is_too_large_is_refused_without_being_kept(instructor: Account) -> None:
    page = upload(browser(instructor), ("gros.json", b"[" + b" " * 3_000_000 + b"]"))
    assert "gros.json : refusé" in page
    assert Dossier.objects.count() == 0
