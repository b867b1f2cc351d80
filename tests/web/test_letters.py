"""Letters on both databases: what is kept of them, and that nothing changes it."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from tests.web.conftest import DAY, PROGRAMME, fixture
from tests.web.test_completions import signed
from tests.web.test_pages import browser, get, post

import recevable
from recevable_web.actions import acts, dossiers, letters, register
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    Act,
    ActContent,
    Dossier,
    Draft,
    Letter,
    LetterContent,
    PackVersion,
    Verdict,
)


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


@pytest.fixture
def dossier(instructor: Account) -> Dossier:
    return dossiers.receive(instructor, PROGRAMME, fixture("solde-cinq-defauts"), "d.json")


def row(dossier: Dossier, author: Account, kind: str = "accuse_reception") -> Letter:
    with transaction.atomic():
        act = register.append(f"courrier:{kind}", dossier.reference, b"{}", author, dossier=dossier)
        letter = Letter.objects.create(
            dossier=dossier, act=act, kind=kind, request="solde", pack=PackVersion.objects.get(), on=DAY,
            template="0" * 64, sha256="0" * 64, size=3, confirmed=False,
        )  # fmt: skip
        LetterContent.objects.create(letter=letter, data=b"{}", pdf=b"pdf")
    return letter


# --- rows -------------------------------------------------------------------------------------------------------------


def test_rows_of_letters_cannot_be_changed(instructor: Account, dossier: Dossier) -> None:
    row(dossier, instructor)
    for statement in (
        "UPDATE records_letter SET sha256 = 'x'",
        "DELETE FROM records_letter",
        "UPDATE records_lettercontent SET pdf = data",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# only SQLite has INSERT OR REPLACE
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_replacing_a_letter_is_refused(instructor: Account, dossier: Dossier, database: str) -> None:
    row(dossier, instructor)
    columns = 'dossier_id, act_id, kind, request, key, pack_id, "on", template, sha256, size, confirmed'
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
    try:
        for statement in (
            "INSERT OR REPLACE INTO records_letter SELECT * FROM records_letter",
            f"INSERT OR REPLACE INTO records_letter ({columns}) SELECT {columns} FROM records_letter",
            "INSERT OR REPLACE INTO records_lettercontent SELECT * FROM records_lettercontent",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers=ON")


def test_an_act_makes_one_letter_of_a_kind(instructor: Account, dossier: Dossier) -> None:
    letter = row(dossier, instructor)
    values = {field.attname: getattr(letter, field.attname) for field in Letter._meta.concrete_fields}
    del values["id"]
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Letter.objects.create(**values)
    Letter.objects.create(**{**values, "kind": "rejet"})


def test_the_content_of_a_letter_may_be_erased_and_the_letter_stays(instructor: Account, dossier: Dossier) -> None:
    letter = row(dossier, instructor)
    LetterContent.objects.all().delete()
    assert Letter.objects.get().sha256 == letter.sha256


# --- with acts --------------------------------------------------------------------------------------------------------


def prepared(instructor: Account, dossier: Dossier, verdict: Verdict = Verdict.COMPLETE, **more: Any) -> Draft:
    seen = Dossier.objects.get(pk=dossier.pk).version
    return acts.prepare(instructor, dossier, seen, "solde", verdict, **more)


def sealed_content(act: Act) -> Any:
    return json.loads(bytes(ActContent.objects.get(act=act).content))


def test_signing_makes_the_letter_that_the_register_seals(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    act = acts.sign(validator, prepared(instructor, dossier))
    letter = Letter.objects.get(act=act)
    assert (letter.kind, letter.request, letter.on, letter.confirmed) == ("demande_complement", "solde", DAY, False)
    pdf, data = letters.pdf(letter), bytes(letter.content.data)
    assert sealed_content(act)["courrier"] == {
        "nature": "demande_complement", "sha256": hashlib.sha256(pdf).hexdigest(), "gabarit": letter.template,
    }  # fmt: skip
    # the same bytes again, by whoever has the data
    assert recevable.letters.pdf(data) == pdf
    assert letter.template == recevable.letters.template()
    said = json.loads(data)
    assert said["apercu"] is None
    assert said["signature"] == ["agent", "Victor"]
    assert [row[1] for row in said["references"]][-2:] == [dossier.reference, "Ines, agent"]
    asked = [one["texte"] for block in said["blocs"] for part in block["contenu"] for one in part.get("elements", [])]
    assert len(asked) == 5


def test_a_departure_is_told_with_its_reason_and_its_source(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    draft = prepared(instructor, dossier, Verdict.REJECT, reason="Le service a été cédé.", source="AF §4.3")
    act = acts.sign(validator, draft)
    said = bytes(Letter.objects.get(act=act, kind="rejet").content.data).decode()
    assert "Le service a été cédé." in said
    assert "tribunal administratif" in said


def test_a_letter_that_cannot_be_made_prevents_the_signature(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    draft = prepared(instructor, dossier)
    Account.objects.filter(pk=validator.pk).update(capacity="")
    validator.refresh_from_db()
    with pytest.raises(Refused) as raised:
        acts.sign(validator, draft)
    assert raised.value.code == "QUALITE"
    assert "Victor" in raised.value.message
    assert Draft.objects.get(pk=draft.pk).status == Draft.Status.PREPARED
    assert (Letter.objects.count(), Act.objects.filter(draft=draft).count()) == (0, 0)


def test_production_signs_no_letter_with_a_text_to_confirm(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    draft = prepared(instructor, dossier)
    with override_settings(UNCONFIRMED_LETTERS=False):
        with pytest.raises(Refused) as raised:
            acts.sign(validator, draft)
        assert raised.value.code == "COURRIER-A-CONFIRMER"
        assert "L.\u00a0114-5" in raised.value.message
        # it may be looked at
        assert acts.preview(draft).startswith(b"%PDF")
    assert Letter.objects.count() == 0


def test_an_act_that_fails_leaves_no_letter(
    instructor: Account, validator: Account, dossier: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError

    draft = prepared(instructor, dossier)
    monkeypatch.setattr(dossiers, "moved", fails)
    with pytest.raises(RuntimeError), transaction.atomic():
        acts.sign(validator, draft)
    assert (Letter.objects.count(), Act.objects.count()) == (0, 0)


def test_a_preview_is_kept_nowhere(instructor: Account, dossier: Dossier) -> None:
    draft = prepared(instructor, dossier)
    acts_before = Act.objects.count()
    pdf = acts.preview(draft)
    assert pdf.startswith(b"%PDF")
    assert pdf == acts.preview(draft)
    assert (Letter.objects.count(), Act.objects.count()) == (0, acts_before)


def test_a_letter_that_was_altered_is_not_given(instructor: Account, validator: Account, dossier: Dossier) -> None:
    letter = Letter.objects.get(act=acts.sign(validator, prepared(instructor, dossier)))
    letter.sha256 = "0" * 64
    with pytest.raises(ValueError, match="altered"):
        letters.pdf(letter)
    LetterContent.objects.all().delete()
    with pytest.raises(Refused, match="effacé"):
        letters.pdf(Letter.objects.get(pk=letter.pk))


# --- acknowledgements -------------------------------------------------------------------------------------------------


def test_a_reception_is_acknowledged_once_by_an_act(instructor: Account, dossier: Dossier) -> None:
    letter = letters.acknowledge(instructor, dossier, dossier.version, "solde", last=DAY + timedelta(days=20))
    assert (letter.kind, letter.act.kind, letter.act.validator) == (
        "accuse_reception", "courrier:accuse_reception", None,
    )  # fmt: skip
    assert sealed_content(letter.act)["courrier"]["sha256"] == letter.sha256
    said = bytes(letter.content.data).decode().replace("\u00a0", " ")
    assert "18 septembre 2023" in said
    assert "24 septembre 2023" in said
    dossier.refresh_from_db()
    for request, code in (("solde", "DEJA-FAIT"), ("autre", "DEMANDE"), ("avance", "COURRIER")):
        with pytest.raises(Refused) as raised:
            letters.acknowledge(instructor, dossier, dossier.version, request)
        assert raised.value.code == code, raised.value


def test_a_decided_request_is_acknowledged_no_more_and_one_to_complete_with_its_delay(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    signed(validator, prepared(instructor, dossier, due=DAY + timedelta(days=30)))
    dossier.refresh_from_db()
    said = letters.acknowledge(instructor, dossier, dossier.version, "solde", last=DAY + timedelta(days=30))
    # silence decides later: the delay is suspended until the applicant answers, at most until the day after the last
    assert "19\u00a0octobre 2023" in bytes(said.content.data).decode()
    other = dossiers.receive(instructor, PROGRAMME, fixture("solde-capture-absente"), "autre.json")
    acts.sign(validator, prepared(instructor, other, Verdict.REJECT, reason="Cédé.", source="AF §4.3"))
    other.refresh_from_db()
    with pytest.raises(Refused) as raised:
        letters.acknowledge(instructor, other, other.version, "solde")
    assert raised.value.code == "DEJA-DECIDE"


def test_who_may_not_instruct_acknowledges_nothing(validator: Account, dossier: Dossier) -> None:
    with pytest.raises(Refused):
        letters.acknowledge(validator, dossier, dossier.version, "solde")
    assert Letter.objects.count() == 0


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_page_lists_letters_and_gives_them(instructor: Account, validator: Account, dossier: Dossier) -> None:
    client = browser(instructor)
    page = get(client, f"/dossiers/{dossier.pk}/courriers").content.decode()
    assert "Aucun courrier" in page
    assert "Accuser réception" in page
    done = post(client, f"/dossiers/{dossier.pk}/courriers/accuser", vue=str(dossier.version), demande="solde", cle="")
    assert done.status_code == 302
    acts.sign(validator, prepared(instructor, dossier))
    page = get(client, f"/dossiers/{dossier.pk}/courriers").content.decode()
    for word in ("Accusé de réception", "Demande de complément", "Demande de solde", "Victor, agent", "à confirmer"):
        assert word in page
    assert 'value="solde"' not in page
    for letter in Letter.objects.all():
        found = get(client, f"/contenus/courriers/{letter.pk}")
        assert found.content == letters.pdf(letter)
        assert found["Content-Type"] == "application/pdf"
        assert found["Content-Disposition"].startswith("attachment")


def test_the_page_asks_as_many_questions_however_many_letters(
    instructor: Account, validator: Account, dossier: Dossier
) -> None:
    client = browser(instructor)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            get(client, f"/dossiers/{dossier.pk}/courriers")
        return len(asked)

    acts.sign(validator, prepared(instructor, dossier))
    questions()
    before = questions()
    for kind in ("rejet", "acceptation", "retrait"):
        row(dossier, instructor, kind)
    assert questions() == before <= 14


def test_previews_are_files_and_their_refusals_sentences(instructor: Account, dossier: Dossier) -> None:
    client, there = browser(instructor), f"/dossiers/{dossier.pk}/courriers/apercu"
    asked = {"demande": "solde", "cle": ""}
    for verdict, more in (
        ("", {}),
        ("completer", {"avant": "2023-10-10"}),
        ("rejeter", {"motif": "Cédé.", "source": "AF §4.3"}),
    ):
        found = post(client, there, **asked, verdict=verdict, **more)
        assert found["Content-Type"] == "application/pdf", found.content
        assert found.content.startswith(b"%PDF")
    for more, word in (
        ({"verdict": "rejeter"}, "motif de l’écart"),
        ({"verdict": "autre"}, "Choisissez"),
        ({"verdict": "completer", "avant": "2023-09-01"}, "après la date"),
        ({"verdict": "completer", "avant": "demain"}, "pas une date"),
    ):
        found = post(client, there, **asked, **more)
        assert found.status_code == 302
        page = html.unescape(get(client, found["Location"]).content.decode()).replace("'", "’")
        assert word in page, word
    draft = prepared(instructor, dossier)
    assert get(client, f"/projets/{draft.pk}/apercu").content == acts.preview(draft)
    assert Letter.objects.count() == 0
