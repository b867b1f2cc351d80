"""How a screen is described: the addresses that it covers, who opens it, and how it is brought to each of its states.

Each part of the guichet has a module in this folder, with `SCREENS`, and `OTHERS` for its addresses that show no
screen of their own.  `tests/e2e/test_screens.py` opens each screen in each state, and fails for an address of the
application that no module names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.e2e.watched import Watched

# Brings a page, already signed in, to a state of a screen.
Reach = Callable[[Watched], None]


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen and its states; where it has none of one kind, a sentence says why.

    `names` are names of URL patterns, `title` the text of the heading of level 1 (of `full` and `empty`), `role` a key
    of PERSONS, None for somebody who has not signed in.  `empty` is reached in a demonstration without dossiers.
    `statuses` are those that the state of error answers.
    """

    names: tuple[str, ...]
    title: str
    role: str | None
    full: Reach
    empty: Reach | str
    error: Reach | str
    statuses: tuple[int, ...] = field(default=())


# Names of addresses that show no screen of their own, each with the reason.
Others = Mapping[str, str]


def at(path: str) -> Reach:
    """Open a path, without a slash before it."""

    def reach(watched: Watched) -> None:
        watched.go(path)

    return reach


def dossier(reference: str, tab: str = "a-instruire", then: Reach | None = None) -> Reach:
    """Open a dossier from the queue, and do something there."""

    def reach(watched: Watched) -> None:
        watched.open(reference, tab)
        if then is not None:
            then(watched)

    return reach


def press(button: str) -> Reach:
    """Press a button of the page as it stands, without asking the browser whether the form is filled."""

    def reach(watched: Watched) -> None:
        found = watched.page.get_by_role("button", name=button, exact=True).first
        found.evaluate("one => { if (one.form) one.form.noValidate = true; }")
        found.click()

    return reach


def follow(link: str) -> Reach:
    """Follow a link of the page."""

    def reach(watched: Watched) -> None:
        watched.page.get_by_role("link", name=link).first.click()

    return reach


def first(*reaches: Reach) -> Reach:
    """One after the other."""

    def reach(watched: Watched) -> None:
        for one in reaches:
            one(watched)

    return reach
