"""The browser, the demonstration that it opens, and pages on which nothing may go wrong.

The demonstration is served by its command, once for all tests, on a folder of its own: tests that change a dossier
each take one that no other test uses.  A second one, `empty_address`, has accounts and rules and no dossier.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, StorageState, sync_playwright
from tests.e2e.watched import Watched

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
# Somebody of each role in the demonstration.
PERSONS: Final = {
    "instructeur": "Inès Instruction",
    "autre instructeur": "Ivan Instruction",
    "valideur": "Valérie Validation",
    "autre valideur": "Victor Validation",
    "controleur": "Victor Validation",
    "administrateur": "Adam Administration",
    "auditeur": "Aude Audit",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--images", default="", help="where to write the pictures of the guide (test_images.py)")


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


@contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
    """The address of a demonstration in a folder, served by its command until the end; it may not report any fault."""
    command = [sys.executable, "-m", "recevable", "serve", "--dossier", str(folder / "demo"), "--port", "0", *options]
    said = folder / "erreurs.txt"
    with said.open("wb") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as server:
        try:
            assert server.stdout is not None
            lines = iter(server.stdout.readline, b"")
            found = next((one for line in lines if (one := re.search(rb"http://[\d.:]+/", line))), None)
            assert found is not None, said.read_text("utf-8")
            if "--vide" not in options:
                # the sample dossiers come while it answers already
                assert any("exemple sont là" in line.decode() for line in lines), said.read_text("utf-8")
            yield found[0].decode()
        finally:
            server.terminate()
            server.wait(30)
    assert "Traceback" not in said.read_text("utf-8"), said.read_text("utf-8")


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demonstration, with the sample dossiers."""
    with served(tmp_path_factory.mktemp("guichet")) as found:
        yield found


@pytest.fixture(scope="session")
def empty_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demonstration without any dossier."""
    with served(tmp_path_factory.mktemp("vide"), "--vide") as found:
        yield found


class SignedIn(Protocol):
    """Opens a page as somebody of a role (a key of PERSONS), each time in a window of its own."""

    def __call__(self, role: str, *, at: str = "", scripts: bool = True) -> Watched: ...


@pytest.fixture(scope="session")
def _sessions() -> dict[tuple[str, str], StorageState]:
    """Who has signed in where, for all tests."""
    return {}


@pytest.fixture
def window(browser: Browser, address: str) -> Iterator[Callable[..., Watched]]:
    """Opens a page of a new window, nobody signed in; the test fails when anything went wrong on one of them."""
    opened: list[tuple[BrowserContext, Watched]] = []

    def new(*, at: str = "", scripts: bool = True, state: StorageState | None = None) -> Watched:
        context = browser.new_context(locale="fr-FR", java_script_enabled=scripts, storage_state=state)
        context.set_default_timeout(60_000)
        found = Watched(context.new_page(), at or address)
        opened.append((context, found))
        return found

    yield new
    wrong = [line for _, one in opened for line in one.wrong]
    for context, _ in opened:
        context.close()
    assert wrong == []


@pytest.fixture
def page(window: Callable[..., Watched]) -> Watched:
    """A page, nobody signed in."""
    return window()


@pytest.fixture
def signed_in(window: Callable[..., Watched], address: str, _sessions: dict[tuple[str, str], StorageState]) -> SignedIn:
    def as_(role: str, *, at: str = "", scripts: bool = True) -> Watched:
        key = (at or address, PERSONS[role])
        found = window(at=at, scripts=scripts, state=_sessions.get(key))
        found.go("connexion")
        if found.page.get_by_role("button", name="Se déconnecter").count() == 0:
            found.sign_in(PERSONS[role])
            _sessions[key] = found.page.context.storage_state()
        return found

    return as_
