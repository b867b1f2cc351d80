"""The sources of the whole site: every page of every sort."""

from __future__ import annotations

from recevable.handbook.pages import PAGES
from recevable.handbook.survey import Survey


def sources(survey: Survey) -> list[tuple[str, str]]:
    """Each page: its name from the root of the site, without suffix, and its reStructuredText."""
    return [page for sort in PAGES for page in sort.pages(survey)]
