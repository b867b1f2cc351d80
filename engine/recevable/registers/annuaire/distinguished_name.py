"""Reading the operator out of the distinguished name of a certificate.

The list of authorised domains identifies an operator only by the certificate of its mail service, and the certificate
by its subject: the unit (OU) is `3` and a SIRET, or `1` and a FINESS number. The name of the organisation changes, is
cut or is missing; it is never used. Names are written as in RFC 4514, with the liberties found in that list: spaces
around separators, no-break spaces, values in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SIRET = "siret"
FINESS = "finess"

_UNIT = {"OU", "2.5.4.11", "OID.2.5.4.11"}
_SIRET = re.compile(r"[0-9]{14}")
_FINESS = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{7}")
_SEPARATORS = ",;+"


def operator_in(name: str) -> str | None:
    """The operator identifier (`3`+SIRET or `1`+FINESS) in a distinguished name.

    None when there is none, or when there are two, since the operator is then unknown.
    """
    found = {identifier for key, value in attributes(name) if key in _UNIT and (identifier := _identifier(value))}
    return found.pop() if len(found) == 1 else None


def operator_asked(text: str) -> str | None:
    """The identifier that a person means: as in the certificates, or a bare SIRET, or a bare FINESS number."""
    compact = _compact(text)
    if identifier := _identifier(compact):
        return identifier
    if _SIRET.fullmatch(compact):
        return "3" + compact
    if _FINESS.fullmatch(compact):
        return "1" + compact
    return None


def kind_of(identifier: str) -> str:
    """Whether an operator identifier holds a `siret` or a `finess` number."""
    return SIRET if identifier.startswith("3") else FINESS


def attributes(name: str) -> Iterator[tuple[str, str]]:
    """The (KEY, value) pairs of a distinguished name, up to the first place where it stops making sense."""
    position = 0
    while position < len(name):
        equals = name.find("=", position)
        if equals < 0:
            return
        key = name[position:equals].strip().upper()
        value, position, whole = _value(name, equals + 1)
        if not whole:
            return
        yield key, value


def _value(name: str, position: int) -> tuple[str, int, bool]:
    """The value that starts at `position`, where the next attribute starts, and whether its quotes were closed."""
    characters: list[str] = []
    quoted = False
    while position < len(name):
        character = name[position]
        if character == "\\" and position + 1 < len(name):
            position += 1
            character = name[position]
        elif character == '"':
            quoted = not quoted
            character = ""
        elif character in _SEPARATORS and not quoted:
            return "".join(characters).strip(), position + 1, True
        characters.append(character)
        position += 1
    return "".join(characters).strip(), position, not quoted


def _identifier(value: str) -> str | None:
    compact = _compact(value)
    if compact[:1] == "3" and _SIRET.fullmatch(compact, 1):
        return compact
    if compact[:1] == "1" and _FINESS.fullmatch(compact, 1):
        return compact
    return None


def _compact(value: str) -> str:
    """Without spaces of any kind, in capitals."""
    return "".join(value.split()).replace("\u200b", "").upper()
