"""The short lines of a batch as a table: a row for each request, each recovery case, each dossier in error.

The same rows are the column `lignes` of an Arrow batch, where a row is a dossier.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

_WHOLE: Final = ("dossier", "reference", "programme", "acceptee", "sha256")
DETAIL: Final = {
    # demande, recouvrement ou erreur
    "nature": "text",
    "nom": "text",
    "verdict": "text",
    "provisoire": "boolean",
    "regles": "texts",
    "causes": "texts",
    "propose": "euros",
    "estime": "euros",
    "erreur": "text",
    "message": "text",
}
COLUMNS: Final = {
    "dossier": "text",
    "reference": "text",
    "programme": "text",
    "acceptee": "boolean",
    **DETAIL,
    "sha256": "text",
}


def write_table(lines: Path, made: Path) -> None:
    """Write the table of a file of short lines, in constant memory."""
    # imported late: an extra of the installation
    from recevable import tables

    with lines.open("rb") as stream:
        tables.write(made, COLUMNS, (row for line in stream for row in _rows(msgspec.json.decode(line))))


def _rows(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    common = whole(line)
    return ({**common, **row} for row in details(line))


def whole(line: dict[str, Any]) -> dict[str, Any]:
    """What a short line says of a dossier."""
    return {name: line.get(name) for name in _WHOLE}


def details(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a short line says of each request and recovery case, or of what is wrong, by the names of DETAIL."""
    if "erreurs" in line:
        first = line["erreurs"][0]
        yield {"nature": "erreur", "erreur": first["code"], "message": first["message"]}
        return
    for label, request in line["demandes"].items():
        yield {
            "nature": "demande",
            "nom": label,
            "verdict": request["verdict"],
            "provisoire": request["provisoire"],
            "regles": [one["regle"] for one in request["regles"]],
            "causes": [one["cause"] for one in request["regles"]],
            "propose": _euros(request["centimes_proposes"]),
            "estime": _euros(request["centimes_estimes"]),
        }
    for case in line["recouvrement"]:
        yield {
            "nature": "recouvrement",
            "nom": case["regle"],
            "regles": [case["regle"]],
            "causes": [case["etape"] or "clos"],
            "propose": None if case["clos"] else _euros(case["centimes"]),
            "estime": _euros(case["centimes"]),
        }


def _euros(cents: int | None) -> Any:
    return None if cents is None else Decimal(cents).scaleb(-2)
