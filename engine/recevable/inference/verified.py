"""A pack that can be run: read, compiled, and within the bounds of the network."""

from __future__ import annotations

from recevable.inference import safety
from recevable.pack.compiled import CompiledPack
from recevable.pack.loader import load
from recevable.pack.source import AnyPack


def verified(pack: AnyPack) -> CompiledPack:
    """The compiled pack of a folder or another source, with sources and examples; raises DiagnosticError."""
    compiled = CompiledPack(load(pack))
    compiled.verify()
    safety.verify(compiled)
    return compiled
