"""Controls after payment: a draw that anybody makes again, and a beneficiary who is heard before any conclusion."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.web.conftest import DAY, PROGRAMME, People, fixture
from tests.web.test_pages import browser, get
from tests.web.test_payments import accepted

import recevable
from recevable_web.actions import controls, dossiers, register
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    Act,
    Control,
    ControlCampaign,
    ControlStep,
    Deadline,
    Event,
    Letter,
    Procedure,
    Role,
)

Kind = ControlStep.Kind
# The register writes the true instant, whatever the day of the application.
TODAY = timezone.now().date()
DUE = DAY + timedelta(days=30)


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


@pytest.fixture
def controller(people: People) -> Account:
    return people("coralie", Role.CONTROLLER)


def drawn(controller: Account, size: int = 2, *, paid_only: bool = False) -> ControlCampaign:
    around = timedelta(days=1)
    return controls.draw(
        controller, PROGRAMME, "Contrôles de l'hiver", TODAY - around, TODAY + around, size, paid_only=paid_only
    )


@pytest.fixture
def control(controller: Account, instructor: Account, validator: Account) -> Control:
    accepted(instructor, validator)
    return drawn(controller).controls.get()


def test_a_draw_is_made_again_from_an_export_of_the_register(
    controller: Account, instructor: Account, validator: Account
) -> None:
    for rank in range(4):
        accepted(instructor, validator, f"REF-{rank}")
    campaign = drawn(controller)
    lines = [json.loads(line) for line in b"".join(register.export()).splitlines()]
    (entry,) = (one for one in lines if one.get("nature") == controls.DRAW)
    content = json.loads(entry["contenu"]) if isinstance(entry["contenu"], str) else entry["contenu"]
    assert content["graine"] == entry["precedente"] == campaign.seed
    again = controls.drawn(entry["precedente"], content["population"], content["taille"])
    assert content["tires"] == again
    assert again == [one.dossier.reference for one in campaign.controls.order_by("rank")]
    assert sorted(content["population"]) == [f"REF-{rank}" for rank in range(4)]
    assert recevable.ledger.verify(register.export()).faults == ()
    assert Event.objects.filter(kind="controle").count() == 2


@given(
    st.sets(st.text(min_size=1, max_size=8), max_size=12), st.integers(0, 14), st.text("0123456789abcdef", max_size=8)
)
def test_a_draw_depends_on_the_seed_and_the_set_only(references: set[str], size: int, seed: str) -> None:
    first = controls.drawn(seed, sorted(references), size)
    assert first == controls.drawn(seed, sorted(references, reverse=True), size)
    assert len(first) == min(size, len(references))
    assert len(set(first)) == len(first)
    assert set(first) <= references
    # one more is drawn after the others
    assert controls.drawn(seed, references, size + 1)[:size] == first


@pytest.mark.usefixtures("database")
def test_seeds_draw_each_dossier_about_as_often() -> None:
    references = [f"REF-{rank}" for rank in range(20)]
    found = [one for seed in range(1000) for one in controls.drawn(str(seed), references, 5)]
    counts = [found.count(one) for one in references]
    assert min(counts) > 190
    assert max(counts) < 310


def test_what_is_not_accepted_in_the_period_or_not_paid_is_not_drawn(
    controller: Account, instructor: Account, validator: Account
) -> None:
    accepted(instructor, validator)
    with pytest.raises(Refused, match="Aucun dossier"):
        drawn(controller, paid_only=True)
    with pytest.raises(Refused, match="Aucun dossier"):
        controls.draw(controller, PROGRAMME, "x", date(2020, 1, 1), date(2020, 12, 31), 1, paid_only=False)
    assert drawn(controller).population == 1


@pytest.mark.parametrize(
    ("title", "starts", "ends", "size", "said"),
    [
        (" ", TODAY, TODAY, 1, "titre"),
        ("x" * 201, TODAY, TODAY, 1, "titre"),
        ("x", TODAY, TODAY - timedelta(days=1), 1, "finit avant"),
        ("x", TODAY, date.max, 1, "finit avant"),
        ("x", TODAY, TODAY, 0, "entre 1 et"),
        ("x", TODAY, TODAY, 1001, "entre 1 et"),
    ],
)
def test_a_draw_that_makes_no_sense_is_refused(
    controller: Account, title: str, starts: date, ends: date, size: int, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        controls.draw(controller, PROGRAMME, title, starts, ends, size, paid_only=False)
    assert not Act.objects.exists()


def test_nothing_is_concluded_against_a_beneficiary_who_was_not_heard(
    controller: Account, control: Control, today: Callable[[date], None]
) -> None:
    def refused(kind: ControlStep.Kind, said: str, **more: Any) -> None:
        with pytest.raises(Refused, match=said):
            controls.step(controller, control, kind, "Texte.", **more)

    refused(Kind.CONCLUDED, "ne peut pas être faite", outcome="a_recouvrer")
    refused(Kind.NOTIFIED, "dernier jour")
    refused(Kind.NOTIFIED, "dernier jour", due=DAY)
    controls.step(controller, control, Kind.NOTIFIED, "Produisez la facture.", due=DUE)
    refused(Kind.FOUND, "ne peut pas être faite", due=DUE)
    controls.step(controller, control, Kind.ANSWERED, "Facture produite.")
    refused(Kind.CONCLUDED, "sans constat", outcome="a_recouvrer")
    controls.step(controller, control, Kind.FOUND, "La facture n'est pas acquittée.", due=DUE)
    refused(Kind.CONCLUDED, "ne peut pas être faite", outcome="a_recouvrer")
    today(DUE)
    refused(Kind.CONCLUDED, "ne peut pas être faite", outcome="a_recouvrer")
    # the day after the last one on which they could answer
    today(DUE + timedelta(days=1))
    refused(Kind.CONCLUDED, "Choisissez une conclusion")
    controls.step(controller, control, Kind.CONCLUDED, "Somme indue.", outcome="a_recouvrer")
    assert controls.possible(controls.steps(control), DUE) == []
    sealed = [one.kind for one in Act.objects.filter(kind__startswith="controle:").order_by("rank")]
    assert sealed == [controls.DRAW, controls.NOTIFICATION, controls.NOTIFICATION, controls.CONCLUSION]
    told = list(Letter.objects.filter(act__kind__startswith="controle:").order_by("act").values_list("kind", flat=True))
    assert told == ["notification_controle", "constat_controle", "conclusion_controle"]
    assert recevable.ledger.verify(register.export()).faults == ()


def test_who_decided_does_not_control(people: People, instructor: Account, validator: Account) -> None:
    both = people("bob", Role.INSTRUCTOR, Role.CONTROLLER)
    accepted(both, validator)
    (control,) = drawn(both).controls.all()
    with pytest.raises(Refused, match="ne le contrôle pas"):
        controls.step(both, control, Kind.NOTIFIED, "Texte.", due=DUE)
    page = get(browser(both), f"/campagnes/controles/{control.pk}").content.decode()
    assert "une autre personne le contrôle" in page
    assert "<form" in page
    assert 'name="etape"' not in page
    with pytest.raises(Refused, match="contrôleur"):
        controls.step(instructor, control, Kind.NOTIFIED, "Texte.", due=DUE)


def test_a_campaign_is_drawn_and_followed_on_its_pages(
    controller: Account, instructor: Account, validator: Account
) -> None:
    dossier = accepted(instructor, validator)
    client = browser(controller)
    form = {"programme": PROGRAMME, "titre": "Hiver", "du": "hier", "au": str(TODAY), "taille": "1"}
    wrong = client.post("/campagnes", form, secure=True)
    assert wrong.status_code == 422
    assert "n'est pas une date" in wrong.content.decode().replace("&#x27;", "'")
    assert 'value="Hiver"' in wrong.content.decode()
    form["du"] = str(TODAY - timedelta(days=1))
    form["au"] = str(TODAY + timedelta(days=1))
    made = client.post("/campagnes", form, secure=True, follow=True)
    page = made.content.decode()
    campaign = ControlCampaign.objects.get()
    assert campaign.seed in page
    assert dossier.reference in page
    assert "À notifier" in page
    control = campaign.controls.get()
    there = f"/campagnes/controles/{control.pk}"
    client.post(there, {"etape": "notification", "texte": "Produisez <b>tout</b>.", "terme": str(DUE)}, secure=True)
    page = get(client, there).content.decode()
    assert "Produisez &lt;b&gt;tout&lt;/b&gt;." in page
    assert "réponse jusqu&#x27;au 4 octobre 2023 inclus" in page or "jusqu'au 4 octobre 2023 inclus" in page
    assert get(browser(instructor), there).status_code == 200
    lost = browser(instructor).post(there, {"etape": "reponse", "texte": "x"}, secure=True)
    assert lost.status_code == 422
    assert control.steps.count() == 1


def test_an_answer_to_a_control_is_waited_for_until_its_last_day(controller: Account, control: Control) -> None:
    def waited() -> list[date]:
        return list(Deadline.objects.filter(kind="controle_reponse").values_list("day", flat=True))

    controls.step(controller, control, Kind.NOTIFIED, "Produisez la facture.", due=DUE)
    assert waited() == [DUE]
    letter = Letter.objects.get(kind="notification_controle")
    said = bytes(letter.content.data).decode()
    assert "Produisez la facture." in said
    assert "4\u00a0octobre 2023 inclus" in said
    assert [one.kind for one in Deadline.objects.filter(letter=letter)] == ["courrier_a_envoyer"]
    controls.step(controller, control, Kind.ANSWERED, "Facture produite.")
    assert waited() == []


def test_the_letter_of_a_step_is_seen_before_it_is_made(
    controller: Account, instructor: Account, control: Control
) -> None:
    there = f"/campagnes/controles/{control.pk}"
    form = {"etape": "notification", "texte": "Produisez la facture.", "terme": str(DUE), "apercu": "oui"}
    shown = browser(controller).post(there, form, secure=True)
    assert shown["Content-Type"] == "application/pdf"
    assert shown.content.startswith(b"%PDF")
    assert control.steps.count() == 0
    assert not Letter.objects.filter(kind="notification_controle").exists()
    assert browser(instructor).post(there, form, secure=True).status_code == 404
    late = browser(controller).post(there, {**form, "terme": str(DAY)}, secure=True)
    assert late.status_code == 422
    assert "pas après la date du courrier" in late.content.decode()
    assert browser(controller).post(there, {**form, "etape": "reponse"}, secure=True).status_code == 422


def test_a_sum_that_a_control_finds_is_recovered_from_its_page(
    controller: Account, instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    accepted(instructor, validator)
    dossier = dossiers.receive(instructor, PROGRAMME, fixture("recouvrement-declaration-erronee"), "x")
    control = Control.objects.create(campaign=drawn(controller), dossier=dossier, rank=2)
    there = f"/campagnes/controles/{control.pk}"
    controls.step(controller, control, Kind.NOTIFIED, "Produisez.", due=DUE)
    controls.step(controller, control, Kind.ANSWERED, "Produit.")
    controls.step(controller, control, Kind.FOUND, "Le nombre de boîtes est faux.", due=DUE)
    assert "Recouvrer" not in get(browser(controller), there).content.decode()
    today(DAY + timedelta(days=2))
    controls.step(controller, control, Kind.OBSERVED, "Rien à dire.")
    controls.step(controller, control, Kind.CONCLUDED, "Le nombre est faux.", outcome="a_recouvrer")
    page = get(browser(controller), there).content.decode()
    # the day of the finding, and what was concluded, are there to be sent
    assert f'name="depuis" value="{DAY}"' in page
    assert ">Le nombre est faux.</textarea>" in page
    form = {"vue": re.findall(r'name="vue" value="(\d+)"', page)[0], "nature": "constat",
            "regle": "REC-DECLARATION-ERRONEE", "depuis": str(DAY), "motif": "Le nombre est faux."}  # fmt: skip
    browser(controller).post(f"/dossiers/{dossier.pk}/procedures/ouvrir", form, secure=True)
    procedure = Procedure.objects.get()
    assert (procedure.found_on, procedure.reason, procedure.rule) == (DAY, form["motif"], form["regle"])
    assert f"/procedures/{procedure.pk}" in get(browser(controller), there).content.decode()


def test_a_control_says_when_the_rules_find_nothing_to_recover(
    controller: Account, control: Control, today: Callable[[date], None]
) -> None:
    controls.step(controller, control, Kind.NOTIFIED, "Produisez.", due=DUE)
    controls.step(controller, control, Kind.ANSWERED, "Produit.")
    controls.step(controller, control, Kind.FOUND, "Faux.", due=DUE)
    today(DUE + timedelta(days=1))
    controls.step(controller, control, Kind.CONCLUDED, "Faux.", outcome="a_recouvrer")
    page = get(browser(controller), f"/campagnes/controles/{control.pk}").content.decode()
    assert "Les règles ne trouvent rien à recouvrer" in page
    assert f"/dossiers/{control.dossier_id}/faits" in page


def test_nothing_of_a_control_changes(controller: Account, control: Control) -> None:
    controls.step(controller, control, Kind.NOTIFIED, "Texte.", due=DUE)
    for change in (
        lambda: ControlCampaign.objects.update(seed="0" * 64),
        lambda: Control.objects.update(rank=9),
        lambda: ControlStep.objects.update(text="Autre."),
        lambda: ControlStep.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
