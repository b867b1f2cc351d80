"""The site of a pack in a browser: axe, a telephone, the date that the reader chooses, and what is printed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from recevable.handbook.site import build
from recevable.handbook.sources import scripts, sources
from recevable.handbook.survey import survey
from recevable.programme import open_programme

PACK = Path(__file__).parents[1] / "second_programme" / "prime-velo"
PAGES = (
    "index",
    "regles",
    "regles/DELAI-DEMANDE",
    "regles/FACTURE",
    "calculs",
    "calendrier",
    "pieces",
    "parametres",
    "champs",
    "search",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = survey(open_programme(PACK, prepared=False), date(2026, 11, 26), with_history=False)
    work, output = tmp_path_factory.mktemp("travail"), tmp_path_factory.mktemp("site")
    build(sources(found), found.pack.manifest.title, work, output, scripts(found))
    return output


@pytest.fixture(params=["light", "dark"])
def telephone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=request.param, locale="fr-FR")
    yield context.new_page()
    context.close()


def test_no_page_has_a_fault_of_axe_or_moves_across_on_a_telephone(telephone: Page, site: Path) -> None:
    for name in PAGES:
        telephone.goto((site / f"{name}.html").as_uri())
        telephone.evaluate("document.querySelectorAll('.essai').forEach(one => { one.name = ''; one.open = true; })")
        assert telephone.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        found = Axe().run(telephone).response["violations"]
        assert [(name, one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_the_reader_chooses_the_date_of_the_values(browser: Browser, site: Path) -> None:
    page = browser.new_page(locale="fr-FR")
    page.goto((site / "calculs.html").as_uri())
    share = page.locator(".valeur.p-part_de_la_commune").first
    before = share.inner_text()
    page.get_by_label("Valeurs en vigueur le").fill("2024-01-01")
    page.get_by_label("Valeurs en vigueur le").dispatch_event("change")
    assert share.inner_text() != before
    assert "change" in (share.get_attribute("class") or "")
    assert page.locator("#r-autre").is_visible()
    # the choice follows the reader, and goes back
    page.reload()
    assert page.get_by_label("Valeurs en vigueur le").input_value() == "2024-01-01"
    page.get_by_label("Valeurs en vigueur le").fill("2026-11-26")
    page.get_by_label("Valeurs en vigueur le").dispatch_event("change")
    assert share.inner_text() == before
    page.close()


def test_the_charts_and_the_list_of_values_follow_the_date(browser: Browser, site: Path) -> None:
    page = browser.new_page(locale="fr-FR")

    def choose(day: str) -> None:
        page.get_by_label("Valeurs en vigueur le").fill(day)
        page.get_by_label("Valeurs en vigueur le").dispatch_event("change")

    page.goto((site / "parametres" / "part_de_la_commune.html").as_uri())
    line = page.locator(".dessin line.jour")
    before, value = float(line.get_attribute("x1") or 0), page.locator("table.fiche .valeur").inner_text()
    choose("2024-03-01")
    assert float(line.get_attribute("x1") or 0) < before
    assert page.locator("table.fiche .valeur").inner_text() != value
    choose("2019-01-01")
    assert "absent" in (line.get_attribute("class") or "")
    page.goto((site / "parametres.html").as_uri())
    assert page.locator(".valeur.p-part_de_la_commune").inner_text() == "sans valeur à cette date"
    page.close()


def test_what_is_printed_has_no_menu(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto((site / "regles" / "DELAI-DEMANDE.html").as_uri())
    for part in (".sidebar-drawer", ".related-pages", ".choix-du-jour", ".toc-drawer"):
        assert not any(one.is_visible() for one in page.locator(part).all()), part
    assert page.locator("h1").is_visible()
    page.close()
