"""Letters leave once, arrive or come back: everything is kept, and the delays run from a delivery that is proven."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from tests.web import files
from tests.web.conftest import DAY, People
from tests.web.test_dossier import read
from tests.web.test_pages import browser, get, post
from tests.web.test_spine import received, refused

from recevable_web.actions import acts, deadlines, sending
from recevable_web.records.models import (
    Account,
    Act,
    Deadline,
    Dossier,
    Letter,
    LetterContent,
    PackVersion,
    Role,
    Sending,
    SendingEvent,
    Verdict,
)

REGISTERED, HAND = Sending.Channel.REGISTERED, Sending.Channel.HAND
PDF = b"%PDF-1.7 un courrier"


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None], monkeypatch: pytest.MonkeyPatch) -> None:
    today(DAY)
    monkeypatch.setattr(settings, "UNCONFIRMED_LETTERS", True)
    monkeypatch.setattr(settings, "OUTBOX", "")


def letter_of(act: Act) -> Letter:
    """The letter of an act, made here when signing makes none."""
    assert act.dossier is not None
    found = act.letters.first()
    if found is None:
        draft = act.draft
        found = Letter.objects.create(
            dossier=act.dossier, act=act, kind="essai", request=draft.request if draft else "",
            pack=PackVersion.objects.get(pk=1), on=DAY, template="0" * 64, sha256=hashlib.sha256(PDF).hexdigest(),
            size=len(PDF), confirmed=False,
        )  # fmt: skip
        LetterContent.objects.create(letter=found, data=b"{}", pdf=PDF)
    return found


def decided(instructor: Account, validator: Account, verdict: Verdict = Verdict.REJECT) -> Letter:
    dossier = received(instructor)
    why = ("Pièce fausse.", "AF §7") if verdict == Verdict.REJECT else ("", "")
    draft = acts.prepare(instructor, dossier, dossier.version, "solde", verdict, reason=why[0], source=why[1])
    return letter_of(acts.sign(validator, draft))


def kinds(dossier: Dossier) -> dict[str, date]:
    return {one.kind: one.day for one in Deadline.objects.filter(dossier=dossier)}


# --- what happens to a letter -----------------------------------------------------------------------------------------


def test_the_delay_of_appeal_runs_from_a_delivery_that_is_proven(
    instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    letter = decided(instructor, validator)
    dossier = letter.dossier
    sent = sending.send(instructor, letter, REGISTERED, DAY)
    assert kinds(dossier) == {deadlines.TO_PROVE: DAY}
    assert sending.delivered_on(letter) is None
    today(date(2023, 9, 12))
    with refused("PREUVE"):
        sending.deliver(instructor, sent, date(2023, 9, 7), "  ")
    sending.deliver(instructor, sent, date(2023, 9, 7), "Avis de réception signé")
    assert sending.delivered_on(letter) == date(2023, 9, 7)
    # two months and a day: neither the day of the delivery nor the last one counts
    assert kinds(dossier) == {"recours": date(2023, 11, 8)}
    page = read(browser(instructor), f"/dossiers/{dossier.pk}")
    assert "Délai de recours contentieux (Demande de solde) : jusqu'au 8 novembre 2023 inclus" in page
    assert "compté depuis le 7 septembre 2023" in page
    # what was wrong is corrected, and stays
    with refused("PREUVE"):
        sending.deliver(instructor, sent, date(2023, 9, 8), "")
    sending.deliver(instructor, sent, date(2023, 9, 8), "L'avis porte le 8, et non le 7.")
    assert kinds(dossier) == {"recours": date(2023, 11, 9)}
    assert sent.events.count() == 2
    page = read(browser(instructor), f"/courriers/{letter.pk}")
    assert "Remis au destinataire le 7 septembre 2023 (Avis de réception signé), consigné par Ines." in page


def test_a_letter_leaves_once_and_again_only_for_a_reason(instructor: Account, validator: Account) -> None:
    letter = decided(instructor, validator)
    assert Deadline.objects.filter(letter=letter).count() == 1 or sending.delivered_on(letter) is None
    sent = sending.send(instructor, letter, REGISTERED, DAY)
    with refused("DEJA-ENVOYE"):
        sending.send(instructor, letter, REGISTERED, DAY)
    sending.come_back(instructor, sent, DAY, "npai")
    assert kinds(letter.dossier) == {deadlines.CAME_BACK: DAY}
    with refused("DEJA-ENVOYE"):
        sending.send(instructor, letter, REGISTERED, DAY, " ")
    again = sending.send(instructor, letter, HAND, DAY, "Adresse corrigée")
    assert (again.rank, again.reason) == (2, "Adresse corrigée")
    assert kinds(letter.dossier) == {deadlines.TO_PROVE: DAY}
    sending.deliver(instructor, again, DAY, "Récépissé")
    # the 5th is a Sunday
    assert kinds(letter.dossier) == {"recours": date(2023, 11, 6)}
    page = read(browser(instructor), f"/dossiers/{letter.dossier_id}")
    assert "jusqu'au 6 novembre 2023 inclus, le 5 novembre 2023 n'étant pas un jour ouvré" in page


def test_what_asks_to_complete_suspends_from_the_day_it_leaves(
    instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    letter = decided(instructor, validator, Verdict.COMPLETE)
    dossier = letter.dossier
    with transaction.atomic():
        from recevable_web.actions import dossiers

        dossiers.moved(Dossier.objects.get(pk=dossier.pk))
    # silence decides on 18 September: as long as nothing has left, nothing is suspended
    assert Dossier.objects.get().deadline == date(2023, 9, 18)
    assert kinds(dossier)[deadlines.TO_SEND] == DAY
    page = read(browser(instructor), f"/dossiers/{dossier.pk}")
    assert "Courrier à envoyer (Demande de solde) : à envoyer, fait le 4 septembre 2023." in page
    today(date(2023, 9, 8))
    sending.send(instructor, letter, REGISTERED, date(2023, 9, 8))
    found = Dossier.objects.get()
    # from 8 September to 4 October included
    assert (found.deadline, found.resumes) == (date(2023, 10, 15), date(2023, 10, 5))
    today(date(2023, 10, 4))
    other = decided_again(instructor, validator)
    today(date(2023, 11, 30))
    with refused("DELAI"):
        sending.send(instructor, other, REGISTERED, date(2023, 11, 30))


def decided_again(instructor: Account, validator: Account) -> Letter:
    dossier = received(instructor, "solde-capture-absente")
    draft = acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE)
    return letter_of(acts.sign(validator, draft))


def test_days_are_those_of_facts_that_have_happened(
    people: People, instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    letter = decided(instructor, validator)
    for wrong in (DAY + timedelta(1), letter.on - timedelta(1)):
        with refused("DATE"):
            sending.send(instructor, letter, REGISTERED, wrong)
    with refused("VOIE"):
        sending.send(instructor, letter, "pigeon", DAY)
    with refused("DROIT"):
        sending.send(validator, letter, REGISTERED, DAY)
    sent = sending.send(instructor, letter, REGISTERED, DAY)
    with refused("DATE"):
        sending.deliver(instructor, sent, DAY - timedelta(1), "Avis")
    with refused("CAUSE"):
        sending.come_back(instructor, sent, DAY, "perdu")


def test_texts_that_are_not_validated_do_not_leave(
    instructor: Account, validator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = decided(instructor, validator)
    monkeypatch.setattr(settings, "UNCONFIRMED_LETTERS", False)
    if not letter.confirmed:
        with refused("A-CONFIRMER"):
            sending.send(instructor, letter, REGISTERED, DAY)


def test_nothing_that_is_kept_changes(instructor: Account, validator: Account) -> None:
    sent = sending.send(instructor, decided(instructor, validator), REGISTERED, DAY)
    sending.deliver(instructor, sent, DAY, "Avis")
    for statement in (
        """UPDATE records_sending SET "on" = '2020-01-01'""",
        "DELETE FROM records_sending",
        """UPDATE records_sendingevent SET "on" = '2020-01-01'""",
        "DELETE FROM records_sendingevent",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# --- the outbox -------------------------------------------------------------------------------------------------------


def test_a_sending_is_written_whole_and_once(
    instructor: Account, validator: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = tmp_path / "depart"
    monkeypatch.setattr(settings, "OUTBOX", str(outbox))
    letter = decided(instructor, validator)
    sent = sending.send(instructor, letter, REGISTERED, DAY)
    assert sending.deposit_all() == 1
    name = sending.name_of(sent)
    assert sorted(one.name for one in outbox.iterdir()) == [f"{name}.json", f"{name}.pdf"]
    pdf = (outbox / f"{name}.pdf").read_bytes()
    assert hashlib.sha256(pdf).hexdigest() == letter.sha256
    slip = json.loads((outbox / f"{name}.json").read_bytes())
    assert (slip["envoi"], slip["rang"], slip["voie"], slip["fichier"]) == (sent.pk, 1, "recommande", f"{name}.pdf")
    assert (slip["acte"], slip["sha256"], slip["taille"]) == (letter.act_id, letter.sha256, len(pdf))
    # whatever delivers takes the files away: they do not come back
    for one in outbox.iterdir():
        one.unlink()
    assert sending.deposit_all() == 0
    assert list(outbox.iterdir()) == []
    assert [one.kind for one in sent.events.all()] == [SendingEvent.Kind.DEPOSITED]
    # a person carries this one
    sending.send(instructor, letter, HAND, DAY, "Remis au guichet")
    assert sending.deposit_all() == 0


def test_an_outbox_that_cannot_be_written_is_tried_again(
    instructor: Account, validator: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "fichier"
    there.write_text("pas un répertoire")
    monkeypatch.setattr(settings, "OUTBOX", str(there))
    sent = sending.send(instructor, decided(instructor, validator), REGISTERED, DAY)
    assert sending.deposit_all() == 0
    assert not sent.events.exists()
    there.unlink()
    assert sending.deposit_all() == 1
    assert not [one for one in there.iterdir() if one.name.startswith(".")]


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_person_sends_records_a_return_sends_again_and_proves_the_delivery(
    people: People, instructor: Account, validator: Account
) -> None:
    letter = decided(instructor, validator)
    dossier = letter.dossier
    client, address = browser(instructor), f"/courriers/{letter.pk}"
    assert "Ce courrier n'est pas encore parti." in read(client, address)
    assert "L'envoyer" not in read(browser(people("aude", Role.AUDITOR)), address)
    assert get(browser(people("ailleurs", Role.INSTRUCTOR, programme="autre")), address).status_code == 404
    day = DAY.isoformat()
    post(client, f"{address}/envoyer", voie="lettre", le=day)
    (sent,) = Sending.objects.all()
    assert f"/courriers/{letter.pk}" in get(client, "/?onglet=courriers").content.decode()
    assert "Remise non prouvée, envoyé le 4 septembre 2023" in read(client, "/?onglet=courriers")
    assert "1 courrier, au plus tôt d'abord" in read(client, "/?onglet=courriers")
    assert "Courrier" not in re.sub("Courriers", "", read(client, "/?onglet=echeances"))
    post(client, f"/envois/{sent.pk}/revenu", cause="npai", le=day, precision="Déménagé")
    assert "Revenu le 4 septembre 2023" in read(client, "/?onglet=courriers")
    post(client, f"{address}/envoyer", voie="recommande", le=day)
    assert Sending.objects.count() == 1
    post(client, f"{address}/envoyer", voie="recommande", le=day, motif="Nouvelle adresse")
    again = Sending.objects.get(rank=2)
    proof = SimpleUploadedFile("avis.pdf", files.plain(), "application/pdf")
    post(client, f"/envois/{again.pk}/remis", le=day, preuve="Avis signé", piece=proof)
    event = again.events.get()
    assert event.proof is not None
    assert (event.proof.name, event.proof.dossier) == ("avis.pdf", dossier)
    page = read(client, address)
    assert "Revenu à l'agence le 4 septembre 2023 : n'habite pas à l'adresse indiquée (Déménagé)" in page
    assert "De nouveau : Nouvelle adresse" in page
    assert "avis.pdf" in page
    assert "Aucun courrier n'attend." in read(client, "/?onglet=courriers")
    history = read(client, f"/dossiers/{dossier.pk}/historique")
    assert f"Courrier de l'acte n° {letter.act_id} remis le 4 septembre 2023. Avis signé" in history


def test_a_form_that_says_no_day_is_refused(instructor: Account, validator: Account) -> None:
    letter = decided(instructor, validator)
    post(browser(instructor), f"/courriers/{letter.pk}/envoyer", voie="lettre", le="")
    assert "Dites quel jour." in read(browser(instructor), f"/courriers/{letter.pk}") or not Sending.objects.exists()
    assert not Sending.objects.exists()
