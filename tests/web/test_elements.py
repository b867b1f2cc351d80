"""A programme with a request for each element of a list, in the application: nothing there knows of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import People

from recevable import open_programme
from recevable_web import packs
from recevable_web.actions import appraisals, decisions, dossiers
from recevable_web.records.models import Account, Dossier, Role, Verdict

HERE: Final = Path(__file__).parents[1] / "second_programme"
TWO: Final = HERE / "dossiers-embauches" / "deux.json"
NAME: Final = "embauches"
DAY: Final = date(2024, 5, 31)


@pytest.fixture
def agent(people: People, today: Callable[[date], None]) -> Account:
    today(DAY)
    packs.publish(packs.store(open_programme(HERE / NAME, prepared=False), "essai"), date(2020, 1, 1))
    return people("emma", Role.INSTRUCTOR, Role.VALIDATOR, programme=NAME)


@pytest.fixture
def dossier(agent: Account) -> Dossier:
    return dossiers.receive(agent, NAME, TWO.read_bytes(), "deux.json")


def test_each_element_is_a_request_with_its_own_question(agent: Account, dossier: Dossier) -> None:
    client = Client(SERVER_NAME="guichet.example", headers={"x-forwarded-proto": "https"})
    client.force_login(agent)
    page = client.get(reverse("dossier", args=[dossier.pk])).content.decode()
    for said in ("Embauche de Camille Exemple", "Embauche de Sacha Exemple", "Le contrat de Sacha Exemple manque."):
        assert said in page
    question = reverse("effets", args=[dossier.pk, "POSTE:2"])
    assert question in page
    effects = client.get(question).content.decode()
    assert "Le poste de Sacha Exemple" in effects
    assert "Le poste de Camille Exemple" not in effects
    controls = reverse("controles", args=[dossier.pk, "embauche:2"])
    assert controls in page
    assert "Embauche de Sacha Exemple" in client.get(controls).content.decode()
    assert client.get(reverse("controles", args=[dossier.pk, "embauche:3"])).status_code == 404


def test_an_answer_is_recorded_about_one_element(agent: Account, dossier: Dossier) -> None:
    version = appraisals.record(agent, dossier, 1, "POSTE:2", "non", "Poste ancien.", date(2030, 1, 1))
    records = json.loads(bytes(version.composed))["appreciations"]
    assert {name: record["reponse"] for name, record in records.items()} == {"POSTE:1": "oui", "POSTE:2": "non"}
    requests = {one.key: one.verdict for one in version.evaluations.latest("pk").requests.all()}
    assert requests == {"1": "accepter", "2": "rejeter"}


def test_an_act_is_about_one_element(agent: Account, dossier: Dossier) -> None:
    draft = decisions.prepare(agent, dossier, 1, "embauche", Verdict.ACCEPT, key="1")
    assert (draft.request, draft.key) == ("embauche", "1")
