"""A page of the browser on which nothing may go wrong, and what tests ask of it: axe, widths, keyboard, themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response, expect

# A small telephone; 1280 px at 200 % of zoom, which is what a page of 640 px lays out; a desk.
WIDTHS: Final = (320, 640, 1280)
_FITS: Final = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
_FOCUSED: Final = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return '';
  const labels = one.labels && one.labels.length ? [...one.labels].map(label => label.textContent) : [];
  const said = one.getAttribute('aria-label') || labels.join(' ') || one.textContent || one.value || '';
  return said.replace(/\\s+/g, ' ').trim();
}"""
# Whether the element that has the focus shows it: an outline, or one of the DSFR around its label.
_SHOWN: Final = """() => {
  const seen = one => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  };
  const one = document.activeElement;
  return seen(one) || (one.nextElementSibling && seen(one.nextElementSibling)) || false;
}"""
_DARK: Final = """() => {
  const found = getComputedStyle(document.documentElement).getPropertyValue('--background-default-grey').trim();
  const shown = document.createElement('div');
  shown.style.color = found;
  document.body.append(shown);
  const [red, green, blue] = getComputedStyle(shown).color.match(/\\d+/g).map(Number);
  shown.remove();
  return (red + green + blue) / 3 < 64;
}"""


class Watched:
    """A page that keeps what the browser complains of: console, policy, missing files, answers of error."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.wrong: list[str] = []
        self._expected: set[int] = set()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("response", self._answered)
        page.on("requestfailed", self._failed)

    def _said(self, message: ConsoleMessage) -> None:
        refused = re.search(r"the server responded with a status of (\d+)", message.text)
        if refused is not None and int(refused[1]) in self._expected:
            return
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.type}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.wrong.append(f"{response.status} {response.url}")
        if "marianne" in response.url.casefold():
            # for services of the State only
            self.wrong.append(f"typeface: {response.url}")

    def _failed(self, request: Request) -> None:
        # a page that is left and a file that is saved end their request
        if request.failure not in ("net::ERR_ABORTED", None):
            self.wrong.append(f"{request.failure} {request.url}")

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Answers of these statuses are what the test is about."""
        self._expected = set(statuses)
        yield
        # what the console says comes after the page
        self.page.wait_for_timeout(50)
        self._expected = set()

    # --- moving -------------------------------------------------------------------------------------------------------

    def go(self, path: str = "") -> None:
        """Open a page by its path, without a slash before it."""
        self.page.goto(self.address + path)

    def path(self) -> str:
        """The path of the page that is open, with its slash."""
        return urlsplit(self.page.url).path

    def sign_in(self, name: str) -> None:
        """Sign in to the demonstration as one of its persons, as somebody else than before."""
        self.page.context.clear_cookies()
        self.go("connexion")
        self.page.get_by_role("button", name=name).click()
        expect(self.page.get_by_role("button", name="Se déconnecter")).to_be_visible()

    def open(self, reference: str, tab: str = "a-instruire") -> None:
        """Open a dossier, searched from a tab of the queue."""
        self.go(f"?onglet={tab}")
        self.page.get_by_label("Rechercher un dossier").fill(reference)
        self.page.get_by_role("button", name="Rechercher", exact=True).click()
        self.page.get_by_role("link", name=reference, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(reference)

    def unfold(self) -> None:
        """Open everything that is folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")

    # --- what is asked of each page -----------------------------------------------------------------------------------

    def axe(self) -> None:
        """No violation, light and dark, and nothing to scroll sideways on a telephone or at 200 % of zoom."""
        self.unfold()
        for theme in ("light", "dark"):
            self.theme(theme)
            # only a rule that is not run asks for the sheets, which axe copies inline: the policy refuses it
            found = Axe().run(self.page, options={"preload": {"assets": ["media"]}})
            assert found.violations_count == 0, f"{self.page.url} ({theme})\n{found.generate_report()}"
        self.theme("light")
        self.fits()

    def theme(self, theme: str) -> None:
        """Show the page light or dark, as the system of the person asks; it really is so."""
        # what changes colour slowly would be read in between
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        shown = any(self._is_shown(theme) for _ in range(50))
        assert shown, f"{self.page.url} is not shown {theme} when the system asks for it"
        self.page.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished.catch(() => null)))")

    def _is_shown(self, theme: str) -> bool:
        found = bool(self.page.evaluate(_DARK)) == (theme == "dark")
        if not found:
            self.page.wait_for_timeout(100)
        return found

    def fits(self) -> None:
        """Nothing is wider than the page, at any of WIDTHS."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            # fields of the DSFR take a moment to follow the width
            fitting = any(self._settled() for _ in range(30))
            assert fitting, f"{self.page.url} scrolls sideways at {width} px: {self._too_wide()}"

    def _settled(self) -> bool:
        found = bool(self.page.evaluate(_FITS))
        if not found:
            self.page.wait_for_timeout(100)
        return found

    def _too_wide(self) -> list[str]:
        script = """() => [...document.querySelectorAll('main *')]
          .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
          .slice(0, 3).map(one => one.outerHTML.slice(0, 120))"""
        return list(self.page.evaluate(script))

    # --- keyboard -----------------------------------------------------------------------------------------------------

    def focused(self) -> str:
        """What the element that has the focus is called: its label, or its text."""
        return str(self.page.evaluate(_FOCUSED))

    def tab_to(self, name: str, most: int = 200) -> None:
        """Press Tab until something whose name begins so has the focus, and shows it."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.focused().startswith(name):
                assert self.page.evaluate(_SHOWN), f"nothing shows that « {name} » has the focus"
                return
        raise AssertionError(f"{most} times Tab on {self.page.url} never reach « {name} »")
