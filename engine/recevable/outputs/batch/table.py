"""The short lines of a batch as a Parquet table: a row for each request, each recovery case, each dossier in error."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

COLUMNS: Final = {
    "dossier": "text",
    "reference": "text",
    "programme": "text",
    "acceptee": "boolean",
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
    "sha256": "text",
}


def write_table(lines: Path, made: Path) -> None:
    """Write the table of a file of short lines, in constant memory."""
    # imported late: an extra of the installation
    from recevable import tables

    with lines.open("rb") as stream:
        tables.write(made, COLUMNS, (row for line in stream for row in _rows(msgspec.json.decode(line))))


def _rows(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "erreurs" in line:
        first = line["erreurs"][0]
        yield {"dossier": line["dossier"], "nature": "erreur", "erreur": first["code"], "message": first["message"]}
        return
    common = {name: line[name] for name in ("dossier", "reference", "programme", "acceptee", "sha256")}
    for label, request in line["demandes"].items():
        yield {
            **common,
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
            **common,
            "nature": "recouvrement",
            "nom": case["regle"],
            "regles": [case["regle"]],
            "causes": [case["etape"] or "clos"],
            "propose": None if case["clos"] else _euros(case["centimes"]),
            "estime": _euros(case["centimes"]),
        }


def _euros(cents: int | None) -> Any:
    return None if cents is None else Decimal(cents).scaleb(-2)
