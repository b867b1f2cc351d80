"""How the agreement of both evaluators is kept: on every dossier, or on a sample of them (docs/adr/0016)."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

# Always, or by sampling.
Agreement = Literal["toujours", "echantillon"]
ALWAYS: Final = "toujours"
SAMPLED: Final = "echantillon"
# The sample has one dossier in so many.
ONE_IN: Final = 64


class Sample(Struct, frozen=True):
    """How a dossier was decided by sampling: `drawn` when it is of the sample, for which both evaluators compute."""

    one_in: int
    drawn: bool


def sample(agreement: str, sha256: str) -> Sample | None:
    """Whether a dossier is of the sample, by its digest; None when both evaluators always compute.

    Raises ValueError for an unknown `agreement`.
    """
    if agreement == ALWAYS:
        return None
    if agreement != SAMPLED:
        raise ValueError(f"the agreement is kept {ALWAYS!r} or by {SAMPLED!r}, not {agreement!r}")
    return Sample(ONE_IN, int(sha256, 16) % ONE_IN == 0)
