"""The register: any column of any act that is altered is seen at its rank, whatever was set aside to do so; purges."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, models, transaction
from django.test import override_settings
from django.utils import timezone
from tests.web.conftest import DAY, PROGRAMME, TRIGGERS, People, fixture, use
from tests.web.test_pages import browser, get, post

import recevable
from recevable_web.actions import acts, dossiers, purge, register
from recevable_web.actions.refused import Refused
from recevable_web.pages.checks import LEAST, configuration
from recevable_web.records.models import (
    Access,
    Account,
    Act,
    ActContent,
    ChainHead,
    CompletionRequest,
    Deadline,
    Dossier,
    Draft,
    Event,
    Letter,
    LetterContent,
    Purge,
    Role,
    State,
    Verdict,
)

pytestmark = pytest.mark.both_databases

COLUMNS = [(model._meta.db_table, field.column) for model in (Act, ActContent) for field in model._meta.concrete_fields]
AT_ONCE = dict.fromkeys(purge.TABLES, 0)


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


@pytest.fixture
def three(instructor: Account, validator: Account) -> str:
    """Three acts, the second a decision that was signed; the digest of the last."""
    with transaction.atomic():
        register.append("essai", "D-1", b'{"n":1}', instructor)
        dossier = dossiers.receive(instructor, PROGRAMME, fixture("solde-cinq-defauts"), "solde-cinq-defauts")
        acts.sign(validator, acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE))
        return register.append("essai", "D-3", b'{"n":3}', instructor, validator).digest


@contextmanager
def set_aside() -> Iterator[None]:
    """As somebody who owns the tables may do: no trigger speaks, no constraint between tables is verified."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        yield
        transaction.set_rollback(True)


def ranks(head: str = "", recorded: tuple[recevable.ledger.Head, ...] = ()) -> list[int]:
    return [fault.rank for fault in recevable.ledger.verify(register.export(), head, recorded).faults]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_that_is_altered_is_seen_at_its_rank(three: str, table: str, column: str) -> None:
    key = "rank" if table == "records_act" else "act_id"
    assert ranks(three) == []
    with set_aside(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {key} = 2")
        (value,) = cursor.fetchone()
        other: Any = (
            value + 1000 if isinstance(value, int) else b"x" if not isinstance(value, str) else f"{value}x"[-64:]
        )
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = 2", [other])
        assert cursor.rowcount == 1
        assert ranks(three)[0] == 2


def test_a_pointer_that_is_made_to_lead_to_another_row_is_seen(three: str, people: People) -> None:
    other = people("autre", Role.VALIDATOR)
    dossier = Dossier.objects.create(programme=PROGRAMME, reference="autre")
    for change in ({"author": other}, {"validator": other}, {"dossier": dossier}, {"draft": None}, {"dossier": None}):
        with set_aside():
            assert Act.objects.filter(rank=2).update(**change) == 1
            assert ranks(three)[0] == 2
    with set_aside():
        Dossier.objects.filter(acts__rank=2).update(programme="prime-velo")
        assert ranks(three)[0] == 2


def test_acts_that_are_moved_doubled_replaced_or_cut_are_seen(three: str) -> None:
    kept = (register.last(),)
    assert ranks(recorded=kept) == []
    with set_aside():
        # two acts change places
        for before, after in ((1, 9), (2, 1), (9, 2)):
            Act.objects.filter(rank=before).update(rank=after)
            ActContent.objects.filter(act_id=before).update(act_id=after)
        assert ranks()[:2] == [1, 1]
    with set_aside():
        second = Act.objects.get(rank=2)
        second.rank, second.digest, second.draft = 4, "4" * 64, None
        second.save(force_insert=True)
        assert ranks()[0] == 4
    with set_aside():
        for model in (Deadline, CompletionRequest, LetterContent, Letter):
            model._default_manager.all().delete()
        ActContent.objects.filter(act_id=2).delete()
        Act.objects.filter(rank=2).delete()
        assert ranks()[0] == 2
    with set_aside():
        # the end is cut, and the head of the chain put back: only a head that was kept elsewhere tells
        ActContent.objects.filter(act_id=3).delete()
        Act.objects.filter(rank=3).delete()
        ChainHead.objects.update(rank=2, digest=Act.objects.get(rank=2).digest)
        assert ranks() == []
        (fault,) = recevable.ledger.verify(register.export(), "", kept).faults
        assert "est celle de l'acte 3, qui manque" in fault.message
    with set_aside():
        # everything is sealed again from the second act on
        last = register._entry(Act.objects.get(rank=1))
        for rank in (2, 3):
            act, content = Act.objects.get(rank=rank), bytes(ActContent.objects.get(act_id=rank).content)
            old = register._entry(act)
            subject = "autre" if rank == 2 else old.subject
            last = recevable.ledger.sealed(
                last, old.kind, subject, old.instant, old.author, old.validator, content, keys=old.keys
            )
            Act.objects.filter(rank=rank).update(subject=subject, previous=last.previous, digest=last.digest)
        assert ranks() == []
        assert ranks(recorded=kept) == [3]


def test_no_row_that_is_kept_is_replaced_through_one_of_its_unique_keys(database: str) -> None:
    """SQLite: INSERT OR REPLACE deletes what has the same unique key, and asks no trigger on DELETE by itself."""
    if database != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%%BEFORE INSERT%%'"
        )
        guards: dict[str, str] = {}
        for table, sql in cursor.fetchall():
            guards[table] = guards.get(table, "") + sql.replace('"', "")
        cursor.execute(
            "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%%_no_update'"
        )
        kept = [table for (table,) in cursor.fetchall()]
        assert len(kept) >= 11
        for table in kept:
            assert f"SELECT 1 FROM {table} WHERE" in guards[table], table
            for one in connection.introspection.get_constraints(cursor, table).values():
                if one["unique"]:
                    guard = " AND ".join(f"{name} = NEW.{name}" for name in one["columns"])
                    assert guard in guards[table], (table, one["columns"])


@pytest.mark.usefixtures("_environment")
def test_an_act_is_not_replaced_by_one_that_has_its_digest(tmp_path: Path) -> None:
    """By a connection of somebody else, whose triggers on DELETE do not speak for a replacement."""
    url = f"sqlite:///{tmp_path / 'autre.sqlite3'}"
    use(url)
    instructor = People()("ines", Role.INSTRUCTOR)
    with transaction.atomic():
        for rank in (1, 2):
            register.append("essai", f"D-{rank}", b"{}", instructor)
    connections["default"].close()
    other = sqlite3.connect(tmp_path / "autre.sqlite3")
    first, second = other.execute("SELECT * FROM records_act ORDER BY rank").fetchall()
    names = [one[1] for one in other.execute("PRAGMA table_info(records_act)")]
    attack = dict(zip(names, first, strict=True)) | {"rank": 3, "previous": second[names.index("digest")]}
    marks = ", ".join("?" * len(names))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(
            f"INSERT OR REPLACE INTO records_act ({', '.join(names)}) VALUES ({marks})", list(attack.values())
        )
    assert other.execute("SELECT count(*) FROM records_act").fetchone() == (2,)
    other.close()


_STANDING: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


def test_every_trigger_that_a_migration_made_stands_after_the_last_one(database: str) -> None:
    """A change of a column makes SQLite build the table again, which drops its triggers without a word."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING[database])
        standing = {name for (name,) in cursor.fetchall()}
    assert standing == TRIGGERS[database]
    refused = {"sqlite": "no_update", "postgresql": "append_only"}[database]
    for table in ("act", "actcontent", "dossierversion", "evaluation", "appraisal", "event", "piece", "grant"):
        assert f"records_{table}_{refused}" in standing


@pytest.mark.usefixtures("database")
def test_the_migrations_make_what_the_models_say() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


# --- heads ------------------------------------------------------------------------------------------------------------


def test_the_head_of_each_day_is_added_to_a_file_as_long_as_the_register_is_the_same(
    three: str, tmp_path: Path, instructor: Account
) -> None:
    path = tmp_path / "tetes.ndjson"
    call_command("tete", str(path))
    with transaction.atomic():
        last = register.append("essai", "D-4", b"{}", instructor)
    call_command("tete", str(path))
    kept = recevable.ledger.heads(path.read_bytes().splitlines())
    assert [(one.rank, one.digest) for one in kept] == [(3, three), (4, last.digest)]
    assert ranks(recorded=tuple(kept)) == []
    before = path.read_bytes()
    with set_aside():
        ActContent.objects.filter(act_id=4).delete()
        Act.objects.filter(rank=4).delete()
        with pytest.raises(CommandError, match="n'est pas celui dont"):
            call_command("tete", str(path))
    assert path.read_bytes() == before


def test_the_command_of_heads_says_what_it_could_not_do(three: str, tmp_path: Path) -> None:
    path = tmp_path / "tetes.ndjson"
    path.write_text("rien\n")
    with pytest.raises(CommandError, match="ligne 1 : ce n'est pas une tête"):
        call_command("tete", str(path))
    assert path.read_text() == "rien\n"
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        call_command("tete", str(tmp_path / "absent" / "tetes.ndjson"))
    stamp = tmp_path / "horodater"
    stamp.write_text('#!/bin/sh\ncp "$1" "$1.vu"\n')
    stamp.chmod(0o755)
    good = tmp_path / "bonnes.ndjson"
    call_command("tete", str(good), horodater=str(stamp))
    assert (tmp_path / "bonnes.ndjson.vu").read_bytes() == good.read_bytes()
    stamp.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(CommandError, match=r"a échoué \(code 3\)"):
        call_command("tete", str(good), horodater=str(stamp))


def test_a_head_and_an_export_are_taken_from_the_page(three: str, people: People) -> None:
    client = browser(people("aude", Role.AUDITOR))
    (head,) = recevable.ledger.heads([get(client, "/registre/tete").content])
    assert (head.rank, head.digest) == (3, three)
    export = b"".join(get(client, "/registre/export").streaming_content).splitlines(keepends=True)
    assert recevable.ledger.verify(export, head.digest, [head]).faults == ()
    with set_aside():
        Act.objects.filter(rank=2).update(subject="autre")
        page = get(client, "/registre?verifier").content.decode()
        assert "Acte 2 : il a été modifié après avoir été scellé." in page


# --- purge ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def administrator(people: People) -> Account:
    return people("adam", Role.ADMINISTRATOR)


@pytest.fixture
def decided(instructor: Account, validator: Account) -> Dossier:
    """A dossier that is decided as a whole."""
    dossier = dossiers.receive(instructor, PROGRAMME, fixture("solde-cinq-defauts"), "solde-cinq-defauts")
    acts.sign(
        validator,
        acts.prepare(
            instructor, dossier, dossier.version, "solde", Verdict.REJECT, reason="Pièce fausse.", source="AF §7"
        ),
    )
    found = Dossier.objects.get()
    assert found.state == State.DECIDED
    return found


def due(table: str, days: int = 1, programme: str = PROGRAMME) -> int:
    """How much of a table could go, were today in some days."""
    return purge.due(table, [programme], timezone.now() + timedelta(days=days)).count()


def test_contents_are_due_when_nothing_has_happened_for_long(decided: Dossier, instructor: Account) -> None:
    assert due("actes") == 1
    assert due("actes", days=-1) == 0
    assert due("actes", programme="prime-velo") == 0
    assert not purge.due("actes", [PROGRAMME], purge.until("actes")).exists()


@pytest.mark.parametrize("state", [one for one in State if one != State.DECIDED])
def test_nothing_is_due_of_a_dossier_that_is_not_decided(decided: Dossier, state: State) -> None:
    Dossier.objects.update(state=state)
    assert due("actes") == 0


def test_nothing_is_due_while_a_draft_waits_or_after_a_recent_event(decided: Dossier, instructor: Account) -> None:
    moment = timezone.now()
    Event.objects.create(dossier=decided, account=instructor, kind="note", text="Appel du demandeur.")
    assert not purge.due("actes", [PROGRAMME], moment).exists()
    draft = Draft.objects.get()
    draft.pk, draft.status, draft.settled_by, draft.settled_at = None, Draft.Status.PREPARED, None, None
    draft.save(force_insert=True)
    assert due("actes") == 0


def test_a_purge_erases_contents_says_so_and_the_chain_verifies(
    decided: Dossier, administrator: Account, instructor: Account, people: People
) -> None:
    refused = ((instructor, "actes", "Dix ans.", "DROIT"), (administrator, "actes", " ", "MOTIF"),
               (administrator, "autre", "Dix ans.", "TABLE"), (administrator, "actes", "Dix ans.", "RIEN"),
               (people("eve", Role.ADMINISTRATOR, programme="prime-velo"), "actes", "Dix ans.", "RIEN"))  # fmt: skip
    for who, table, reason, code in refused:
        with pytest.raises(Refused) as told:
            purge.purge(who, table, reason)
        assert told.value.code == code
    assert LetterContent.objects.filter(letter__act=1).exists()
    with override_settings(RETENTION=AT_ONCE):
        act = purge.purge(administrator, "actes", "Dix ans après la clôture.")
        with pytest.raises(Refused, match="Rien à effacer"):
            purge.purge(administrator, "actes", "Encore.")
    found = recevable.ledger.verify(register.export(), act.digest)
    assert (found.faults, found.acts, found.erased) == ((), 2, 1)
    content = json.loads(bytes(act.content.content))
    assert (content["rangs"], content["nombre"], content["motif"]) == ([1], 1, "Dix ans après la clôture.")
    assert Act.objects.get(rank=1).subject == decided.reference
    # the letter of the act stays, without what it said
    assert Letter.objects.get().sha256
    assert not LetterContent.objects.exists()


def test_the_log_of_consultations_goes_by_an_act_only(decided: Dossier, administrator: Account) -> None:
    for what in ("dossier", "piece"):
        Access.objects.create(account=administrator, dossier=decided, what=what)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Access.objects.all().delete()
    # a row that says so is not enough: it needs its act, of a purge
    with pytest.raises(DatabaseError, match="without its act"), transaction.atomic():
        Purge.objects.create(act=Act.objects.get(rank=1), what="acces", until=timezone.now())
    with override_settings(RETENTION=AT_ONCE):
        act = purge.purge(administrator, "acces", "Un an.")
    assert Access.objects.count() == 0
    assert json.loads(bytes(act.content.content))["nombre"] == 2
    assert recevable.ledger.verify(register.export(), act.digest).faults == ()
    Access.objects.create(account=administrator, dossier=decided, what="dossier")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Access.objects.all().delete()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Purge.objects.all().delete()


def test_a_large_purge_is_made_in_several(
    decided: Dossier, administrator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    Access.objects.bulk_create(Access(account=administrator, dossier=decided, what="dossier") for _ in range(5))
    monkeypatch.setattr(purge, "MOST", 3)
    with override_settings(RETENTION=AT_ONCE):
        client = browser(administrator)
        assert "plus de 3" in get(client, "/registre/conservation").content.decode()
        assert [json.loads(bytes(purge.purge(administrator, "acces", "Un an.").content.content))["nombre"]
                for _ in range(2)] == [3, 2]  # fmt: skip


def test_the_page_of_purges_says_what_goes_and_asks_to_be_sure(
    decided: Dossier, administrator: Account, instructor: Account
) -> None:
    assert get(browser(instructor), "/registre/conservation").status_code == 404
    client = browser(administrator)
    page = get(client, "/registre/conservation").content.decode()
    assert "Durée de conservation : 3653 jours" in page
    assert "<textarea" not in page
    with override_settings(RETENTION=AT_ONCE):
        form = {"table": "actes", "motif": "Dix ans <b>"}
        page = post(client, "/registre/conservation", **form).content.decode()
        assert "Cochez que vous avez compris" in page
        assert "Dix ans &lt;b&gt;</textarea>" in page
        page = post(client, "/registre/conservation", table="actes", motif="", definitif="on").content.decode()
        assert "Dites sur quelle règle" in page
        assert Act.objects.count() == 1
        assert post(client, "/registre/conservation", **form, definitif="on").status_code == 302
    assert Act.objects.filter(kind="purge").count() == 1


def test_production_refuses_to_keep_too_short() -> None:
    from django.conf import settings

    assert LEAST.keys() == purge.TABLES.keys() == settings.RETENTION.keys()
    for table, least in LEAST.items():
        for days, refused in ((least - 1, True), (least, False)):
            with override_settings(RETENTION={**settings.RETENTION, table: days}):
                assert ("guichet.E020" in [one.id for one in configuration(())]) is refused, table


def test_a_table_that_is_kept_has_its_columns_tried_here() -> None:
    fields: list[models.Field[Any, Any]] = [*Act._meta.concrete_fields, *ActContent._meta.concrete_fields]
    assert len(COLUMNS) == len(fields) >= 15
