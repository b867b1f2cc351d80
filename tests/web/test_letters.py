"""Letters on both databases: what is kept of them, and that nothing changes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from tests.web.conftest import DAY, PROGRAMME, fixture

from recevable_web.actions import dossiers, register
from recevable_web.records.models import Account, Dossier, Letter, LetterContent, PackVersion


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


@pytest.fixture
def dossier(instructor: Account) -> Dossier:
    return dossiers.receive(instructor, PROGRAMME, fixture("solde-cinq-defauts"), "d.json")


def row(dossier: Dossier, author: Account, kind: str = "accuse_reception") -> Letter:
    with transaction.atomic():
        act = register.append(f"courrier:{kind}", dossier.reference, b"{}", author, dossier=dossier)
        letter = Letter.objects.create(
            dossier=dossier, act=act, kind=kind, request="solde", pack=PackVersion.objects.get(), on=DAY,
            template="0" * 64, sha256="0" * 64, size=3, confirmed=False,
        )  # fmt: skip
        LetterContent.objects.create(letter=letter, data=b"{}", pdf=b"pdf")
    return letter


# --- rows -------------------------------------------------------------------------------------------------------------


def test_rows_of_letters_cannot_be_changed(instructor: Account, dossier: Dossier) -> None:
    row(dossier, instructor)
    for statement in (
        "UPDATE records_letter SET sha256 = 'x'",
        "DELETE FROM records_letter",
        "UPDATE records_lettercontent SET pdf = data",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_replacing_a_letter_is_refused(instructor: Account, dossier: Dossier, database: str) -> None:
    if database != "sqlite":
        return  # only SQLite has INSERT OR REPLACE
    row(dossier, instructor)
    columns = 'dossier_id, act_id, kind, request, key, pack_id, "on", template, sha256, size, confirmed'
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
    try:
        for statement in (
            "INSERT OR REPLACE INTO records_letter SELECT * FROM records_letter",
            f"INSERT OR REPLACE INTO records_letter ({columns}) SELECT {columns} FROM records_letter",
            "INSERT OR REPLACE INTO records_lettercontent SELECT * FROM records_lettercontent",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers=ON")


def test_an_act_makes_one_letter_of_a_kind(instructor: Account, dossier: Dossier) -> None:
    letter = row(dossier, instructor)
    values = {field.attname: getattr(letter, field.attname) for field in Letter._meta.concrete_fields}
    del values["id"]
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Letter.objects.create(**values)
    Letter.objects.create(**{**values, "kind": "rejet"})


def test_the_content_of_a_letter_may_be_erased_and_the_letter_stays(instructor: Account, dossier: Dossier) -> None:
    letter = row(dossier, instructor)
    LetterContent.objects.all().delete()
    assert Letter.objects.get().sha256 == letter.sha256
