"""The sources of the whole site: every page of every sort."""

from __future__ import annotations

import json

from recevable.handbook.pages import PAGES
from recevable.handbook.survey import Survey


def scripts(survey: Survey) -> dict[str, str]:
    """The script that gives the pages each value of each parameter, so that a reader can choose the date."""
    phrases = survey.phrases
    values = {
        name: {
            "valeurs": [[value.start.isoformat(), phrases.shown(parameter, value)] for value in parameter.values],
            "fin": None if parameter.until is None else parameter.until.isoformat(),
        }
        for name, parameter in survey.pack.parameters.items()
        if phrases.dated(name)
    }
    data = {"jour": survey.day.isoformat(), "parametres": values}
    return {"valeurs.js": f"window.VALEURS = {json.dumps(data, ensure_ascii=False, indent=0)};\n"}


def sources(survey: Survey) -> list[tuple[str, str]]:
    """Each page: its name from the root of the site, without suffix, and its reStructuredText."""
    return [page for sort in PAGES for page in sort.pages(survey)]
