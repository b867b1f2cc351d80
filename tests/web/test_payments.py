"""Payments on both databases: once, never above what was signed, ordered by one file, answered once, recorded."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.test import override_settings
from django.utils import timezone
from tests.web.conftest import PROGRAMME, People, fixture
from tests.web.test_pages import browser, get, post
from tests.web.test_spine import refused, version_of

import recevable
from recevable_web.actions import (
    acts,
    dashboard,
    decisions,
    dossiers,
    history,
    payment_files,
    payments,
    purge,
    register,
    statistics,
    versions,
)
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    Act,
    Dossier,
    Draft,
    Event,
    Payment,
    PaymentAnswer,
    PaymentFile,
    PaymentFileContent,
    PaymentReturn,
    Procedure,
    Reservation,
    Role,
    State,
    Verdict,
)

ACCEPTED = "avance-acheteur-complete"
IBAN = "FR7630006000011234567890189"
Outcome = PaymentAnswer.Outcome


def accepted(instructor: Account, validator: Account, name: str = ACCEPTED) -> Dossier:
    """A dossier whose advance of 8 000 € was accepted."""
    content = fixture(ACCEPTED)
    if name != ACCEPTED:
        data = json.loads(content)
        data["reference"] = name
        content = json.dumps(data).encode()
    dossier = dossiers.receive(instructor, PROGRAMME, content, f"{name}.json")
    acts.sign(validator, acts.prepare(instructor, dossier, dossier.version, "avance", Verdict.ACCEPT))
    dossier.refresh_from_db()
    return dossier


def prepared(instructor: Account, dossier: Dossier) -> Draft:
    return payments.prepare(instructor, dossier, version_of(dossier), "avance")


def signed(instructor: Account, validator: Account, dossier: Dossier) -> Payment:
    return Payment.objects.get(act=acts.sign(validator, prepared(instructor, dossier)))


@pytest.fixture
def dossier(instructor: Account, validator: Account) -> Dossier:
    return accepted(instructor, validator)


@pytest.fixture
def ordered(instructor: Account, validator: Account, dossier: Dossier) -> Payment:
    payment = signed(instructor, validator, dossier)
    payments.order(validator, PROGRAMME, payment_files.JSON)
    payment.refresh_from_db()
    return payment


def line(payment: Payment, **changed: Any) -> dict[str, Any]:
    return {
        "ordre": payment_files.named(payment.pk), "statut": "paye", "paye_le": timezone.localtime().date().isoformat(),
        "montant": "8000.00", "reference": "VIR-1", **changed,
    }  # fmt: skip


def answers(*lines: dict[str, Any]) -> bytes:
    return json.dumps({"format": payment_files.ANSWERS, "reponses": lines}).encode()


def outcomes(file: PaymentFile) -> list[str]:
    assert file.faults == []
    return list(file.answers.order_by("line").values_list("outcome", flat=True))


# --- proposed and signed ----------------------------------------------------------------------------------------------


def test_a_payment_is_what_a_signed_acceptance_leaves_to_pay(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    decision = Act.objects.get()
    assert list(payments.payable([PROGRAMME])) == [decision.draft]
    draft = prepared(instructor, dossier)
    assert payments.payable([PROGRAMME]).count() == 0
    assert Dossier.objects.get().state == State.DECIDED
    act = acts.sign(validator, draft)
    payment = Payment.objects.get()
    assert (payment.cents, payment.rank, payment.decision, payment.act) == (800_000, 1, decision, act)
    assert (payment.iban, payment.status) == (IBAN, Payment.Status.SIGNED)
    sealed = json.loads(bytes(act.content.content))
    assert (act.kind, sealed["centimes"], sealed["acte"], sealed["iban"]) == ("paiement", 800_000, 1, "FR76…189")
    assert IBAN not in json.dumps(sealed)
    assert Dossier.objects.get().state == State.DECIDED
    assert recevable.ledger.verify(register.export()).faults == ()
    assert payments.balance(dossier, "avance").left == 0
    with refused("REGLE"):
        prepared(instructor, dossier)


def test_nothing_is_paid_without_a_signed_acceptance_of_a_sum(instructor: Account, validator: Account) -> None:
    dossier = dossiers.receive(instructor, PROGRAMME, fixture(ACCEPTED), "x")
    with refused("ACTE"):
        prepared(instructor, dossier)
    draft = acts.prepare(instructor, dossier, dossier.version, "avance", Verdict.ACCEPT)
    with refused("ACTE"):
        prepared(instructor, dossier)
    acts.send_back(validator, draft, "À revoir.")
    why: dict[str, Any] = {"reason": "Erreur.", "source": "AF §6"}
    reject = acts.prepare(instructor, dossier, version_of(dossier), "avance", Verdict.REJECT, **why)
    acts.sign(validator, reject)
    with refused("ACTE"):
        prepared(instructor, dossier)
    enrolment = acts.prepare(instructor, dossier, version_of(dossier), "enrolement", Verdict.ACCEPT)
    acts.sign(validator, enrolment)
    with refused("SOMME"):
        payments.prepare(instructor, dossier, version_of(dossier), "enrolement")
    assert Payment.objects.count() == 0


# The reason of whoever departs from the proposal, and the sum that they fix.
WHY: dict[str, Any] = {"reason": "Pièces vues par ailleurs.", "source": "AF §6"}
FIXED = decisions.Fixed(123_456, "Le forfait et les boîtes dont la preuve est au dossier.")


@pytest.fixture
def defective(instructor: Account) -> Dossier:
    """A dossier whose balance the rules do not accept; they say what its sum cannot exceed."""
    return dossiers.receive(instructor, PROGRAMME, fixture("solde-cinq-defauts"), "x")


def most(dossier: Dossier) -> int:
    """The cents that the rules let the balance pay at most."""
    version = dossiers.latest(dossier)
    one = dossiers.decided(version, versions.in_force(version), timezone.localdate()).request("solde")
    assert one.maximum is not None
    assert one.maximum.value is not None
    return dossiers.whole_cents(one.maximum.value)


def departed(instructor: Account, dossier: Dossier, fixed: decisions.Fixed | None = FIXED) -> Draft:
    return acts.prepare(instructor, dossier, version_of(dossier), "solde", Verdict.ACCEPT, **WHY, fixed=fixed)


def test_an_acceptance_that_departs_from_the_proposal_fixes_the_sum_that_is_paid_once(
    instructor: Account, validator: Account, defective: Dossier
) -> None:
    draft = departed(instructor, defective)
    assert list(payments.payable([PROGRAMME])) == []
    act = acts.sign(validator, draft)
    sealed = json.loads(bytes(act.content.content))
    assert (sealed["somme_fixee_centimes"], sealed["motif_de_la_somme"]) == (FIXED.cents, FIXED.reason)
    assert list(payments.payable([PROGRAMME])) == [draft]
    assert payments.balance(defective, "solde").owed == FIXED.cents
    paying = payments.prepare(instructor, defective, version_of(defective), "solde")
    payment = Payment.objects.get(act=acts.sign(validator, paying))
    assert (payment.cents, payment.decision) == (FIXED.cents, act)
    with refused("REGLE"):
        payments.prepare(instructor, defective, version_of(defective), "solde")
    assert list(payments.payable([PROGRAMME])) == []
    assert recevable.ledger.verify(register.export()).faults == ()


def test_a_sum_that_was_fixed_is_told_in_the_letter_and_counted(
    instructor: Account, validator: Account, defective: Dossier
) -> None:
    letter = acts.sign(validator, departed(instructor, defective)).letters.get()
    parts = [part for block in json.loads(bytes(letter.content.data))["blocs"] for part in block["contenu"]]
    (amounts,) = (part for part in parts if part["nature"] == "tableau")
    sum_ = recevable.wording.amount(payment_files.euros(FIXED.cents))
    assert amounts["total"] == ["Somme fixée par la présente décision", FIXED.reason, sum_]
    assert any(sum_ in part["texte"] for part in parts if part["nature"] == "paragraphe")
    (grounds,) = (part["elements"] for part in parts if part["nature"] == "liste")
    assert (grounds[0]["texte"], grounds[0]["source"]) == (WHY["reason"], "AF\u00a0§\u00a06")
    rows = statistics.recounted(PROGRAMME)
    assert [sums.cents for key, sums in rows.items() if key.measure == statistics.DECIDED] == [FIXED.cents]


@pytest.mark.parametrize(
    ("fixed", "words"),
    [
        (None, "fixer la somme"),
        (decisions.Fixed(FIXED.cents, "  "), "pourquoi"),
        (decisions.Fixed(0, FIXED.reason), "plus que zéro"),
        (decisions.Fixed(-1, FIXED.reason), "plus que zéro"),
    ],
)
def test_a_departing_acceptance_without_its_sum_is_refused(
    instructor: Account, defective: Dossier, fixed: decisions.Fixed | None, words: str
) -> None:
    with pytest.raises(Refused, match=words) as raised:
        departed(instructor, defective, fixed)
    assert raised.value.code == "SOMME"
    assert Draft.objects.count() == 0


def test_a_fixed_sum_never_exceeds_what_the_rules_bound_it_by(instructor: Account, defective: Dossier) -> None:
    bound = most(defective)
    with pytest.raises(Refused, match="dépasse"):
        departed(instructor, defective, decisions.Fixed(bound + 1, FIXED.reason))
    assert departed(instructor, defective, decisions.Fixed(bound, FIXED.reason)).fixed_cents == bound


def test_only_a_departing_acceptance_fixes_a_sum(instructor: Account, defective: Dossier) -> None:
    seen = version_of(defective)
    with refused("SOMME"):
        acts.prepare(instructor, defective, seen, "solde", Verdict.REJECT, **WHY, fixed=FIXED)
    proposed = dossiers.evaluate(dossiers.latest(defective), timezone.localdate()).requests.get(name="solde").verdict
    with refused("SOMME"):
        acts.prepare(instructor, defective, seen, "solde", Verdict(proposed), fixed=FIXED)
    assert Draft.objects.count() == 0


def test_the_page_takes_a_fixed_sum_and_shows_it_to_whoever_signs(
    instructor: Account, validator: Account, defective: Dossier
) -> None:
    page = get(browser(instructor), f"/dossiers/{defective.pk}").content.decode()
    assert "Somme accordée en euros" in page
    form = {
        "vue": str(version_of(defective)), "demande": "solde", "cle": "", "verdict": "accepter", "motif": "Vu.",
        "source": "AF §6", "somme": "mille", "motif_somme": "Au vu des pièces.",
    }  # fmt: skip
    post(browser(instructor), f"/dossiers/{defective.pk}/preparer", **form)
    assert Draft.objects.count() == 0
    post(browser(instructor), f"/dossiers/{defective.pk}/preparer", **form | {"somme": "1 234,56 €"})
    draft = Draft.objects.get()
    assert draft.fixed_cents == 123_456
    shown = get(browser(validator), f"/projets/{draft.pk}").content.decode()
    assert "Somme fixée" in shown
    assert "Au vu des pièces." in shown
    assert "au plus." in shown


def test_what_the_dossier_says_is_paid_is_not_paid_again(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    draft = prepared(instructor, dossier)
    dossiers.with_facts(
        instructor, dossier, version_of(dossier), {"paiements": [{"demande": "avance", "montant": "8000.00"}]}, "asp"
    )
    assert acts.what_moved(dossier, draft)[0].startswith("Le dossier dit cette demande déjà réglée")
    with refused("PERIME"):
        acts.sign(validator, draft)
    with refused("DEJA-REGLE"):
        prepared(instructor, dossier)
    assert Payment.objects.count() == 0


def test_a_payment_goes_to_the_account_that_was_signed(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    draft = prepared(instructor, dossier)
    data = json.loads(fixture(ACCEPTED))
    for place in (data["operateur"]["paiement"], data["enrolement"]["pieces"]["rib"]):
        place["iban"] = "FR1420041010050500013M02606"
    content = json.dumps(data).encode()
    dossiers.supplement(instructor, dossier, version_of(dossier), content, "x")
    with refused("PERIME"):
        acts.sign(validator, draft)
    again = prepared(instructor, dossier)
    assert again.content["iban"] == "FR1420041010050500013M02606"
    draft.refresh_from_db()
    assert draft.status == Draft.Status.STALE


@pytest.mark.parametrize("place", ["operateur", "rib", "both"])
def test_an_account_that_is_not_sure_is_not_paid(
    instructor: Account, validator: Account, dossier: Dossier, place: str
) -> None:
    data = json.loads(fixture(ACCEPTED))
    accounts = {"operateur": data["operateur"]["paiement"], "rib": data["enrolement"]["pieces"]["rib"]}
    for name, one in accounts.items():
        if place in (name, "both"):
            one["iban"] = "FR7630006000011234567890188"
    dossiers.supplement(instructor, dossier, version_of(dossier), json.dumps(data).encode(), "x")
    with refused("COMPTE"):
        prepared(instructor, dossier)


def test_four_eyes_and_roles(people: People, validator: Account, dossier: Dossier) -> None:
    both = people("double", Role.INSTRUCTOR, Role.VALIDATOR)
    Reservation.objects.all().delete()
    draft = prepared(both, dossier)
    with refused("QUATRE-YEUX"):
        acts.sign(both, draft)
    for role in set(Role) - {Role.INSTRUCTOR}:
        with refused("DROIT"):
            prepared(people(f"r-{role}", role), dossier)
    for role in set(Role) - {Role.VALIDATOR}:
        with refused("DROIT"):
            acts.sign(people(f"r-{role}", role), draft)
        with refused("DROIT"):
            payments.order(people(f"r-{role}", role), PROGRAMME, "csv")
    acts.sign(validator, draft)
    for role in set(Role) - {Role.INSTRUCTOR, Role.VALIDATOR}:
        with refused("DROIT"):
            payments.answered(people(f"r-{role}", role), PROGRAMME, "x", answers())


def test_the_database_keeps_one_payment_by_rank_and_one_at_a_time(ordered: Payment) -> None:
    columns = {
        one.attname: getattr(ordered, one.attname)
        for one in Payment._meta.fields
        if one.attname not in ("id", "act_id")
    }
    act = Act.objects.get(rank=1)
    for change in ({}, {"rank": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.create(**{**columns, **change}, act=act)
    for wrong in ({"cents": 1}, {"iban": "FR"}, {"rank": 3}, {"name": "x"}, {"decision_id": 2}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Payment.objects.filter(pk=ordered.pk).update(**wrong)
    for wrong in ({"status": "paye"}, {"status": "signe"}, {"paid_cents": 3}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Payment.objects.filter(pk=ordered.pk).update(**wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        Payment.objects.filter(pk=ordered.pk).delete()


# --- ordered ----------------------------------------------------------------------------------------------------------


def test_a_file_of_orders_holds_what_the_payer_needs_and_each_payment_once(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    first = signed(instructor, validator, dossier)
    second = signed(instructor, validator, accepted(instructor, validator, "=autre"))
    file = payments.order(validator, PROGRAMME, payment_files.JSON)
    data = json.loads(payments.content(validator, file))
    assert (data["format"], data["nombre"], data["total"]) == ("recevable/paiements/1", 2, "16000.00")
    assert [sorted(one) for one in data["ordres"]] == [sorted(one.name for one in payment_files.COLUMNS)] * 2
    assert data["ordres"][0] == {
        "ordre": f"P{first.pk}", "beneficiaire": "Centre hospitalier de Val-Exemple", "iban": IBAN,
        "bic": "TESTFRPPXXX", "montant": "8000.00", "devise": "EUR", "libelle": f"{dossier.reference} avance",
        "acte": first.act_id,
    }  # fmt: skip
    assert (file.number, file.cents, file.size) == (2, 1_600_000, len(payments.content(validator, file)))
    with refused("RIEN"):
        payments.order(validator, PROGRAMME, payment_files.JSON)
    assert set(payments.unanswered(file)) == {first, second}
    with refused("DROIT"):
        payments.content(instructor, file)


def test_orders_as_csv_are_never_formulas(instructor: Account, validator: Account) -> None:
    signed(instructor, validator, accepted(instructor, validator, "=autre"))
    text = payments.content(validator, payments.order(validator, PROGRAMME, payment_files.CSV)).decode("utf-8-sig")
    head, row = text.splitlines()
    assert head.startswith('"Ordre (ordre)";"Bénéficiaire (beneficiaire)";"IBAN (iban)"')
    assert f'"{IBAN}"' in row
    assert ';"8000,00";' in row
    assert '"\'=autre avance"' in row


def test_what_was_altered_after_the_signature_is_not_ordered(
    instructor: Account, validator: Account, dossier: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed(instructor, validator, dossier)
    monkeypatch.setattr(payments, "_digest", lambda _: "autre")
    with pytest.raises(ValueError, match="is not what act"):
        payments.order(validator, PROGRAMME, payment_files.JSON)
    assert Payment.objects.get().status == Payment.Status.SIGNED
    assert PaymentFile.objects.count() == 0


# --- answered ---------------------------------------------------------------------------------------------------------


def test_what_was_paid_becomes_a_fact_of_the_dossier(instructor: Account, ordered: Payment) -> None:
    file = payments.answered(instructor, PROGRAMME, "retour.json", answers(line(ordered)))
    assert outcomes(file) == [Outcome.APPLIED]
    ordered.refresh_from_db()
    assert (ordered.status, ordered.paid_cents, ordered.reference) == (Payment.Status.PAID, 800_000, "VIR-1")
    version = dossiers.latest(ordered.dossier)
    assert ordered.version == version
    found = json.loads(bytes(version.composed))
    today = timezone.localdate()
    assert found["paiements"] == [
        {"demande": "avance", "montant": "8000.00", "paye_le": today.isoformat(), "reference": "VIR-1"}
    ]
    assert found["avance"]["decision"]["sens"] == "validee"
    one = dossiers.decided(version, dossiers.evaluate(version, today).pack, today).request("avance")
    assert (str(one.verdict), one.settled, one.payable) == ("accepter", True, None)
    assert payments.balance(ordered.dossier, "avance").left == 0
    with refused("REGLE"):
        prepared(instructor, ordered.dossier)
    assert payments.payable([PROGRAMME]).count() == 0
    assert "8 000,00" in Event.objects.filter(kind="paiement").get().text.replace("\u202f", " ")


def test_a_refusal_leaves_the_sum_to_be_paid_again(instructor: Account, validator: Account, ordered: Payment) -> None:
    refusal = {"ordre": f"P{ordered.pk}", "statut": "refuse", "motif": "Compte clos"}
    assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(refusal))) == [Outcome.APPLIED]
    ordered.refresh_from_db()
    assert (ordered.status, ordered.reason, ordered.paid_cents) == (Payment.Status.REFUSED, "Compte clos", None)
    assert "paiements" not in json.loads(bytes(dossiers.latest(ordered.dossier).composed))
    assert payments.payable([PROGRAMME]).count() == 1
    again = signed(instructor, validator, ordered.dossier)
    assert (again.rank, again.cents) == (2, 800_000)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"ordre": "P999999"}, Outcome.UNKNOWN),
        ({"ordre": "8000"}, Outcome.UNKNOWN),
        ({"montant": "7999.99"}, Outcome.AMOUNT),
        ({"montant": "8000.01"}, Outcome.AMOUNT),
        ({"paye_le": (datetime.now(UTC).date() + timedelta(days=2)).isoformat()}, Outcome.DATE),
        ({"paye_le": "2020-01-01"}, Outcome.DATE),
    ],
)
def test_a_gap_is_told_and_changes_nothing(
    instructor: Account, ordered: Payment, changed: dict[str, str], outcome: str
) -> None:
    before = version_of(ordered.dossier)
    file = payments.answered(instructor, PROGRAMME, "r", answers(line(ordered, **changed)))
    assert outcomes(file) == [outcome]
    (gap,) = payments.gaps(file)
    assert gap.said.endswith(".")
    ordered.refresh_from_db()
    assert ordered.status == Payment.Status.ORDERED
    assert version_of(ordered.dossier) == before
    assert ordered.file is not None
    assert list(payments.unanswered(ordered.file)) == [ordered]


def test_an_order_that_was_never_sent_is_not_answered(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    payment = signed(instructor, validator, dossier)
    file = payments.answered(instructor, PROGRAMME, "r", answers(line(payment)))
    assert outcomes(file) == [Outcome.UNORDERED]


def test_the_same_answer_twice_changes_nothing_and_another_is_a_gap(instructor: Account, ordered: Payment) -> None:
    same, other = line(ordered), line(ordered, reference="VIR-2")
    refusal = {"ordre": f"P{ordered.pk}", "statut": "refuse", "motif": "x"}
    file = payments.answered(instructor, PROGRAMME, "r", answers(same, same, other, refusal))
    assert outcomes(file) == [Outcome.APPLIED, Outcome.REPEATED, Outcome.CONTRADICTED, Outcome.CONTRADICTED]
    again = payments.answered(instructor, PROGRAMME, "r", answers(same, same, other, refusal))
    assert outcomes(again) == [Outcome.REPEATED, Outcome.REPEATED, Outcome.CONTRADICTED, Outcome.CONTRADICTED]
    assert len(json.loads(bytes(dossiers.latest(ordered.dossier).composed))["paiements"]) == 1
    ordered.refresh_from_db()
    assert ordered.reference == "VIR-1"
    with pytest.raises(DatabaseError), transaction.atomic():
        Payment.objects.filter(pk=ordered.pk).update(status="ordonne", paid_on=None, paid_cents=None)


def test_another_sum_counts_when_a_person_says_so(instructor: Account, validator: Account, ordered: Payment) -> None:
    today = timezone.localdate()
    given = payment_files.Answer(0, f"P{ordered.pk}", "paye", today, 750_000, "VIR-9", "")
    with refused("MOTIF"):
        payments.answer(validator, ordered, given)
    with refused("DROIT"):
        payments.answer(instructor, ordered, given._replace(reason="Relevé du 3."))
    payments.answer(validator, ordered, given._replace(reason="Relevé du 3."))
    ordered.refresh_from_db()
    assert (ordered.paid_cents, ordered.reason) == (750_000, "Relevé du 3.")
    assert payments.balance(ordered.dossier, "avance").left == 50_000
    rest = signed(instructor, validator, ordered.dossier)
    assert (rest.rank, rest.cents) == (2, 50_000)
    with refused("REPONSE"):
        payments.answer(validator, ordered, given._replace(cents=1, reason="Encore."))
    assert PaymentAnswer.objects.count() == 1


def test_what_cannot_be_recorded_in_the_dossier_is_paid_all_the_same(
    instructor: Account, ordered: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise recevable.Contradiction("avance", ("A", "B"), (1, 2))

    with monkeypatch.context() as during:
        during.setattr(dossiers, "record", broken)
        assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(line(ordered)))) == [Outcome.APPLIED]
    ordered.refresh_from_db()
    assert (ordered.status, ordered.version) == (Payment.Status.PAID, None)
    assert "n'a pas pu être consigné" in Event.objects.filter(kind="paiement").get().text
    payments.record(instructor, ordered)
    ordered.refresh_from_db()
    assert ordered.version == dossiers.latest(ordered.dossier)
    with refused("CONSIGNE"):
        payments.record(instructor, ordered)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "titres"),
        (b"ordre;statut\n", "aucune"),
        (b"\xff\xfe", "UTF-8"),
        (b"ordre;statut\nP1\0;paye", "nul"),
        (b"{", "Ligne 1, colonne 2"),
        (b"[" * 100_000, "profond|JSON"),
        (b"[]", "format"),
        (b'{"format": "recevable/paiements/1", "reponses": []}', "format"),
        (b'{"format": "recevable/reponses-paiements/1", "reponses": {}}', "liste"),
        (b'{"format": "recevable/reponses-paiements/1", "reponses": [3]}', "objet"),
        (b'{"format": "recevable/reponses-paiements/1", "x": 1, "reponses": []}', "attendu"),
        (b'{"format": "recevable/reponses-paiements/1", "reponses": [], "reponses": []}', "deux fois"),
        (answers({"ordre": "P1", "ordre2": "x", "statut": "paye"}), "ordre2"),
        (answers({"ordre": "P1", "statut": "payé"}), "statut"),
        (answers({"ordre": "P1", "statut": "paye", "paye_le": "30/11/2026", "montant": "1", "reference": "x"}), "date"),
        (answers({"ordre": "P1", "statut": "paye", "paye_le": "2026-02-30", "montant": "1", "reference": "x"}), "date"),
        (
            answers({"ordre": "P1", "statut": "paye", "paye_le": "2026-02-20", "montant": "-1", "reference": "x"}),
            "somme",
        ),
        (
            answers({"ordre": "P1", "statut": "paye", "paye_le": "2026-02-20", "montant": "1e3", "reference": "x"}),
            "somme",
        ),
        (
            answers({"ordre": "P1", "statut": "paye", "paye_le": "2026-02-20", "montant": "0.00", "reference": "x"}),
            "somme",
        ),
        (
            answers({"ordre": "P1", "statut": "paye", "paye_le": "2026-02-20", "montant": "1.005", "reference": "x"}),
            "somme",
        ),
        (answers({"ordre": "P1", "statut": "paye", "paye_le": "2026-02-20", "montant": "1"}), "reference"),
        (answers({"ordre": "P1", "statut": "refuse"}), "motif"),
        (answers({"ordre": "P1", "statut": "refuse", "motif": "x", "montant": "1"}), "ni"),
        (answers({"ordre": ["P1"], "statut": "refuse", "motif": "x"}), "texte"),
        (answers({"ordre": "P1\u202e", "statut": "refuse", "motif": "x"}), "lisent"),
        (b"order;status\nP1;paye\n", "titres"),
        (b"ordre;statut;ordre\nP1;paye;P2\n", "deux fois"),
        (b"ordre;statut;motif\nP1;refuse\n", "Ligne 2"),
        (b'ordre;statut;motif\nP1;refuse;"x\n', "CSV"),
        (b"ordre,statut,motif\nP1,refuse,x\n", "titres"),
    ],
)
def test_a_hostile_file_is_refused_whole(content: bytes, fault: str) -> None:
    with pytest.raises(payment_files.Unreadable) as raised:
        payment_files.read(content)
    assert re.search(fault, raised.value.faults[0]), raised.value.faults


def test_the_accounts_of_a_file_go_once_every_dossier_that_it_pays_is_over(
    instructor: Account, validator: Account, people: People, dossier: Dossier, ordered: Payment
) -> None:
    administrator, file = people("adam", Role.ADMINISTRATOR), PaymentFile.objects.get()
    assert IBAN.encode() in payments.content(validator, file)
    kept = dict.fromkeys(purge.TABLES, 0)
    with override_settings(RETENTION=kept), refused("RIEN"):
        purge.purge(administrator, "paiements", "Dix ans.")
    payments.answered(instructor, PROGRAMME, "r", answers(line(ordered)))
    dossier.refresh_from_db()
    Dossier.objects.filter(pk=dossier.pk).update(state=State.TO_INSTRUCT)
    with override_settings(RETENTION=kept), refused("RIEN"):
        purge.purge(administrator, "paiements", "Dix ans.")
    Dossier.objects.filter(pk=dossier.pk).update(state=State.DECIDED)
    with override_settings(RETENTION=kept):
        act = purge.purge(administrator, "paiements", "Dix ans.")
    assert not PaymentFileContent.objects.exists()
    said = json.loads(bytes(act.content.content))
    assert (said["table"], said["nombre"], said["rangs"]) == ("paiements", 2, [])
    assert said["sha256"] == list(PaymentFile.objects.order_by("pk").values_list("sha256", flat=True))
    assert said["comptes_masques"] == 1
    ordered.refresh_from_db()
    draft = Draft.objects.get(act=ordered.act)
    assert (ordered.iban, draft.content["iban"]) == ("FR76…189", "FR76…189")
    # the act still tells which account was paid
    assert json.loads(bytes(ordered.act.content.content))["iban_sha256"] == hashlib.sha256(IBAN.encode()).hexdigest()
    assert "FR76…189" in get(browser(validator), f"/dossiers/{dossier.pk}/paiements").content.decode()
    assert "FR76…189" in get(browser(validator), f"/projets/{draft.pk}").content.decode()
    assert recevable.ledger.verify(register.export(), act.digest).faults == ()
    with refused("EFFACE"):
        payments.content(validator, file)
    page = get(browser(validator), f"/paiements/fichiers/{file.pk}").content.decode()
    assert "effacé au terme de sa conservation" in page
    assert "Télécharger" not in page


def test_an_account_is_masked_by_no_other_way_than_its_purge(
    instructor: Account, validator: Account, people: People, dossier: Dossier, ordered: Payment
) -> None:
    draft = Draft.objects.get(act=ordered.act)
    hidden = "FR76…189"

    def kept(**changed: Any) -> None:
        with pytest.raises((DatabaseError, IntegrityError), match="append-only"), transaction.atomic():
            Payment.objects.filter(pk=ordered.pk).update(**changed)

    kept(iban=hidden)
    with pytest.raises((DatabaseError, IntegrityError), match="append-only"), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(content={**draft.content, "iban": hidden})
    payments.answered(instructor, PROGRAMME, "r", answers(line(ordered)))
    # answered, and the file is still there
    kept(iban=hidden)
    with override_settings(RETENTION=dict.fromkeys(purge.TABLES, 0)):
        purge.purge(people("adam", Role.ADMINISTRATOR), "paiements", "Dix ans.")
    kept(iban="FR7699999999999999999999999")
    kept(cents=1)
    draft.refresh_from_db()
    without = {name: value for name, value in draft.content.items() if name != "iban"}
    for content in ({**draft.content, "iban": "FR76…000"}, {**draft.content, "centimes": 1}, without):
        with pytest.raises((DatabaseError, IntegrityError), match="append-only"), transaction.atomic():
            Draft.objects.filter(pk=draft.pk).update(content=content)


def test_a_file_that_is_refused_is_kept_with_its_faults(instructor: Account, ordered: Payment) -> None:
    content = answers({"ordre": "P1", "statut": "payé"})
    file = payments.answered(instructor, PROGRAMME, "hostile", content)
    assert "statut" in file.faults[0]
    assert file.answers.count() == 0
    assert bytes(file.content.content) == content
    ordered.refresh_from_db()
    assert ordered.status == Payment.Status.ORDERED


def test_one_fault_refuses_the_good_lines_too(instructor: Account, ordered: Payment) -> None:
    file = payments.answered(instructor, PROGRAMME, "r", answers(line(ordered), line(ordered, montant="x")))
    assert len(file.faults) == 1
    assert "ligne 2" in file.faults[0]
    assert PaymentAnswer.objects.count() == 0


def test_answers_come_as_csv_too(instructor: Account, ordered: Payment) -> None:
    today = timezone.localdate().isoformat()
    text = f"\ufeffOrdre (ordre);statut;paye_le;montant;reference\r\nP{ordered.pk};paye;{today};8000,00;VIR 1\r\n\r\n"
    assert outcomes(payments.answered(instructor, PROGRAMME, "r.csv", text.encode())) == [Outcome.APPLIED]
    ordered.refresh_from_db()
    assert (ordered.paid_cents, ordered.reference) == (800_000, "VIR 1")


def test_nothing_of_an_answer_stays_when_it_fails_half_way(
    instructor: Account, ordered: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as during:
        during.setattr(history, "tell", broken)
        with pytest.raises(RuntimeError):
            payments.answered(instructor, PROGRAMME, "r", answers(line(ordered)))
    ordered.refresh_from_db()
    assert ordered.status == Payment.Status.ORDERED
    assert PaymentAnswer.objects.count() == 0
    assert dossiers.latest(ordered.dossier).rank == 1
    # the file is there; taking it again ends the work
    assert PaymentFile.objects.filter(direction=PaymentFile.Direction.ANSWERS).count() == 1
    assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(line(ordered)))) == [Outcome.APPLIED]


def test_another_programme_has_no_such_order(people: People, ordered: Payment) -> None:
    other = people("ailleurs", Role.INSTRUCTOR, programme="prime-velo")
    file = payments.answered(other, "prime-velo", "r", answers(line(ordered)))
    assert outcomes(file) == [Outcome.UNKNOWN]
    assert file not in payments.files(people("ines"))


# --- returned ---------------------------------------------------------------------------------------------------------


def back(payment: Payment, **changed: Any) -> dict[str, Any]:
    return {
        "ordre": payment_files.named(payment.pk), "statut": "retourne", "montant": "8000.00",
        "retourne_le": timezone.localtime().date().isoformat(), "motif": "Compte clos", **changed,
    }  # fmt: skip


@pytest.fixture
def paid(instructor: Account, ordered: Payment) -> Payment:
    assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(line(ordered)))) == [Outcome.APPLIED]
    return Payment.objects.get(pk=ordered.pk)


@pytest.mark.both_databases
def test_what_came_back_is_owed_again_and_no_longer_a_fact_of_the_dossier(
    instructor: Account, validator: Account, paid: Payment
) -> None:
    spent = dashboard.euros(PROGRAMME, {}).paid
    file = payments.answered(instructor, PROGRAMME, "r", answers(back(paid)))
    assert outcomes(file) == [Outcome.APPLIED]
    paid = Payment.objects.get(pk=paid.pk)
    assert (paid.status, paid.paid_cents) == (Payment.Status.PAID, 800_000), "that it was paid stays"
    found = payments.returned(paid)
    assert found is not None
    version = dossiers.latest(paid.dossier)
    assert (found.reason, found.version, payments.unrecorded(paid)) == ("Compte clos", version, False)
    composed = json.loads(bytes(version.composed))
    assert composed["paiements"] == []
    assert composed["avance"]["decision"]["sens"] == "validee", "the acceptance still stands"
    today = timezone.localdate()
    one = dossiers.decided(version, dossiers.evaluate(version, today).pack, today).request("avance")
    assert (one.settled, one.payable is not None) == (False, True)
    balance = payments.balance(paid.dossier, "avance")
    assert (balance.left, balance.paid) == (800_000, 0)
    assert payments.payable([PROGRAMME]).count() == 1
    assert dashboard.euros(PROGRAMME, {}).paid == spent - 800_000
    assert "de nouveau à payer. Compte clos" in Event.objects.filter(kind="paiement").latest("pk").text
    # once again, by another payment, and its own return
    again = signed(instructor, validator, paid.dossier)
    assert (again.rank, again.cents) == (2, 800_000)
    with refused("REGLE"):
        prepared(instructor, paid.dossier)
    payments.order(validator, PROGRAMME, payment_files.JSON)
    again.refresh_from_db()
    assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(line(again)))) == [Outcome.APPLIED]
    assert len(json.loads(bytes(dossiers.latest(paid.dossier).composed))["paiements"]) == 1
    assert payments.payable([PROGRAMME]).count() == 0
    assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(back(paid), back(again)))) == [
        Outcome.REPEATED, Outcome.APPLIED,
    ]  # fmt: skip
    assert payments.balance(paid.dossier, "avance").left == 800_000


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"montant": "7999.99"}, Outcome.AMOUNT),
        ({"montant": "8000.01"}, Outcome.AMOUNT),
        ({"retourne_le": "2020-01-01"}, Outcome.DATE),
        ({"retourne_le": "2999-01-01"}, Outcome.DATE),
    ],
)
def test_a_return_that_is_not_that_of_the_payment_is_a_gap(
    instructor: Account, paid: Payment, changed: dict[str, str], outcome: str
) -> None:
    before = version_of(paid.dossier)
    assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(back(paid, **changed)))) == [outcome]
    assert payments.returned(Payment.objects.get(pk=paid.pk)) is None
    assert version_of(paid.dossier) == before


def test_nothing_comes_back_of_what_was_not_paid_and_once_only(
    instructor: Account, validator: Account, ordered: Payment
) -> None:
    assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(back(ordered)))) == [Outcome.CONTRADICTED]
    file = payments.answered(
        instructor, PROGRAMME, "r",
        answers(line(ordered), back(ordered), back(ordered), line(ordered), back(ordered, retourne_le="2020-01-01")),
    )  # fmt: skip
    assert outcomes(file) == [
        Outcome.APPLIED, Outcome.APPLIED, Outcome.REPEATED, Outcome.REPEATED, Outcome.CONTRADICTED,
    ]  # fmt: skip
    assert PaymentReturn.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentReturn.objects.create(payment=ordered, account=validator, returned_on=timezone.localdate(), reason="x")


@pytest.mark.both_databases
def test_a_return_never_changes_nor_goes(instructor: Account, paid: Payment) -> None:
    payments.answered(instructor, PROGRAMME, "r", answers(back(paid)))
    found = PaymentReturn.objects.all()
    for change in ({"reason": "autre"}, {"returned_on": timezone.localdate() - timedelta(days=1)}, {"version": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            found.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        found.delete()


def test_a_person_records_a_return_with_its_reason(instructor: Account, validator: Account, paid: Payment) -> None:
    today = timezone.localdate()
    given = payment_files.Answer(0, f"P{paid.pk}", "retourne", None, 800_000, "", "Relevé du 3.", today)
    with refused("DROIT"):
        payments.answer(instructor, paid, given)
    with refused("MOTIF"):
        payments.answer(validator, paid, given._replace(reason=""))
    for wrong in (given._replace(returned_on=None), given._replace(cents=None), given._replace(cents=799_999)):
        with refused("REPONSE"):
            payments.answer(validator, paid, wrong)
    assert not PaymentReturn.objects.exists()
    payments.answer(validator, paid, given)
    assert payments.balance(paid.dossier, "avance").left == 800_000


def test_a_return_after_a_sum_was_repaid_is_for_a_person_to_look_at(
    instructor: Account, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    Procedure.objects.create(
        kind=Procedure.Kind.RECOVERY, dossier=paid.dossier, programme=PROGRAMME, request="avance", title="Trop payé",
        found_on=timezone.localdate(), opened_by=instructor, claimed_cents=1_000, decided_cents=1_000,
        repaid_cents=1_000,
    )  # fmt: skip
    assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(back(paid)))) == [Outcome.CONTRADICTED]
    assert payments.balance(paid.dossier, "avance").left == 1_000


@pytest.mark.both_databases
def test_a_return_that_cannot_be_recorded_is_shown_and_recorded_later(
    instructor: Account, validator: Account, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise recevable.Contradiction("avance", ("A", "B"), (1, 2))

    with monkeypatch.context() as during:
        during.setattr(dossiers, "record", broken)
        assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(back(paid)))) == [Outcome.APPLIED]
    paid = Payment.objects.get(pk=paid.pk)
    assert payments.unrecorded(paid)
    assert "n'a pas pu être ôté" in Event.objects.filter(kind="paiement").latest("pk").text
    page = get(browser(validator), f"/dossiers/{paid.dossier_id}/paiements").content.decode()
    assert "encore consigné dans le dossier" in page
    # the dossier says it is paid: nothing is paid again before that is put right
    with refused("DEJA-REGLE"):
        prepared(instructor, paid.dossier)
    payments.record(instructor, paid)
    assert json.loads(bytes(dossiers.latest(paid.dossier).composed))["paiements"] == []
    with refused("CONSIGNE"):
        payments.record(instructor, Payment.objects.get(pk=paid.pk))
    assert prepared(instructor, paid.dossier).content["centimes"] == 800_000


def test_a_return_that_a_purged_dossier_no_longer_holds_changes_no_other_fact(
    instructor: Account, paid: Payment
) -> None:
    """A fact that a person corrected since is not taken away in the place of the payment."""
    facts = json.loads(bytes(dossiers.latest(paid.dossier).overlay))
    facts["paiements"][0]["reference"] = "VIR-CORRIGE"
    with transaction.atomic():
        held = Dossier.objects.select_for_update(of=("self",)).get(pk=paid.dossier_id)
        dossiers.record(instructor, held, facts, "donnees")
    assert outcomes(payments.answered(instructor, PROGRAMME, "r", answers(back(paid)))) == [Outcome.APPLIED]
    assert json.loads(bytes(dossiers.latest(paid.dossier).composed))["paiements"][0]["reference"] == "VIR-CORRIGE"
    assert payments.unrecorded(Payment.objects.get(pk=paid.pk))


def test_a_return_is_recorded_and_shown_in_pages(instructor: Account, validator: Account, paid: Payment) -> None:
    ines, victor = browser(instructor), browser(validator)
    tab = f"/dossiers/{paid.dossier_id}/paiements"
    assert "Consigner le retour" in get(victor, tab).content.decode()
    assert "Consigner le retour" not in get(ines, tab).content.decode()
    told = {
        "statut": "retourne", "retourne_le": timezone.localdate().isoformat(), "montant": "8000,00",
        "motif": "Clos <b>.",
    }  # fmt: skip
    post(victor, f"/paiements/{paid.pk}/repondre", **told)
    page = get(ines, tab).content.decode()
    assert "Revenu après paiement" in page
    assert "Clos &lt;b&gt;." in page
    assert "Préparer le paiement" in page
    assert "Consigner le retour" not in get(victor, tab).content.decode()
    assert f"P{paid.pk}" in get(ines, "/paiements?onglet=retourne").content.decode()
    assert f"P{paid.pk}" not in get(ines, "/paiements?onglet=paye").content.decode()


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_whole_way_of_a_payment_in_pages(instructor: Account, validator: Account, dossier: Dossier) -> None:
    ines, victor = browser(instructor), browser(validator)
    tab = f"/dossiers/{dossier.pk}/paiements"
    assert dossier.reference in get(ines, "/paiements").content.decode()
    assert "Préparer le paiement" in get(ines, tab).content.decode()
    seen = version_of(dossier)
    assert post(ines, f"{tab}/preparer", vue=seen, demande="avance", cle="")["Location"] == tab
    draft = Draft.objects.get(kind=Draft.Kind.PAYMENT)
    page = get(victor, f"/projets/{draft.pk}").content.decode()
    assert "8\u202f000,00" in page
    assert "FR76…189" in page
    assert "Signer" in page
    assert "Retirer ce projet" in get(ines, f"/projets/{draft.pk}").content.decode()
    post(victor, f"/projets/{draft.pk}/signer")
    payment = Payment.objects.get()
    assert "un paiement est ordonné" not in get(victor, "/paiements?onglet=signe").content.decode()
    there = post(victor, "/paiements/ordonner", programme=PROGRAMME, format="json")["Location"]
    sent = get(victor, f"{there}/contenu")
    assert json.loads(sent.content)["ordres"][0]["iban"] == IBAN
    assert sent["Repr-Digest"].startswith("sha-256=:")
    assert f"P{payment.pk}" in get(ines, there).content.decode()
    bad = SimpleUploadedFile("retour.json", answers(line(payment, montant="1.00")))
    gaps = post(ines, "/paiements/reponses", programme=PROGRAMME, fichier=bad)["Location"]
    assert "Montant différent de l&#x27;ordre" in get(ines, gaps).content.decode()
    wrong = SimpleUploadedFile("retour.json", b"<script>alert(1)</script>")
    there = post(ines, "/paiements/reponses", programme=PROGRAMME, fichier=wrong)["Location"]
    assert "Refusé en entier" in get(ines, there).content.decode()
    today = timezone.localdate().isoformat()
    told = {"statut": "paye", "paye_le": today, "montant": "8000,00", "reference": "VIR", "motif": "Relevé."}
    post(victor, f"/paiements/{payment.pk}/repondre", **told)
    payment.refresh_from_db()
    assert payment.status == Payment.Status.PAID
    for client in (ines, victor):
        for address in (tab, "/paiements", "/paiements?onglet=paye", "/paiements?onglet=a-signer", there, gaps):
            page = get(client, address).content.decode()
            assert IBAN not in page
            assert "<script>alert" not in page
    assert "Payé" in get(ines, tab).content.decode()


def test_no_page_shows_a_whole_account(instructor: Account, validator: Account, ordered: Payment) -> None:
    draft = Draft.objects.get(kind=Draft.Kind.PAYMENT)
    assert ordered.file_id is not None
    client = browser(validator)
    for address in (
        f"/projets/{draft.pk}", "/paiements?onglet=ordonne", f"/paiements/fichiers/{ordered.file_id}",
        f"/dossiers/{ordered.dossier_id}/paiements", f"/dossiers/{ordered.dossier_id}/historique",
    ):  # fmt: skip
        found = get(client, address)
        assert found.status_code == 200
        assert IBAN not in found.content.decode(), address
    assert b"".join(register.export()).decode().count(ordered.iban) == 0


def test_the_documented_answers_are_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "paiements.md").read_text(encoding="utf-8")
    blocks = [
        block for block in re.findall(r"```(?:json)?\n(.*?)```", page, re.DOTALL) if payment_files.ORDERS not in block
    ]
    read = [payment_files.read(block.encode()) for block in blocks]
    assert [format_ for format_, _ in read] == ["json", "csv"]
    for _, found in read:
        assert [one._replace(line=0) for one in found] == [one._replace(line=0) for one in read[0][1]]
        assert [(one.status, one.cents) for one in found] == [
            ("paye", 800_000), ("refuse", None), ("retourne", 800_000),
        ]  # fmt: skip
