"""The formats that a dossier schema may name, beyond those of JSON Schema.

`instant`, `date`, `montant` and `taux` must be well formed for the dossier to be readable at all.  The check digits of
`siret`, `siren`, `iban` and `bic` are checked by rules: a wrong key is a defect of the request, to be told to the
applicant with all the others, and not a reason to refuse reading the dossier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import lru_cache, partial
from typing import Final

from recevable.language.calendar import parse_date, parse_instant

_AMOUNT = re.compile(r"-?\d{1,12}\.\d{2}", re.ASCII)
_RATE = re.compile(r"0\.\d{1,4}|[01]", re.ASCII)

# What a value of each strict format is called in a sentence.
NAMES: Final = {
    "instant": "un instant",
    "date": "une date",
    "montant": "un montant en euros",
    "taux": "un taux",
}

_remembered = lru_cache(maxsize=4096)
cached_instant = _remembered(parse_instant)
cached_date = _remembered(parse_date)


def _amount(text: str) -> None:
    if not _AMOUNT.fullmatch(text):
        raise ValueError("un montant s'écrit en euros avec deux décimales et un point, par exemple 8000.00")


def _rate(text: str) -> None:
    if not _RATE.fullmatch(text):
        raise ValueError("un taux s'écrit en décimal, par exemple 0.20 pour 20 %")


def parsers(zone: tzinfo) -> Mapping[str, Callable[[str], object]]:
    """For each strict format, a function that raises ValueError with a French sentence."""
    return {
        "instant": lambda text: cached_instant(text, zone),
        "date": cached_date,
        "montant": _amount,
        "taux": _rate,
    }


def validators(zone: tzinfo) -> dict[str, Callable[[str], bool]]:
    """The same as predicates, for a JSON Schema validator."""
    return {name: _remembered(partial(_accepts, parse)) for name, parse in parsers(zone).items()}


def _accepts(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True
