"""A database per worker of the tests, migrated once; each test in a transaction that is rolled back.

`database` runs a test on SQLite, and on PostgreSQL where the module is marked `both_databases`; everywhere with
RECEVABLE_TEST_DATABASES=all.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

os.environ.setdefault("RECEVABLE_WEB_SECRET_KEY", "essai" * 10)
os.environ.setdefault("RECEVABLE_WEB_HOSTS", "guichet.example")
# the texts of the shipped programme are still to be confirmed
os.environ.setdefault("RECEVABLE_WEB_COURRIERS_A_CONFIRMER", "oui")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recevable_web.settings")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import setup_test_environment, teardown_test_environment
from tests.web.postgresql import server

from recevable import open_programme
from recevable_web import packs
from recevable_web import settings as web_settings
from recevable_web.records.models import Account, Grant, Role

FIXTURES: Final = Path(__file__).parents[2] / "fixtures" / "af-ope-mss"
PROGRAMME: Final = "af-ope-mss"
DAY: Final = date(2023, 9, 4)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the run on PostgreSQL of a test that is run on SQLite too, where both need not be."""
    if os.environ.get("RECEVABLE_TEST_DATABASES") == "all":
        return
    known = {item.nodeid for item in items}
    left_out = {
        item
        for item in items
        if "postgresql" in item.nodeid
        and item.nodeid.replace("postgresql", "sqlite") in known
        and item.get_closest_marker("both_databases") is None
    }
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of its own, for processes that are killed."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tue.sqlite3'}"
    else:
        with server() as found:
            yield found


@pytest.fixture(scope="session")
def _environment() -> Iterator[None]:
    setup_test_environment()
    # else each client of a test reads the 1 600 files of the DSFR anew, which costs half a second
    settings.WHITENOISE_AUTOREFRESH = True
    yield
    teardown_test_environment()


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('base') / 'essai.sqlite3'}"


@pytest.fixture(scope="session")
def _postgresql() -> Iterator[str]:
    with server() as url:
        yield url
        if url in _OPEN:
            _OPEN.pop(url).close()


# The pack that each database was given, by its URL.
_SHIPPED: dict[str, int] = {}
# A copy of the first SQLite database: the migrations, which take seconds, run once a worker.
_MODELS: list[Path] = []


# The triggers that the migrations made, and did not take back, by kind of database.
TRIGGERS: Final[dict[str, set[str]]] = {"sqlite": set(), "postgresql": set()}
_TRIGGER: Final = re.compile(r"\b(CREATE|DROP)(?: CONSTRAINT)? TRIGGER (?:IF (?:NOT )?EXISTS )?\"?(\w+)", re.IGNORECASE)


def _note_triggers(execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
    for verb, name in _TRIGGER.findall(str(statement)):
        known = TRIGGERS[context["connection"].vendor]
        known.add(name) if verb.upper() == "CREATE" else known.discard(name)
    return execute(statement, params, many, context)


# The connections that stay open from one test to the next, by URL: a new one to PostgreSQL reads the catalogue again.
_OPEN: dict[str, BaseDatabaseWrapper] = {}


def connect(url: str) -> None:
    """Make a database the one of the application, as it is."""
    if connections["default"] not in _OPEN.values():
        connections["default"].close()
    settings.DATABASES["default"] = web_settings.database(url)
    connections.settings = connections.configure_settings(settings.DATABASES)
    del connections["default"]
    if url in _OPEN:
        connections["default"] = _OPEN[url]


def use(url: str) -> None:
    """Make a database the one of the application, migrated and holding the shipped pack, in force."""
    connect(url)
    if url not in _SHIPPED:
        path = Path(str(settings.DATABASES["default"]["NAME"]))
        sqlite = connections["default"].vendor == "sqlite"
        if sqlite and not path.exists() and _MODELS:
            _SHIPPED[url] = 1
            shutil.copyfile(_MODELS[0], path)
        else:
            with connections["default"].execute_wrapper(_note_triggers):
                call_command("migrate", verbosity=0)
            shipped = packs.store(open_programme(PROGRAMME), "livré")
            packs.publish(shipped, date(2020, 1, 1))
            _SHIPPED[url] = shipped.pk
            if sqlite and not _MODELS:
                _MODELS.append(path.with_suffix(".modele"))
                with connections["default"].cursor() as cursor:
                    cursor.execute("VACUUM INTO %s", [str(_MODELS[0])])
    # stays open from one test to the next: it has the same number in each database
    assert set(_SHIPPED.values()) == {1}
    packs.opened(_SHIPPED[url])


@contextmanager
def rolled_back(url: str) -> Iterator[None]:
    """A database of the application, of the session, in which nothing stays."""
    use(url)
    _OPEN[url] = connections["default"]
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    if packs.opened.cache_info().currsize > 1:
        # another test gives the numbers of the others anew
        packs.opened.cache_clear()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, _environment: None) -> Iterator[str]:
    """The kind of database; what a test writes is rolled back."""
    kind: str = request.param
    with rolled_back(request.getfixturevalue(f"_{kind}")):
        yield kind


class People:
    """Accounts of a test, each with a role in the programme."""

    def __init__(self) -> None:
        self._made: dict[str, Account] = {}

    def __call__(self, name: str, *roles: Role, programme: str = PROGRAMME) -> Account:
        if name not in self._made:
            account = Account.objects.create_account(f"{name}@essai.example", name.title(), capacity="agent")
            for role in roles:
                Grant.objects.create(account=account, role=role, programme=programme, starts=date(2020, 1, 1))
            self._made[name] = account
        return self._made[name]


@pytest.fixture
def people(database: str) -> People:
    return People()


@pytest.fixture
def instructor(people: People) -> Account:
    return people("ines", Role.INSTRUCTOR)


@pytest.fixture
def validator(people: People) -> Account:
    return people("victor", Role.VALIDATOR)


def fixture(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the day of the application."""

    def on(day: date) -> None:
        from django.utils import timezone

        monkeypatch.setattr(timezone, "localdate", lambda *_: day)

    on(DAY)
    return on
