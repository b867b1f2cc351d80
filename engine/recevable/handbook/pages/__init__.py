"""The closed list of page modules of the site, each giving page names and sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from recevable.handbook.pages import (
    calendar,
    computations,
    defaults,
    documents,
    fields,
    home,
    letters,
    parameters,
    proofs,
    requirements,
    rule,
    rules,
    vocabulary,
)
from recevable.handbook.survey import Survey


class Pages(Protocol):
    """The interface of a module of pages."""

    def pages(self, survey: Survey) -> Iterator[tuple[str, str]]:
        """Each page: its name from the root of the site, without suffix, and its reStructuredText."""


PAGES: Final[tuple[Pages, ...]] = (
    home, calendar, documents, rules, rule, parameters, defaults, computations, requirements, proofs, fields, letters,
    vocabulary,
)  # fmt: skip
