"""A whole simulation in a browser: by keyboard alone, without scripts, back, and an answer taken back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect
from tests.e2e.screens.public import PAGE, SIMULATOR
from tests.e2e.watched import Watched


def test_a_simulation_by_keyboard_alone(page: Watched) -> None:
    page.go(SIMULATOR)
    page.tab_to("Quand l'ASP reçoit-elle")
    page.page.keyboard.type("01/07/2023 10:00")
    page.page.keyboard.press("Enter")
    # a question with options: an arrow chooses, Enter goes on
    expect(page.page.get_by_role("heading", name="Faites-vous partie de l'Espace de confiance")).to_be_visible()
    page.tab_to("Oui")
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("status")).to_contain_text("Votre demande serait rejetée.")
    page.tab_to("Modifier : Faites-vous partie")
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("heading", name="Faites-vous partie de l'Espace de confiance")).to_be_visible()
    page.tab_to("Oui")
    page.page.keyboard.press("Space")
    page.tab_to("Continuer")
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_text("Vos réponses")).to_be_visible()


def test_a_whole_simulation_without_scripts(window: Callable[..., Watched]) -> None:
    found = window(scripts=False)
    found.go(f"{PAGE}?au=2023-09-04")
    found.page.get_by_role("link", name="Demande d'enrôlement").first.click()
    assert found.path() == f"/{PAGE}/simuler/enrolement"
    for _ in range(60):
        if found.page.get_by_role("status").count():
            break
        options = found.page.get_by_role("radio")
        if options.count():
            # the DSFR lays the label over its box
            options.first.check(force=True)
        else:
            found.page.get_by_role("textbox").fill("02/11/2022 10:00")
        found.page.get_by_role("button", name="Continuer").click()
    expect(found.page.get_by_role("status")).to_contain_text("Votre demande serait acceptée.")
    # nothing of the answers is in the address, and the last one can be taken back
    assert found.path() == f"/{PAGE}/simuler/enrolement"
    assert "?" not in found.page.url
    assert [cookie.get("name") for cookie in found.page.context.cookies()] == ["csrf"]
    found.page.get_by_role("button", name="Modifier : Joignez-vous le Contrat Opérateur V2").click()
    expect(found.page.get_by_role("heading", name="Joignez-vous le Contrat Opérateur V2")).to_be_visible()
    found.page.get_by_label("Non", exact=True).check(force=True)
    found.page.get_by_role("button", name="Continuer").click()
    expect(found.page.get_by_role("status")).to_contain_text("à compléter")


def test_what_is_typed_is_shown_as_text(page: Watched) -> None:
    page.go(SIMULATOR)
    page.page.get_by_role("textbox").fill("<img src=x onerror=alert(1)>")
    page.page.get_by_role("button", name="Continuer").click()
    expect(page.page.get_by_role("alert")).to_contain_text("ne se lit pas")
    assert page.page.get_by_role("textbox").input_value() == "<img src=x onerror=alert(1)>"


def test_a_page_says_first_that_the_programme_is_closed(page: Watched) -> None:
    page.go(f"{PAGE}?au=2026-11-29")
    expect(page.page.get_by_role("heading", level=2).first).to_contain_text("Programme fermé")
    page.page.get_by_label("Ce que disent les règles à la date du").fill("2023-07-10")
    page.page.get_by_role("button", name="Afficher").click()
    expect(page.page.get_by_role("heading", level=2).first).to_contain_text("Programme ouvert")
