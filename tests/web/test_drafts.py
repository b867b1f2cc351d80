"""What the database keeps of every kind of draft: one open on an object, four eyes, nothing changed once prepared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from tests.web.conftest import DAY
from tests.web.test_spine import received

from recevable_web.records.models import Account, Draft

KIND = Draft.Kind.PAYMENT


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def made(by: Account, **fields: Any) -> Draft:
    return Draft.objects.create(**{"kind": KIND, "request": "solde", "about": "1", "prepared_by": by, **fields})


def test_one_draft_is_open_on_each_object_of_each_kind(instructor: Account) -> None:
    dossier = received(instructor)
    first = made(instructor, dossier=dossier)
    for other in ({"about": "2"}, {"request": "avance"}, {"kind": Draft.Kind.NOTICE}, {"key": "2"}):
        made(instructor, dossier=dossier, **other)
    with pytest.raises(IntegrityError), transaction.atomic():
        made(instructor, dossier=dossier)
    first.status = Draft.Status.STALE
    first.save(update_fields=["status"])
    made(instructor, dossier=dossier)


def test_a_decision_has_a_verdict_an_evaluation_and_a_request(instructor: Account) -> None:
    dossier = received(instructor)
    whole = {
        "dossier": dossier, "kind": Draft.Kind.DECISION, "about": "", "verdict": "rejeter",
        "evaluation": dossier.versions.get().evaluations.get(),
    }  # fmt: skip
    for left in ({"verdict": ""}, {"evaluation": None}, {"request": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            made(instructor, **{**whole, **left})
    made(instructor, **whole)


@pytest.mark.parametrize(
    "change",
    [
        {"content": {"cents": 1}},
        {"kind": "decision"},
        {"about": "2"},
        {"request": "avance"},
        {"reason": "Autre."},
        {"follows": False, "reason": "x", "source": "y"},
    ],
)
def test_what_was_prepared_is_what_is_signed(instructor: Account, change: dict[str, Any]) -> None:
    draft = made(instructor, dossier=received(instructor), content={"cents": 100})
    with pytest.raises(DatabaseError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).delete()
    draft.refresh_from_db()
    assert draft.content == {"cents": 100}
