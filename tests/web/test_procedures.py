"""Recovery and undoing on both databases: step by step, heard before decided, four eyes, within what is claimed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from tests.web.conftest import PROGRAMME, People, fixture
from tests.web.test_pages import browser, get, post
from tests.web.test_payments import accepted, answers, line, prepared, signed
from tests.web.test_spine import refused, version_of

import recevable
from recevable_web import packs
from recevable_web.actions import (
    acts,
    dossiers,
    payment_files,
    payments,
    procedures,
    recovery,
    register,
    sending,
    statistics,
    undoing,
)
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    Act,
    Dossier,
    Draft,
    Letter,
    Payment,
    Procedure,
    ProcedureStep,
    QueueRequest,
    Role,
    State,
    Verdict,
)

ERRONEOUS = "recouvrement-declaration-erronee"
RULE = "REC-DECLARATION-ERRONEE"
Stage = Procedure.Stage


@pytest.fixture
def controller(people: People) -> Account:
    return people("carole", Role.CONTROLLER)


@pytest.fixture
def found(instructor: Account, controller: Account) -> Procedure:
    """A procedure on an erroneous declaration, for 10 709,83 € at most."""
    dossier = dossiers.receive(instructor, PROGRAMME, fixture(ERRONEOUS), "x")
    return opened(controller, dossier)


def opened(actor: Account, dossier: Dossier, since: date = date(2024, 3, 12)) -> Procedure:
    return recovery.open_finding(actor, dossier, version_of(dossier), RULE, since, "Contrôle sur pièces.")


def moment(procedure: Procedure) -> Procedure:
    return Procedure.objects.get(pk=procedure.pk)


def noticed(actor: Account, validator: Account, procedure: Procedure, days: int = 60) -> Procedure:
    acts.sign(validator, procedures.prepare_notice(actor, procedure, "Écart avec l'Annuaire.", "AF §7", days))
    return moment(procedure)


def notified(actor: Account, validator: Account, procedure: Procedure, days: int = 60) -> Procedure:
    noticed(actor, validator, procedure, days)
    procedures.notify(actor, procedure, timezone.localdate(), "Recommandé 1A 000")
    return moment(procedure)


def heard(actor: Account, validator: Account, procedure: Procedure) -> Procedure:
    notified(actor, validator, procedure)
    procedures.observe(actor, procedure, timezone.localdate(), "Le nombre a été corrigé.")
    return moment(procedure)


def decided(actor: Account, validator: Account, procedure: Procedure, cents: int = 500_000) -> Procedure:
    heard(actor, validator, procedure)
    acts.sign(validator, claim(actor, procedure, cents))
    return moment(procedure)


def claim(actor: Account, procedure: Procedure, cents: int, **more: str) -> Draft:
    why = {
        "reason": "Écart de bonne foi, en partie corrigé.",
        "source": "AF §7",
        "proportionality": "Part indue seule.",
    }
    return recovery.prepare_claim(actor, procedure, cents, **{**why, **more})


def order(actor: Account, procedure: Procedure, *cents: int) -> Draft:
    return recovery.prepare_order(
        actor, procedure, [(f"Ligne {rank}", one, "AF §5.1") for rank, one in enumerate(cents)]
    )


# --- recovery ---------------------------------------------------------------------------------------------------------


def test_a_recovery_goes_step_by_step_to_its_last_repayment(
    controller: Account, validator: Account, found: Procedure
) -> None:
    assert (found.claimed_cents, found.modality, found.basis) == (1_070_983, "facultative", "maximum")
    assert found.prescribed_on == date(2029, 3, 12)
    assert decided(controller, validator, found).stage == Stage.DECIDED
    act = acts.sign(validator, order(controller, found, 300_000, 200_000))
    sealed = json.loads(bytes(act.content.content))
    assert (act.kind, sealed["centimes"]) == ("proposition_ordre", 500_000)
    assert [one["centimes"] for one in sealed["bases"]] == [300_000, 200_000]
    letters = Letter.objects.filter(dossier=found.dossier).order_by("act_id")
    assert [one.kind for one in letters] == ["mise_en_demeure", "fin_contradictoire", "proposition_ordre"]
    assert sealed["courrier"]["sha256"] == letters[2].sha256
    said = [json.loads(bytes(one.content.data)) for one in letters]
    assert "Le nombre a été corrigé." in json.dumps(said[1], ensure_ascii=False)
    assert all("5\u202f000,00" in json.dumps(one, ensure_ascii=False) for one in said[1:])
    today = timezone.localdate()
    recovery.repay(controller, found, today, 200_000, "ENC-1")
    with refused("REFERENCE"):
        recovery.repay(controller, found, today, 200_000, "ENC-1")
    for cents in (None, 0, -1, 300_001):
        with refused("SOMME"):
            recovery.repay(controller, found, today, cents, "ENC-2")
    recovery.repay(controller, found, today, 300_000, "ENC-2")
    last = moment(found)
    assert (last.stage, last.repaid_cents) == (Stage.CLOSED, 500_000)
    kinds = list(found.steps.order_by("rank").values_list("kind", flat=True))
    assert kinds == [
        "ouverture", "mise_en_demeure", "notification", "observations", "decision", "ordre", "reversement",
        "reversement", "cloture",
    ]  # fmt: skip
    kinds = list(Act.objects.order_by("rank").values_list("kind", flat=True))
    assert kinds == ["mise_en_demeure", "decision_recouvrement", "proposition_ordre"]
    assert recevable.ledger.verify(register.export()).faults == ()
    with refused("CLOSE"):
        recovery.repay(controller, found, today, 1, "ENC-3")
    with pytest.raises(DatabaseError), transaction.atomic():
        Procedure.objects.filter(pk=found.pk).update(stage="decidee", repaid_cents=0)


def test_no_step_comes_before_its_turn(controller: Account, validator: Account, found: Procedure) -> None:
    today = timezone.localdate()

    def only(*allowed: str) -> None:
        tried: dict[str, Callable[[], Any]] = {
            "notify": lambda: procedures.notify(controller, found, today, "AR"),
            "observe": lambda: procedures.observe(controller, found, today, "Rien."),
            "claim": lambda: claim(controller, found, 100),
            "order": lambda: order(controller, found, 100),
            "repay": lambda: recovery.repay(controller, found, today, 100, "x"),
        }
        for name, act in tried.items():
            if name not in allowed:
                with pytest.raises(Refused) as raised:
                    act()
                assert raised.value.code in ("ETAPE", "CONTRADICTOIRE"), name

    only()
    with refused("CONTRADICTOIRE"):
        claim(controller, found, 100)
    draft = procedures.prepare_notice(controller, found, "Faits.", "AF §7", 30)
    only()
    acts.sign(validator, draft)
    only("notify")
    procedures.notify(controller, found, today, "AR")
    # the delay runs: only observations come now
    only("observe")
    with refused("ETAPE"):
        procedures.prepare_notice(controller, found, "Faits.", "AF §7", 30)
    procedures.observe(controller, found, today, "Rien à dire.")
    only("observe", "claim")


def test_silence_is_waited_for_until_the_last_day(
    controller: Account, validator: Account, found: Procedure, today: Callable[[date], None]
) -> None:
    now = timezone.localtime().date()
    today(now)
    kept = notified(controller, validator, found, 15)
    assert kept.answer_until == now + timedelta(days=15)
    today(now + timedelta(days=15))
    with refused("CONTRADICTOIRE"):
        claim(controller, found, 100)
    today(now + timedelta(days=16))
    assert claim(controller, found, 100).content["centimes"] == 100


def test_a_sum_is_claimed_by_a_person_who_says_why(controller: Account, validator: Account, found: Procedure) -> None:
    heard(controller, validator, found)
    for more, code in (
        ({"reason": " "}, "MOTIF"), ({"source": ""}, "SOURCE"), ({"proportionality": ""}, "PROPORTION"),
    ):  # fmt: skip
        with refused(code):
            claim(controller, found, 100, **more)
    for cents in (-1, 1_070_984):
        with refused("SOMME"):
            claim(controller, found, cents)
    draft = claim(controller, found, 1_070_983)
    with refused("DEJA-PREPARE"):
        claim(controller, found, 100)
    acts.withdraw(controller, draft)
    nothing = claim(controller, found, 0, proportionality="")
    acts.sign(validator, nothing)
    assert (moment(found).stage, moment(found).decided_cents) == (Stage.CLOSED, 0)


def test_a_claim_is_not_signed_when_the_case_has_moved(
    instructor: Account, controller: Account, validator: Account, found: Procedure
) -> None:
    heard(controller, validator, found)
    draft = claim(controller, found, 1_000)
    cured = {
        "mises_en_demeure": {
            "declaration_erronee": {
                "notifiee_le": "2024-04-01", "delai_jours": 60,
                "reponse": {"recue_le": "2024-04-20", "nature": "remede", "issue": "manquement_leve"},
            }
        }
    }  # fmt: skip
    dossiers.with_facts(instructor, found.dossier, version_of(found.dossier), cured, "asp")
    with refused("PERIME"):
        acts.sign(validator, draft)
    with refused("SOMME"):
        claim(controller, found, 1_000)
    # to claim nothing stays possible
    assert claim(controller, found, 0, proportionality="").content["centimes"] == 0


def test_all_procedures_together_claim_no_more_than_was_paid(
    instructor: Account, controller: Account, validator: Account
) -> None:
    dossier = dossiers.receive(instructor, PROGRAMME, fixture("recouvrement-quatre-cas"), "x")
    found = recovery.findings(dossiers.latest(dossier), packs.in_force(PROGRAMME, timezone.localdate()))
    cases = [one for one in found if one.basis == "maximum" and one.amount.value is not None]
    first, second = (
        recovery.open_finding(controller, dossier, version_of(dossier), one.rule, date(2024, 3, 12), "Contrôle.")
        for one in cases[:2]
    )
    assert first.claimed_cents == second.claimed_cents
    assert first.claimed_cents is not None
    for one in (first, second):
        heard(controller, validator, one)
    acts.sign(validator, claim(controller, first, first.claimed_cents - 100))
    with refused("CUMUL"):
        claim(controller, second, 101)
    late = claim(controller, second, 100)
    assert late.content["centimes"] == 100


def test_what_a_finding_claimed_is_not_claimed_again_once_the_decision_is_withdrawn(
    instructor: Account, controller: Account, validator: Account
) -> None:
    dossier = accepted(instructor, validator)
    paid(instructor, validator, dossier)
    error = {"constate_par": "ans", "constate_le": "2024-03-12T10:00:00+01:00", "description": "Déclaration erronée."}
    dossiers.with_facts(
        instructor, dossier, version_of(dossier), {"controles": {"declaration_erronee": error}}, "asp"
    )  # fmt: skip
    finding = heard(controller, validator, opened(controller, dossier))
    acts.sign(validator, claim(controller, finding, 500_000))
    acts.sign(validator, undoing.prepare_undoing(instructor, undo(instructor, dossier, "demande"), "terminee", "x"))
    over = heard(controller, validator, Procedure.objects.get(kind=Procedure.Kind.RECOVERY, rule=""))
    # 8 000 € were paid, 5 000 € of which are claimed already
    with refused("CUMUL"):
        claim(controller, over, 300_001)
    acts.sign(validator, claim(controller, over, 300_000))
    claims = Procedure.objects.values_list("decided_cents", flat=True)
    assert sum(one or 0 for one in claims) == 800_000


def test_what_is_prescribed_is_not_claimed(
    instructor: Account, controller: Account, validator: Account, today: Callable[[date], None]
) -> None:
    now = timezone.localtime().date()
    today(now)
    dossier = dossiers.receive(instructor, PROGRAMME, fixture(ERRONEOUS), "x")
    known = now.replace(year=now.year - 5, day=28)
    procedure = heard(controller, validator, opened(controller, dossier, known))
    last = procedure.prescribed_on
    assert last == now.replace(day=28)
    today(last)
    draft = claim(controller, procedure, 100)
    today(last + timedelta(days=1))
    with refused("PERIME"):
        acts.sign(validator, draft)
    with refused("PRESCRIT"):
        claim(controller, procedure, 100)


def test_a_small_sum_is_not_ordered(controller: Account, validator: Account, found: Procedure) -> None:
    decided(controller, validator, found, 49_99)
    with refused("SEUIL"):
        order(controller, found, 49_99)
    with refused("DROIT"):
        recovery.abandon(controller, found, "Sous le seuil.")
    recovery.abandon(validator, found, "Sous le seuil.")
    assert moment(found).stage == Stage.CLOSED


def test_the_bases_of_an_order_make_the_sum_decided(controller: Account, validator: Account, found: Procedure) -> None:
    decided(controller, validator, found, 50_00)
    for bases in ((), (49_99,), (50_01,), (60_00, -10_00), (50_00, 0), (5_00,) * 60):
        with refused("BASES"):
            order(controller, found, *bases)
    with refused("SOURCE"):
        recovery.prepare_order(controller, found, [("Avance", 50_00, "")])
    assert order(controller, found, 50_00).content["centimes"] == 50_00


def test_a_case_is_opened_once_and_only_when_the_rules_find_it(
    instructor: Account, controller: Account, found: Procedure
) -> None:
    dossier = found.dossier
    with refused("DEJA-OUVERTE"):
        opened(controller, dossier)
    with refused("CAS"):
        recovery.open_finding(controller, dossier, version_of(dossier), "REC-AUTRE", date(2024, 1, 1), "x")
    with refused("DATE"):
        opened(controller, dossier, timezone.localdate() + timedelta(days=1))
    with refused("VERSION"):
        recovery.open_finding(controller, dossier, 1, RULE, date(2024, 1, 1), "x")
    recovery.abandon(controller, found, "Ouverte par erreur.")
    assert opened(instructor, dossier).pk != found.pk


def test_who_may_lead_a_procedure(people: People, validator: Account, found: Procedure) -> None:
    for role in set(Role) - {Role.INSTRUCTOR, Role.CONTROLLER}:
        other = people(f"r-{role}", role)
        with refused("DROIT"):
            procedures.prepare_notice(other, found, "x", "AF §7", 30)
        with refused("DROIT"):
            opened(other, found.dossier)
    both = people("deux", Role.CONTROLLER, Role.VALIDATOR)
    draft = procedures.prepare_notice(both, found, "Faits.", "AF §7", 30)
    with refused("QUATRE-YEUX"):
        acts.sign(both, draft)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_notice_gives_a_delay(controller: Account, found: Procedure, days: int) -> None:
    with refused("DELAI"):
        procedures.prepare_notice(controller, found, "Faits.", "AF §7", days)


def test_the_delay_that_is_proposed_is_the_programmes(found: Procedure) -> None:
    days, source = procedures.proposed_days(found, packs.in_force(PROGRAMME, timezone.localdate()))
    assert days == 60
    assert "AF §7" in source


def test_dates_that_cannot_be_are_refused(controller: Account, validator: Account, found: Procedure) -> None:
    noticed(controller, validator, found)
    today = timezone.localdate()
    for day in (None, today - timedelta(days=1), today + timedelta(days=1)):
        with refused("DATE"):
            procedures.notify(controller, found, day, "AR")
    procedures.notify(controller, found, today, "AR")
    with refused("DATE"):
        procedures.observe(controller, found, today - timedelta(days=1), "Avant.")


def test_the_notification_is_the_delivery_of_the_letter_when_it_is_known(
    instructor: Account, validator: Account, found: Procedure, today: Callable[[date], None]
) -> None:
    now = timezone.localtime().date()
    today(now)
    noticed(instructor, validator, found)
    letter = Letter.objects.get(kind="mise_en_demeure")
    sent = sending.send(instructor, letter, "recommande", now)
    today(now + timedelta(days=3))
    sending.deliver(instructor, sent, now + timedelta(days=2), "Avis signé")
    assert procedures.delivered_on(found) == now + timedelta(days=2)
    with refused("DATE"):
        procedures.notify(instructor, found, now + timedelta(days=3), "AR")
    procedures.notify(instructor, found, now + timedelta(days=2), "AR")
    assert moment(found).answer_until == now + timedelta(days=62)


def test_the_database_decides_nothing_unheard(found: Procedure) -> None:
    for change in (
        {"stage": "decidee"}, {"stage": "ordre_propose"}, {"decided_cents": 1_070_984}, {"decided_cents": -1},
        {"repaid_cents": 1}, {"heard": False}, {"found_on": date(2020, 1, 1)}, {"rule": "X"}, {"reason": "autre"},
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            Procedure.objects.filter(pk=found.pk).update(**change)
    for act in (lambda: ProcedureStep.objects.all().delete(), lambda: ProcedureStep.objects.update(text="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_step_that_fails_leaves_nothing(
    controller: Account, validator: Account, found: Procedure, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(controller, validator, found)
    draft = claim(controller, found, 100)
    before = Act.objects.count(), found.steps.count()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(dossiers, "moved", broken)
    with pytest.raises(RuntimeError):
        acts.sign(validator, draft)
    assert (Act.objects.count(), found.steps.count()) == before
    assert moment(found).stage == Stage.HEARD


# --- undoing ----------------------------------------------------------------------------------------------------------


def undo(actor: Account, dossier: Dossier, ground: str, effect: str = "retrait") -> Procedure:
    return undoing.open_undoing(
        actor, dossier, version_of(dossier), "avance", "", ground, effect, timezone.localdate(), "Erreur relevée."
    )


@pytest.fixture
def dossier(instructor: Account, validator: Account) -> Dossier:
    return accepted(instructor, validator)


def paid(instructor: Account, validator: Account, dossier: Dossier) -> Payment:
    payment = signed(instructor, validator, dossier)
    payments.order(validator, PROGRAMME, payment_files.JSON)
    payments.answered(instructor, PROGRAMME, "r", answers(line(payment)))
    return Payment.objects.get(pk=payment.pk)


def test_a_decision_is_not_decided_again_without_being_undone(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    for verdict in (Verdict.ACCEPT, Verdict.REJECT):
        with refused("DECIDE"):
            acts.prepare(instructor, dossier, version_of(dossier), "avance", verdict, reason="x", source="y")


def test_on_request_of_the_beneficiary_a_decision_is_withdrawn_at_once(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    assert not QueueRequest.objects.get(dossier=dossier, name="avance").open
    procedure = undo(instructor, dossier, "demande")
    with refused("ETAPE"):
        procedures.prepare_notice(instructor, procedure, "x", "AF §7", 30)
    act = acts.sign(validator, undoing.prepare_undoing(instructor, procedure, "a_decider", "Demande du 3."))
    sealed = json.loads(bytes(act.content.content))
    assert (act.kind, sealed["acte"], sealed["fondement"]) == ("retrait", 1, "demande")
    assert sealed["acte_empreinte"] == Act.objects.get(rank=1).digest
    assert moment(procedure).stage == Stage.CLOSED
    dossier.refresh_from_db()
    assert dossier.state == State.TO_INSTRUCT
    assert QueueRequest.objects.get(dossier=dossier, name="avance").open
    with refused("ACTE"):
        prepared(instructor, dossier)
    with refused("ACTE"):
        undo(instructor, dossier, "demande")
    again = acts.prepare(instructor, dossier, version_of(dossier), "avance", Verdict.ACCEPT)
    acts.sign(validator, again)
    assert prepared(instructor, dossier).content["centimes"] == 800_000
    assert recevable.ledger.verify(register.export()).faults == ()
    assert statistics.totals(PROGRAMME) == statistics.recounted(PROGRAMME)


def test_a_request_that_is_over_is_not_decided_again(instructor: Account, validator: Account, dossier: Dossier) -> None:
    procedure = undo(instructor, dossier, "demande")
    acts.sign(validator, undoing.prepare_undoing(instructor, procedure, "terminee", "Renonce."))
    dossier.refresh_from_db()
    assert dossier.state == State.DECIDED
    with refused("DECIDE"):
        acts.prepare(instructor, dossier, version_of(dossier), "avance", Verdict.ACCEPT)
    assert payments.payable([PROGRAMME]).count() == 0


@pytest.mark.parametrize("ground", ["illegalite", "condition", "fraude"])
def test_the_beneficiary_is_heard_before_a_decision_is_withdrawn(
    instructor: Account, validator: Account, dossier: Dossier, ground: str
) -> None:
    procedure = undo(instructor, dossier, ground)
    with refused("CONTRADICTOIRE"):
        undoing.prepare_undoing(instructor, procedure, "a_decider", "x")
    heard(instructor, validator, procedure)
    opening = Letter.objects.get(kind="ouverture_contradictoire")
    assert opening.act.kind == "mise_en_demeure"
    said = bytes(opening.content.data).decode()
    assert "avant le retrait de la décision du" in said
    named = "acceptation, Demande d’avance, acte n° 1"
    assert named in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "Écart avec l’Annuaire." in said
    acts.sign(validator, undoing.prepare_undoing(instructor, procedure, "a_decider", "Pièce fausse."))
    last = Act.objects.latest("rank")
    assert (last.kind, last.letters.get().kind) == ("retrait", "retrait")
    assert named in bytes(last.letters.get().content.data).decode().replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(("ground", "open_"), [("illegalite", False), ("condition", True), ("fraude", True)])
def test_an_illegal_decision_is_withdrawn_within_four_months(
    instructor: Account, validator: Account, dossier: Dossier, today: Callable[[date], None], ground: str, open_: bool
) -> None:
    taken = timezone.localtime().date()
    clock = procedures.clocks(PROGRAMME, "retrait", taken)[0]
    assert clock.day is not None
    today(clock.day)
    procedure = undo(instructor, dossier, ground)
    undoing.abandon(instructor, procedure, "Essai.")
    today(clock.day + timedelta(days=1))
    if open_:
        undo(instructor, dossier, ground)
    else:
        with refused("DELAI"):
            undo(instructor, dossier, ground)


def test_the_delay_is_checked_again_at_the_signature(
    instructor: Account, validator: Account, dossier: Dossier, today: Callable[[date], None]
) -> None:
    now = timezone.localtime().date()
    today(now)
    procedure = heard(instructor, validator, undo(instructor, dossier, "illegalite"))
    draft = undoing.prepare_undoing(instructor, procedure, "a_decider", "Erreur de droit.")
    last = procedures.clocks(PROGRAMME, "retrait", now)[0].day
    assert last is not None
    today(last + timedelta(days=1))
    with refused("PERIME"):
        acts.sign(validator, draft)


def test_a_rejection_is_withdrawn_but_grants_no_subvention(instructor: Account, validator: Account) -> None:
    dossier = dossiers.receive(instructor, PROGRAMME, fixture("avance-acheteur-complete"), "x")
    rejected = acts.prepare(
        instructor, dossier, dossier.version, "avance", Verdict.REJECT, reason="Erreur.", source="AF §6"
    )
    acts.sign(validator, rejected)
    with refused("FONDEMENT"):
        undo(instructor, dossier, "condition")
    for ground, effect in (("autre", "retrait"), ("fraude", "autre")):
        with refused("FONDEMENT"):
            undo(instructor, dossier, ground, effect)
    procedure = undo(instructor, dossier, "demande")
    with refused("SUITE"):
        undoing.prepare_undoing(instructor, procedure, "autre", "x")
    acts.sign(validator, undoing.prepare_undoing(instructor, procedure, "a_decider", "Recours gracieux fondé."))
    acts.prepare(instructor, dossier, version_of(dossier), "avance", Verdict.ACCEPT)


def test_what_was_paid_on_a_withdrawn_decision_is_recovered(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    paid(instructor, validator, dossier)
    procedure = undo(instructor, dossier, "demande")
    act = acts.sign(validator, undoing.prepare_undoing(instructor, procedure, "terminee", "Renonce."))
    due = Procedure.objects.get(kind=Procedure.Kind.RECOVERY)
    assert (due.claimed_cents, due.decision, due.request) == (800_000, act, "avance")
    due = heard(instructor, validator, due)
    acts.sign(validator, claim(instructor, due, 800_000))
    recovery.repay(instructor, due, timezone.localdate(), 800_000, "ENC-1")
    assert moment(due).stage == Stage.CLOSED
    assert payments.balance(dossier, "avance").over == 0


def test_prescription_runs_from_the_day_when_the_facts_were_known(
    instructor: Account, validator: Account, dossier: Dossier, today: Callable[[date], None]
) -> None:
    known = timezone.localtime().date()
    today(known)
    paid(instructor, validator, dossier)
    procedure = undo(instructor, dossier, "demande")
    today(known + timedelta(days=200))
    acts.sign(validator, undoing.prepare_undoing(instructor, procedure, "terminee", "Renonce."))
    due = Procedure.objects.get(kind=Procedure.Kind.RECOVERY)
    assert due.found_on == known
    assert due.prescribed_on == procedures.clocks(PROGRAMME, "prescription", known)[0].day


def test_no_prescription_runs_before_the_decision_that_paid(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    paid(instructor, validator, dossier)
    procedure = undoing.open_undoing(
        instructor, dossier, version_of(dossier), "avance", "", "demande", "retrait", date(2023, 1, 2), "Fait ancien."
    )
    act = acts.sign(validator, undoing.prepare_undoing(instructor, procedure, "terminee", "Renonce."))
    assert procedure.decision is not None
    assert Procedure.objects.get(decision=act).found_on == register.day_of(procedure.decision)


def test_a_repealed_decision_keeps_what_was_paid_before(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    paid(instructor, validator, dossier)
    procedure = undo(instructor, dossier, "demande", "abrogation")
    acts.sign(validator, undoing.prepare_undoing(instructor, procedure, "terminee", "Pour l'avenir."))
    letter = Letter.objects.latest("act_id")
    assert letter.kind == "retrait"
    since = f"l’abrogation, à compter du {recevable.wording.day(timezone.localdate())}, de la décision"
    assert since in bytes(letter.content.data).decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "<strong>Abrogée</strong>" in get(browser(instructor), f"/dossiers/{dossier.pk}").content.decode()
    assert Procedure.objects.filter(kind=Procedure.Kind.RECOVERY).count() == 0
    balance = payments.balance(dossier, "avance")
    assert (balance.left, balance.over) == (0, 0)
    with refused("ACTE"):
        prepared(instructor, dossier)


def test_a_payment_not_yet_ordered_is_cancelled_and_one_that_waits_is_stale(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    payment = signed(instructor, validator, dossier)
    procedure = undo(instructor, dossier, "demande")
    acts.sign(validator, undoing.prepare_undoing(instructor, procedure, "a_decider", "x"))
    payment.refresh_from_db()
    assert payment.status == Payment.Status.CANCELLED
    with refused("RIEN"):
        payments.order(validator, PROGRAMME, "json")
    acts.sign(validator, acts.prepare(instructor, dossier, version_of(dossier), "avance", Verdict.ACCEPT))
    waiting = prepared(instructor, dossier)
    acts.sign(
        validator, undoing.prepare_undoing(instructor, undo(instructor, dossier, "demande"), "a_decider", "x")
    )  # fmt: skip
    with refused("PERIME"):
        acts.sign(validator, waiting)
    assert Payment.objects.count() == 1


def test_paid_after_being_withdrawn_is_seen_and_recovered_by_a_person(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    payment = signed(instructor, validator, dossier)
    payments.order(validator, PROGRAMME, "json")
    acts.sign(validator, undoing.prepare_undoing(instructor, undo(instructor, dossier, "demande"), "terminee", "x"))
    assert Procedure.objects.filter(kind=Procedure.Kind.RECOVERY).count() == 0
    payments.answered(instructor, PROGRAMME, "r", answers(line(payment)))
    assert payments.balance(dossier, "avance").over == 800_000
    due = recovery.open_overpaid(
        instructor, dossier, version_of(dossier), "avance", "", timezone.localdate(), "Payé après le retrait."
    )  # fmt: skip
    assert due.claimed_cents == 800_000
    with refused("DEJA-OUVERTE"):
        recovery.open_overpaid(instructor, dossier, version_of(dossier), "avance", "", timezone.localdate(), "x")


def test_one_undoing_is_open_on_a_request(instructor: Account, dossier: Dossier) -> None:
    procedure = undo(instructor, dossier, "demande")
    with refused("DEJA-OUVERTE"):
        undo(instructor, dossier, "fraude")
    columns = {
        one.attname: getattr(procedure, one.attname)
        for one in Procedure._meta.fields
        if one.attname not in ("id", "opened_at")
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Procedure.objects.create(**columns)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_whole_recovery_in_pages(
    instructor: Account, controller: Account, validator: Account, people: People
) -> None:
    dossier = dossiers.receive(instructor, PROGRAMME, fixture(ERRONEOUS), "x")
    carole, victor = browser(controller), browser(validator)
    tab = f"/dossiers/{dossier.pk}/procedures"
    assert "Déclaration erronée" in get(carole, tab).content.decode()
    today = timezone.localdate().isoformat()
    post(
        carole,
        f"{tab}/ouvrir",
        vue=version_of(dossier),
        nature="constat",
        regle=RULE,
        depuis="2024-03-12",
        motif="<b>x</b>",
    )
    kept = Procedure.objects.get()
    there = f"/procedures/{kept.pk}"

    def do(etape: str, **fields: Any) -> str:
        assert post(carole, f"{there}/faire", etape=etape, **fields)["Location"] == there
        return str(get(carole, there).content.decode())

    def sign() -> None:
        draft = Draft.objects.get(status=Draft.Status.PREPARED)
        assert "Signer" in get(victor, f"/projets/{draft.pk}").content.decode()
        post(victor, f"/projets/{draft.pk}/signer")

    page = get(carole, there).content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert 'value="60"' in page
    assert "Préparer la décision" not in page
    # what does not come now is refused, and told
    assert "Le bénéficiaire n&#x27;a pas encore été mis en demeure" in do(
        "decision", montant="1", motif="x", source="y"
    )
    do("mise_en_demeure", griefs="Faits.", source="AF §7", delai="30")
    sign()
    do("notifier", le=today, preuve="AR 1")
    assert "Préparer la décision" in do("observer", le=today, texte="Observations.")
    assert "n&#x27;est pas une somme" in do("decision", montant="huit mille", motif="x", source="y")
    do("decision", montant="5 000,00", motif="Partie.", source="AF §7", proportionnalite="Mesurée.")
    sign()
    bases = {
        "libelle": ["Perçu", "Retenu", ""],
        "montant": ["4 000,00", "1000", ""],
        "source": ["AF §5", "AF §5", ""],
    }
    do("ordre", **bases)
    sign()
    assert "Reste à reverser" in get(carole, there).content.decode()
    listed = get(carole, "/recouvrements").content.decode()
    assert dossier.reference in listed
    assert "12 mars 2029" in listed
    assert dossier.reference in get(carole, "/?onglet=recouvrement").content.decode()
    do("reverser", le=today, montant="5000", reference="ENC 1")
    assert Procedure.objects.get().stage == Stage.CLOSED
    assert "Aucune procédure de recouvrement" in get(carole, "/recouvrements").content.decode()
    assert get(carole, there).status_code == 200
    for other in (people("adam", Role.ADMINISTRATOR), people("loin", Role.INSTRUCTOR, programme="prime-velo")):
        assert get(browser(other), there).status_code == 404


def test_a_withdrawal_in_pages(instructor: Account, validator: Account, dossier: Dossier) -> None:
    ines, victor = browser(instructor), browser(validator)
    tab = f"/dossiers/{dossier.pk}/procedures"
    assert "Retirer ou abroger une décision" in get(ines, tab).content.decode()
    assert "Retirer ou abroger une décision" not in get(victor, tab).content.decode()
    asked = {
        "nature": "retrait",
        "demande": "avance",
        "cle": "",
        "fondement": "demande",
        "effet": "retrait",
        "motif": "x",
    }
    post(ines, f"{tab}/ouvrir", vue=version_of(dossier), depuis=timezone.localdate().isoformat(), **asked)
    kept = Procedure.objects.get()
    post(ines, f"/procedures/{kept.pk}/faire", etape="retrait", suite="a_decider", motif="À sa demande.")
    draft = Draft.objects.get(kind=Draft.Kind.UNDOING)
    assert "acte n° 1" in get(victor, f"/projets/{draft.pk}").content.decode()
    post(victor, f"/projets/{draft.pk}/signer")
    dossier.refresh_from_db()
    assert dossier.state == State.TO_INSTRUCT
    for address in (f"/procedures/{kept.pk}", tab, f"/dossiers/{dossier.pk}", f"/dossiers/{dossier.pk}/paiements"):
        assert get(ines, address).status_code == 200
    shown = get(ines, f"/dossiers/{dossier.pk}").content.decode()
    assert re.search(r"acte n° 1\.</p>\s*<p><strong>Retirée</strong> le .* : acte n° 2\.", shown)
    # a new decision on the same request is none of those that were undone
    acts.sign(validator, acts.prepare(instructor, dossier, version_of(dossier), "avance", Verdict.ACCEPT))
    shown = get(ines, f"/dossiers/{dossier.pk}").content.decode()
    assert "acte n° 3." in shown
    assert shown.count("<strong>Retirée</strong>") == 1
