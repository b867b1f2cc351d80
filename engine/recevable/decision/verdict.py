"""The verdict on a request, from its findings."""

from __future__ import annotations

from collections.abc import Sequence

from recevable.decision.model import Datum, Finding, Verdict
from recevable.pack.model import Consequence, Result


def verdict(notable: Sequence[Finding], undecidable: Sequence[Datum], *, satisfied: bool) -> Verdict:
    """The verdict of the most severe consequence; undecidable on an unknown parameter or without any `satisfied`.

    `notable` are the findings other than satisfied and not applicable.
    """
    consequences = {f.consequence for f in notable if f.result in (Result.FAILED, Result.MISSING)}
    if Consequence.REJECT in consequences:
        return Verdict.REJECT
    if undecidable:
        return Verdict.UNDECIDABLE
    if Consequence.COMPLETE in consequences:
        return Verdict.COMPLETE
    return Verdict.ACCEPT if satisfied else Verdict.UNDECIDABLE
