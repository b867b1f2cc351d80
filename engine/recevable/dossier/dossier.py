"""A dossier: its data, valid against the schema, and its digest."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from recevable.digests import sha256
from recevable.dossier.json_reader import read
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import DiagnosticError


class Dossier(Struct, frozen=True):
    """A dossier that has passed the schema, the only form that the engine reads."""

    data: dict[str, Any]
    sha256: str


def load(content: bytes, name: str, validator: SchemaValidator, first_line: int = 1) -> Dossier:
    """Parse and validate a dossier; raises DiagnosticError, with `name` as the file and `first_line` its line in it."""
    return checked(read(content, name, first_line), content, name, validator, first_line)


def checked(data: Any, content: bytes, name: str, validator: SchemaValidator, first_line: int = 1) -> Dossier:
    """`load`, of a text that was parsed into `data`."""
    if not validator.accepts(data):
        # imported late: most dossiers have nothing to explain
        from recevable.dossier.json_faults import faults
        from recevable.dossier.positions import scan

        found = scan(content.decode("utf-8"))
        # for a number out of range, report its digits rather than the bound of the schema
        diagnostics = faults(found, name, first_line) or validator.explain(data, found, name, first_line)
        raise DiagnosticError(diagnostics)
    return Dossier(data, sha256(content))
