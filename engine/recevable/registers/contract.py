"""The interface of an external register: figures of an identified party on a day, with their proof.

A pack names a register in its manifest (`preuve: {registre: ...}`), the dossier fields with the same figures, and the
parameters that configure the register's tools.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, Protocol

from msgspec import Struct

from recevable.lazy import pattern

DIFFERENCE: Final = "ecart"
UNVERIFIABLE: Final = "non_verifiable"
REMARK: Final = "remarque"
# A further type of what a register counts, and the name of its figure.
NAMED_TYPE: Final = pattern(r"(?P<code>[A-Za-z0-9]{1,4})=(?P<figure>[a-z][a-z0-9_]*)", re.ASCII)


class Discrepancy(Struct, frozen=True, kw_only=True):
    """A mismatch between a dossier and its proof, or something the proof cannot show.

    `level`: `ecart` (they contradict each other, or the proof contradicts itself), `non_verifiable` (the proof cannot
    confirm it) or `remarque` (for a human's information). `field` is the key of the figure concerned, or empty; `cause`
    an ASCII identifier; `stated` and `proven` the two values when there are two; `message` a French sentence.
    """

    level: str
    field: str
    cause: str
    message: str
    stated: int | str | None = None
    proven: int | str | None = None


class Comparison(Protocol):
    """The interface of a register's module."""

    def discrepancies(
        self,
        proof: Mapping[str, Any],
        figures: Mapping[str, Any],
        identifier: str | None,
        *,
        closing: str | None = None,
        types: Mapping[str, str] | None = None,
    ) -> list[Discrepancy]:
        """What differs between the figures of a dossier and a proof that fits its schema; empty when all agrees.

        `identifier` is the SIRET of the party concerned; `closing` (AAAA-MM-JJ) the day of the figures, when known;
        `types` the figure of each type that the programme has counted besides those of the register.
        """


class Register(Struct, frozen=True):
    """A register: its name, the shipped schema of its proofs, and the parameters of its tools, with their types.

    `module` holds its `Comparison`, imported when a proof is compared.  `figures` are the figures that its count always
    has, and `types` the codes that they count: a programme may name further ones (`types` of the manifest).
    """

    name: str
    module: str
    proof_schema: str
    settings: Mapping[str, str]
    figures: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def comparison(self) -> Comparison:
        """The comparison of the register; its libraries are loaded here, not before."""
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
            frozenset(
                "applicatives organisationnelles personnelles types_inconnus types_contradictoires contestees".split()
            ),
            frozenset(("APP", "ORG", "PER")),
        ),
    )
}
