"""The pages as each role sees them: what is not somebody's does not exist for them, nothing is done without a form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.web import files
from tests.web.conftest import DAY, PROGRAMME, People, fixture

import recevable
from recevable_web.actions import acts, dossiers, pieces
from recevable_web.pages import dossier as dossier_page
from recevable_web.records.models import Access, Account, Act, Dossier, Draft, Role, State, Verdict

KNOWN = "solde-cinq-defauts"


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def browser(account: Account | None = None, **more: Any) -> Client:
    client = Client(SERVER_NAME="guichet.example", headers={"X-Forwarded-Proto": "https"}, **more)
    if account is not None:
        client.force_login(account)
    return client


def get(client: Client, address: str) -> Any:
    return client.get(address, secure=True)


def post(client: Client, address: str, **form: Any) -> Any:
    return client.post(address, form, secure=True)


def received(actor: Account, name: str = KNOWN) -> Dossier:
    return dossiers.receive(actor, PROGRAMME, fixture(name), name)


def prepared(instructor: Account) -> Draft:
    dossier = received(instructor)
    return acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE)


def joined(draft: Draft) -> int:
    """The identifier of a piece of the dossier of a draft."""
    return pieces.attach(draft.prepared_by, draft.dossier, pieces.ELSEWHERE, "f.pdf", files.plain()).pk


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_the_register_is_for_those_who_verify_it(people: People, instructor: Account, validator: Account) -> None:
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        assert get(browser(people(role.value, role)), "/registre").status_code == 200
    assert get(browser(validator), "/registre/export").status_code == 200
    for address in ("/registre", "/registre/export"):
        assert get(browser(instructor), address).status_code == 404


def test_an_account_that_is_closed_is_out_at_once(instructor: Account) -> None:
    client = browser(instructor)
    assert get(client, "/").status_code == 200
    instructor.is_active = False
    instructor.save()
    assert get(client, "/").status_code == 302


def test_opening_a_dossier_is_kept(instructor: Account) -> None:
    dossier = received(instructor)
    get(browser(instructor), f"/dossiers/{dossier.pk}")
    (access,) = Access.objects.all()
    assert (access.account, access.dossier, access.what) == (instructor, dossier, "dossier")


# --- safety -----------------------------------------------------------------------------------------------------------


def test_every_answer_carries_a_strict_policy(instructor: Account) -> None:
    dossier = received(instructor)
    client = browser(instructor)
    for address in ("/", f"/dossiers/{dossier.pk}", "/rien", "/connexion"):
        found = get(client, address)
        policy = found["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert found["Cache-Control"] == "no-store"
        assert found["X-Content-Type-Options"] == "nosniff"
        assert found["Strict-Transport-Security"]
        page = found.content.decode()
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page), address


def test_what_a_dossier_says_is_never_markup(instructor: Account) -> None:
    attack = b"<script>alert(1)</script>"
    loaded = json.loads(fixture(KNOWN))
    loaded["reference"] = attack.decode()
    loaded["operateur"]["raison_sociale"] = '"><img src=x onerror=alert(1)>'
    dossier = dossiers.receive(instructor, PROGRAMME, json.dumps(loaded).encode(), "x")
    client = browser(instructor)
    for address in ("/", f"/dossiers/{dossier.pk}"):
        page = get(client, address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_fault_of_the_service_shows_nothing_of_it(instructor: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = received(instructor)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("mot de passe secret")

    monkeypatch.setattr(dossier_page, "opened", broken)
    client = browser(instructor, raise_request_exception=False)
    found = get(client, f"/dossiers/{dossier.pk}")
    assert found.status_code == 500
    assert "secret" not in found.content.decode()
    assert "Rien n'a été enregistré" in found.content.decode().replace("&#x27;", "'")


# --- importing --------------------------------------------------------------------------------------------------------


def upload(client: Client, *files: tuple[str, bytes], programme: str = PROGRAMME) -> str:
    given = [SimpleUploadedFile(name, content, "application/json") for name, content in files]
    found = client.post("/importer", {"programme": programme, "fichiers": given}, secure=True, follow=True)
    assert found.status_code == 200
    return str(found.content.decode().replace("&#x27;", "'"))


def test_files_are_taken_or_refused_one_by_one(instructor: Account) -> None:
    page = upload(
        browser(instructor),
        ("bon.json", fixture(KNOWN)),
        ("faux.json", b'{"programme": "af-ope-mss",\n "operateur": {"siret": 12}}'),
        ("double.json", fixture(KNOWN)),
        ("vide.json", b" "),
    )
    assert "bon.json : reçu" in page
    assert "faux.json : refusé" in page
    assert "faux.json:2:" in page
    assert "Ce dossier est déjà reçu : il est celui de la référence « bon.json »." in page
    assert Dossier.objects.count() == 1


def test_a_programme_of_somebody_else_takes_nothing(instructor: Account) -> None:
    page = upload(browser(instructor), ("bon.json", fixture(KNOWN)), programme="prime-velo")
    assert "Il faut être instructeur du programme pour cela." in page
    assert Dossier.objects.count() == 0


# --- the main paths ---------------------------------------------------------------------------------------------------


def test_complete_then_sign(instructor: Account, validator: Account) -> None:
    dossier = received(instructor)
    ines, victor = browser(instructor), browser(validator)
    page = get(ines, f"/dossiers/{dossier.pk}").content.decode()
    assert "Pour que la demande soit acceptée" in page
    assert "Joindre la capture du test en production" in page
    answer = post(ines, f"/dossiers/{dossier.pk}/preparer", vue=dossier.version, demande="solde", verdict="completer")
    assert answer.status_code == 302
    draft = Draft.objects.get()
    mine = get(ines, f"/dossiers/{dossier.pk}").content.decode()
    assert "Une autre personne doit signer" in mine
    assert "Relire et signer" not in mine
    assert f"/projets/{draft.pk}/signer" not in get(ines, f"/projets/{draft.pk}").content.decode()
    assert "Relire et signer" in get(victor, f"/dossiers/{dossier.pk}").content.decode()
    assert f"/projets/{draft.pk}/signer" in get(victor, f"/projets/{draft.pk}").content.decode()
    assert "a-valider" in get(victor, "/?onglet=a-valider").content.decode()
    post(victor, f"/projets/{draft.pk}/signer")
    assert Act.objects.get().validator == validator
    assert Dossier.objects.get().state == State.TO_COMPLETE
    found = b"".join(get(victor, "/registre/export").streaming_content)
    assert recevable.ledger.verify(found.splitlines(keepends=True)).faults == ()
    assert "La chaîne est intacte : 1 acte vérifié" in get(victor, "/registre?verifier").content.decode()


def test_depart_from_the_proposal(instructor: Account, validator: Account) -> None:
    dossier = received(instructor)
    ines, victor = browser(instructor), browser(validator)
    form = {"vue": dossier.version, "demande": "solde", "verdict": "rejeter"}
    assert "demande un motif" in _followed(post(ines, f"/dossiers/{dossier.pk}/preparer", **form), ines)
    assert Draft.objects.count() == 0
    post(ines, f"/dossiers/{dossier.pk}/preparer", **form, motif="Pièce fausse.", source="AF §7")
    page = get(victor, f"/dossiers/{dossier.pk}").content.decode()
    assert "guichet-ecart" in page
    assert "Pièce fausse." in page
    draft = Draft.objects.get()
    assert "Ce qui est à revoir" in get(victor, f"/projets/{draft.pk}").content.decode()
    post(victor, f"/projets/{draft.pk}/renvoyer", commentaire="Citez la pièce.")
    assert "Citez la pièce." in get(ines, f"/dossiers/{dossier.pk}").content.decode()


def _followed(response: Any, client: Client) -> str:
    assert response.status_code == 302
    return str(get(client, response["Location"]).content.decode())


def test_two_validators_at_once_one_act_and_one_is_told(
    people: People, instructor: Account, validator: Account
) -> None:
    draft = prepared(instructor)
    other = people("valerie", Role.VALIDATOR)
    post(browser(validator), f"/projets/{draft.pk}/signer")
    client = browser(other)
    page = _followed(post(client, f"/projets/{draft.pk}/signer"), client)
    assert "Victor a déjà traité ce projet à" in page
    assert Act.objects.count() == 1


def test_a_question_shows_what_each_answer_decides(instructor: Account) -> None:
    dossier = received(instructor, "appreciation-regroupement-a-demander")
    client = browser(instructor)
    page = get(client, f"/dossiers/{dossier.pk}").content.decode()
    rule = re.findall(rf"/dossiers/{dossier.pk}/questions/([A-Z-]+)", page)[0]
    effects = get(client, f"/dossiers/{dossier.pk}/questions/{rule}")
    assert effects.status_code == 200
    answers = re.findall(r'name="reponse" value="(\w+)"', effects.content.decode())
    assert len(answers) >= 2
    form = {"vue": dossier.version, "regle": rule, "reponse": answers[0], "terme": "2024-09-04"}
    assert "Dites pourquoi" in _followed(post(client, f"/dossiers/{dossier.pk}/apprecier", **form), client)
    post(client, f"/dossiers/{dossier.pk}/apprecier", **{**form, "terme": "pas-une-date"}, motif="Vu.")
    assert dossiers.latest(dossier).rank == 1
    post(client, f"/dossiers/{dossier.pk}/apprecier", **form, motif="Vu au dossier.")
    assert dossiers.latest(dossier).rank == 2
    assert get(client, f"/dossiers/{dossier.pk}/questions/INCONNUE").status_code == 404


@pytest.mark.parametrize("form", [{}, {"vue": "x"}, {"vue": "9" * 30}, {"vue": 1, "verdict": "payer"}])
def test_a_form_that_is_none_is_refused_in_a_sentence(instructor: Account, form: dict[str, Any]) -> None:
    dossier = received(instructor)
    client = browser(instructor)
    page = _followed(post(client, f"/dossiers/{dossier.pk}/preparer", **form), client)
    assert "fr-alert--error" in page
    assert Draft.objects.count() == 0


def test_the_queue_goes_by_pages(people: People, instructor: Account) -> None:
    Dossier.objects.bulk_create(
        Dossier(programme=PROGRAMME, reference=f"REF-{rank:03d}", state=State.TO_INSTRUCT) for rank in range(30)
    )
    client = browser(instructor)
    page = get(client, "/").content.decode()
    assert "REF-024" in page
    assert "REF-025" not in page
    following = re.findall(r'href="(\?onglet=[^"]+apres=[\d.-]+)"', page)[0].replace("&amp;", "&")
    assert "REF-029" in get(client, f"/{following}").content.decode()
    assert "Aucun dossier ici" in get(client, "/?onglet=decides").content.decode()
    assert get(client, "/?onglet=autre").status_code == 404


def test_the_number_of_questions_to_the_database_does_not_grow(
    instructor: Account, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = browser(instructor)

    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert get(client, address).status_code == 200
        return len(found.captured_queries)

    received(instructor)
    asked("/")
    few = asked("/")
    Dossier.objects.bulk_create(
        Dossier(programme=PROGRAMME, reference=f"REF-{rank}", state=State.TO_INSTRUCT) for rank in range(200)
    )
    assert asked("/") == few <= 8
