"""Check digits of the identifiers used by French administrations.

Implemented here rather than imported: see docs/adr/0005.  The tests compare each function with python-stdnum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from recevable.lazy import pattern

# Cache: the same identifiers occur in every request of a dossier.
_REMEMBERED: Final = 4096

_LA_POSTE = "356000000"
_NOBODY = "000000000"
_BIC = pattern(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_IBAN = pattern(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
# Spaces typed on a keyboard, and those that word processors put between groups of digits.
_SPACES = str.maketrans("", "", " \u00a0\u2007\u2009\u202f")
_RIB_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")


def _luhn(digits: str) -> bool:
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + rank % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _ascii_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def is_siren(text: str) -> bool:
    """Nine digits, not all zeros, whose Luhn sum is a multiple of ten (INSEE).  Spaces are allowed."""
    siren = compact_siret(text)
    return _ascii_digits(siren, 9) and siren != _NOBODY and _luhn(siren)


def compact_siret(text: str) -> str:
    """A SIRET or a SIREN without the spaces, of any width, between its groups of digits.

    Only spaces are removed: INSEE separates groups of digits, never with dots or hyphens, and these are reported as
    errors, as for an IBAN.
    """
    return text.translate(_SPACES)


@lru_cache(maxsize=_REMEMBERED)
def is_siret(text: str) -> bool:
    """Fourteen digits, Luhn on the whole and on the SIREN, which is not all zeros.  Spaces are allowed.

    An establishment of La Poste (SIREN 356000000) is also valid when the plain sum of its digits is a multiple of five.
    """
    siret = compact_siret(text)
    if not _ascii_digits(siret, 14) or not is_siren(siret[:9]):
        return False
    return _luhn(siret) or (siret.startswith(_LA_POSTE) and sum(map(int, siret)) % 5 == 0)


def siren_of(siret: str) -> str | None:
    """The SIREN (first nine digits) of a SIRET; None when the SIRET is not valid."""
    return compact_siret(siret)[:9] if is_siret(siret) else None


def compact(text: str) -> str:
    """Capitals without spaces, of any width, the exchange form of an IBAN or a BIC.

    Non-ASCII letters are kept: capitalizing a dotless i must not make a code valid.
    """
    joined = text.translate(_SPACES)
    return joined.upper() if joined.isascii() else joined


@lru_cache(maxsize=_REMEMBERED)
def is_iban(text: str) -> bool:
    """ISO 13616: modulo 97 equal to one; a French one also has a valid RIB key.  Spaces are allowed."""
    iban = compact(text)
    if not _IBAN.fullmatch(iban):
        return False
    rearranged = iban[4:] + iban[:4]
    if int("".join(str(int(char, 36)) for char in rearranged)) % 97 != 1:
        return False
    return not iban.startswith("FR") or _is_rib(iban[4:])


def _is_rib(bban: str) -> bool:
    if len(bban) != 23 or not (bban[:10].isdigit() and bban[21:].isdigit()):
        return False
    bank, desk, account, key = bban[:5], bban[5:10], bban[10:21].translate(_RIB_LETTERS), bban[21:]
    return 1 <= int(key) <= 97 and (89 * int(bank) + 15 * int(desk) + 3 * int(account) + int(key)) % 97 == 0


def is_bic(text: str) -> bool:
    """ISO 9362: eight or eleven characters, institution, country, place, optional branch.  Spaces are allowed."""
    return _BIC.fullmatch(compact(text)) is not None


def full_bic(text: str) -> str:
    """The eleven-character form of a BIC: eight characters mean the head office, branch XXX (ISO 9362)."""
    bic = compact(text)
    return f"{bic}XXX" if len(bic) == 8 else bic


_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "siret": is_siret,
    "siren": is_siren,
    "iban": is_iban,
    "bic": is_bic,
}


def check_digits(kind: str, text: str) -> bool:
    """Whether an identifier of a kind (`siret`, `siren`, `iban`, `bic`) is well formed; True for any other kind."""
    check = _CHECKS.get(kind)
    return check is None or check(text)
