"""Two persons at once, each with a connection of their own to PostgreSQL: one thing is done, and the other is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from django.utils import timezone
from tests.web import conftest, files
from tests.web.conftest import DAY, PROGRAMME, People, fixture, use
from tests.web.test_dossier import INVOICE, completed, with_capture
from tests.web.test_payments import accepted, answers, line, signed
from tests.web.test_spine import received, version_of

from recevable_web.actions import (
    acts,
    dossiers,
    payment_files,
    payments,
    pieces,
    procedures,
    recovery,
    register,
    undoing,
)
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    Act,
    Blob,
    Dossier,
    DossierVersion,
    Draft,
    Event,
    Payment,
    PaymentAnswer,
    PaymentReturn,
    Piece,
    Role,
    State,
    Verdict,
)


@pytest.fixture(scope="module")
def committed(_environment: None, request: pytest.FixtureRequest) -> Iterator[str]:
    """A copy of the migrated database in which what is written stays, until it is dropped."""
    url: str = request.getfixturevalue("_postgresql")
    use(url)
    connections["default"].close()
    server, _, name = url.rpartition("/")
    copy = f"{name}_a_la_fois"
    with psycopg.connect(f"{server}/template1", autocommit=True) as direct:
        direct.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
        conftest._SHIPPED[f"{server}/{copy}"] = conftest._SHIPPED[url]
        try:
            use(f"{server}/{copy}")
            yield copy
        finally:
            connections["default"].close()
            direct.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


@pytest.fixture
def people(committed: str, today: Callable[[date], None], monkeypatch: pytest.MonkeyPatch) -> People:
    # acts are of that day too
    monkeypatch.setattr(register, "now", lambda: f"{DAY}T10:00:00.000000Z")
    return PEOPLE


PEOPLE = People()


def at_once(*done: Callable[[], Any]) -> list[Any]:
    """What came of each, begun together: its answer, or the code of its refusal."""
    barrier = threading.Barrier(len(done))

    def run(one: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return one()
        except Refused as refused:
            return refused.code
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(len(done)) as pool:
        return list(pool.map(run, done))


@pytest.fixture
def ines(people: People) -> Account:
    return people("ines", Role.INSTRUCTOR)


@pytest.fixture
def dossier(ines: Account) -> Dossier:
    """A dossier of the tests' own."""
    known = Dossier.objects.filter(reference__startswith="solde").first()
    return known or received(ines, "solde-cinq-defauts")


def test_two_validators_sign_the_same_draft(people: People, ines: Account, dossier: Dossier) -> None:
    victor, valerie = (people(name, Role.VALIDATOR) for name in ("victor", "valerie"))
    draft = acts.prepare(ines, dossier, version_of(dossier), "solde", Verdict.COMPLETE)
    before = Act.objects.count()
    found = at_once(lambda: acts.sign(victor, draft), lambda: acts.sign(valerie, draft))
    assert sorted(type(one).__name__ for one in found) == ["Act", "str"]
    assert "DEJA-TRAITE" in found
    assert Act.objects.count() == before + 1


def test_one_signs_while_another_sends_back(people: People, ines: Account, dossier: Dossier) -> None:
    victor, valerie = (people(name, Role.VALIDATOR) for name in ("victor", "valerie"))
    draft = acts.prepare(ines, dossier, version_of(dossier), "solde", Verdict.COMPLETE)
    found = at_once(lambda: acts.sign(victor, draft), lambda: acts.send_back(valerie, draft, "À revoir."))
    draft.refresh_from_db()
    assert "DEJA-TRAITE" in found
    assert Act.objects.filter(draft=draft).exists() is (draft.status == Draft.Status.SIGNED)
    expected = State.TO_COMPLETE if draft.status == Draft.Status.SIGNED else State.TO_INSTRUCT
    dossier.refresh_from_db()
    assert dossier.state == expected


def test_two_instructors_prepare_the_same_request(people: People, ines: Account, dossier: Dossier) -> None:
    ivan = people("ivan", Role.INSTRUCTOR)
    seen = version_of(dossier)
    found = at_once(
        *(lambda one=one: acts.prepare(one, dossier, seen, "solde", Verdict.COMPLETE) for one in (ines, ivan))
    )
    assert sorted(type(one).__name__ for one in found) == ["Draft", "str"]
    assert {one for one in found if isinstance(one, str)} <= {"VERSION", "RESERVE"}
    (left,) = Draft.objects.filter(status=Draft.Status.PREPARED)
    acts.send_back(people("victor", Role.VALIDATOR), left, "À revoir.")


def test_one_signs_while_the_applicant_completes(people: People, ines: Account, dossier: Dossier) -> None:
    """Either the act is on what was read and the supplement comes after, or it is refused."""
    victor = people("victor", Role.VALIDATOR)
    draft = acts.prepare(ines, dossier, version_of(dossier), "solde", Verdict.COMPLETE)
    content, seen = completed(dossier, with_capture), version_of(dossier)
    signed, supplied = at_once(
        lambda: acts.sign(victor, draft), lambda: dossiers.supplement(ines, dossier, seen, content, "r.json")
    )
    if isinstance(signed, Act):
        # the dossier moved by the signature: the supplement is told to look again
        assert supplied == "VERSION"
    else:
        assert signed == "PERIME"
        assert isinstance(supplied, DossierVersion)
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert ("complement" in kinds) == isinstance(supplied, DossierVersion)


def test_the_same_file_is_joined_twice_at_once(people: People, ines: Account, dossier: Dossier) -> None:
    ivan = people("ivan", Role.INSTRUCTOR)
    found = at_once(
        *(lambda one=one: pieces.attach(one, dossier, INVOICE, "f.pdf", files.plain(1)) for one in (ines, ivan)),
        lambda: pieces.attach(ines, dossier, pieces.ELSEWHERE, "f.pdf", files.plain(1)),
    )
    assert sorted(type(one).__name__ for one in found) == ["Piece", "Piece", "str"]
    assert "DOUBLON" in found
    assert Blob.objects.count() == 1


def test_the_last_place_is_taken_once(
    people: People, ines: Account, dossier: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MOST_PIECES", dossier.pieces.count() + 1)
    found = at_once(
        *(lambda rank=rank: pieces.attach(ines, dossier, INVOICE, "f.pdf", files.plain(rank)) for rank in (2, 3))
    )
    assert sorted(type(one).__name__ for one in found) == ["Piece", "str"]
    assert "NOMBRE" in found
    assert Piece.objects.filter(dossier=dossier).count() == pieces.MOST_PIECES


@pytest.fixture
def accepted_(people: People, ines: Account) -> Dossier:
    """A dossier whose advance is accepted, of the test's own."""
    return accepted(ines, people("victor", Role.VALIDATOR), f"paye-{uuid4()}")


def paid(dossier: Dossier) -> int:
    return sum(Payment.objects.filter(dossier=dossier).values_list("cents", flat=True))


def test_two_instructors_propose_the_same_payment(people: People, ines: Account, accepted_: Dossier) -> None:
    ivan, seen = people("ivan", Role.INSTRUCTOR), version_of(accepted_)
    found = at_once(*(lambda one=one: payments.prepare(one, accepted_, seen, "avance") for one in (ines, ivan)))
    assert sorted(type(one).__name__ for one in found) == ["Draft", "str"]
    assert {one for one in found if isinstance(one, str)} <= {"VERSION", "RESERVE"}


def test_two_validators_sign_the_same_payment(people: People, ines: Account, accepted_: Dossier) -> None:
    victor, valerie = (people(name, Role.VALIDATOR) for name in ("victor", "valerie"))
    draft = payments.prepare(ines, accepted_, version_of(accepted_), "avance")
    found = at_once(lambda: acts.sign(victor, draft), lambda: acts.sign(valerie, draft))
    assert sorted(type(one).__name__ for one in found) == ["Act", "str"]
    assert paid(accepted_) == 800_000


def test_two_files_of_orders_at_once_order_each_payment_once(people: People, ines: Account, accepted_: Dossier) -> None:
    victor, valerie = (people(name, Role.VALIDATOR) for name in ("victor", "valerie"))
    acts.sign(victor, payments.prepare(ines, accepted_, version_of(accepted_), "avance"))
    found = at_once(*(lambda one=one: payments.order(one, PROGRAMME, "json") for one in (victor, valerie)))
    assert sorted(type(one).__name__ for one in found) == ["PaymentFile", "str"]
    assert "RIEN" in found


def test_the_same_answer_comes_twice_at_once(people: People, ines: Account, accepted_: Dossier) -> None:
    victor = people("victor", Role.VALIDATOR)
    payment = signed(ines, victor, accepted_)
    payments.order(victor, PROGRAMME, "json")
    content = answers(line(payment))
    files = at_once(*(lambda: payments.answered(ines, PROGRAMME, "r", content) for _ in range(2)))
    outcomes = sorted(one.answers.get().outcome for one in files)
    assert outcomes == ["applique", "deja_dit"]
    assert len(json.loads(bytes(dossiers.latest(accepted_).composed))["paiements"]) == 1


def test_a_payment_is_signed_while_its_decision_is_withdrawn(people: People, ines: Account, accepted_: Dossier) -> None:
    """Either the payment comes first and is cancelled, or it is refused: nothing is left to order."""
    victor, valerie = (people(name, Role.VALIDATOR) for name in ("victor", "valerie"))
    day = timezone.localdate()
    procedure = undoing.open_undoing(
        ines, accepted_, version_of(accepted_), "avance", "", "demande", "retrait", day, "À sa demande."
    )
    withdrawal = undoing.prepare_undoing(ines, procedure, "terminee", "À sa demande.")
    payment = payments.prepare(ines, accepted_, version_of(accepted_), "avance")
    found = at_once(lambda: acts.sign(victor, payment), lambda: acts.sign(valerie, withdrawal))
    assert isinstance(found[1], Act)
    assert isinstance(found[0], Act) or found[0] == "PERIME"
    statuses = set(Payment.objects.filter(dossier=accepted_).values_list("status", flat=True))
    assert statuses <= {Payment.Status.CANCELLED}


def test_a_decision_is_withdrawn_while_its_payment_is_ordered(
    people: People, ines: Account, accepted_: Dossier
) -> None:
    """Either the payment is cancelled, or a file holds it and what comes of it is seen: never both."""
    victor, valerie = (people(name, Role.VALIDATOR) for name in ("victor", "valerie"))
    procedure = undoing.open_undoing(
        ines, accepted_, version_of(accepted_), "avance", "", "demande", "retrait", timezone.localdate(), "Demande."
    )
    withdrawal = undoing.prepare_undoing(ines, procedure, "terminee", "À sa demande.")
    payment = signed(ines, victor, accepted_)
    found = at_once(lambda: payments.order(victor, PROGRAMME, "json"), lambda: acts.sign(valerie, withdrawal))
    payment.refresh_from_db()
    assert isinstance(found[1], Act)
    assert payment.status == (Payment.Status.CANCELLED if found[0] == "RIEN" else Payment.Status.ORDERED)


def test_the_same_repayment_is_recorded_twice_at_once(people: People, ines: Account) -> None:
    day = timezone.localdate()
    victor = people("victor", Role.VALIDATOR)
    content = json.loads(fixture("recouvrement-declaration-erronee"))
    content["reference"] = f"recouvre-{uuid4()}"
    dossier = dossiers.receive(ines, PROGRAMME, json.dumps(content).encode(), "x")
    procedure = recovery.open_finding(ines, dossier, dossier.version, "REC-DECLARATION-ERRONEE", day, "Contrôle.")
    acts.sign(victor, procedures.prepare_notice(ines, procedure, "Faits.", "AF §7", 30))
    procedures.notify(ines, procedure, day, "AR")
    procedures.observe(ines, procedure, day, "Rien.")
    acts.sign(victor, recovery.prepare_claim(ines, procedure, 100_00, "x", "AF §7", "x"))
    found = at_once(*(lambda: recovery.repay(ines, procedure, day, 100_00, "ENC-1") for _ in range(2)))
    assert sorted(str(one) for one in found) == ["CLOSE", "None"]


def test_the_same_return_of_a_payment_is_recorded_twice_at_once(
    people: People, ines: Account, accepted_: Dossier
) -> None:
    victor = people("victor", Role.VALIDATOR)
    payment = signed(ines, victor, accepted_)
    payments.order(victor, PROGRAMME, "json")
    today = timezone.localtime().date()
    order = payment_files.named(payment.pk)
    paid = payment_files.Answer(0, order, "paye", today, payment.cents, "VIR-1", "Relevé.")
    payments.answer(victor, payment, paid)
    back = payment_files.Answer(0, order, "retourne", None, payment.cents, "", "Compte clos.", today)
    found = at_once(*(lambda: payments.answer(victor, payment, back) for _ in range(2)))
    assert sorted(str(one.outcome) for one in found if isinstance(one, PaymentAnswer)) == ["applique", "deja_dit"]
    assert PaymentReturn.objects.filter(payment=payment).count() == 1
    assert payments.balance(accepted_, "avance").left == payment.cents
