"""Dossiers that are typed, part by part, and the facts that the agency adds: nothing guessed, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from tests.web.conftest import DAY, PROGRAMME, fixture
from tests.web.test_pages import browser, get, post

import recevable
from recevable_web import forms
from recevable_web.actions import dossiers, entry
from recevable_web.records.models import Account, Dossier, DossierVersion, Entry, Event

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
KNOWN = "solde-cinq-defauts"


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def begun(actor: Account, title: str = "Courrier 12") -> Entry:
    return entry.start(actor, PROGRAMME, title, "courrier", date(2023, 7, 18))


def typed(**texts: str) -> dict[str, str]:
    return {f"v:{name.replace('__', '.')}": text for name, text in texts.items()}


def words(response: Any) -> str:
    return str(response.content.decode().replace("&#x27;", "'"))


def test_a_whole_dossier_is_typed_again_and_decided_as_the_one_it_copies(instructor: Account) -> None:
    """Every part of a known dossier typed in French gives, through the pages, a dossier that is decided alike."""
    native = json.loads(fixture(KNOWN))
    programme = recevable.open_programme(PROGRAMME)
    form = entry.form_of(programme)
    texts = forms.texts_of(form, native)
    assert texts["paiements.0.montant"] == "8000,00"
    assert texts["solde.recue_le"] == "18/07/2023 11:00:00"
    client, held = browser(instructor), begun(instructor)
    for rank, section in enumerate(form.sections()):
        fields = {f"v:{key}": text for key, text in texts.items() if forms.below(key, section.path)}
        answer = post(client, f"/saisies/{held.pk}/parties/{section.path}", vue=rank + 1, suivant="oui", **fields)
        assert answer.status_code == 302, words(answer)
    assert "telle que" not in words(get(client, f"/saisies/{held.pk}"))
    answer = post(client, f"/saisies/{held.pk}/recevoir", vue=len(form.sections()) + 1)
    assert answer.status_code == 302
    dossier = Dossier.objects.get()
    version = dossiers.latest(dossier)
    assert dossiers.composed(version) == native
    assert (version.origin, version.author) == ("saisie", instructor)
    assert dossier.reference == "Courrier 12"
    told = [event.text for event in Event.objects.filter(dossier=dossier)]
    assert "Saisi d'après une demande arrivée le 18 juillet 2023 (courrier postal)." in told
    written = programme.decide(programme.read(fixture(KNOWN), dossier.reference), DAY)
    stored = json.loads(dossiers.decision(dossiers.evaluate(version, DAY)))
    assert stored["demandes"] == json.loads(programme.to_json(written))["demandes"]
    assert get(client, f"/saisies/{held.pk}").status_code == 302


def test_facts_are_shown_as_differences_then_recorded_beside_the_payload(instructor: Account) -> None:
    dossier = dossiers.receive(instructor, PROGRAMME, fixture(KNOWN), KNOWN)
    client = browser(instructor)
    address = f"/dossiers/{dossier.pk}/faits/solde"
    page = words(get(client, address))
    assert 'name="v:solde.recue_le"' in page
    assert 'name="v:solde.numero_dossier_avance"' not in page
    assert 'name="v:solde.pieces.guide_client_final.format"' in page
    # a piece that the applicant did not join has no state
    assert 'name="v:solde.pieces.capture_test.reussi"' not in page
    form = entry.facts_form(recevable.open_programme(PROGRAMME), dossiers.latest(dossier))
    texts = {f"v:{key}": text for key, text in forms.texts_of(form, json.loads(fixture(KNOWN))).items()}
    changed = {**texts, "v:solde.recue_le": "19/07/2023 11:00:00"}
    page = words(post(client, address, vue=dossier.version, voir="oui", **changed))
    assert "18 juillet 2023 à 11:00:00" in page
    assert "19 juillet 2023 à 11:00:00" in page
    assert DossierVersion.objects.count() == 1
    assert post(client, address, vue=dossier.version, enregistrer="oui", **changed).status_code == 302
    first, second = DossierVersion.objects.order_by("rank")
    assert bytes(first.payload) == bytes(second.payload)
    assert dossiers.composed(second)["solde"]["recue_le"] == "2023-07-19T11:00:00+02:00"
    assert second.origin == "faits"
    # what nobody touched is the same text
    kept = dossiers.composed(second)
    kept["solde"]["recue_le"] = json.loads(fixture(KNOWN))["solde"]["recue_le"]
    assert kept == json.loads(fixture(KNOWN))


@ONCE
def test_a_form_with_too_many_fields_is_refused_in_a_page(instructor: Account) -> None:
    held = begun(instructor)
    fields = {f"v:paiements.{rank}": "oui" for rank in range(1500)}
    answer = post(browser(instructor), f"/saisies/{held.pk}/parties/paiements", vue=1, **fields)
    assert answer.status_code == 400
    assert "Cette demande ne peut pas être lue" in words(answer)


@ONCE
def test_faults_are_listed_and_said_beside_their_fields(instructor: Account) -> None:
    client, held = browser(instructor), begun(instructor)
    wrong = typed(operateur__siret="12345678901234", operateur__tva__taux="20", operateur__contact__courriel="x" * 300)
    page = words(post(client, f"/saisies/{held.pk}/parties/operateur", vue=1, ajouter="rien", **wrong))
    assert "2 points à corriger" in page
    assert '<a href="#f-operateur-tva-taux">Opérateur MSSanté › Régime de TVA › Taux de TVA</a>' in page
    assert "« 20 » n'est pas un taux. Par exemple 20 % ou 0,20." in page
    assert 'value="12345678901234"' in page
    assert "La clé de ce numéro SIRET ne se vérifie pas" in page
    assert Entry.objects.get().values["operateur.tva.taux"] == "20"
    summary = words(get(client, f"/saisies/{held.pk}"))
    assert "il faut au moins l'un de ces champs" in summary
    assert post(client, f"/saisies/{held.pk}/recevoir", vue=2).status_code == 422
    assert Dossier.objects.count() == 0
