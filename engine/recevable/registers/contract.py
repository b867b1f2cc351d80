"""What an outside register gives to a programme: figures of an identified party, at a day, and the proof of them.

A pack names a register in its manifest (`preuve: {registre: ...}`), where its dossiers state the same figures, and the
parameters that the register's own tools are set by.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, Protocol

from msgspec import Struct

DIFFERENCE: Final = "ecart"
UNVERIFIABLE: Final = "non_verifiable"
REMARK: Final = "remarque"


class Discrepancy(Struct, frozen=True, kw_only=True):
    """One thing in which a dossier and its proof do not agree, or that the proof cannot show.

    `level`: `ecart` (they contradict each other, or the proof contradicts itself), `non_verifiable` (the proof does not
    settle it) or `remarque` (a human has to know). `field` is the key of the figure concerned, or empty; `cause` an
    ASCII identifier; `stated` and `proven` the two values when there are two; `message` a French sentence.
    """

    level: str
    field: str
    cause: str
    message: str
    stated: int | str | None = None
    proven: int | str | None = None


class Comparison(Protocol):
    """What the module of a register offers."""

    def discrepancies(
        self,
        proof: Mapping[str, Any],
        figures: Mapping[str, Any],
        identifier: str | None,
        *,
        closing: str | None = None,
    ) -> list[Discrepancy]:
        """What differs between the figures of a dossier and a proof that fits its schema; empty when all agrees.

        `identifier` is the SIRET of the party concerned; `closing` (AAAA-MM-JJ) the day of the figures, when known.
        """


class Register(Struct, frozen=True):
    """A register: its name, the shipped schema of its proofs, the parameters that set its tools, each with its type.

    `module` holds its `Comparison`, imported when a proof is compared.
    """

    name: str
    module: str
    proof_schema: str
    settings: Mapping[str, str]

    def comparison(self) -> Comparison:
        """What compares; the libraries of the register are loaded by it, not before."""
        module: Any = import_module(self.module)
        found: Comparison = module
        return found


REGISTERS: Final[dict[str, Register]] = {
    one.name: one
    for one in (
        Register(
            "annuaire",
            "recevable.registers.annuaire.verification",
            "annuaire/preuve.schema.json",
            {"seuil": "nombre", "effectif_minimal": "entier"},
        ),
    )
}
