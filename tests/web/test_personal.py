"""What is kept about an applicant is handed over whole, to whoever answers for it, and to nobody else."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, Final

import pytest
from django.http import FileResponse
from tests.web import files
from tests.web.conftest import PROGRAMME, People, fixture
from tests.web.test_pages import browser, get

from recevable_web.actions import acts, dossiers, notes, personal, pieces
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Access, Account, Dossier, Role, Verdict

pytestmark = pytest.mark.both_databases

INVOICE: Final = "solde.pieces.facture_acquittee"


@pytest.fixture
def dossier(instructor: Account, validator: Account, today: Any) -> Dossier:
    found = dossiers.receive(instructor, PROGRAMME, fixture("solde-cinq-defauts"), "un.json")
    dossiers.receive(instructor, PROGRAMME, fixture("appreciation-consignee"), "deux.json")
    pieces.attach(instructor, found, INVOICE, "facture.pdf", files.plain())
    notes.add(instructor, found, "Appeler le demandeur.")
    found.refresh_from_db()
    draft = acts.prepare(instructor, found, found.version, "solde", Verdict.COMPLETE)
    acts.sign(validator, draft)
    found.refresh_from_db()
    return found


def archived(account: Account, asked: str) -> zipfile.ZipFile:
    answer = browser(account).post("/donnees", {"qui": asked}, secure=True)
    assert isinstance(answer, FileResponse)
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_the_archive_holds_every_table_of_the_dossiers_of_one_applicant_and_of_no_other(
    people: People, dossier: Dossier
) -> None:
    auditor = people("aude", Role.AUDITOR)
    assert len(personal.found(auditor, f" {dossier.siret[:9]} {dossier.siret[9:]}")) == 2
    assert len(personal.found(auditor, dossier.siret[:9])) == 2
    archive = archived(auditor, dossier.reference)
    data = json.loads(archive.read("donnees.json"))
    tables = data["tables"]
    assert [one["reference"] for one in tables["dossier"]] == [dossier.reference]
    content = json.loads(fixture("solde-cinq-defauts"))
    assert (
        tables["dossierversion"][0]["payload"]["operateur"]["raison_sociale"]
        == (content["operateur"]["raison_sociale"])
    )
    assert tables["evaluation"][0]["decision_gz"]["demandes"]["solde"]["verdict"] == "completer"
    assert tables["note"][0]["text"] == "Appeler le demandeur."
    assert tables["act"][0]["kind"] == "decision:completer"
    assert tables["actcontent"][0]["content"]["demande"] == "solde"
    assert {one["what"] for one in tables["access"]} == {"donnees-personnelles"}
    (piece,) = tables["blobcontent"]
    assert archive.read(piece["content"]) == files.plain()
    assert "LISEZMOI.txt" in archive.namelist()
    # agents by their capacity, not by their name
    assert set(data["agents"].values()) == {"agent"}
    assert "Ines" not in json.dumps(data["agents"])
    # every row of a table that leads to a dossier leads to this one
    assert {one["dossier_id"] for rows in tables.values() for one in rows if one.get("dossier_id")} == {dossier.pk}
    other = Dossier.objects.exclude(pk=dossier.pk).get()
    assert other.reference not in json.dumps(tables["dossier"])


def test_handing_over_is_kept_and_needs_the_right_in_the_programme(people: People, dossier: Dossier) -> None:
    administrator = people("adam", Role.ADMINISTRATOR)
    archived(administrator, dossier.reference)
    kept = Access.objects.get(what="donnees-personnelles")
    assert (kept.account, kept.dossier) == (administrator, dossier)
    for asked in (dossier.reference, dossier.siret):
        elsewhere = people("alex", Role.ADMINISTRATOR, programme="autre")
        assert personal.found(elsewhere, asked) == []
    with pytest.raises(Refused, match="administrateur ou auditeur"):
        personal.found(people("ines", Role.INSTRUCTOR), dossier.reference)
    assert Access.objects.filter(what="donnees-personnelles").count() == 1


def test_an_applicant_that_nobody_knows_is_told(people: People, dossier: Dossier) -> None:
    client = browser(people("aude", Role.AUDITOR))
    for asked, said in (("", "Donnez un SIRET"), ("12345678900000", "Rien n'est gardé"), ("1234", "Rien n'est gardé")):
        answer = client.post("/donnees", {"qui": asked}, secure=True)
        assert answer.status_code == 422
        assert said in answer.content.decode().replace("&#x27;", "'")
    assert not Access.objects.filter(what="donnees-personnelles").exists()


def test_the_register_of_processing_says_how_long_each_table_is_kept(people: People, database: str) -> None:
    page = get(browser(people("aude", Role.AUDITOR)), "/donnees/traitements").content.decode()
    assert "3 653 jours, à confirmer" in page.replace("\u202f", " ").replace("\xa0", " ")
    assert "blobcontent" in page
    assert "À fixer" in page
