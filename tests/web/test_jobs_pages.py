"""The pages of exports, re-evaluations, statistics and rules: who opens them, what they say, what they cost."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web import small_pack
from tests.web.conftest import DAY, PROGRAMME, People, fixture
from tests.web.test_batches import other_pack
from tests.web.test_pages import browser, get, post

from recevable_web import packs
from recevable_web.actions import acts, batches, dossiers, exports
from recevable_web.jobs import worker
from recevable_web.records.models import (
    Account,
    Batch,
    BatchResult,
    Dossier,
    Export,
    Grant,
    PackSubmission,
    PackVersion,
    Publication,
    Role,
    Verdict,
)

COMPLETE = "avance-acheteur-complete"
DEFECTIVE = "solde-cinq-defauts"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def received(actor: Account, *names: str) -> list[Dossier]:
    return [dossiers.receive(actor, PROGRAMME, fixture(name), name) for name in names]


def text(response: Any) -> str:
    found: str = response.content.decode()
    return found


# --- exports ----------------------------------------------------------------------------------------------------------


def test_an_export_is_asked_followed_and_downloaded(instructor: Account) -> None:
    received(instructor, COMPLETE)
    client = browser(instructor)
    assert "Vous n'avez pas d'export" in text(get(client, "/exports"))
    done = post(client, "/exports", programme=PROGRAMME, format="csv", colonnes=["dossier_reference", "demande"])
    assert done.status_code == 302
    assert "Annuler" in text(get(client, "/exports"))
    worker.until_idle()
    export = Export.objects.get()
    page = text(get(client, "/exports"))
    assert export.sha256 in page
    assert f"/exports/{export.pk}/fichier" in page
    file = get(client, f"/exports/{export.pk}/fichier")
    content = b"".join(file.streaming_content)
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file["Content-Disposition"] == f'attachment; filename="export-{export.pk}.csv"'
    assert int(file["Content-Length"]) == len(content)
    digest = hashlib.sha256(content)
    assert digest.hexdigest() == export.sha256
    assert file["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert post(client, f"/exports/{export.pk}/effacer").status_code == 302
    assert get(client, f"/exports/{export.pk}/fichier").status_code == 404


def test_an_export_of_somebody_else_does_not_exist(people: People, instructor: Account) -> None:
    received(instructor, COMPLETE)
    export = exports.ask(instructor, PROGRAMME, "csv")
    worker.until_idle()
    for other in (people("ivan", Role.INSTRUCTOR), people("aude", Role.AUDITOR), people("ailleurs")):
        client = browser(other)
        assert get(client, f"/exports/{export.pk}/fichier").status_code == 404
        for verb in ("annuler", "effacer"):
            assert post(client, f"/exports/{export.pk}/{verb}").status_code == 404
    assert Export.objects.get().size > 0


def test_an_expired_export_says_so(instructor: Account) -> None:
    export = exports.ask(instructor, PROGRAMME, "csv")
    worker.until_idle()
    client = browser(instructor)
    export.refresh_from_db()
    assert export.finished_at is not None
    Export.objects.update(expires_at=export.finished_at)
    found = get(client, f"/exports/{export.pk}/fichier")
    assert found.status_code == 410
    assert "demandez-en un nouveau" in text(found)
    assert "Expiré le" in text(get(client, "/exports"))


def test_an_export_that_is_not_ready_says_so(instructor: Account) -> None:
    export = exports.ask(instructor, PROGRAMME, "csv")
    client = browser(instructor)
    assert get(client, f"/exports/{export.pk}/fichier").status_code == 409
    assert post(client, f"/exports/{export.pk}/annuler").status_code == 302
    assert "Annulé" in text(get(client, "/exports"))


def test_a_wrong_export_keeps_what_was_chosen(instructor: Account) -> None:
    found = post(browser(instructor), "/exports", programme=PROGRAMME, format="exe", colonnes=["demande"])
    assert "Choisissez un format de la liste." in text(found)
    assert 'value="demande" checked' in text(found)
    assert not Export.objects.exists()
    assert post(browser(instructor), "/exports", programme="prime-velo", format="csv").status_code == 404


# --- re-evaluations ---------------------------------------------------------------------------------------------------


def test_a_re_evaluation_is_started_followed_and_read(instructor: Account, validator: Account) -> None:
    complete, _ = received(instructor, COMPLETE, DEFECTIVE)
    acts.sign(validator, acts.prepare(instructor, complete, complete.version, "avance", Verdict.ACCEPT))
    worker.upkeep()
    worker.until_idle()
    packs.publish(other_pack(), DAY)
    client = browser(instructor)
    done = post(client, "/reevaluations", programme=PROGRAMME, jour="")
    batch = Batch.objects.latest("pk")
    assert done["Location"] == f"/reevaluations/{batch.pk}"
    assert "Annuler la réévaluation" in text(get(client, f"/reevaluations/{batch.pk}"))
    worker.until_idle()
    page = text(get(client, f"/reevaluations/{batch.pk}"))
    assert "2 dossiers évalués sur 2" in page
    assert "SOL-FACTURE" in page
    assert "compléter" in page
    assert "rejeter" in page
    assert "Aucun dossier dans cette liste." in text(get(client, f"/reevaluations/{batch.pk}?liste=decides"))
    assert "Demandée" in text(get(client, "/reevaluations"))


def test_who_reads_no_dossier_sees_figures_and_no_dossier(people: People, instructor: Account) -> None:
    received(instructor, DEFECTIVE)
    worker.upkeep()
    worker.until_idle()
    packs.publish(other_pack(), DAY)
    (batch,) = batches.due(DAY)
    worker.until_idle()
    page = text(get(browser(people("paule", Role.PUBLISHER)), f"/reevaluations/{batch.pk}"))
    assert "rejeter" in page
    assert Dossier.objects.get().reference not in page
    assert "Dossier par dossier" not in page
    assert (
        get(browser(people("ailleurs", Role.PUBLISHER, programme="x")), f"/reevaluations/{batch.pk}").status_code == 404
    )
    aude = browser(people("aude", Role.AUDITOR))
    assert "Évaluer tous les dossiers" not in text(get(aude, "/reevaluations"))


def test_a_re_evaluation_is_cancelled_by_a_form(instructor: Account) -> None:
    received(instructor, COMPLETE)
    batch = batches.ask(instructor, PROGRAMME, DAY)
    client = browser(instructor)
    assert get(client, f"/reevaluations/{batch.pk}/annuler").status_code == 405
    post(client, f"/reevaluations/{batch.pk}/annuler")
    assert "Annulée par Ines." in text(get(client, f"/reevaluations/{batch.pk}"))
    assert "n&#x27;est pas une date" in text(post(client, "/reevaluations", programme=PROGRAMME, jour="hier"))


# --- statistics -------------------------------------------------------------------------------------------------------


def test_statistics_tell_what_happened_and_name_nobody(instructor: Account, validator: Account) -> None:
    complete, _ = received(instructor, COMPLETE, DEFECTIVE)
    acts.sign(validator, acts.prepare(instructor, complete, complete.version, "avance", Verdict.ACCEPT))
    page = text(get(browser(instructor), "/statistiques"))
    assert "2 dossiers reçus" in page
    assert "Facture acquittée correspondant au bon de commande" in page
    assert "8 000,00 €" in page.replace("\u202f", " ").replace("\xa0", " ")
    assert "Ines" not in page.partition("<main")[2]
    assert "Victor" not in page
    csv = get(browser(instructor), "/statistiques.csv")
    lines = csv.content.decode("utf-8-sig").splitlines()
    assert any(line.startswith('"Dossiers reçus";') and ";2;" in line for line in lines)
    assert csv["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("query", ["de=hier", "de=2023-13", "a=9999-99", "de=2023-09&a=2023-01"])
def test_a_strange_period_is_no_error(instructor: Account, query: str) -> None:
    received(instructor, COMPLETE)
    client = browser(instructor)
    for address in ("/statistiques", "/statistiques.csv"):
        assert get(client, f"{address}?{query}").status_code == 200


def test_statistics_of_another_programme_do_not_exist(people: People, instructor: Account) -> None:
    for address in ("/statistiques", "/statistiques.csv"):
        assert get(browser(instructor), f"{address}?programme=prime-velo").status_code == 404
        for role in (Role.ADMINISTRATOR, Role.DRAFTER, Role.PUBLISHER):
            assert get(browser(people(role.value, role)), address).status_code == 404


# --- rules ------------------------------------------------------------------------------------------------------------


def submitted(client: Any, content: bytes, **form: str) -> Any:
    file = SimpleUploadedFile("paquet.zip", content, "application/zip")
    given = {
        "programme": small_pack.PROGRAMME,
        "nom": HOSTILE,
        "motif": "La délibération.",
        "a_partir_du": "2023-09-04",
    }
    return client.post("/regles/deposer", {**given, **form, "archive": file}, secure=True)


def test_rules_are_proposed_checked_compared_tried_and_approved(people: People) -> None:
    drafter = people("remi", Role.DRAFTER, programme=small_pack.PROGRAMME)
    publisher = people("paule", Role.PUBLISHER, programme=small_pack.PROGRAMME)
    mine, theirs = browser(drafter), browser(publisher)
    assert "Aucune règle n'est en vigueur" in text(get(mine, "/regles"))
    place = submitted(mine, small_pack.archive(small_pack.files()))["Location"]
    assert "Les contrôles sont en cours." in text(get(mine, place))
    worker.until_idle()
    page = text(get(mine, place))
    assert "4 essais joués" in page
    assert "Une autre personne, publieur de règles, doit approuver." in page
    assert HOSTILE not in page
    assert "Approuver et publier" in text(get(theirs, place))
    post(theirs, f"{place}/approuver", a_partir_du="2023-09-04")
    assert "Approuvée" in text(get(mine, place))
    page = text(get(theirs, "/regles"))
    assert "Prime communale" in page
    assert "2 règles, 1 paramètres" in page
    # another version, that moves a rule
    stricter = small_pack.replaced("consequence: completer", "consequence: rejeter")
    place = submitted(mine, small_pack.archive(stricter), nom="2024-2")["Location"]
    worker.until_idle()
    page = text(get(theirs, place))
    assert "<code>si_absente.consequence</code>" in page
    trial = post(theirs, f"{place}/essayer")
    batch = Batch.objects.get(kind=Batch.Kind.TRIAL)
    assert trial["Location"] == f"/reevaluations/{batch.pk}"
    versions = list(PackVersion.objects.filter(programme=small_pack.PROGRAMME).order_by("pk"))
    address = f"/regles/comparer?de={versions[1].pk}&a={versions[0].pk}"
    assert "pas encore été comparées" in text(get(theirs, address))
    post(theirs, "/regles/comparer", de=versions[1].pk, a=versions[0].pk)
    assert "se prépare" in text(get(theirs, address))
    worker.until_idle()
    assert "<q>rejeter</q> devient <q>completer</q>" in text(get(theirs, address))
    post(mine, f"{place}/ecarter", motif="Erreur.")
    assert "Écartée parce que : Erreur." in text(get(theirs, place))


def test_a_proposal_that_fails_shows_its_faults(people: People) -> None:
    client = browser(people("remi", Role.DRAFTER, programme=small_pack.PROGRAMME))
    wrong = small_pack.replaced("consequence: completer", "consequence: completter")
    place = submitted(client, small_pack.archive(wrong))["Location"]
    worker.until_idle()
    page = text(get(client, place))
    assert "regles/prime.yaml:" in page
    assert "completter" in page


def test_a_bad_archive_or_form_is_told(people: People) -> None:
    client = browser(people("remi", Role.DRAFTER, programme=small_pack.PROGRAMME))
    good = small_pack.archive(small_pack.files())
    for content, form, said in (
        (b"rien", {}, "archive ZIP lisible"),
        (good, {"motif": ""}, "pourquoi les règles changent"),
        (good, {"a_partir_du": "demain"}, "n&#x27;est pas une date"),
        (good, {"a_partir_du": "2023-09-03"}, "dans le passé"),
        (good, {"programme": PROGRAMME}, "rédacteur de règles"),
    ):
        submitted(client, content, **form)
        assert said in text(get(client, "/regles"))
    post(client, "/regles/deposer", programme=small_pack.PROGRAMME)
    assert "Choisissez l&#x27;archive" in text(get(client, "/regles"))
    assert not PackSubmission.objects.exists()


def test_rules_of_another_programme_do_not_exist(people: People) -> None:
    client = browser(people("remi", Role.DRAFTER, programme=small_pack.PROGRAMME))
    place = submitted(client, small_pack.archive(small_pack.files()))["Location"]
    other = browser(people("autre", Role.PUBLISHER))
    assert get(other, place).status_code == 404
    for verb in ("approuver", "ecarter", "essayer"):
        assert post(other, f"{place}/{verb}").status_code == 404
    assert get(other, "/regles?programme=prime-velo").status_code == 404
    pack = packs.in_force(PROGRAMME, DAY)
    assert pack is not None
    assert get(client, f"/regles/comparer?de={pack.pk}&a={pack.pk}").status_code == 404
    assert get(browser(people("personne")), "/regles").status_code == 404


def test_the_rules_in_force_say_who_published_them(people: People, instructor: Account) -> None:
    packs.publish(other_pack(), DAY + timedelta(days=3), people("paule", Role.PUBLISHER))
    page = text(get(browser(instructor), "/regles"))
    assert "(à venir)" in page
    assert "7 septembre 2023" in page
    assert "Paule" in page
    assert Publication.objects.count() == 2


# --- what the pages cost ----------------------------------------------------------------------------------------------


def test_a_page_asks_eight_questions_at_most_however_many_rows(
    people: People, instructor: Account, validator: Account
) -> None:
    (dossier,) = received(instructor, DEFECTIVE)
    Grant.objects.create(account=instructor, role=Role.DRAFTER, programme=PROGRAMME, starts=date(2020, 1, 1))
    for rank in range(30):
        batch = batches.start(Batch.Kind.ASKED, other_pack(), DAY, f"{rank}", instructor)
        Export.objects.create(
            account=instructor, programme=PROGRAMME, format="csv", choices={"colonnes": [], "etats": []}
        )
        PackSubmission.objects.create(
            programme=PROGRAMME,
            label=f"{rank}",
            reason="x",
            in_force_from=DAY,
            submitted_by=instructor,
            sha256="0" * 64,
        )
        packs.publish(other_pack(), DAY, validator)
    BatchResult.objects.bulk_create(
        BatchResult(batch=batch, dossier=dossier, request=f"r{rank}", before="completer", after="rejeter")
        for rank in range(60)
    )
    client = browser(instructor)
    addresses = (
        "/exports", "/reevaluations", f"/reevaluations/{batch.pk}", "/statistiques", "/statistiques.csv", "/regles",
        f"/regles/propositions/{PackSubmission.objects.latest('pk').pk}",
    )  # fmt: skip
    for address in addresses:
        get(client, address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert get(client, address).status_code == 200
        assert len(asked) <= 8, (address, [one["sql"][:90] for one in asked])
