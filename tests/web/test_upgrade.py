"""A database that an earlier version filled is brought to today's tables: nothing moves, everything still verifies.

The rows are those of a life that the application of today plays, put in the tables of then, under their triggers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import override_settings
from django.utils import timezone
from tests.web.conftest import PROGRAMME, People, connect, fixture
from tests.web.files import plain
from tests.web.test_payments import accepted, answers, line, signed
from tests.web.test_register import _STANDING

import recevable
from recevable_web.actions import acts, dossiers, notes, payment_files, payments, pieces, purge, register
from recevable_web.records.models import Access, Account, Act, Dossier, Evaluation, Role, State, Verdict

pytestmark = pytest.mark.both_databases

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]

# The migrations before were never published without the third.
FIRST: Final = "0003_words"


def states() -> list[str]:
    """The states in which a database may be found, the last one left out; in `make test`, the oldest."""
    names = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "records")
    known = names[names.index(FIRST) : -1]
    return known if os.environ.get("RECEVABLE_TEST_UPGRADES") == "all" else known[:1]


@pytest.fixture
def empty(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database beside the one of the session, which is the one of the application again in the end."""
    filled = request.getfixturevalue(f"_{database}")
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'ancienne.sqlite3'}"
        _leave(filled)
        return
    with psycopg.connect(filled, autocommit=True) as admin:
        admin.execute("CREATE DATABASE ancienne")
        yield f"{filled.rpartition('/')[0]}/ancienne"
        _leave(filled)
        admin.execute("DROP DATABASE ancienne WITH (FORCE)")


def _leave(filled: str) -> None:
    connection.close()
    connect(filled)


def _live(people: People) -> None:
    """Something in as many tables as possible."""
    instructor, validator = people("ines", Role.INSTRUCTOR), people("victor", Role.VALIDATOR)
    other = dossiers.receive(instructor, PROGRAMME, fixture("solde-cinq-defauts"), "solde", on=timezone.localdate())
    acts.sign(validator, acts.prepare(instructor, other, other.version, "solde", Verdict.COMPLETE))
    notes.add(instructor, other, "Appel du demandeur.")
    pieces.attach(instructor, other, pieces.ELSEWHERE, "f.pdf", plain())
    Access.objects.create(account=instructor, programme=PROGRAMME, dossier=other, what="dossier")
    payment = signed(instructor, validator, accepted(instructor, validator))
    payments.order(validator, PROGRAMME, payment_files.JSON)
    payments.answered(instructor, PROGRAMME, "r", answers(line(payment)))


def _read(tables: list[str]) -> Rows:
    """The rows of tables by the columns that the models have, in the order of their keys."""
    models = {m._meta.db_table: m._meta for m in apps.get_models()}
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            there = {one.name for one in connection.introspection.get_table_description(cursor, table)}
            names = [str(field.column) for field in models[table].concrete_fields if field.column in there]
            quoted = ", ".join(map(connection.ops.quote_name, names))
            cursor.execute(f"SELECT {quoted} FROM {table} ORDER BY {models[table].pk.column}")
            rows = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
            found[table] = names, rows
    return found


def _tables() -> list[str]:
    known = {m._meta.db_table for m in apps.get_app_config("records").get_models()}
    # a purge comes after its act
    return sorted(known & set(connection.introspection.table_names()), key=lambda one: (one == "records_purge", one))


def _put(rows: Rows) -> None:
    """Write rows in the tables of then, as far as they have the columns."""
    tables = _tables()
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            there = {one.name for one in connection.introspection.get_table_description(cursor, table)}
            names, values = rows[table]
            kept = [rank for rank, name in enumerate(names) if name in there]
            quoted = [connection.ops.quote_name(names[rank]) for rank in kept]
            if table == "records_chainhead":
                cursor.execute("DELETE FROM records_chainhead")
            places = ", ".join(["%s"] * len(kept))
            for row in values:
                cursor.execute(
                    f"INSERT INTO {table} ({', '.join(quoted)}) VALUES ({places})", [row[rank] for rank in kept]
                )
        models = [one for one in apps.get_models() if one._meta.db_table in tables]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _triggers(database: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING[database])
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.thorough
@pytest.mark.parametrize("state", states())
def test_a_database_of_before_is_brought_to_today(state: str, database: str, empty: str, people: People) -> None:
    _live(people)
    lived, triggers = _read(_tables()), _triggers(database)
    assert sum(bool(rows) for _, rows in lived.values()) >= 25
    connect(empty)
    call_command("migrate", "records", state, verbosity=0)
    _put(lived)
    before = _read(_tables())
    assert {table: len(rows) for table, (_, rows) in before.items()} == {t: len(lived[t][1]) for t in before}

    call_command("migrate", verbosity=0)
    after = _read(_tables())
    for table, (names, rows) in before.items():
        ranks = [after[table][0].index(name) for name in names]
        assert [tuple(row[rank] for rank in ranks) for row in after[table][1]] == rows, table
    assert _triggers(database) == triggers
    # what was opened before is of the programme of its dossier
    assert list(Access.objects.values_list("programme", flat=True)) == [PROGRAMME]
    said = StringIO()
    call_command("verifier", recalculer=True, stdout=said, stderr=said)
    assert "Tout est entier." in said.getvalue()
    _works()


def _works() -> None:
    """The application goes on: an act follows the last one, a purge erases what the old tables held."""
    instructor, validator = (Account.objects.get(email=f"{name}@essai.example") for name in ("ines", "victor"))
    rank = Act.objects.count()
    new = dossiers.receive(instructor, PROGRAMME, fixture("appreciation-doublon"), "nouveau", on=timezone.localdate())
    proposal = Evaluation.objects.get(version__dossier=new).requests.order_by("pk")[0]
    draft = acts.prepare(
        instructor, new, new.version, proposal.name, Verdict.REJECT, key=proposal.key, reason="Vu.", source="AF §7"
    )
    assert acts.sign(validator, draft).rank == rank + 1
    administrator = People()("adam", Role.ADMINISTRATOR)
    Dossier.objects.exclude(pk=new.pk).update(state=State.DECIDED)
    with override_settings(RETENTION=dict.fromkeys(purge.TABLES, 0)):
        for table in ("dossiers", "actes"):
            purge.purge(administrator, table, "Dix ans.")
    assert Dossier.objects.exclude(erased=None).exists()
    assert recevable.ledger.verify(register.export(), register.head()[1]).faults == ()
