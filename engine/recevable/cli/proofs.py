"""`recevable check --preuve`: compare the figures of a dossier with a proof from an external register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from recevable import data, files
from recevable.cli.exits import usage
from recevable.cli.inputs import ProofFault
from recevable.decision.model import Decision, EvidenceLine
from recevable.dossier.dossier import Dossier, load
from recevable.dossier.limits import MAX_BYTES
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import DiagnosticError
from recevable.language.identifiers import compact_siret
from recevable.programme import Programme
from recevable.registers.contract import Register


class Proof:
    """A proof given on the command line, read once the programme of the first dossier is known."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._content: Mapping[str, Any] | None = None

    def compare(self, decision: Decision, dossier: Dossier, programme: Programme, today: date) -> Decision:
        """The decision, completed with the differences between the proof and the dossier's figures.

        Raises click.UsageError when the file is unreadable, and ProofFault when it is not a proof.
        """
        places = programme.pack.manifest.proof
        assert places is not None  # the caller has checked
        figures, identifier = (_at(dossier.data, path) for path in (places.figures, places.identifier))
        siret = None if identifier is None else compact_siret(identifier)
        closing = _closing(programme, places.closing.text, today)
        compare = places.register.comparison().discrepancies
        proof = self._read(programme, places.register)
        found = compare(proof, figures or {}, siret, closing=closing, types=places.types)
        lines = tuple(EvidenceLine(d.level, d.field, d.message, d.stated, d.proven) for d in found)
        return replace(decision, evidence=lines)

    def _read(self, programme: Programme, register: Register) -> Mapping[str, Any]:
        if self._content is None:
            try:
                content = files.read(self.path, MAX_BYTES)
            except OSError as error:
                raise usage(f"--preuve : `{self.path}` {files.reason(error)}") from None
            manifest = programme.pack.manifest
            validator = SchemaValidator(data.read_schema(register.proof_schema), manifest.zone, manifest.years)
            try:
                self._content = load(content, str(self.path), validator).data
            except DiagnosticError as error:
                raise ProofFault(error.diagnostics) from None
        return self._content


def _at(node: Any, path: str) -> Any:
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node


def _closing(programme: Programme, parameter: str, today: date) -> str | None:
    """The day on which the extraction must have been made."""
    value = programme.pack.parameters[parameter].at(today)
    return value.value.isoformat() if value is not None and value.value is not None else None
