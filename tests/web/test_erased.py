"""Dossiers whose contents a purge erased: nothing of them is left to read, all that was counted and sealed stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import override_settings
from django.utils import timezone
from tests.web.conftest import DAY, PROGRAMME, People, fixture
from tests.web.files import plain
from tests.web.test_batches import other_pack
from tests.web.test_exports import content, lines, made
from tests.web.test_pages import browser, get, post
from tests.web.test_spine import refused

import recevable
from recevable_web import packs
from recevable_web.actions import (
    acts,
    batches,
    dossiers,
    entry,
    exports,
    imports,
    pieces,
    purge,
    register,
    selection,
    statistics,
)
from recevable_web.jobs import worker
from recevable_web.records.models import (
    Account,
    Act,
    Batch,
    Dossier,
    DossierVersion,
    Draft,
    Entry,
    Evaluation,
    EvaluationRequest,
    Import,
    ImportLine,
    Role,
    SearchText,
    State,
    Verdict,
)

pytestmark = pytest.mark.both_databases

NAME = "solde-cinq-defauts"


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


@pytest.fixture
def administrator(people: People) -> Account:
    return people("adam", Role.ADMINISTRATOR)


@pytest.fixture
def decided(instructor: Account, validator: Account) -> Dossier:
    """A dossier that is decided as a whole, after a first version that was completed."""
    dossier = dossiers.receive(instructor, PROGRAMME, fixture(NAME), NAME)
    answer = dossiers.composed(dossiers.latest(dossier))
    answer["operateur"]["contact"]["telephone"] = "01 99 00 10 21"
    dossiers.supplement(instructor, dossier, dossier.version, json.dumps(answer).encode(), "suite.json")
    dossier.refresh_from_db()
    draft = acts.prepare(
        instructor, dossier, dossier.version, "solde", Verdict.REJECT, reason="Pièce fausse.", source="AF §7"
    )
    acts.sign(validator, draft)
    found = Dossier.objects.get()
    assert found.state == State.DECIDED
    return found


def erased(administrator: Account) -> Act:
    with override_settings(RETENTION=dict.fromkeys(purge.TABLES, 0)):
        return purge.purge(administrator, "dossiers", "Dix ans après la clôture.")


@contextmanager
def kept() -> Iterator[None]:
    """A change that the database refuses."""
    with pytest.raises((DatabaseError, IntegrityError), match=r"append-only|final"), transaction.atomic():
        yield


def everything() -> str:
    """All that the tables of dossiers hold, as text."""
    tables = ("dossier", "dossierversion", "evaluation", "searchtext")
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM records_{table}")
            for row in cursor.fetchall():
                found += [bytes(one) if isinstance(one, memoryview | bytes) else str(one).encode() for one in row]
    return b" ".join(found).decode("utf-8", "replace").casefold()


def test_nothing_of_what_a_dossier_held_is_left_and_the_chain_verifies(
    decided: Dossier, administrator: Account
) -> None:
    name, siret = decided.applicant.casefold(), decided.siret
    assert name in everything()
    assert siret in everything()
    before = (
        dict(DossierVersion.objects.values_list("pk", "sha256")),
        dict(Evaluation.objects.values_list("pk", "sha256")),
    )
    requests = list(EvaluationRequest.objects.order_by("pk").values())
    act = erased(administrator)
    assert name not in everything()
    assert siret not in everything()
    for version in DossierVersion.objects.all():
        assert (bytes(version.payload), bytes(version.overlay), bytes(version.composed)) == (b"", b"", b"")
    assert {bytes(one) for one in Evaluation.objects.values_list("decision_gz", flat=True)} == {b""}
    assert not SearchText.objects.exists()
    # what sealed them stays, and what was answered
    after = (
        dict(DossierVersion.objects.values_list("pk", "sha256")),
        dict(Evaluation.objects.values_list("pk", "sha256")),
    )
    assert len(before[0]) == 2
    assert after == before
    assert list(EvaluationRequest.objects.order_by("pk").values()) == requests
    found = recevable.ledger.verify(register.export(), act.digest)
    assert (found.faults, found.acts) == ((), 2)
    said = json.loads(bytes(act.content.content))
    assert (said["table"], said["nombre"], said["references"]) == ("dossiers", 1, [decided.reference])
    with refused("RIEN"):
        erased(administrator)


def test_what_was_typed_of_an_erased_dossier_goes_with_it(
    decided: Dossier, administrator: Account, instructor: Account
) -> None:
    begun = [entry.start(instructor, PROGRAMME, f"Courrier {rank}", "courrier", DAY) for rank in range(2)]
    for one in begun:
        entry.save(instructor, one, one.version, {"operateur.raison_sociale": decided.applicant}, ["operateur"])
    Entry.objects.filter(pk=begun[0].pk).update(dossier=decided)
    erased(administrator)
    received, going = Entry.objects.order_by("pk")
    assert (received.values, received.title) == ({}, "")
    assert (going.values, going.title) == ({"operateur.raison_sociale": decided.applicant}, "Courrier 1")


def test_what_an_import_says_of_an_erased_dossier_goes_with_it(decided: Dossier, administrator: Account) -> None:
    of = Import.objects.create(programme=PROGRAMME, format="json", account=administrator)
    said = [{"lieu": "", "message": decided.applicant, "aide": ""}]
    line = ImportLine.objects.create(
        imported=of, rank=1, name="dupont.json", outcome="recu", dossier=decided, remarks=said
    )
    erased(administrator)
    line.refresh_from_db()
    assert (line.name, line.remarks, line.dossier_id) == ("", [], decided.pk)


def test_refused_imports_and_entries_without_a_sequel_are_emptied_by_an_act(
    administrator: Account, instructor: Account
) -> None:
    taken = imports.take(instructor, PROGRAMME, [("dupont.json", BytesIO(b'{"nom": "Dupont"}'))])
    abandoned, left, mine = (entry.start(instructor, PROGRAMME, f"Mme {n}", "courrier", DAY) for n in range(3))
    # as one was before it was erased at once
    Entry.objects.filter(pk=abandoned.pk).update(abandoned=True)
    foreign = Entry.objects.create(
        programme="prime-velo", account=instructor, title="Mme V", channel="courrier", received_on=DAY
    )
    Entry.objects.filter(pk=mine.pk).update(saved_at=timezone.now() + timedelta(days=1))
    with refused("RIEN"):
        purge.purge(administrator, "imports", "Un an.")
    with override_settings(RETENTION=dict.fromkeys(purge.TABLES, 0)):
        for table, number in (("imports", 1), ("saisies", 2)):
            act = purge.purge(administrator, table, "Un an.")
            assert json.loads(bytes(act.content.content))["nombre"] == number
            with refused("RIEN"):
                purge.purge(administrator, table, "Encore.")
    line = taken.lines.get()
    assert (line.name, line.faults, line.remarks, line.outcome) == ("", [], [], "refuse")
    assert "Nom effacé" in get(browser(instructor), f"/imports/{taken.pk}").content.decode()
    found = {one.pk: (one.title, one.abandoned) for one in Entry.objects.all()}
    assert found == {
        abandoned.pk: ("", True), left.pk: ("", True), mine.pk: ("Mme 2", False), foreign.pk: ("Mme V", False),
    }  # fmt: skip
    assert recevable.ledger.verify(register.export(), act.digest).faults == ()


def test_a_dossier_that_waits_for_anybody_keeps_its_contents(instructor: Account, administrator: Account) -> None:
    dossiers.receive(instructor, PROGRAMME, fixture(NAME), NAME)
    with refused("RIEN"):
        erased(administrator)
    assert bytes(DossierVersion.objects.get().composed)


def test_contents_go_by_no_other_way_than_their_purge(
    decided: Dossier, administrator: Account, instructor: Account
) -> None:
    evaluation = Evaluation.objects.order_by("pk")[0]
    empty: dict[str, Any] = {"payload": b"", "overlay": b"", "composed": b""}
    with kept():
        DossierVersion.objects.update(**empty)
    with kept():
        Evaluation.objects.update(decision_gz=b"")
    with override_settings(RETENTION=dict.fromkeys(purge.TABLES, 0)):
        other = purge.purge(administrator, "actes", "Dix ans.")
    # a purge of something else is not enough
    with kept():
        Dossier.objects.update(erased=other.rank)
    act = erased(administrator)
    for changed in ({"payload": b"{}"}, {**empty, "composed": b"x"}, {"sha256": "0"}, {"origin": "x"}):
        with kept():
            DossierVersion.objects.update(**changed)
    for other_change in ({"decision_gz": b"x"}, {"sha256": "0"}):
        with kept():
            Evaluation.objects.filter(pk=evaluation.pk).update(**other_change)
    with kept():
        Dossier.objects.update(erased=None)
    with kept():
        DossierVersion.objects.all()._raw_delete("default")
    decided.refresh_from_db()
    assert decided.erased_id == act.rank


def test_only_whole_contents_go(decided: Dossier, administrator: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dossier that names its purge may not keep a part of what it held."""
    monkeypatch.setattr(DossierVersion.objects, "filter", lambda **_: DossierVersion.objects.none())
    erased(administrator)
    monkeypatch.undo()
    with kept():
        DossierVersion.objects.update(payload=b"")
    with pytest.raises(CommandError, match="2 défauts"):
        call_command("verifier", stdout=StringIO(), stderr=StringIO())


def test_an_erased_dossier_is_read_no_more_and_refuses_every_act(
    decided: Dossier, administrator: Account, instructor: Account, validator: Account
) -> None:
    client = browser(instructor)
    address = f"/dossiers/{decided.pk}"
    name = decided.applicant
    evaluation, draft = Evaluation.objects.order_by("-pk")[0], Draft.objects.get()
    # a process that has shown it remembers what it showed
    assert "Facture" in get(client, address).content.decode()
    act = erased(administrator)
    decided.refresh_from_db()
    page = get(client, address).content.decode()
    assert f"acte n° {act.rank} du registre" in page
    assert "Facture" not in page
    assert "ne se comparent plus" in get(client, f"{address}/versions?de=1&a=2").content.decode()
    for place in ("", "/versions", "/historique", "/notes", "/pieces", "/courriers", "/paiements", "/procedures"):
        shown = get(client, f"{address}{place}")
        assert shown.status_code == 200, place
        assert name not in shown.content.decode(), place
    for place in (f"{address}/controles/solde", f"{address}/questions/APP-DOUBLON"):
        assert get(client, place).status_code == 404
    for place in (f"{address}/faits", f"/projets/{draft.pk}"):
        assert get(client, place).status_code == 302
    assert post(client, f"{address}/recalculer", evaluation=evaluation.pk).status_code == 404
    for tab in ("decides", "recouvrement"):
        assert get(client, f"/?onglet={tab}").status_code == 200
    seen = decided.version
    with refused("EFFACE"):
        acts.prepare(instructor, decided, seen, "solde", Verdict.COMPLETE)
    with refused("EFFACE"):
        dossiers.supplement(instructor, decided, seen, fixture(NAME), NAME)
    with refused("EFFACE"):
        pieces.attach(instructor, decided, pieces.ELSEWHERE, "f.pdf", plain())
    with refused("EFFACE"), transaction.atomic():
        dossiers.moved(decided)
    assert selection.found_by_words(instructor, [PROGRAMME], selection.Selection(), ["hospitalier"])[0] == []


def test_what_an_erased_dossier_counted_for_stays(
    decided: Dossier, administrator: Account, instructor: Account
) -> None:
    counted = statistics.totals(PROGRAMME)
    erased(administrator)
    assert statistics.totals(PROGRAMME) == counted == statistics.recounted(PROGRAMME)
    statistics.merge()
    assert statistics.totals(PROGRAMME) == counted
    statistics.recount(administrator, PROGRAMME)
    assert statistics.totals(PROGRAMME) == counted
    dossiers.receive(instructor, PROGRAMME, fixture("appreciation-doublon"), "autre")
    assert statistics.totals(PROGRAMME) == statistics.recounted(PROGRAMME) != counted


def test_batches_and_exports_pass_over_what_is_erased(
    decided: Dossier, administrator: Account, instructor: Account
) -> None:
    erased(administrator)
    dossiers.receive(instructor, PROGRAMME, fixture("avance-acheteur-complete"), "autre")
    batch = batches.ask(instructor, PROGRAMME, DAY, pack=other_pack())
    worker.until_idle()
    batch.refresh_from_db()
    assert batch.state == Batch.State.DONE
    assert batches.progress([batch])[batch.pk][:2] == (1, 1)
    assert not batch.results.exclude(failure="").exists()
    columns = [one.name for one in exports.columns(PROGRAMME)]
    fields = tuple(name for name in columns if "siret" in name)[:1]
    assert fields
    table = lines(content(instructor, made(instructor, exports.CSV, ("dossier_reference", "verdict_signe", *fields))))
    told = [one[1:] for one in table if one[0] == decided.reference]
    assert ["Rejeter", ""] in told
    assert {one[-1] for one in told} == {""}
    whole = content(instructor, made(instructor, exports.NDJSON)).splitlines()
    assert len(whole) == 1


def test_the_accounts_of_payments_that_nobody_signed_are_masked(
    decided: Dossier, administrator: Account, instructor: Account
) -> None:
    iban = "FR7630006000011234567890189"
    draft = Draft.objects.create(
        kind=Draft.Kind.PAYMENT, dossier=decided, request="solde", status=Draft.Status.RETURNED, prepared_by=instructor,
        content={"iban": iban, "centimes": 1},
    )  # fmt: skip
    with kept():
        Draft.objects.filter(pk=draft.pk).update(content={"iban": "FR76…189", "centimes": 1})
    erased(administrator)
    draft.refresh_from_db()
    assert draft.content == {"iban": "FR76…189", "centimes": 1}
    with kept():
        Draft.objects.filter(pk=draft.pk).update(content={"iban": "FR76…189", "centimes": 2})


def test_the_command_verifies_what_is_left(decided: Dossier, administrator: Account) -> None:
    erased(administrator)
    said = StringIO()
    call_command("verifier", recalculer=True, stdout=said, stderr=said)
    text = said.getvalue()
    assert "Versions de dossiers : 2, dont effacées par une purge : 2." in text
    assert "Tout est entier." in text


def test_the_time_of_a_dossier_begins_with_the_last_thing_that_happened(decided: Dossier) -> None:
    def due(days: int) -> int:
        return purge.due("dossiers", [PROGRAMME], timezone.now() + timedelta(days=days)).count()

    assert (due(1), due(-1)) == (1, 0)
    assert purge.due("dossiers", ["prime-velo"], timezone.now() + timedelta(days=1)).count() == 0
    assert packs.in_force(PROGRAMME, DAY) is not None
