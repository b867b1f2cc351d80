"""The formats that a dossier schema may use, beyond those of JSON Schema.

`instant`, `date`, `montant`, `taux` and `lisible` must be well formed for the dossier to be readable.  The check digits
of `siret`, `siren`, `iban` and `bic` are verified by rules: a wrong check digit is a defect of the request, reported to
the applicant with the others, not an unreadable dossier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import lru_cache, partial
from typing import Final

from recevable.language.calendar import parse_date, parse_instant
from recevable.language.characters import shows

# The format of a text with at least one visible character, such as a name.
READABLE: Final = "lisible"
# The French name of a value of each strict format.
NAMES: Final = {
    "instant": "un instant",
    "date": "une date",
    "montant": "un montant en euros",
    "taux": "un taux",
    READABLE: "un texte que l'on puisse lire",
}
# The first and last years allowed in a dossier, by default.
Years = tuple[int, int]
YEARS: Final[Years] = (1900, 2100)


class ImplausibleYear(ValueError):
    """A well formed date or instant in an implausible year."""


_remembered = lru_cache(maxsize=4096)
cached_instant = _remembered(parse_instant)
cached_date = _remembered(parse_date)


def _digits(text: str, least: int, most: int) -> bool:
    return least <= len(text) <= most and text.isascii() and text.isdigit()


def _amount(text: str) -> None:
    euros, _, cents = text.removeprefix("-").partition(".")
    if not (_digits(euros, 1, 12) and _digits(cents, 2, 2)):
        raise ValueError("un montant s'écrit en euros avec deux décimales et un point, par exemple 8000.00")


def _rate(text: str) -> None:
    whole, point, rest = text.partition(".")
    known = whole in ("0", "1") and (not point or _digits(rest, 1, 4))
    if not known or (whole == "1" and rest.strip("0")):
        raise ValueError("un taux s'écrit en décimal, par exemple 0.20 pour 20 %")


def _readable(text: str) -> None:
    if not shows(text):
        raise ValueError("ce texte ne montre rien : écrivez ce qu'il doit dire, ou supprimez ce champ")


def plausible(text: str, years: Years) -> None:
    """Raises ImplausibleYear when a well formed date or instant has a year outside `years`.

    The year is the one written, before any offset is applied.
    """
    first, last = years
    if not first <= int(text[:4]) <= last:
        raise ImplausibleYear(f"l'année {text[:4]} n'est pas entre {first} et {last} : vérifiez-la")


def parsers(zone: tzinfo, years: Years = YEARS) -> Mapping[str, Callable[[str], object]]:
    """For each strict format, a function that raises ValueError with a French message."""

    def instant(text: str) -> None:
        cached_instant(text, zone)
        plausible(text, years)

    def day(text: str) -> None:
        cached_date(text)
        plausible(text, years)

    return {"instant": instant, "date": day, "montant": _amount, "taux": _rate, READABLE: _readable}


def validators(zone: tzinfo, years: Years = YEARS) -> dict[str, Callable[[str], bool]]:
    """The same as predicates, for a JSON Schema validator."""
    return {name: _remembered(partial(_accepts, parse)) for name, parse in parsers(zone, years).items()}


def _accepts(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True
