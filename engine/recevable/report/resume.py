"""A decision on one short line: verdicts, what decided them, amounts in cents, and the digest of the whole decision.

The digest is the SHA-256 of `Programme.to_json`: deciding the dossier again gives the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from recevable.decision.model import AmountLine, Decision, Finding, RequestDecision
from recevable.pack.model import Consequence, Result
from recevable.report import json_format

_HUNDRED: Final = 100


def resume_line(decision: Decision, name: str) -> bytes:
    """UTF-8 JSON on one line, without a newline; `name` is where the dossier was read (file, or file:line)."""
    return json_format.line(
        {
            "dossier": name,
            "reference": decision.reference,
            "programme": decision.programme,
            "acceptee": decision.accepted,
            "demandes": {request.label: _request(request) for request in decision.requests},
            "recouvrement": [
                {
                    "regle": case.rule,
                    "etape": case.step or None,
                    "clos": case.closed,
                    "centimes": cents(case.amount),
                }
                for case in decision.recovery
            ],
            "sha256": hashlib.sha256(json_format.decision_line(decision)).hexdigest(),
        }
    )


def cents(line: AmountLine | None) -> int | None:
    """An amount in cents; None when it is unknown or no whole number of cents."""
    if line is None or not isinstance(line.value, Decimal | int):
        return None
    value = Decimal(line.value) * _HUNDRED
    return int(value) if value == value.to_integral_value() else None


def deciding(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that prevent acceptance, or leave it open."""
    against = (Consequence.REJECT, Consequence.COMPLETE)
    return [f for f in findings if f.consequence in against or f.result in (Result.MISSING, Result.TO_APPRAISE)]


def _request(request: RequestDecision) -> dict[str, Any]:
    return {
        "verdict": str(request.verdict),
        "provisoire": request.provisional,
        "regles": [{"regle": f.rule, "cause": f.cause or str(f.result)} for f in deciding(request.notable)],
        "centimes_proposes": cents(request.payable),
        "centimes_estimes": cents(request.proposed),
    }
