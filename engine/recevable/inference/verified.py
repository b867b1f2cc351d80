"""A pack that may be run: read, compiled, and within what the network can hold."""

from __future__ import annotations

from pathlib import Path

from recevable.inference import safety
from recevable.pack.compiled import CompiledPack
from recevable.pack.loader import load
from recevable.pack.yaml_strict import SAVED, Unsaved


def verified(folder: Path, unsaved: Unsaved = SAVED) -> CompiledPack:
    """The compiled pack of a folder, its sources and examples included; raises DiagnosticError."""
    compiled = CompiledPack(load(folder, unsaved))
    compiled.verify()
    safety.verify(compiled)
    return compiled
