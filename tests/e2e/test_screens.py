"""Every screen in every state: axe light and dark, no width at which it scrolls sideways, its title, nothing wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import SignedIn
from tests.e2e.screens.table import Reach, Screen

MODULES: Final = [
    import_module(f"tests.e2e.screens.{path.stem}")
    for path in sorted((Path(__file__).parent / "screens").glob("*.py"))
    if path.stem != "table"
]
SCREENS: Final[list[Screen]] = [one for module in MODULES for one in module.SCREENS]
STATES: Final = [
    pytest.param(screen, state, id=f"{screen.names[0]}-{state}")
    for screen in SCREENS
    for state in ("full", "empty", "error")
    if callable(getattr(screen, state))
]


@pytest.mark.parametrize(("screen", "state"), STATES)
def test_a_screen_has_no_fault_that_axe_sees(
    screen: Screen, state: str, signed_in: SignedIn, window: Any, request: pytest.FixtureRequest
) -> None:
    served: str = request.getfixturevalue("empty_address" if state == "empty" else "address")
    found = window(at=served) if screen.role is None else signed_in(screen.role, at=served)
    reach: Reach = getattr(screen, state)
    with found.expecting(*(screen.statuses if state == "error" else ())):
        reach(found)
    heading = found.page.get_by_role("heading", level=1)
    expect(heading).to_have_count(1)
    if state != "error":
        expect(heading).to_contain_text(screen.title)
    found.axe()


def test_every_address_has_its_screen() -> None:
    """A new address is either a screen of this table, in its three states, or said to show none."""
    # in a process of its own: Django wants its settings before anything else
    code = """
import django
django.setup()
from django.urls import get_resolver
def walk(patterns):
    for one in patterns:
        if hasattr(one, "url_patterns"):
            yield from walk(one.url_patterns)
        else:
            yield one.name or str(one.pattern)
print("\\n".join(sorted(set(walk(get_resolver().url_patterns)))))
"""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "recevable_web.settings", "RECEVABLE_WEB_DEMO": "oui"}
    env["RECEVABLE_WEB_SECRET_KEY"] = "essai" * 10
    listed = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    named = [name for screen in SCREENS for name in screen.names]
    others = [name for module in MODULES for name in module.OTHERS]
    assert sorted({*named, *others}) == listed.stdout.split()
    assert [name for name in named if name in others] == []
    reasons = [one for screen in SCREENS for one in (screen.empty, screen.error) if isinstance(one, str)]
    reasons += [reason for module in MODULES for reason in module.OTHERS.values()]
    assert all(len(reason) > 5 for reason in reasons)
