"""A dossier: its data, valid against the schema, its digest, and the name that people know it by."""

from __future__ import annotations

import hashlib
from typing import Any

from msgspec import Struct

from recevable.dossier.json_reader import faults, read
from recevable.dossier.positions import scan
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import DiagnosticError


class Dossier(Struct, frozen=True):
    """What the engine may read: nothing gets here without having passed the schema."""

    name: str
    data: dict[str, Any]
    sha256: str

    def named(self, name: str) -> Dossier:
        """The same dossier under another name (a line of an NDJSON file)."""
        return Dossier(name, self.data, self.sha256)


def load(content: bytes, name: str, validator: SchemaValidator, first_line: int = 1) -> Dossier:
    """Read and validate one dossier; raises DiagnosticError.  `first_line` places a line of an NDJSON file."""
    data = read(content, name, first_line)
    if not validator.accepts(data):
        found = scan(content.decode("utf-8"))
        # a number out of bounds is better told by its digits than by the bound of the schema
        told = faults(found, name, first_line) or validator.explain(data, found, name, first_line)
        raise DiagnosticError(told)
    return Dossier(name, data, hashlib.sha256(content).hexdigest())
