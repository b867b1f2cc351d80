"""Rights in the browser: two persons at once, errors that are heard and lead to their field, the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.e2e.conftest import SignedIn


def test_a_right_that_is_taken_back_closes_the_pages_that_were_open(signed_in: SignedIn) -> None:
    adam, victor = signed_in("administrateur"), signed_in("autre valideur")
    victor.go("recherche")
    expect(victor.page.get_by_role("heading", level=1)).to_have_count(1)
    adam.go("administration")
    adam.page.get_by_role("link", name="Victor Validation").click()
    adam.page.get_by_label("Rôle").select_option(label="Instructeur")
    adam.page.get_by_label("Dernier jour (facultatif)").fill("2099-12-31")
    adam.page.locator("#accorder-motif").fill("Renfort.")
    adam.page.get_by_role("button", name="Donner ce droit").click()
    expect(adam.page.get_by_role("status")).to_contain_text("inscrit au registre")
    victor.go("importer")
    expect(victor.page.get_by_role("heading", level=1)).to_contain_text("Importer")
    adam.page.get_by_text("Retirer ce droit").first.click()
    adam.page.locator("[id^=retirer-][id$=-motif]").first.fill("Fin du renfort.")
    adam.page.get_by_role("button", name="Retirer instructeur").click()
    expect(adam.page.get_by_role("status")).to_contain_text("inscrit au registre")
    with victor.expecting(404):
        victor.go("importer")
    expect(victor.page.get_by_role("heading", level=1)).to_have_text("Cette page n'existe pas")


def test_a_refusal_takes_the_focus_and_leads_to_its_field_by_the_keyboard(signed_in: SignedIn) -> None:
    adam = signed_in("administrateur")
    adam.go("administration")
    adam.page.get_by_role("link", name="Inès Instruction").click()
    adam.page.locator("#accorder-motif").evaluate("one => { one.form.noValidate = true; one.focus(); }")
    with adam.expecting(422):
        adam.page.keyboard.press("Enter")
        expect(adam.page.locator("#refus")).to_be_focused()
    assert adam.page.title().startswith("Erreur : ")
    adam.page.keyboard.press("Tab")
    adam.page.keyboard.press("Enter")
    expect(adam.page.locator("#accorder-role")).to_be_focused()


def test_the_skip_links_lead_where_they_say(signed_in: SignedIn) -> None:
    ines = signed_in("instructeur")
    ines.go("")
    for name, there in (("Contenu", "#contenu"), ("Menu", "#menu"), ("Pied de page", "#pied")):
        link = ines.page.locator(".fr-skiplinks").get_by_role("link", name=name)
        link.focus()
        ines.page.keyboard.press("Enter")
        expect(ines.page.locator(there)).to_be_focused()
