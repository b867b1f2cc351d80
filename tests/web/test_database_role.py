"""The role of the application in PostgreSQL: it does what the application does, and owns and alters nothing."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.test import override_settings
from tests.web.conftest import DAY, PROGRAMME, fixture, use

from recevable_web.actions import accounts, acts, dossiers, limits, purge
from recevable_web.records import privileges
from recevable_web.records.models import (
    Access,
    Account,
    Act,
    ActContent,
    Dossier,
    DossierVersion,
    Grant,
    Role,
    Session,
    State,
    Usage,
    Verdict,
)
from recevable_web.records.sessions import SessionStore

ROLE = "guichet_essai"


@pytest.fixture(scope="module")
def base(request: pytest.FixtureRequest, _environment: None) -> tuple[str, str]:
    """A database of its own in the server of the tests, migrated by its owner: the addresses of both roles."""
    if os.environ.get("RECEVABLE_TEST_DATABASE_URL"):
        pytest.skip("the server is not ours to make roles in")
    server: str = request.getfixturevalue("_postgresql")
    use(server)
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE droits")
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN")
        cursor.execute("CREATE ROLE maitre_essai LOGIN")
        cursor.execute("ALTER DATABASE droits OWNER TO maitre_essai")
    connections["default"].close()
    owner = server.replace("//essai@", "//maitre_essai@").replace("/postgres", "/droits")
    use(owner)
    call_command("droits_base", ROLE, stdout=io.StringIO())
    connections["default"].close()
    return owner, owner.replace("//maitre_essai@", f"//{ROLE}@")


@pytest.fixture
def application(base: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from tests.web import conftest

    conftest._SHIPPED[base[1]] = conftest._SHIPPED[base[0]]
    use(base[1])
    from django.utils import timezone

    monkeypatch.setattr(timezone, "localdate", lambda *_: DAY)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    connections["default"].close()


def people() -> tuple[Account, Account, Account]:
    found = []
    for name, role in (("ines", Role.INSTRUCTOR), ("victor", Role.VALIDATOR), ("adam", Role.ADMINISTRATOR)):
        account = Account.objects.create_account(f"{name}@essai.example", name, capacity="agent")
        Grant.objects.create(account=account, role=role, programme=PROGRAMME, starts=date(2020, 1, 1))
        found.append(account)
    return found[0], found[1], found[2]


def test_it_does_what_the_application_does(application: None) -> None:
    ines, victor, adam = people()
    dossier = dossiers.receive(ines, PROGRAMME, fixture("solde-cinq-defauts"), "x")
    act = acts.sign(victor, acts.prepare(ines, dossier, dossier.version, "solde", Verdict.COMPLETE))
    someone = Account.objects.create_account("neuf@essai.example", "Neuf")
    held = accounts.grant(adam, someone, Role.INSTRUCTOR, PROGRAMME, DAY, None, "Arrivée.")
    accounts.revoke(adam, held, "Départ.", DAY + timedelta(days=1))
    accounts.revoke(adam, held, "Départ.")
    accounts.close(adam, someone, "Départ.")
    Access.objects.create(account=ines, dossier=dossier, what="dossier")
    over = dossiers.receive(ines, PROGRAMME, fixture("appreciation-doublon"), "y")
    Dossier.objects.filter(pk=over.pk).update(state=State.DECIDED)
    with override_settings(RETENTION={**settings.RETENTION, "acces": 0, "dossiers": 0}):
        purge.purge(adam, "acces", "Fin de conservation.")
        purge.purge(adam, "dossiers", "Fin de conservation.")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        DossierVersion.objects.filter(dossier=dossier).update(payload=b"", overlay=b"", composed=b"")
    ActContent.objects.filter(act=act).delete()
    store = SessionStore()
    store["a"] = 1
    store.save()
    store.delete()
    assert limits.take(limits.SEARCH, "x") == 0
    assert limits.take(limits.SEARCH, "x") == 0
    assert not ActContent.objects.filter(act=act).exists()
    assert Session.objects.count() == 0
    assert Usage.objects.get().count == 2
    call_command("droits_base", "--verifier", stdout=io.StringIO())


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE records_act SET subject = 'autre'",
        "DELETE FROM records_act",
        "TRUNCATE records_act CASCADE",
        "UPDATE records_actcontent SET content = ''",
        "UPDATE records_dossierversion SET sha256 = ''",
        "DELETE FROM records_evaluation",
        "DELETE FROM records_grant",
        "UPDATE records_grant SET role = 'administrateur'",
        "UPDATE records_accountevent SET text = ''",
        "ALTER TABLE records_act DISABLE TRIGGER ALL",
        "ALTER TABLE records_act DISABLE TRIGGER records_act_append_only",
        "DROP TRIGGER records_act_append_only ON records_act",
        "CREATE OR REPLACE FUNCTION records_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER autre BEFORE INSERT ON records_act FOR EACH ROW EXECUTE FUNCTION records_refuse()",
        "CREATE RULE autre AS ON UPDATE TO records_act DO INSTEAD NOTHING",
        "SET session_replication_role = replica",
        "SET LOCAL session_replication_role = replica",
        "ALTER TABLE records_act OWNER TO CURRENT_USER",
        "ALTER TABLE records_act ADD COLUMN x int",
        "DROP TABLE records_act",
        "CREATE TABLE autre (x int)",
        "SET ROLE maitre_essai",
        "SET SESSION AUTHORIZATION maitre_essai",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('records', '9999', now())",
        "COPY records_act TO PROGRAM 'cat'",
    ],
)
def test_it_changes_nothing_that_is_sealed_and_no_trigger(application: None, attack: str) -> None:
    denied = pytest.raises(DatabaseError, match=r"permission denied|must be (owner|superuser|able)|append-only")
    with denied, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert Act.objects.count() == 0


def test_it_gives_itself_nothing(application: None) -> None:
    """PostgreSQL only warns."""
    with connection.cursor() as cursor:
        cursor.execute("GRANT ALL ON records_act TO CURRENT_USER")
        cursor.execute("GRANT ALL ON SCHEMA public TO CURRENT_USER")
    assert privileges.faults(connection) == []


def test_a_role_that_is_more_than_that_is_told(base: tuple[str, str], request: pytest.FixtureRequest) -> None:
    use(base[0])
    found = privileges.faults(connection)
    with pytest.raises(CommandError, match="possède"):
        call_command("droits_base", "--verifier")
    with pytest.raises(CommandError, match="qui possède les tables"):
        call_command("droits_base", "maitre_essai")
    with pytest.raises(CommandError, match="superutilisateur"):
        call_command("droits_base", "essai")
    with pytest.raises(CommandError, match="n'existe pas"):
        call_command("droits_base", "absent")
    with pytest.raises(CommandError, match="Nommez"):
        call_command("droits_base")
    connections["default"].close()
    assert found
    use(request.getfixturevalue("_postgresql"))
    assert any("superutilisateur" in one for one in privileges.faults(connection))
    connections["default"].close()
    assert urlsplit(base[0]).username == "maitre_essai"


def test_a_privilege_too_many_is_told(base: tuple[str, str]) -> None:
    use(base[0])
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT DELETE, TRIGGER ON records_act TO {ROLE}")
    use(base[1])
    assert privileges.faults(connection) == ["Le rôle a TRIGGER sur records_act.", "Le rôle a DELETE sur records_act."]
    use(base[0])
    out = io.StringIO()
    call_command("droits_base", ROLE, "--sql", stdout=out)
    assert f'GRANT SELECT ON "public"."records_act" TO "{ROLE}"' in out.getvalue()
    call_command("droits_base", ROLE, stdout=io.StringIO())
    use(base[1])
    assert privileges.faults(connection) == []
    connections["default"].close()


def test_a_name_is_never_sql(base: tuple[str, str]) -> None:
    use(base[0])
    with pytest.raises(CommandError, match="n'existe pas"):
        call_command("droits_base", 'x"; DROP TABLE records_act; --')
    connections["default"].close()


def test_sqlite_has_no_role(base: tuple[str, str], request: pytest.FixtureRequest) -> None:
    use(request.getfixturevalue("_sqlite"))
    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("droits_base", "x")
    connections["default"].close()
