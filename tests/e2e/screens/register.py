"""The register of acts, and what probes ask."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Screen, at

SCREENS: Final = (
    Screen(
        names=("registre",),
        title="Registre des actes",
        role="auditeur",
        full=at("registre?verifier"),
        empty=at("registre?verifier"),
        error=at("registre?avant=1"),
    ),
)
OTHERS: Final[Others] = {
    "exporter": "a file",
    "sante": "a line for probes",
    "pret": "a line for probes",
}
