"""The guichet in a real browser: both main paths, no console error, nothing refused by the policy or missing; axe.

Run by `make e2e`: Chromium of the system, and it fails when there is none.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
KNOWN: Final = "solde-cinq-defauts"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert path is not None, "Chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        # root has no sandbox to give
        args = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = playwright.chromium.launch(executable_path=path, args=args)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demonstration, served by its command in a process of its own."""
    folder = tmp_path_factory.mktemp("guichet")
    command = [sys.executable, "-m", "recevable", "serve", "--dossier", str(folder / "demo"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"http://[\d.:]+/", next(line for line in server.stdout if "http" in line))
        assert found is not None
        yield found[0]
        server.terminate()


_FITS: Final = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


class Watched:
    """A page on which nothing may go wrong: what the browser complains of is kept."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.wrong: list[str] = []
        page.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("response", lambda one: self.wrong.append(f"{one.status} {one.url}") if one.status >= 400 else None)

    def go(self, path: str = "") -> None:
        self.page.goto(self.address + path)

    def sign_in(self, name: str) -> None:
        self.page.context.clear_cookies()
        self.go("connexion")
        self.page.get_by_role("button", name=name).click()
        expect(self.page.get_by_role("heading", name="Dossiers", exact=True)).to_be_visible()

    def open(self, reference: str, tab: str = "a-instruire") -> None:
        self.go(f"?onglet={tab}&q={reference}")
        self.page.get_by_role("link", name=reference, exact=True).click()

    def fits(self) -> bool:
        """Whether nothing is wider than the page; a moment passes when something is."""
        found = bool(self.page.evaluate(_FITS))
        if not found:
            self.page.wait_for_timeout(100)
        return found

    def axe(self) -> None:
        """No violation, and no page that scrolls sideways on a small screen or at 200 %."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
        for width in (320, 640, 1280):
            self.page.set_viewport_size({"width": width, "height": 900})
            # fields of the DSFR take a moment to follow the width
            assert any(self.fits() for _ in range(50)), (self.page.url, width)


@pytest.fixture(params=["light", "dark"])
def watched(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Watched]:
    context = browser.new_context(color_scheme=request.param, locale="fr-FR")
    found = Watched(context.new_page(), address)
    yield found
    context.close()
    assert found.wrong == []


def test_every_page_passes_axe_on_every_width(watched: Watched) -> None:
    watched.go("connexion")
    watched.axe()
    watched.sign_in("Inès Instruction")
    watched.axe()
    for path in ("?onglet=decides", "?q=rien-de-tel", "importer"):
        watched.go(path)
        watched.axe()
    watched.open(KNOWN)
    for details in watched.page.locator("details").all():
        details.evaluate("one => one.open = true")
    watched.axe()
    watched.open("appreciation-regroupement-a-demander")
    watched.page.get_by_role("link", name="Voir ce que chaque réponse décide").first.click()
    watched.axe()
    watched.sign_in("Aude Audit")
    watched.go("registre?verifier")
    watched.axe()


def test_a_page_that_does_not_exist_says_so(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="fr-FR")
    found = Watched(context.new_page(), address)
    found.sign_in("Inès Instruction")
    found.go("dossiers/999999")
    expect(found.page.get_by_role("heading", name="Cette page n'existe pas")).to_be_visible()
    found.axe()
    context.close()


def test_complete_then_sign_with_two_persons(browser: Browser, address: str) -> None:
    contexts = [browser.new_context(locale="fr-FR") for _ in range(2)]
    ines, valerie = (Watched(one.new_page(), address) for one in contexts)
    ines.sign_in("Inès Instruction")
    valerie.sign_in("Valérie Validation")
    ines.open(KNOWN)
    request = ines.page.locator("#demande-solde").locator("xpath=..")
    request.get_by_text("Préparer la décision").click()
    request.get_by_role("button", name="Préparer").click()
    expect(ines.page.get_by_role("status")).to_contain_text("une autre personne doit la signer")
    expect(ines.page.get_by_role("button", name="Signer")).to_have_count(0)
    valerie.open(KNOWN, "a-valider")
    valerie.page.get_by_role("button", name="Signer").click()
    expect(valerie.page.get_by_role("status")).to_contain_text("Signé : acte n°")
    valerie.go("registre?verifier")
    expect(valerie.page.get_by_role("status")).to_contain_text("La chaîne est intacte")
    assert ines.wrong == valerie.wrong == []
    for one in contexts:
        one.close()


def test_depart_from_the_proposal_then_send_back_by_keyboard_alone(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="fr-FR")
    watched = Watched(context.new_page(), address)
    watched.sign_in("Ivan Instruction")
    watched.open("solde-formulaire-incomplet")
    page = watched.page
    request = page.locator("#demande-solde").locator("xpath=..")
    summary = request.get_by_text("Préparer la décision")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("R")
    page.keyboard.press("Tab")
    page.keyboard.type("La pièce est fausse.")
    page.keyboard.press("Tab")
    page.keyboard.type("AF §7")
    page.keyboard.press("Enter")
    expect(page.get_by_text("S'écarte de la proposition.")).to_be_visible()
    watched.sign_in("Victor Validation")
    watched.open("solde-formulaire-incomplet", "a-valider")
    page.get_by_label("Ce qui est à revoir").fill("Citez la pièce.")
    page.get_by_role("button", name="Renvoyer").click()
    expect(page.get_by_role("status")).to_contain_text("renvoyé")
    assert watched.wrong == []
    context.close()


def test_the_first_tab_leads_to_the_content(watched: Watched) -> None:
    watched.sign_in("Inès Instruction")
    watched.page.keyboard.press("Tab")
    assert watched.page.evaluate("document.activeElement.textContent") == "Contenu"


def test_pages_read_without_scripts(browser: Browser, address: str, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{address}connexion")
    page.get_by_role("button", name="Inès Instruction").click()
    page.goto(f"{address}?q=solde-sans-documentation")
    page.get_by_role("link", name="solde-sans-documentation", exact=True).click()
    page.screenshot(path=tmp_path / "dossier.png", full_page=True)
    expect(page.get_by_role("heading", name="Ce qu'il faut demander").first).to_be_visible()
    context.close()
