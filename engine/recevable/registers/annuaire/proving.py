"""Make a proof from two files, for the command line and the benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from recevable.registers.annuaire.attribution import attribute
from recevable.registers.annuaire.counting import count_extraction
from recevable.registers.annuaire.errors import EvidenceError
from recevable.registers.annuaire.proof import build_proof
from recevable.registers.annuaire.whitelist import read_white_list


def prove(
    extraction: Path,
    white_list: Path,
    *,
    certificate: Path | None = None,
    operator: tuple[str, ...] = (),
    closing: date | None = None,
    further: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Count `extraction`, attribute its mailboxes by `white_list`, and return the proof (see `build_proof`).

    `operator` holds the identifiers of the only operator to list, `further` the types that a programme prices besides
    the usual ones (see `attribute`). Raises EvidenceError when an input is refused or the list knows none of these
    identifiers.
    """
    known = read_white_list(white_list, certificate)
    for identifier in operator:
        if identifier not in known.operators:
            raise EvidenceError(
                str(white_list),
                f"aucun domaine de la liste n'est sous l'opérateur {identifier}",
                "Vérifier l'identifiant (3 et le SIRET, ou 1 et le FINESS) : ce n'est pas un compte de zéro",
            )
    tally, facts = count_extraction(extraction)
    attribution = attribute(tally, known.domains, operator, further)
    return build_proof(tally, facts, known, attribution, closing=closing, operator=operator, further=further)
