"""Write a parameter `jours_feries` for a department and some years:  .ci/feries.py 67 2024 2026

The days come from the library `holidays`, which no part of recevable imports: what a pack says is in the pack, with its
source, and a person reads it again.  Overseas, some of these days are customs and not public holidays of the law.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Final

import holidays

_ALSACE_MOSELLE: Final = {"57": "57", "67": "6AE", "68": "6AE"}
_OVERSEAS: Final = {
    "971": "971", "972": "972", "973": "973", "974": "974", "975": "PM", "976": "976", "977": "BL", "978": "MF",
    "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
_SOURCES: Final = {"": "L3133-1", "alsace": "L3133-1 et L3134-13", "outre-mer": "L3133-1 et L3422-2"}


def calendar(department: str, first: int, last: int) -> holidays.HolidayBase:
    """The public holidays of a department; raises ValueError for a department that does not exist."""
    known = {f"{number:02}" for number in range(1, 96)} - {"20"} | {"2A", "2B"} | set(_OVERSEAS)
    if department not in known:
        raise ValueError(f"`{department}` n'est pas un département")
    place = _ALSACE_MOSELLE.get(department, _OVERSEAS.get(department))
    return holidays.country_holidays("FR", subdiv=place, years=range(first, last + 1), language="fr")


def parameter(department: str, first: int, last: int) -> str:
    """The parameter as YAML, each day with its name as a comment."""
    if last < first:
        raise ValueError(f"{last} précède {first}")
    found = calendar(department, first, last)
    zone = "alsace" if department in _ALSACE_MOSELLE else "outre-mer" if department in _OVERSEAS else ""
    lines = [
        f"  feries_{department.lower()}:",
        f"    titre: Jours fériés du département {department}",
        "    type: jours_feries",
        "    valeurs:",
    ]
    for year in range(first, last + 1):
        lines += [
            f'      - a_partir_du: "{year}-01-01"',
            f'        source: "Code du travail, {"articles" if zone else "article"} {_SOURCES[zone]}"',
            "        valeur:",
            *(f'          - "{day}"  # {name}' for day, name in sorted(found.items()) if day.year == year),
        ]
    return "\n".join([*lines, f'    jusqu_au: "{date(last, 12, 31)}"', ""])


if __name__ == "__main__":
    try:
        department, first, last = sys.argv[1:]
        sys.stdout.write(parameter(department, int(first), int(last)))
    except ValueError as error:
        sys.exit(f"{error}\nÉcrivez par exemple : make feries DEPARTEMENT=67 DE=2024 A=2026")
