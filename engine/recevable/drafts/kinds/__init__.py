"""The closed list of the kinds of change, one module each."""

from __future__ import annotations

from typing import Final

from recevable.drafts.kinds import (
    amount,
    appraisal,
    datum,
    optional,
    piece,
    programme,
    repeal,
    transition,
    undue,
    value,
)
from recevable.drafts.model import Draft

DRAFTS: Final[tuple[Draft, ...]] = (
    piece.DRAFT,
    appraisal.DRAFT,
    undue.DRAFT,
    amount.DRAFT,
    datum.DRAFT,
    value.POSTPONED,
    value.DRAFT,
    repeal.DRAFT,
    optional.DRAFT,
    transition.DRAFT,
    programme.DRAFT,
)
