"""The other shipped programmes in the application: nothing in it knows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import People

from recevable import open_programme, sample_dossiers
from recevable_web import packs
from recevable_web.actions import acts, appraisals, controls, decisions, dossiers, letters
from recevable_web.records.models import Account, ControlStep, Dossier, Letter, Role, Verdict

NAME: Final = "reconditionneurs"
DAY: Final = date(2023, 5, 10)


@pytest.fixture
def agent(people: People, today: Callable[[date], None]) -> Account:
    today(DAY)
    packs.publish(packs.store(open_programme(NAME, prepared=False), "livré"), date(2020, 1, 1))
    return people("rose", Role.INSTRUCTOR, programme=NAME)


def received(agent: Account, name: str) -> Dossier:
    (path,) = [path for path in sample_dossiers(NAME) if path.stem == name]
    return dossiers.receive(agent, NAME, path.read_bytes(), path.name)


def read(agent: Account, *where: object) -> str:
    client = Client(SERVER_NAME="guichet.example")
    client.force_login(agent)
    found = client.get(reverse(str(where[0]), args=where[1:]), secure=True)
    assert found.status_code == 200
    return found.content.decode()


def test_an_incomplete_request_is_proposed_for_rejection(agent: Account) -> None:
    page = read(agent, "dossier", received(agent, "sans-vigilance-urssaf").pk)
    assert "L&#x27;attestation de vigilance de l&#x27;URSSAF manque." in page
    assert "rejeter" in page.lower()


def test_an_aid_is_prepared_by_one_and_signed_by_another(agent: Account, people: People) -> None:
    dossier = received(agent, "partielle-de-minimis")
    draft = decisions.prepare(agent, dossier, 1, "aide", Verdict.ACCEPT)
    act = acts.sign(people("remi", Role.VALIDATOR, programme=NAME), draft)
    assert act.draft_id == draft.pk
    said = bytes(act.letters.get(kind="acceptation").content.data).decode()
    assert "2\u202f999,50" in said
    assert "reconditionneurs" in said
    assert "2\u202f999,50" in read(agent, "dossier", dossier.pk)


def test_a_reception_is_acknowledged_and_a_control_told(agent: Account, people: People) -> None:
    dossier = received(agent, "partielle-de-minimis")
    letter = letters.acknowledge(agent, dossier, 1, "aide")
    said = bytes(letter.content.data).decode()
    assert "au terme du" in said
    assert not dossier.completions.exists()
    acts.sign(
        people("remi", Role.VALIDATOR, programme=NAME), decisions.prepare(agent, dossier, 2, "aide", Verdict.ACCEPT)
    )
    inspector = people("ida", Role.CONTROLLER, programme=NAME)
    year = timedelta(days=400)
    around = (timezone.now().date() - year, timezone.now().date() + year)
    campaign = controls.draw(inspector, NAME, "Hiver", *around, 1, paid_only=False)
    control = campaign.controls.get()
    controls.step(inspector, control, ControlStep.Kind.NOTIFIED, "Justifiez les unités.", due=DAY + timedelta(days=61))
    assert "Justifiez les unités." in bytes(Letter.objects.get(kind="notification_controle").content.data).decode()


def test_its_question_is_answered_after_seeing_what_each_answer_decides(agent: Account) -> None:
    dossier = received(agent, "rapproches")
    page = read(agent, "effets", dossier.pk, "MIN-RAPPROCHES")
    assert "entreprise unique" in page
    version = appraisals.record(agent, dossier, 1, "MIN-RAPPROCHES", "distinctes", "Registre.", date(2024, 5, 1))
    (request,) = version.evaluations.latest("pk").requests.all()
    assert (request.verdict, request.provisional) == ("accepter", False)
