"""The guichet in a real browser: both main paths, two persons at once, the keyboard alone, no script.

Run by `make e2e`: Chromium of the system, and it fails when there is none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Route, expect
from tests.e2e.conftest import SignedIn
from tests.e2e.watched import Watched

FIXTURES: Final = Path(__file__).parents[2] / "fixtures" / "af-ope-mss"
KNOWN: Final = "solde-cinq-defauts"


def prepare(watched: Watched, request: str) -> None:
    """Prepare the decision that the rules propose about a request, by its title, on the page of a dossier."""
    watched.page.get_by_text(f"Préparer : {request}").click()
    watched.page.get_by_role("button", name="Préparer", exact=True).locator("visible=true").click()


def sign(watched: Watched, reference: str) -> None:
    """Sign what was prepared on a dossier."""
    watched.open(reference, "a-valider")
    watched.page.get_by_role("link", name="Relire et signer").click()
    watched.page.get_by_role("button", name="Signer").click()
    expect(watched.page.get_by_role("status")).to_contain_text("Signé : acte n°")


def send(watched: Watched) -> None:
    """From the page of a dossier, send the letter that waits, and record its delivery."""
    page = watched.page
    page.get_by_role("link", name="Courriers", exact=True).click()
    page.get_by_role("link", name="à envoyer").click()
    watched.axe()
    watched.fits()
    page.get_by_label("Comment il part").select_option("recommande")
    page.get_by_role("button", name="Consigner l'envoi").click()
    expect(page.get_by_role("status")).to_contain_text("L'envoi est consigné")
    page.get_by_label("Remis le").fill(page.get_by_label("Remis le").get_attribute("max") or "")
    page.get_by_label("Preuve de la remise").fill("Avis de réception signé")
    page.get_by_role("button", name="Consigner la remise").click()
    expect(page.get_by_role("status")).to_contain_text("La remise est consignée")
    watched.axe()
    watched.fits()


def saved(watched: Watched, link: str) -> bytes:
    """The file that a link gives."""
    with watched.page.expect_download() as given:
        watched.page.get_by_role("link", name=link).click()
    return given.value.path().read_bytes()


def test_a_page_that_does_not_exist_says_so(signed_in: SignedIn) -> None:
    ines = signed_in("instructeur")
    with ines.expecting(404):
        ines.go("dossiers/999999")
    expect(ines.page.get_by_role("heading", name="Cette page n'existe pas")).to_be_visible()


def test_complete_then_sign_with_two_persons(signed_in: SignedIn) -> None:
    ines, valerie = signed_in("instructeur"), signed_in("valideur")
    ines.open(KNOWN)
    prepare(ines, "Demande de solde")
    expect(ines.page.get_by_role("status")).to_contain_text("une autre personne doit la signer")
    expect(ines.page.get_by_role("button", name="Signer")).to_have_count(0)
    valerie.open(KNOWN, "a-valider")
    valerie.page.get_by_role("link", name="Relire et signer").click()
    expect(valerie.page.get_by_text("Rien : le dossier, les règles en vigueur")).to_be_visible()
    preview = saved(valerie, "Télécharger l'aperçu du courrier")
    valerie.page.get_by_role("button", name="Signer").click()
    expect(valerie.page.get_by_role("status")).to_contain_text("Signé : acte n°")
    valerie.page.get_by_role("link", name="Courriers").click()
    letter = saved(valerie, "Demande de complément")
    valerie.axe()
    valerie.fits()
    assert preview[:5] == letter[:5] == b"%PDF-"
    assert preview != letter
    valerie.go("registre?verifier")
    expect(valerie.page.get_by_role("status")).to_contain_text("La chaîne est intacte")


def test_complete_then_accept_what_the_applicant_answered(signed_in: SignedIn) -> None:
    """The whole path: what lacks is asked and signed, the answer comes in, the acceptance is prepared and signed."""
    ines, valerie = signed_in("instructeur"), signed_in("valideur")
    reference = "solde-capture-absente"
    ines.open(reference)
    prepare(ines, "Demande de solde")
    sign(valerie, reference)
    ines.open(reference, "en-attente")
    send(ines)
    ines.page.get_by_role("link", name="Versions").click()
    answer = json.loads((FIXTURES / f"{reference}.json").read_bytes())
    other = json.loads((FIXTURES / "solde-guide-pas-pdf.json").read_bytes())
    answer["solde"]["pieces"]["capture_test"] = other["solde"]["pieces"]["capture_test"]
    content = json.dumps(answer).encode()
    ines.page.set_input_files(
        "input[type=file]", {"name": "reponse.json", "mimeType": "application/json", "buffer": content}
    )
    ines.page.get_by_role("button", name="Recevoir le complément").click()
    expect(ines.page.get_by_role("status")).to_contain_text("Complément reçu : version 2")
    # back on top of the queue, and the rules now accept
    ines.open(reference)
    prepare(ines, "Demande de solde")
    sign(valerie, reference)
    valerie.open(reference, "decides")
    expect(valerie.page.get_by_text("Décidé").first).to_be_visible()
    valerie.go("registre?verifier")
    expect(valerie.page.get_by_role("status")).to_contain_text("La chaîne est intacte")
    signed = valerie.page.get_by_role("row").filter(has_text=reference)
    expect(signed).to_have_count(2)
    expect(signed.first).to_contain_text("decision:accepter")


def test_two_instructors_at_once_prepare_one_act_and_one_is_told(signed_in: SignedIn) -> None:
    ines, ivan = signed_in("instructeur"), signed_in("autre instructeur")
    for one in (ines, ivan):
        one.open("solde-un-seul-guide")
    prepare(ines, "Demande de solde")
    expect(ines.page.get_by_role("status")).to_contain_text("une autre personne doit la signer")
    prepare(ivan, "Demande de solde")
    expect(ivan.page.get_by_role("alert").first).to_contain_text("a changé depuis que vous l'avez ouvert")
    expect(ivan.page.get_by_text("préparé par Inès Instruction")).to_have_count(1)


def test_two_validators_at_once_sign_one_act_and_one_is_told(signed_in: SignedIn) -> None:
    ines, valerie, victor = signed_in("instructeur"), signed_in("valideur"), signed_in("autre valideur")
    reference = "solde-guide-pas-pdf"
    ines.open(reference)
    prepare(ines, "Demande de solde")
    for one in (valerie, victor):
        one.open(reference, "a-valider")
        one.page.get_by_role("link", name="Relire et signer").click()
    for one in (valerie, victor):
        one.page.get_by_role("button", name="Signer").click()
    expect(valerie.page.get_by_role("status")).to_contain_text("Signé : acte n°")
    expect(victor.page.get_by_role("alert").first).to_contain_text("Valérie Validation a déjà traité ce projet à")
    victor.go("registre?verifier")
    expect(victor.page.get_by_role("row").filter(has_text=reference)).to_have_count(1)


def test_depart_from_the_proposal_then_send_back_by_keyboard_alone(signed_in: SignedIn) -> None:
    ivan, victor = signed_in("autre instructeur"), signed_in("autre valideur")
    ivan.open("solde-formulaire-incomplet")
    keyboard = ivan.page.keyboard
    ivan.page.get_by_text("Préparer : Demande de solde").focus()
    keyboard.press("Enter")
    ivan.tab_to("Décision")
    keyboard.press("R")
    ivan.tab_to("Motif")
    keyboard.type("La pièce est fausse.")
    ivan.tab_to("Référence du texte")
    keyboard.type("AF §7")
    keyboard.press("Enter")
    expect(ivan.page.get_by_text("S'écarte de la proposition.")).to_be_visible()
    victor.open("solde-formulaire-incomplet", "a-valider")
    victor.page.get_by_role("link", name="Relire et signer").click()
    expect(victor.page.get_by_role("heading", name="S'écarte de la proposition.")).to_be_visible()
    victor.page.get_by_label("Ce qui est à revoir").fill("Citez la pièce.")
    victor.page.get_by_role("button", name="Renvoyer").click()
    expect(victor.page.get_by_role("status")).to_contain_text("renvoyé")


def test_the_first_tab_leads_to_the_content(signed_in: SignedIn) -> None:
    ines = signed_in("instructeur")
    ines.go()
    ines.page.keyboard.press("Tab")
    assert ines.focused() == "Contenu"


def test_pages_read_without_scripts(signed_in: SignedIn) -> None:
    ines = signed_in("instructeur", scripts=False)
    ines.open("solde-sans-documentation")
    expect(ines.page.get_by_role("heading", name="Pour que la demande soit acceptée").first).to_be_visible()


@pytest.mark.parametrize("late", ["guichet.css", "dsfr.min.css"])
@pytest.mark.parametrize("path", ["connexion", "demandeurs"])
def test_a_sheet_that_comes_late_asks_for_no_typeface_of_the_state(page: Watched, path: str, late: str) -> None:
    asked: list[str] = []
    held: list[Route] = []
    page.page.on("request", lambda request: asked.append(request.url))
    page.page.route(f"**/{late}", lambda route: held.append(route))
    page.page.goto(page.address + path, wait_until="commit")
    # what is asked of the page while it waits has it styled with the sheets that are there
    for _ in range(5):
        page.page.wait_for_timeout(50)
        page.page.evaluate("getComputedStyle(document.body ?? document.documentElement).fontFamily")
    assert held
    for one in held:
        one.continue_()
    page.page.wait_for_load_state("networkidle")
    assert [url for url in asked if url.endswith(".woff2")] == []
    assert page.page.evaluate("getComputedStyle(document.body).fontFamily") == "arial, sans-serif"


def test_the_menu_begins_where_the_content_does(signed_in: SignedIn) -> None:
    page = signed_in("instructeur").page
    # the menu has a line of its own, and the DSFR its layout of large screens
    page.set_viewport_size({"width": 1000, "height": 800})
    menu = page.get_by_role("navigation", name="Menu principal").get_by_role("link").first.bounding_box()
    content = page.get_by_role("heading", level=1).bounding_box()
    assert menu is not None
    assert content is not None
    assert abs(menu["x"] - content["x"]) <= 1
