"""What production refuses to start with, and the demonstration, which refuses nothing of itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.test import override_settings
from tests.web.test_pages import browser, get, upload

from recevable_web import settings as web_settings
from recevable_web.pages.checks import configuration, invented, service
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


REAL = {
    **GOOD, "SECRET_KEY": "0123456789abcdef" * 4, "LIMITS": True, "UNCONFIRMED_LETTERS": False,
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "OIDC": {"URL": "https://identite.example", "CLIENT_ID": "a", "CLIENT_SECRET": "b", "ACR": ["eidas2"]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "codes"),
    [
        ({}, []),
        ({"SECRET_KEY": "essai" * 12}, ["guichet.E001"]),
        ({"SECRET_KEY": "django-insecure-" + "0123456789abcdef" * 3}, ["guichet.E001"]),
        ({"SESSION_COOKIE_SECURE": False}, ["guichet.E004"]),
        ({"CSRF_COOKIE_SECURE": False}, ["guichet.E004"]),
        ({"SECURE_SSL_REDIRECT": False}, ["guichet.E004"]),
        ({"SESSION_COOKIE_NAME": "session"}, ["guichet.E004"]),
        ({"LIMITS": False}, ["guichet.E005"]),
        ({"UNCONFIRMED_LETTERS": True}, ["guichet.E021"]),
        ({"OIDC": {**REAL["OIDC"], "URL": ""}}, ["guichet.E006"]),  # type: ignore[dict-item]
        ({"OIDC": {**REAL["OIDC"], "CLIENT_SECRET": ""}}, ["guichet.E006"]),  # type: ignore[dict-item]
        ({"OIDC": {**REAL["OIDC"], "ACR": []}}, ["guichet.E006"]),  # type: ignore[dict-item]
        ({"OIDC": {**REAL["OIDC"], "URL": "http://identite.example"}}, ["guichet.E007"]),  # type: ignore[dict-item]
        ({"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}}, ["guichet.E008"]),
        ({"DEMO": True}, ["guichet.E009"]),
    ],
)
def test_a_service_refuses_to_start_with_what_is_of_a_demonstration(wrong: dict[str, object], codes: list[str]) -> None:
    # the settings alone: no database is opened
    given = SimpleNamespace(**{**vars(web_settings), **REAL, **wrong})
    with patch("recevable_web.pages.checks.settings", given):
        assert [one.id for one in service(())] == codes


def test_a_service_refuses_the_accounts_of_a_demonstration(database: str) -> None:
    assert invented((), databases=["default"]) == []
    Account.objects.create_account("demo0@guichet.example", "Inventée")
    assert [one.id for one in invented((), databases=["default"])] == ["guichet.E010"]
    with override_settings(DEMO=True):
        assert invented((), databases=["default"]) == []


def started(tmp_path: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Load the application as a WSGI server does."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RECEVABLE_WEB_", "DJANGO_"))}
    env |= {f"RECEVABLE_WEB_{name}": value for name, value in given.items()}
    command = [sys.executable, "-c", "import recevable_web.wsgi"]
    return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)


def test_the_server_does_not_start_with_what_would_open_it(tmp_path: Path) -> None:
    found = started(tmp_path, SECRET_KEY="k" * 60, HOSTS="*")
    assert found.returncode == 1
    for code in ("E001", "E003", "E006", "E008"):
        assert f"guichet.{code}" in found.stderr
    assert started(tmp_path, SECRET_KEY="k" * 60, DEMO="oui").returncode == 0


def test_the_accounts_of_the_demonstration_open_from_this_machine_only(instructor: Account) -> None:
    with override_settings(DEMO=True):
        form = {"compte": instructor.pk}
        for seen in ({"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": ""}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}):
            client = browser()
            page = client.get("/connexion", secure=True, **seen).content.decode()  # type: ignore[arg-type]
            assert instructor.name not in page
            client.post("/connexion", form, secure=True, **seen)  # type: ignore[arg-type]
            assert get(client, "/mon-compte").status_code == 302
        for seen in ({"REMOTE_ADDR": "127.0.0.1"}, {"REMOTE_ADDR": "::1"}):
            client = browser()
            client.post("/connexion", form, secure=True, **seen)  # type: ignore[arg-type]
            assert get(client, "/mon-compte").status_code == 200
    client = browser()
    client.post("/connexion", {"compte": instructor.pk}, secure=True)
    assert get(client, "/mon-compte").status_code == 302


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


def test_a_service_without_its_demonstration_lists_no_account(people: object, instructor: Account) -> None:
    page = get(browser(), "/connexion").content.decode()
    assert "fournisseur d&#x27;identité" in page or "fournisseur d'identité" in page
    assert instructor.name not in page


def test_a_file_that_is_too_large_is_refused_without_being_kept(instructor: Account) -> None:
    page = upload(browser(instructor), ("gros.json", b"[" + b" " * 3_000_000 + b"]"))
    assert "gros.json : refusé" in page
    assert Dossier.objects.count() == 0
