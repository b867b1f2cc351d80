"""The whole life of a programme, through the actions: at the end everything is explained."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from tests.web.conftest import People, rolled_back
from tests.web.life import Clock, Life, Staff

import recevable
from recevable_web.actions import controls, payments, register, sending
from recevable_web.records.models import (
    Act,
    Control,
    ControlStep,
    Deadline,
    Dossier,
    Draft,
    Letter,
    Payment,
    Procedure,
    Role,
    State,
    Verdict,
)

# the archive of the demonstration is such a life too, and has its tests
pytestmark = pytest.mark.thorough
# 340 in CI, as many as the programme may have.
OPERATORS: Final = int(os.environ.get("RECEVABLE_TEST_OPERATORS", "6"))


@pytest.fixture(scope="module")
def life(_environment: None, _sqlite: str) -> Iterator[Life]:
    with rolled_back(_sqlite):
        people = People()
        staff = Staff(
            (people("ines", Role.INSTRUCTOR), people("idris", Role.INSTRUCTOR)),
            people("valerie", Role.VALIDATOR),
            people("carole", Role.CONTROLLER, Role.INSTRUCTOR),
            people("coline", Role.CONTROLLER),
        )
        found = Life(staff, Clock(), OPERATORS)
        found.run()
        with found.clock.ruling():
            yield found


def test_something_of_everything_happened(life: Life) -> None:
    for what in ("enrolement reçu", "avance reçu", "solde reçu", "completer préparé", "complément répondu"):
        assert life.events[what], life.events
    assert life.events["paiement fait"] >= OPERATORS, life.events
    for what in ("recouvrement ordonné", "décision retirée", "contrôle : conclusion", "courrier revenu"):
        assert life.events[what], life.events


def test_the_register_verifies(life: Life) -> None:
    found = recevable.ledger.verify(register.export())
    assert found.faults == ()
    assert found.acts == Act.objects.count() > 3 * OPERATORS


def test_each_euro_paid_is_explained_by_one_act_and_never_exceeds_it(life: Life) -> None:
    paid: dict[tuple[int, str, str], int] = defaultdict(int)
    for one in Payment.objects.select_related("act"):
        assert one.act.kind == payments.ACT
        if one.status == Payment.Status.PAID:
            assert one.paid_cents == one.cents
            paid[one.dossier_id, one.request, one.key] += one.paid_cents or 0
    for (dossier, request, key), cents in paid.items():
        balance = payments.balance(Dossier.objects.get(pk=dossier), request, key)
        undone = Act.objects.filter(dossier=dossier, kind="retrait", draft__request=request, draft__key=key).exists()
        # what was paid on a decision that was withdrawn is all paid back
        kept = 0 if undone else cents
        assert (balance.paid, balance.owed or 0, balance.over) == (kept, kept, 0)
    assert Payment.objects.values("act").distinct().count() == Payment.objects.count()


def test_what_was_paid_stands_in_the_dossiers_once(life: Life) -> None:
    for dossier in Dossier.objects.all():
        last = dossier.versions.order_by("-rank").first()
        assert last is not None
        written = json.loads(bytes(last.composed)).get("paiements", [])
        done = Payment.objects.filter(dossier=dossier, status=Payment.Status.PAID)
        assert sorted((p["demande"], p["reference"]) for p in written) == sorted((p.request, p.reference) for p in done)


def test_nothing_is_left_waiting(life: Life) -> None:
    assert set(Dossier.objects.values_list("state", flat=True)) == {State.DECIDED}
    assert not Draft.objects.filter(status=Draft.Status.PREPARED).exists()
    assert not Draft.objects.filter(status=Draft.Status.RETURNED).exists()


def test_each_letter_arrived_and_its_delays_run_from_that_day(life: Life) -> None:
    letters = list(Letter.objects.select_related("act"))
    assert {one.kind for one in letters} >= {
        "acceptation", "demande_complement", "mise_en_demeure", "fin_contradictoire", "proposition_ordre",
        "ouverture_contradictoire", "retrait", "notification_controle", "constat_controle", "conclusion_controle",
    }  # fmt: skip
    assert life.events["courrier envoyé"] == len(letters) + life.events["courrier revenu"]
    appeals = {one.begins: one for one in Deadline.objects.filter(kind="recours")}
    for letter in letters:
        day = sending.delivered_on(letter)
        assert day is not None, letter.kind
        if letter.act.kind in ("decision:accepter", "decision:rejeter", "retrait", "proposition_ordre"):
            assert appeals[day].day.weekday() < 5
            assert appeals[day].day - day > timedelta(days=59)
    for procedure in Procedure.objects.exclude(notified_on=None):
        notice = Letter.objects.get(act__step__procedure=procedure, act__step__kind="mise_en_demeure")
        assert procedure.notified_on == sending.delivered_on(notice)


def test_nothing_that_somebody_had_to_do_is_late(life: Life) -> None:
    late = Deadline.objects.filter(stands=True, day__lt=life.clock.day)
    assert [(one.dossier.reference, one.kind, one.title, one.day) for one in late] == []
    assert set(Procedure.objects.values_list("stage", flat=True)) == {Procedure.Stage.CLOSED}
    for control in Control.objects.all():
        assert ControlStep.Kind.CONCLUDED in controls.steps(control)


def test_four_eyes_on_every_act_that_binds(life: Life) -> None:
    for act in Act.objects.exclude(validator=None):
        assert act.author_id != act.validator_id
    signed = Draft.objects.filter(status=Draft.Status.SIGNED)
    assert signed.count() == Act.objects.exclude(draft=None).count()
    assert {d.verdict for d in signed if d.kind == Draft.Kind.DECISION} >= {Verdict.ACCEPT, Verdict.COMPLETE}
