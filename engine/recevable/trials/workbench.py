"""A pack made ready to be tried: its sources kept (a prepared pack has lost its examples), and its known dossiers."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct

from recevable.decision.decide import Decider
from recevable.dossier.validate import SchemaValidator
from recevable.inference.verified import verified
from recevable.pack.compiled import CompiledPack

# Beside each dossier of the fixtures: what a person expects of it.
EXPECTED: Final = ".attendu.yaml"


class Workbench(Struct, frozen=True):
    """A pack, what decides with it, and the folder of its known dossiers (None: it has none)."""

    folder: Path
    compiled: CompiledPack
    decider: Decider
    validator: SchemaValidator
    dossiers: Path | None


def workbench(folder: Path, dossiers: Path | None = None) -> Workbench:
    """A pack's bench; raises DiagnosticError when the pack is wrong.

    Without `dossiers`, those of the `fixtures/<pack>` that stands beside the folder `rules` of the pack, if any.
    """
    compiled = verified(folder)
    if dossiers is None:
        beside = folder.resolve().parent.parent / "fixtures" / folder.resolve().name
        dossiers = beside if beside.is_dir() else None
    else:
        dossiers = dossiers.resolve()
    schema, manifest = compiled.pack.schema, compiled.pack.manifest
    validator = SchemaValidator(schema, manifest.zone, manifest.years)
    return Workbench(folder, compiled, Decider(compiled, schema), validator, dossiers)
