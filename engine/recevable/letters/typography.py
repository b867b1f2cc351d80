"""French typography of final sentences: apostrophes, and spaces at which a line never breaks."""

from __future__ import annotations

import re
from typing import Final

from recevable.decision.wording import MONTHS, NARROW_SPACE, NO_BREAK_SPACE

_UNITS: Final = "an|ans|mois|jour|jours|semaine|semaines|heure|heures|euro|euros|€|%|h"
_RULES: Final = (
    (re.compile(r"(?<=\w)'(?=\w|«)"), "’"),
    (re.compile(r" ([:»])"), rf"{NO_BREAK_SPACE}\1"),
    (re.compile(r" ([;?!])"), rf"{NARROW_SPACE}\1"),
    (re.compile(r"« "), f"«{NO_BREAK_SPACE}"),
    (re.compile(r" ?§ ?(?=\d)"), f"{NO_BREAK_SPACE}§{NO_BREAK_SPACE}"),
    (re.compile(r"\b([LRDA])\. ?(?=\d)"), rf"\1.{NO_BREAK_SPACE}"),
    (re.compile(r"\b(art\.|articles?|n°|nos|version|page) (?=[\dLRD])"), rf"\1{NO_BREAK_SPACE}"),
    (re.compile(rf"(?<=\d) (?=(?:{_UNITS})(?!\w))"), NO_BREAK_SPACE),
    (re.compile(rf"(?<=\d) (?=(?:{'|'.join(MONTHS)})\b)"), NO_BREAK_SPACE),
    (re.compile(rf"(?<=\b1er) (?=(?:{'|'.join(MONTHS)})\b)"), NO_BREAK_SPACE),
    (re.compile(r"(?<=\d) (?=\d{3}\b)"), NARROW_SPACE),
)
_START: Final = re.compile(rf"(?:^|(?<=\s)|(?<=\()){NO_BREAK_SPACE}§")


def typeset(text: str) -> str:
    """A sentence as it is printed; what is already typeset stays as it is."""
    for pattern, written in _RULES:
        text = pattern.sub(written, text)
    return _START.sub("§", text)


def siret(digits: str) -> str:
    """A SIRET or SIREN in groups that a line never separates."""
    groups = [digits[start:end] for start, end in ((0, 3), (3, 6), (6, 9), (9, len(digits))) if digits[start:end]]
    return NO_BREAK_SPACE.join(groups)
