"""What the applicant is asked to complete: made by a signature, closed by an answer, a withdrawal or its day."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from tests.web.conftest import DAY, People
from tests.web.test_dossier import plain, read
from tests.web.test_pages import browser, get, post
from tests.web.test_spine import received, refused, version_of

from recevable_web import packs
from recevable_web.actions import acts, completions, decisions, dossiers, letters, sending
from recevable_web.records.models import (
    Account,
    Act,
    ActContent,
    CompletionRequest,
    Dossier,
    Draft,
    Role,
    Sending,
    State,
    Verdict,
)

KNOWN = "solde-cinq-defauts"
CAPTURE = {"environnement": "production", "reussi": True, "realise_le": "2023-06-12"}


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def signed(validator: Account, draft: Draft) -> Act:
    """A draft that is signed, its letter sent on the same day when there is one."""
    act = acts.sign(validator, draft)
    for letter in act.letters.all():
        sending.send(draft.prepared_by, letter, Sending.Channel.REGISTERED, timezone.localdate())
    return act


def asked(instructor: Account, validator: Account, **more: Any) -> CompletionRequest:
    dossier = received(instructor)
    signed(validator, acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE, **more))
    return CompletionRequest.objects.get(dossier=dossier)


def answer(actor: Account, dossier: Dossier, *path: str, value: Any) -> None:
    """The applicant supplies the same dossier with one thing more."""
    loaded = dossiers.composed(dossiers.latest(dossier))
    place = loaded
    for name in path[:-1]:
        place = place.setdefault(name, {})
    place[path[-1]] = value
    dossiers.supplement(actor, dossier, version_of(dossier), json.dumps(loaded).encode(), "reponse.json")


# --- asking -----------------------------------------------------------------------------------------------------------


def test_a_signature_asks_for_what_the_applicant_alone_can_provide(instructor: Account, validator: Account) -> None:
    one = asked(instructor, validator)
    assert (one.request, one.asked_on, one.due, one.outcome) == ("solde", DAY, date(2023, 10, 4), "")
    version = dossiers.latest(one.dossier)
    decision = dossiers.decided(version, version.evaluations.get().pack, DAY).request("solde")
    wanted = [action for action in decision.repair.actions if action.party == "demandeur"]
    others = [action.text for action in decision.repair.actions if action.party != "demandeur"]
    assert [item["texte"] for item in one.items] == [action.text for action in wanted]
    assert wanted
    assert not set(others) & {item["texte"] for item in one.items}
    (capture,) = [item for item in one.items if "capture" in item["texte"]]
    assert capture["pieces"] == ["solde.pieces.capture_test"]
    assert capture["sources"] == ["AF §4.2, §4.3, §6 et §6.2"]
    assert all(item["sources"] and item["regles"] and item["constats"] for item in one.items)
    content = json.loads(bytes(ActContent.objects.get(act=one.act).content))
    assert content["completer_avant_le"] == "2023-10-04"


def test_the_last_day_may_be_chosen_and_counts_from_the_signature_when_it_is_not(
    instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    dossier = received(instructor)
    for wrong in (DAY, DAY - timedelta(1), DAY + timedelta(400)):
        with refused("DELAI"):
            acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE, due=wrong)
    draft = acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE, due=DAY + timedelta(days=1))
    page = read(browser(validator), f"/projets/{draft.pk}")
    assert "Le demandeur a jusqu'au 5 septembre 2023 inclus pour répondre." in page
    # a day later nothing is left of what was chosen: it is not signed
    today(DAY + timedelta(days=1))
    with refused("PERIME"):
        acts.sign(validator, draft)
    acts.send_back(validator, draft, "Laissez plus de temps.")
    acts.prepare(instructor, dossier, version_of(dossier), "solde", Verdict.COMPLETE)
    today(DAY + timedelta(days=2))
    (kept,) = dossier.drafts.filter(status="prepare")
    page = read(browser(validator), f"/projets/{kept.pk}")
    assert "jusqu'au 6 octobre 2023 inclus pour répondre, si la signature a lieu aujourd'hui." in page
    signed(validator, kept)
    assert CompletionRequest.objects.get().due == date(2023, 10, 6)


def test_a_departure_asks_for_its_reason_too(instructor: Account, validator: Account) -> None:
    dossier = received(instructor, "avance-guyane")
    draft = acts.prepare(
        instructor, dossier, dossier.version, "avance", Verdict.COMPLETE, reason="Joindre le contrat.", source="AF §6"
    )
    signed(validator, draft)
    one = CompletionRequest.objects.get()
    assert (one.items[-1]["texte"], one.items[-1]["sources"]) == ("Joindre le contrat.", ["AF §6"])


def test_an_acknowledgement_that_lists_what_lacks_asks_for_it_once_and_suspends_once_it_has_left(
    instructor: Account, validator: Account
) -> None:
    dossier, whole = received(instructor), received(instructor, "solde-cas-b")
    letters.acknowledge(instructor, whole, whole.version, "solde")
    assert not CompletionRequest.objects.exists()
    letter = letters.acknowledge(instructor, dossier, dossier.version, "solde", last=DAY + timedelta(days=20))
    one = CompletionRequest.objects.get()
    assert (one.act, one.request, one.asked_on, one.due) == (letter.act, "solde", DAY, DAY + timedelta(days=20))
    assert "capture" in " ".join(item["texte"] for item in one.items)
    assert Dossier.objects.get(pk=dossier.pk).deadline == date(2023, 9, 18)
    sending.send(instructor, letter, Sending.Channel.REGISTERED, DAY)
    found = Dossier.objects.get(pk=dossier.pk)
    assert (found.deadline, found.resumes, found.state) == (date(2023, 10, 9), date(2023, 9, 25), State.TO_INSTRUCT)
    assert "Réponse attendue jusqu'au 24 septembre 2023 inclus." in read(browser(instructor), f"/dossiers/{dossier.pk}")
    answer(instructor, found, "solde", "pieces", "capture_test", value=CAPTURE)
    one.refresh_from_db()
    assert one.outcome == "repondue"


def test_nothing_of_what_was_asked_changes(instructor: Account, validator: Account) -> None:
    one = asked(instructor, validator)
    changes: list[dict[str, Any]] = [{"due": DAY + timedelta(90)}, {"items": []}, {"request": "x"}, {"asked_on": DAY}]
    for fields in changes:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            CompletionRequest.objects.filter(pk=one.pk).update(**fields)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CompletionRequest.objects.filter(pk=one.pk)._raw_delete("default")
    for outcome in ("repondue", "retiree"):
        with pytest.raises(IntegrityError), transaction.atomic():
            CompletionRequest.objects.filter(pk=one.pk).update(outcome=outcome, closed_on=DAY)


# --- closing ----------------------------------------------------------------------------------------------------------


def test_an_answer_closes_it_and_brings_the_dossier_back_with_what_changed(
    instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    one = asked(instructor, validator)
    today(date(2023, 9, 20))
    answer(instructor, one.dossier, "solde", "pieces", "capture_test", value=CAPTURE)
    one.refresh_from_db()
    assert (one.outcome, one.closed_on, one.closed_by) == ("repondue", date(2023, 9, 20), instructor)
    assert one.answer is not None
    assert one.answer.rank == 2
    dossier = Dossier.objects.get()
    assert (dossier.state, dossier.deadline) == (State.TO_INSTRUCT, date(2023, 10, 4))
    page = get(browser(instructor), f"/dossiers/{dossier.pk}").content.decode()
    assert "Complément reçu le 20 septembre 2023." in plain(page)
    (link,) = {
        part.split('"')[0] for part in page.split('href="') if part.startswith(f"/dossiers/{dossier.pk}/versions?")
    }
    assert "Capture" in read(browser(instructor), link.replace("&amp;", "&"))


def test_an_answer_about_another_request_leaves_it_open(instructor: Account, validator: Account) -> None:
    one = asked(instructor, validator)
    answer(instructor, one.dossier, "avance", "pieces", "formulaire", value={"complet": True})
    one.refresh_from_db()
    assert one.outcome == ""
    answer(instructor, one.dossier, "operateur", "raison_sociale", value="Centre hospitalier renommé")
    one.refresh_from_db()
    assert one.outcome == "repondue"


def test_a_day_that_passes_is_shown_and_decides_nothing(
    instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    one = asked(instructor, validator)
    address = f"/dossiers/{one.dossier_id}"
    today(one.due)
    assert "Réponse attendue jusqu'au 4 octobre 2023 inclus." in read(browser(instructor), address)
    before = Act.objects.count()
    today(one.due + timedelta(days=1))
    page = read(browser(instructor), address)
    assert "Délai dépassé sans réponse depuis le 4 octobre 2023." in page
    one.refresh_from_db()
    assert (one.outcome, Act.objects.count()) == ("", before)
    assert Dossier.objects.get().state == State.TO_COMPLETE
    # a late answer is taken, and said to be late
    answer(instructor, one.dossier, "solde", "pieces", "capture_test", value=CAPTURE)
    page = read(browser(instructor), address)
    assert "Réponse reçue le 5 octobre 2023 , hors délai (jusqu'au 4 octobre 2023 inclus)" in page.replace(
        "2023,", "2023 ,"
    )
    assert Dossier.objects.get().deadline == date(2023, 10, 19)


def test_a_withdrawal_has_a_reason_is_sealed_and_lets_the_delay_run(
    people: People, instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    one = asked(instructor, validator)
    address = f"/dossiers/{one.dossier_id}/complements/{one.pk}/retirer"
    assert post(browser(validator), address, motif="Par erreur.").status_code == 302
    assert post(browser(people("aude", Role.AUDITOR)), address, motif="Par erreur.").status_code == 302
    assert post(browser(people("ailleurs", Role.INSTRUCTOR, programme="autre")), address, motif="x").status_code == 404
    with refused("MOTIF"):
        completions.withdraw(instructor, one, "  ")
    one.refresh_from_db()
    assert one.outcome == ""
    today(date(2023, 9, 9))
    assert post(browser(instructor), address, motif="Demandée par erreur.").status_code == 302
    one.refresh_from_db()
    assert (one.outcome, one.closed_on, one.reason) == ("retiree", date(2023, 9, 9), "Demandée par erreur.")
    dossier = Dossier.objects.get()
    assert (dossier.state, dossier.deadline, dossier.resumes) == (State.TO_INSTRUCT, date(2023, 9, 23), None)
    act = Act.objects.order_by("-rank")[0]
    assert (act.kind, act.author) == (completions.WITHDRAWN, instructor)
    assert json.loads(bytes(act.content.content))["motif"] == "Demandée par erreur."
    with pytest.raises(DatabaseError, match="final"), transaction.atomic():
        CompletionRequest.objects.filter(pk=one.pk).update(reason="Autre chose.")
    with refused("DEJA-CLOSE"):
        completions.withdraw(instructor, one, "Encore.")
    assert "Retiré le 9 septembre 2023 par Ines : Demandée par erreur." in read(
        browser(instructor), f"/dossiers/{dossier.pk}"
    )


def test_several_requests_follow_each_other_and_each_suspends_its_own_days(
    instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    first = asked(instructor, validator)
    dossier = first.dossier
    today(date(2023, 9, 10))
    answer(instructor, dossier, "solde", "pieces", "capture_test", value=CAPTURE)
    today(date(2023, 9, 12))
    signed(
        validator,
        acts.prepare(instructor, dossier, version_of(dossier), "solde", Verdict.COMPLETE, due=date(2023, 9, 30)),
    )
    assert [one.outcome for one in dossier.completions.order_by("pk")] == ["repondue", ""]
    found = Dossier.objects.get()
    # 18 September, six days of the first, and from 12 September to 30 September included
    assert (found.deadline, found.resumes) == (date(2023, 10, 13), date(2023, 10, 1))
    assert packs.in_force(dossier.programme, DAY) is not None


# --- decided ----------------------------------------------------------------------------------------------------------


def test_a_decision_closes_what_was_still_asked(instructor: Account, validator: Account) -> None:
    one = asked(instructor, validator)
    dossier = Dossier.objects.get(pk=one.dossier_id)
    draft = decisions.prepare(
        instructor, dossier, dossier.version, "solde", Verdict.REJECT, reason="Rien n'est venu.", source="CRPA"
    )
    acts.sign(validator, draft)
    one.refresh_from_db()
    assert (one.outcome, one.closed_on, one.closed_by) == (CompletionRequest.Outcome.DECIDED, DAY, validator)
    assert Dossier.objects.get(pk=one.dossier_id).state == State.DECIDED


def test_facts_of_the_agency_do_not_answer_for_the_applicant(instructor: Account, validator: Account) -> None:
    one = asked(instructor, validator)
    dossier = Dossier.objects.get(pk=one.dossier_id)
    facts = {"controles": {"declaration_erronee": {"constate_par": "ans"}}}
    dossiers.with_facts(instructor, dossier, dossier.version, facts, "agence")
    one.refresh_from_db()
    assert (Dossier.objects.get(pk=dossier.pk).state, one.outcome) == (State.TO_COMPLETE, "")
    completions.withdraw(instructor, one, "Demandé par erreur.")
    assert Dossier.objects.get(pk=dossier.pk).state == State.TO_INSTRUCT


def test_facts_of_the_agency_leave_a_decided_dossier_decided(instructor: Account, validator: Account) -> None:
    dossier = received(instructor, "enrolement-acheteur-complet")
    acts.sign(validator, decisions.prepare(instructor, dossier, dossier.version, "enrolement", Verdict.ACCEPT))
    facts = {"controles": {"declaration_erronee": {"constate_par": "ans"}}}
    dossiers.with_facts(instructor, dossier, version_of(dossier), facts, "agence")
    assert Dossier.objects.get(pk=dossier.pk).state == State.DECIDED
