"""The pages of a dossier on both databases: the words of the engine, what changed, who prepares and who signs."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.web import files
from tests.web.conftest import DAY, PROGRAMME, People, fixture
from tests.web.test_pages import browser, get, post
from tests.web.test_spine import received, refused, version_of

import recevable
from recevable_web import packs
from recevable_web.actions import acts, appraisals, dossiers, notes, pieces, versions
from recevable_web.records.models import (
    Access,
    Account,
    Act,
    Dossier,
    DossierVersion,
    Draft,
    Evaluation,
    Event,
    Grant,
    Note,
    Role,
    State,
    Verdict,
)

KNOWN = "solde-cinq-defauts"
QUESTION = "avance-meme-siren"
VELO = Path(__file__).parents[1] / "second_programme" / "prime-velo"
INVOICE = "solde.pieces.facture_acquittee"


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def read(client: Client, address: str) -> str:
    """The text of a page, as a person reads it."""
    found = get(client, address)
    assert found.status_code == 200, address
    return plain(found.content.decode())


def plain(page: str) -> str:
    shown = re.sub(r"<[^>]+>", " ", page)
    return re.sub(r"\s+", " ", html.unescape(shown))


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


# --- the words of the engine ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [KNOWN, QUESTION, "recouvrement-declaration-erronee", "recouvrement-periode-lecture-large", "avance-guyane"]
)
def test_a_page_says_what_the_report_says(instructor: Account, name: str) -> None:
    """Every message, action, question, amount and heading of the report, and nothing is told by an identifier alone."""
    dossier = received(instructor, name)
    page = read(browser(instructor), f"/dossiers/{dossier.pk}")
    version = dossiers.latest(dossier)
    decision = dossiers.decided(version, versions.in_force(version), DAY)
    sections = recevable.sections
    assert words(sections.in_force(decision)) in page
    for one in decision.requests:
        said = [one.title, sections.counts(one), sections.settled(one), sections.payable(one) if one.payable else ""]
        for section in sections.against(one):
            said += [section.heading, section.note, *(point.message for point in section.points)]
        repairs = sections.repairs(one, decision.parties)
        if repairs is not None:
            said += [repairs.note, *(repairs.heading for _ in repairs.asked)]
            said += [f"Demander {asked.party} :" for asked in repairs.asked]
            said += [action.text for asked in repairs.asked for action in asked.actions]
        warnings = sections.warnings(one.findings)
        said += [point.message for point in warnings.points] if warnings is not None else []
        heading, amounts = sections.amounts(one)
        said += [heading, *(line.title for line in amounts)] if amounts else []
        said += [finding.title for finding in one.findings]
        said += [default.reason for default in one.defaults]
        assert [text for text in said if words(text) not in page] == []
    for line in decision.appraisals:
        assert words(line.question) in page
        assert words(sections.state(line)) in page
    for case in decision.recovery:
        assert words(case.title) in page
        assert words(sections.step(case)) in page


def test_why_gives_the_tests_in_words_the_values_and_the_text(instructor: Account) -> None:
    dossier = received(instructor)
    page = read(browser(instructor), f"/dossiers/{dossier.pk}")
    assert "Ce que la règle vérifie : « Capture d'écran du test technique » est fourni." in page
    assert "AF §6.2 · SOL-NUMERO" in page
    assert "Voir ce qui est joint à cet endroit" in page
    link = f"/dossiers/{dossier.pk}/pieces?place=solde.pieces.capture_test"
    assert link in get(browser(instructor), f"/dossiers/{dossier.pk}").content.decode()


def test_every_rule_shows_its_tests_and_what_it_read(instructor: Account) -> None:
    dossier = received(instructor)
    page = read(browser(instructor), f"/dossiers/{dossier.pk}/controles/solde")
    assert "82 contrôles : 43 satisfaits, 5 non satisfaits, 34 sans objet." in page
    assert "« Capture d'écran du test technique » est fourni. non" in page
    version = dossiers.latest(dossier)
    solde = dossiers.decided(version, versions.in_force(version), DAY, trace=True).request("solde")
    assert [one.title for one in solde.findings if words(one.title) not in page] == []
    assert get(browser(instructor), f"/dossiers/{dossier.pk}/controles/rien").status_code == 404


def test_a_dossier_without_rules_in_force_says_so(instructor: Account, today: Callable[[date], None]) -> None:
    dossier = received(instructor)
    today(date(2020, 1, 1) - timedelta(days=1))
    Grant.objects.create(account=instructor, role=Role.INSTRUCTOR, programme=PROGRAMME, starts=date(2019, 1, 1))
    page = read(browser(instructor), f"/dossiers/{dossier.pk}")
    assert "Aucune règle du programme n'est en vigueur aujourd'hui" in page


def test_a_dossier_on_which_the_rules_contradict_each_other_says_so_and_what_to_do(
    instructor: Account, validator: Account, monkeypatch: pytest.MonkeyPatch, today: Callable[[date], None]
) -> None:
    dossier = received(instructor)
    draft = acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE)
    today(DAY + timedelta(days=1))

    def contradictory(*_: Any, **__: Any) -> None:
        raise recevable.Contradiction("taux_tva", ("TVA-A", "TVA-B"), (1, 2))

    monkeypatch.setattr(dossiers, "decided", contradictory)
    monkeypatch.setattr(dossiers, "evaluate", contradictory)
    page = read(browser(instructor), f"/dossiers/{dossier.pk}")
    assert "Les règles TVA-A et TVA-B se contredisent sur ce dossier (« taux_tva »)" in page
    assert acts.what_moved(dossier, draft) == ["Au jour de la signature, les règles se contredisent sur ce dossier."]
    with refused("PERIME"):
        acts.sign(validator, draft)


# --- how many questions are asked of the database ---------------------------------------------------------------------


def asked(client: Client, address: str) -> int:
    """How many, once what is kept from one request to the next is known."""
    get(client, address)
    with CaptureQueriesContext(connection) as found:
        assert get(client, address).status_code == 200, address
    return len([one for one in found.captured_queries if "SAVEPOINT" not in one["sql"]])


def test_a_page_asks_eight_questions_at_most_whatever_the_dossier_holds(
    instructor: Account, validator: Account
) -> None:
    dossier = received(instructor)
    pieces.attach(instructor, dossier, INVOICE, "f.pdf", files.plain())
    draft = acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE)
    client = browser(validator)
    first = dossier.pieces.get()
    places = [
        f"/dossiers/{dossier.pk}", f"/dossiers/{dossier.pk}/controles/solde", f"/dossiers/{dossier.pk}/pieces",
        f"/dossiers/{dossier.pk}/pieces/{first.pk}", f"/dossiers/{dossier.pk}/versions", f"/projets/{draft.pk}",
        f"/dossiers/{dossier.pk}/historique", f"/dossiers/{dossier.pk}/notes",
    ]  # fmt: skip
    few = {address: asked(client, address) for address in places}
    for rank in range(60):
        Note.objects.create(dossier=dossier, author=instructor, text=f"note {rank}")
        Event.objects.create(dossier=dossier, account=instructor, kind="essai", text=f"fait {rank}")
    blob = first.blob
    places_ = list(pieces.places(dossier))
    dossier.pieces.model.objects.bulk_create(
        dossier.pieces.model(dossier=dossier, place=place, name="x", blob=blob, author=instructor)
        for place in places_
        if place != INVOICE
    )
    many = {address: asked(client, address) for address in places}
    assert many == few
    assert {address: count for address, count in few.items() if count > 8} == {}


def test_to_receive_a_dossier_asks_as_much_whatever_is_there(instructor: Account) -> None:
    def asks(reference: str) -> int:
        content = json.loads(fixture("solde-cinq-defauts"))
        content["reference"] = reference
        with CaptureQueriesContext(connection) as found:
            dossiers.receive(instructor, PROGRAMME, json.dumps(content).encode(), reference)
        return len([one for one in found.captured_queries if "SAVEPOINT" not in one["sql"]])

    asks("premier")
    few = asks("second")
    for rank in range(5):
        asks(f"autre-{rank}")
    assert asks("dernier") == few <= 33


def test_long_lists_go_by_pages(instructor: Account) -> None:
    dossier = received(instructor)
    for rank in range(40):
        Note.objects.create(dossier=dossier, author=instructor, text=f"note {rank:02d}.")
        Event.objects.create(dossier=dossier, account=instructor, kind="essai", text=f"fait {rank:02d}.")
    client = browser(instructor)
    for page, thing in (("notes", "note"), ("historique", "fait")):
        first = get(client, f"/dossiers/{dossier.pk}/{page}").content.decode()
        assert f"{thing} 39." in first
        assert f"{thing} 14." not in first
        (following,) = re.findall(r'href="(\?avant=\d+)"', first)
        second = read(client, f"/dossiers/{dossier.pk}/{page}{following}")
        assert f"{thing} 14." in second
        assert f"{thing} 15." not in second


# --- since the last visit ---------------------------------------------------------------------------------------------


def test_what_others_did_since_the_last_visit_is_told_until_the_visit_is_over(
    people: People, instructor: Account, validator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = received(instructor)
    other = people("ivan", Role.INSTRUCTOR)
    now = timezone.now()

    def later(hours: int) -> Client:
        """A browser of the same person, so many hours after the first."""
        monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=hours))
        return browser(other)

    assert "Depuis votre visite" not in read(later(0), f"/dossiers/{dossier.pk}")
    client = later(2)
    Event.objects.create(dossier=dossier, account=other, kind="essai", text="Le mien.")
    assert "Depuis votre visite" not in read(client, f"/dossiers/{dossier.pk}")
    Event.objects.create(dossier=dossier, account=validator, kind="essai", text="Celui d'une autre.")
    for _ in range(2):
        page = read(client, f"/dossiers/{dossier.pk}")
        assert "1 événement d'autres personnes" in page
    page = get(client, f"/dossiers/{dossier.pk}/historique").content.decode()
    new = re.findall(r'<li class="guichet-neuf">(.*?)</li>', page, re.DOTALL)
    assert len(new) == 1
    assert "Celui d&#x27;une autre." in new[0]
    assert "Depuis votre visite" not in read(later(4), f"/dossiers/{dossier.pk}")


# --- versions ---------------------------------------------------------------------------------------------------------


def completed(dossier: Dossier, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """What the applicant now supplies: the dossier after a change, as a portal gives it again."""
    data = dossiers.composed(dossiers.latest(dossier))
    change(data)
    return json.dumps(data).encode()


def with_capture(payload: dict[str, Any]) -> None:
    payload["solde"]["pieces"]["capture_test"] = {
        "environnement": "production", "reussi": True, "realise_le": "2023-06-12",
    }  # fmt: skip
    payload["operateur"]["contact"]["telephone"] = "03 53 01 11 99"


def test_a_supplement_makes_a_version_and_the_first_one_stays(instructor: Account) -> None:
    dossier = received(instructor)
    first = DossierVersion.objects.get(dossier=dossier)
    before = bytes(first.payload), bytes(first.overlay)
    version = dossiers.supplement(instructor, dossier, version_of(dossier), completed(dossier, with_capture), "r.json")
    assert (version.rank, version.origin) == (2, "demandeur")
    first.refresh_from_db()
    assert (bytes(first.payload), bytes(first.overlay)) == before
    assert Dossier.objects.get().state == State.TO_INSTRUCT
    assert "Complément reçu du demandeur (r.json) : version 2." in Event.objects.latest("id").text
    found = versions.compare(first, version)
    said = [(one.titles[-1], one.before, one.after) for one in found.supplied]
    assert said == [("Téléphone", "03 53 01 11 01", "03 53 01 11 99")]
    # what the agency saw on the capture is the agency's, even when a portal sends it
    assert [(one.titles[-1], one.after) for one in found.recorded] == [
        ("Environnement", "Production"),
        ("Réussi", "oui"),
        ("Réalisé le", "12 juin 2023"),
    ]
    moved = {one.rule: (one.before, one.after) for one in found.moves}
    assert moved["SOL-CAPTURE-TEST"] == ("non satisfait", "satisfait")


def test_a_supplement_that_is_none_is_refused_and_leaves_nothing(instructor: Account, people: People) -> None:
    dossier = received(instructor)
    seen = version_of(dossier)

    def other(payload: dict[str, Any]) -> None:
        payload["reference"] = "AUTRE"

    def agency(payload: dict[str, Any]) -> None:
        payload["ans"]["espace_de_confiance"] = False

    for code, content in (
        ("IDENTIQUE", completed(dossier, lambda _: None)),
        ("REFERENCE", completed(dossier, other)),
        ("AGENCE", completed(dossier, agency)),
    ):
        with refused(code):
            dossiers.supplement(instructor, dossier, seen, content, "r.json")
    with refused("VERSION"):
        dossiers.supplement(instructor, dossier, seen + 1, completed(dossier, with_capture), "r.json")
    with refused("DROIT"):
        dossiers.supplement(people("v", Role.VALIDATOR), dossier, seen, completed(dossier, with_capture), "r.json")
    with pytest.raises(recevable.InvalidDossier):
        dossiers.supplement(instructor, dossier, seen, b"{", "r.json")
    assert DossierVersion.objects.count() == 1
    # the agency's facts that come with it, as the agency states them, are no contradiction
    assert dossiers.supplement(instructor, dossier, seen, completed(dossier, with_capture), "r.json").rank == 2


def test_the_page_of_versions_tells_the_applicant_from_the_agency(instructor: Account) -> None:
    dossier = received(instructor)
    client = browser(instructor)
    address = f"/dossiers/{dossier.pk}/versions"
    assert "De la version" not in read(client, address)
    file = SimpleUploadedFile("réponse.json", completed(dossier, with_capture), "application/json")
    found = client.post(f"/dossiers/{dossier.pk}/completer", {"vue": version_of(dossier), "fichier": file}, secure=True)
    assert found["Location"] == address
    overlay = json.loads(bytes(dossiers.latest(dossier).overlay))
    facts = {"ans": {"domaine_en_liste_blanche": not overlay["ans"]["domaine_en_liste_blanche"]}}
    dossiers.with_facts(instructor, dossier, version_of(dossier), facts, "ans")
    page = read(client, f"{address}?de=1&a=3")
    supplied, recorded = page.split("Ce que l'agence et d'autres administrations ont consigné", 1)
    assert "Téléphone" in supplied
    assert "Téléphone" not in recorded
    assert "liste blanche" in recorded.lower()
    assert "Les règles que ces changements déplacent" in page
    assert "non satisfait satisfait" in page
    assert "complément du demandeur" in page
    for wrong in ("?de=9&a=1", "?de=1&a=99999"):
        assert "Une de ces versions n'existe pas" in read(client, address + wrong)
    assert "Choisissez le fichier JSON" in read(client, post(client, f"/dossiers/{dossier.pk}/completer")["Location"])


# --- notes ------------------------------------------------------------------------------------------------------------


def test_notes_are_added_never_changed_and_in_no_act(people: People, instructor: Account, validator: Account) -> None:
    dossier = received(instructor)
    client = browser(instructor)
    secret = "<b>Appelé</b> l'opérateur, confidentiel"
    assert post(client, f"/dossiers/{dossier.pk}/notes", texte=secret)["Location"].endswith("/notes")
    page = get(client, f"/dossiers/{dossier.pk}/notes").content.decode()
    assert "&lt;b&gt;Appelé&lt;/b&gt;" in page
    for text in ("  ", "x" * (notes.LONGEST + 1)):
        post(client, f"/dossiers/{dossier.pk}/notes", texte=text)
    reader = people("aude", Role.AUDITOR)
    post(browser(reader), f"/dossiers/{dossier.pk}/notes", texte="D'une auditrice")
    assert Note.objects.count() == 1
    assert "Ajouter une note" not in read(browser(reader), f"/dossiers/{dossier.pk}/notes")
    act = acts.sign(validator, acts.prepare(instructor, dossier, version_of(dossier), "solde", Verdict.COMPLETE))
    assert b"confidentiel" not in bytes(act.content.content)
    assert not Event.objects.filter(text__contains="confidentiel").exists()


# --- the receipt ------------------------------------------------------------------------------------------------------


def test_a_decision_that_is_computed_again_is_the_same_and_it_is_told(people: People, instructor: Account) -> None:
    dossier = received(instructor)
    evaluation = Evaluation.objects.get()
    client = browser(people("aude", Role.AUDITOR))
    found = post(client, f"/dossiers/{dossier.pk}/recalculer", evaluation=evaluation.pk)
    assert "Le même résultat, à l'octet près" in plain(found.content.decode())
    assert Event.objects.latest("id").text == (
        "Décision calculée le 4 septembre 2023 sur la version 1, recalculée : le même résultat."
    )
    assert post(client, f"/dossiers/{dossier.pk}/recalculer", evaluation=999999).status_code == 404


def test_a_decision_that_is_no_longer_the_same_is_told_by_its_places(
    instructor: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = received(instructor)
    evaluation = Evaluation.objects.get()
    recorded = json.loads(dossiers.decision(evaluation))
    recorded["demandes"]["solde"]["verdict"] = "accepter"
    monkeypatch.setattr(dossiers, "decision", lambda _: json.dumps(recorded).encode())
    page = plain(
        post(browser(instructor), f"/dossiers/{dossier.pk}/recalculer", evaluation=evaluation.pk).content.decode()
    )
    assert "/demandes/solde/verdict" in page
    assert '"accepter" "completer"' in page
    assert "1 différence" in Event.objects.latest("id").text


def test_a_decision_of_another_dossier_is_not_computed_here(instructor: Account) -> None:
    dossier = received(instructor)
    received(instructor, "solde-formulaire-incomplet")
    other = Evaluation.objects.exclude(version__dossier=dossier).get()
    found = post(browser(instructor), f"/dossiers/{dossier.pk}/recalculer", evaluation=other.pk)
    assert found.status_code == 404


# --- preparing and signing --------------------------------------------------------------------------------------------


def test_the_validator_reads_the_dossier_as_it_was_prepared_and_what_moved(
    instructor: Account, validator: Account
) -> None:
    dossier = received(instructor)
    draft = acts.prepare(
        instructor, dossier, dossier.version, "solde", Verdict.REJECT, reason="Pièce fausse.", source="AF §7"
    )
    client = browser(validator)
    page = read(client, f"/projets/{draft.pk}")
    assert "S'écarte de la proposition. Les règles proposent : compléter. Motif : Pièce fausse. (AF §7)" in page
    assert "Rien : le dossier, les règles en vigueur et la proposition sont ceux de la préparation." in page
    assert "La capture du test en production manque." in page
    dossiers.supplement(instructor, dossier, version_of(dossier), completed(dossier, with_capture), "r.json")
    raw = get(client, f"/projets/{draft.pk}").content.decode()
    page = plain(raw)
    assert "Le dossier a une nouvelle version (la 2)." in page
    assert f"/dossiers/{dossier.pk}/versions?de=1&amp;a=2" in raw
    assert f"/projets/{draft.pk}/signer" not in raw
    # the dossier is still shown as it was prepared
    assert "La capture du test en production manque." in page
    post(client, f"/projets/{draft.pk}/signer")
    assert Act.objects.count() == 0


def test_a_draft_that_can_no_longer_be_signed_leaves_its_place_to_another(instructor: Account) -> None:
    dossier = received(instructor)
    draft = acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE)
    dossiers.supplement(instructor, dossier, version_of(dossier), completed(dossier, with_capture), "r.json")
    other = acts.prepare(instructor, dossier, version_of(dossier), "solde", Verdict.COMPLETE)
    draft.refresh_from_db()
    assert (draft.status, other.status) == (Draft.Status.STALE, Draft.Status.PREPARED)
    assert other.evaluation is not None
    assert other.evaluation.version.rank == 2
    assert Event.objects.filter(kind="caducite").count() == 1


def test_who_prepared_takes_it_back_and_nobody_else(people: People, instructor: Account, validator: Account) -> None:
    dossier = received(instructor)
    draft = acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE)
    with refused("AUTEUR"):
        acts.withdraw(people("ivan", Role.INSTRUCTOR), draft)
    with refused("DROIT"):
        acts.withdraw(validator, draft)
    post(browser(instructor), f"/projets/{draft.pk}/retirer")
    draft.refresh_from_db()
    assert (draft.status, Dossier.objects.get().state) == (Draft.Status.STALE, State.TO_INSTRUCT)
    with refused("DEJA-TRAITE"):
        acts.sign(validator, draft)
    with refused("DEJA-TRAITE"):
        acts.withdraw(instructor, draft)


def test_a_reason_that_appears_between_both_stops_the_signature(
    instructor: Account, validator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict is the same, and what it stands on is not."""
    dossier = received(instructor)
    draft = acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE)
    assert acts.what_moved(dossier, draft) == []
    real = dossiers.decided

    def later(version: DossierVersion, pack: Any, on: date, **more: Any) -> recevable.Decision:
        found = real(version, pack, on, **more)
        if on == DAY:
            return found
        from msgspec.structs import replace

        from recevable.decision.model import Part

        requests = tuple(
            replace(one, parts=(Part.of([f for f in one.findings if f.rule != "SOL-NUMERO"], notable=True),))
            for one in found.requests
        )
        return replace(found, requests=requests)

    monkeypatch.setattr(dossiers, "decided", later)
    monkeypatch.setattr(timezone, "localdate", lambda *_: DAY + timedelta(days=1))
    assert acts.what_moved(dossier, draft) == ["Au jour de la signature, les règles proposent autre chose."]
    with refused("PERIME"):
        acts.sign(validator, draft)


def test_a_long_reference_is_refused_and_not_cut(instructor: Account) -> None:
    dossier = received(instructor)
    with refused("SOURCE"):
        acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.REJECT, reason="Fausse.", source="x" * 301)


# --- appraisals -------------------------------------------------------------------------------------------------------


def first_question(dossier: Dossier) -> recevable.AppraisalLine:
    """A question that the rules ask on a dossier."""
    return next(line for line in appraisals.open_questions(dossier) if str(line.state) != "consignee")


def test_an_answer_is_superseded_and_both_stay_in_the_history(instructor: Account) -> None:
    dossier = received(instructor, QUESTION)
    question = first_question(dossier)
    for rank, answer in enumerate(question.answers[:2]):
        appraisals.record(instructor, dossier, version_of(dossier), question.rule, answer, f"Vu {rank}.", DAY)
    client = browser(instructor)
    assert asked(client, f"/dossiers/{dossier.pk}/questions/{question.rule}") <= 8
    page = read(client, f"/dossiers/{dossier.pk}/questions/{question.rule}")
    first, second = (answer.replace("_", " ") for answer in question.answers[:2])
    assert f"« {second} », par Ines, le 4 septembre 2023, jusqu'au 4 septembre 2023 : Vu 1. «" in page
    assert f"« {first} », par Ines, le 4 septembre 2023, jusqu'au 4 septembre 2023 : Vu 0. (remplacée)" in page
    assert f"{second} (réponse consignée)" in page
    record = json.loads(bytes(dossiers.latest(dossier).overlay))["appreciations"][question.rule]
    assert (record["reponse"], record["motif"]) == (question.answers[1], "Vu 1.")


def test_an_answer_that_the_applicant_has_since_completed_is_to_be_read_again(instructor: Account) -> None:
    dossier = received(instructor, QUESTION)
    question = first_question(dossier)
    appraisals.record(instructor, dossier, version_of(dossier), question.rule, question.answers[0], "Vu.", DAY)
    address = f"/dossiers/{dossier.pk}/questions/{question.rule}"
    assert "Depuis cette réponse" not in read(browser(instructor), address)

    def telephone(payload: dict[str, Any]) -> None:
        payload["operateur"]["contact"]["telephone"] = "03 53 01 11 99"

    dossiers.supplement(instructor, dossier, version_of(dossier), completed(dossier, telephone), "r.json")
    assert "Depuis cette réponse, le demandeur a fourni la version 3" in read(browser(instructor), address)


def test_every_answer_and_none_show_what_they_decide(instructor: Account) -> None:
    dossier = received(instructor, QUESTION)
    question = first_question(dossier)
    page = read(browser(instructor), f"/dossiers/{dossier.pk}/questions/{question.rule}")
    _, foreseen = appraisals.foreseen(dossiers.latest(dossier), question.rule)
    for answer, decision in foreseen:
        row = page[page.index((answer or "Aucune réponse").replace("_", " ")) :]
        for one in decision.requests:
            said = f"{one.title} : {recevable.sections.VERDICTS[one.verdict]}"
            assert words(said) in row
    assert DossierVersion.objects.filter(dossier=dossier).count() == 1


def test_an_answer_that_has_expired_is_asked_again(instructor: Account, today: Callable[[date], None]) -> None:
    dossier = received(instructor, QUESTION)
    question = first_question(dossier)
    appraisals.record(instructor, dossier, version_of(dossier), question.rule, question.answers[0], "Vu.", DAY)
    assert {line.rule: str(line.state) for line in appraisals.open_questions(dossier)}[question.rule] == "consignee"
    today(DAY + timedelta(days=1))
    assert {line.rule: str(line.state) for line in appraisals.open_questions(dossier)}[question.rule] == "expiree"
    assert "Réponse expirée depuis le 4 septembre 2023" in read(browser(instructor), f"/dossiers/{dossier.pk}")


def test_two_instructors_answer_at_once_one_is_recorded_and_one_told(people: People, instructor: Account) -> None:
    dossier = received(instructor, QUESTION)
    question = first_question(dossier)
    seen = version_of(dossier)
    other = people("ivan", Role.INSTRUCTOR)
    appraisals.record(instructor, dossier, seen, question.rule, question.answers[0], "Vu.", DAY)
    with refused("VERSION"):
        appraisals.record(other, dossier, seen, question.rule, question.answers[1], "Vu aussi.", DAY)
    assert DossierVersion.objects.filter(dossier=dossier).count() == 2


# --- pieces -----------------------------------------------------------------------------------------------------------


def upload(client: Client, dossier: Dossier, *given: tuple[str, bytes], place: str = INVOICE) -> str:
    sent = [SimpleUploadedFile(name, content, "application/pdf") for name, content in given]
    found = client.post(f"/dossiers/{dossier.pk}/pieces/joindre", {"place": place, "fichiers": sent}, secure=True)
    assert found.status_code == 302
    return read(client, found["Location"])


def test_files_are_joined_or_refused_one_by_one(instructor: Account) -> None:
    dossier = received(instructor)
    client = browser(instructor)
    page = upload(client, dossier, ("bonne.pdf", files.plain()), ("faux.pdf", files.archive(a=b"a")), ("vide.pdf", b""))
    assert "bonne.pdf : joint au dossier." in page
    assert "faux.pdf : Ce fichier est une archive" in page
    assert "vide.pdf : Ce fichier est vide." in page
    assert dossier.pieces.count() == 1
    page = upload(client, dossier, *((f"{rank}.pdf", files.plain()) for rank in range(11)))
    assert "10 au plus" in page
    assert dossier.pieces.count() == 1


def test_a_name_that_is_markup_is_shown_as_a_name(instructor: Account) -> None:
    dossier = received(instructor)
    client = browser(instructor)
    pieces.attach(instructor, dossier, INVOICE, '"><img src=x onerror=alert(1)>\u202efdp.exe', files.plain())
    one = dossier.pieces.get()
    for page_ in ("pieces", f"pieces/{one.pk}", "historique"):
        page = get(client, f"/dossiers/{dossier.pk}/{page_}").content.decode()
        assert "<img src=x" not in page
        assert "\u202e" not in page


def test_a_piece_is_shown_beside_what_the_rules_say_of_it(instructor: Account) -> None:
    dossier = received(instructor)
    one = pieces.attach(instructor, dossier, INVOICE, "facture.pdf", files.said("Facture 12"))
    client = browser(instructor)
    page = get(client, f"/dossiers/{dossier.pk}/pieces/{one.pk}").content.decode()
    assert f'src="/contenus/{one.pk}/pages/1"' in page
    assert "<iframe" not in page
    text = plain(page)
    assert "La facture acquittée correspondant au bon de commande" in text
    assert "Facture 12" in text
    assert one.blob.sha256 in text
    assert "Aucune règle" not in text


def test_what_came_from_elsewhere_is_served_apart_and_never_runs(instructor: Account) -> None:
    dossier = received(instructor)
    content = files.pdf(files.scripted)
    one = pieces.attach(instructor, dossier, INVOICE, "facture.exe", content)
    client = browser(instructor)
    saved = get(client, f"/contenus/{one.pk}")
    assert saved.content == content
    assert saved["Content-Disposition"] == 'attachment; filename="facture.exe.pdf"'
    assert saved["Content-Type"] == "application/octet-stream"
    shown = get(client, f"/contenus/{one.pk}/pages/1")
    assert shown["Content-Type"] == "image/png"
    assert shown.content.startswith(b"\x89PNG")
    for answer in (saved, shown):
        assert answer["Content-Security-Policy"].startswith("default-src 'none'; sandbox;")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Cache-Control"] == "no-store"
    assert get(client, f"/contenus/{one.pk}/pages/2").status_code == 404
    assert "contient un programme JavaScript" in read(client, f"/dossiers/{dossier.pk}/pieces/{one.pk}")


def test_a_piece_in_quarantine_is_listed_and_neither_shown_nor_given(instructor: Account, settings_: Any) -> None:
    dossier = received(instructor)
    with settings_(ANTIVIRUS="sh -c 'exit 1'"):
        one = pieces.attach(instructor, dossier, INVOICE, "facture.pdf", files.plain(7))
    client = browser(instructor)
    assert "En quarantaine : l'antivirus l'a reconnue comme dangereuse." in read(
        client, f"/dossiers/{dossier.pk}/pieces"
    )
    page = get(client, f"/dossiers/{dossier.pk}/pieces/{one.pk}").content.decode()
    assert "<img" not in page.split("<main", 1)[1]
    assert f"/contenus/{one.pk}" not in page
    for address in (f"/contenus/{one.pk}", f"/contenus/{one.pk}/pages/1"):
        assert get(client, address).status_code == 404


@pytest.fixture
def settings_() -> Any:
    from django.test import override_settings

    return override_settings


def test_the_same_file_elsewhere_is_told_to_whoever_may_open_it(people: People, instructor: Account) -> None:
    first, second = received(instructor), received(instructor, "solde-formulaire-incomplet")
    for dossier in (first, second):
        pieces.attach(instructor, dossier, INVOICE, "facture.pdf", files.plain())
    page = read(browser(instructor), f"/dossiers/{first.pk}/pieces")
    assert f"Le même fichier est aussi dans : {second.reference}." in page
    Dossier.objects.filter(pk=second.pk).update(programme="prime-velo")
    assert second.reference not in read(browser(instructor), f"/dossiers/{first.pk}/pieces")


def test_a_piece_of_another_dossier_is_not_opened_through_this_one(instructor: Account) -> None:
    first, second = received(instructor), received(instructor, "solde-formulaire-incomplet")
    one = pieces.attach(instructor, second, INVOICE, "facture.pdf", files.plain())
    assert get(browser(instructor), f"/dossiers/{first.pk}/pieces/{one.pk}").status_code == 404


def test_every_page_and_every_content_that_is_opened_is_kept(instructor: Account) -> None:
    dossier = received(instructor)
    one = pieces.attach(instructor, dossier, INVOICE, "facture.pdf", files.plain())
    client = browser(instructor)
    for page in ("", "/pieces", f"/pieces/{one.pk}", "/versions", "/historique", "/notes", "/controles/solde"):
        read(client, f"/dossiers/{dossier.pk}{page}")
    get(client, f"/contenus/{one.pk}")
    kept = list(Access.objects.order_by("id").values_list("what", flat=True))
    assert kept == ["dossier", "pieces", "piece", "versions", "historique", "notes", "controles", "contenu"]
    # who may not open a dossier has opened none
    other = browser(instructor)
    assert get(other, "/dossiers/999999").status_code == 404
    assert Access.objects.count() == len(kept)


# --- how much is taken ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("announced", ["300000000", "9" * 30, "-1", "x"])
def test_what_is_too_large_is_refused_before_it_is_read(instructor: Account, announced: str) -> None:
    dossier = received(instructor)
    client = browser(instructor)

    class Unread:
        """A body that nobody may read."""

        def read(self, *_: Any) -> bytes:
            raise AssertionError("read")

        readline = read

    sent: Any = {"wsgi.input": Unread(), "CONTENT_LENGTH": announced}
    kind = "multipart/form-data; boundary=x"
    found = client.generic("POST", f"/dossiers/{dossier.pk}/pieces/joindre", b"", kind, secure=True, **sent)
    assert found.status_code == 413
    assert "Cet envoi est trop lourd" in found.content.decode()


def test_the_reader_of_a_form_takes_no_more_than_each_page_says() -> None:
    from recevable_web.pages import uploads
    from recevable_web.pages.pieces import joindre

    assert vars(joindre)["most_bytes"] == 10 * pieces.MOST_BYTES + 1_000_000
    assert vars(joindre)["most_bytes"] > uploads.USUAL


def test_the_pack_of_the_page_is_the_one_in_force(instructor: Account) -> None:
    dossier = received(instructor)
    opened = recevable.open_programme(PROGRAMME)
    changed = opened.files()
    changed["regles/avance.yaml"] += b"\n# relu\n"
    packs.publish(packs.store(recevable.open_programme(recevable.MemorySource(changed, "relu")), "relu"), DAY)
    get(browser(instructor), f"/dossiers/{dossier.pk}")
    assert Evaluation.objects.latest("id").pack.label == "relu"


def bought(day: str, price: str = "900.00") -> bytes:
    """A dossier of another programme."""
    return json.dumps(
        {
            "programme": "prime-velo",
            "reference": "VELO-1",
            "beneficiaire": {"nom": "Exemple", "statut": "particulier", "majeur": True, "revenu_fiscal": 12_000},
            "velo": {"prix": price, "electrique": True, "achete_le": day},
            "prime": {"deposee_le": f"{day}T10:00:00+02:00"},
        }
    ).encode()


@pytest.fixture
def velo(database: str, today: Callable[[date], None]) -> recevable.Programme:
    """Another programme, in force."""
    pack = recevable.open_programme(str(VELO))
    packs.publish(packs.store(pack, "vélo"), date(2020, 1, 1))
    today(date(2024, 5, 4))
    return pack


def test_the_pages_know_no_programme(people: People, velo: recevable.Programme) -> None:
    """Another programme is another pack: its dossiers are received, completed, documented and signed alike."""
    instructor = people("elo", Role.INSTRUCTOR, programme=velo.name)
    validator = people("vera", Role.VALIDATOR, programme=velo.name)
    dossier = dossiers.receive(instructor, velo.name, bought("2024-03-01"), "velo.json")
    assert "prime.pieces.facture" in pieces.places(dossier)
    one = pieces.attach(instructor, dossier, "prime.pieces.facture", "facture.pdf", files.plain())
    dossiers.supplement(instructor, dossier, version_of(dossier), bought("2024-03-01", "950.00"), "velo.json")
    client = browser(instructor)
    page = read(client, f"/dossiers/{dossier.pk}")
    request = next(iter(velo.manifest.requests.values()))
    assert velo.manifest.title in page
    assert request.title in page
    assert "900,00 € 950,00 €" in read(client, f"/dossiers/{dossier.pk}/versions")
    assert "Facture" in read(client, f"/dossiers/{dossier.pk}/pieces/{one.pk}")
    # this programme proposes no delay: whoever prepares chooses the day
    with refused("DELAI"):
        acts.prepare(instructor, dossier, version_of(dossier), request.name, Verdict.COMPLETE)
    assert "Ce programme ne propose aucun délai : choisissez un jour." in read(client, f"/dossiers/{dossier.pk}")
    last = timezone.localdate() + timedelta(days=20)
    draft = acts.prepare(instructor, dossier, version_of(dossier), request.name, Verdict.COMPLETE, due=last)
    assert request.title in read(browser(validator), f"/projets/{draft.pk}")
    assert acts.sign(validator, draft).rank == 1


def test_nothing_is_prepared_on_what_the_rules_do_not_decide(people: People, velo: recevable.Programme) -> None:
    """The text in force on the day of the request is not known: neither following nor departing is possible."""
    instructor = people("elo", Role.INSTRUCTOR, programme=velo.name)
    dossier = dossiers.receive(instructor, velo.name, bought("2023-07-01"), "velo.json")
    for verdict in Verdict:
        with refused("INDECIDABLE"):
            acts.prepare(instructor, dossier, version_of(dossier), "prime", verdict, reason="Parce que.", source="§1")
    page = get(browser(instructor), f"/dossiers/{dossier.pk}").content.decode()
    assert "Les règles ne décident pas cette demande" in plain(page)
    assert 'name="verdict"' not in page
    assert Draft.objects.count() == 0
