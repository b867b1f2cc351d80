"""Strict JSON: no duplicate key, no float, bounded depth; faults have a line and column.

Texts and keys are normalized to NFC: `é` as a letter plus a combining accent becomes `é`.

Numbers with a fraction or an exponent are rejected everywhere: amounts and rates are strings, read as exact decimals.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

import msgspec

from recevable.dossier.limits import MAX_BYTES, MAX_DEPTH
from recevable.language.characters import composed
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span
from recevable.lazy import pattern

# Possible integers beyond 64 bits, which exact arithmetic and JSON reports do not support.
_HUGE = pattern(rb"[:\[,][ \t\r\n]*-?[0-9]{19}")
# What stands before a number, then its digits: a text that does not have this has none of them, which is seen faster.
_SHAPES: Final = bytes.maketrans(b"123456789:[- \t\r\n", b"000000000,,,,,,,")
_HUGE_SHAPE: Final = b"," + b"0" * 19


def read(data: bytes, name: str, first_line: int = 1) -> Any:
    """Parse a JSON text; raises DiagnosticError.

    `first_line` is the line where the text starts in the file (for NDJSON).
    """
    if len(data) > MAX_BYTES:
        raise too_large(name, len(data))
    try:
        value = _DECODER.decode(data)
        plain = _shallow(data, value, MAX_DEPTH)
        if plain and not _is_composed(data):
            value = _composed(value)
        plain = plain and not _is_huge(data) and _plain(data, value)
    except (msgspec.DecodeError, _Refused, UnicodeDecodeError, RecursionError, ValueError):
        # imported late: most texts have nothing to explain
        from recevable.dossier.json_faults import explained

        raise explained(data, name, first_line) from None
    if not plain:
        from recevable.dossier.json_faults import faults
        from recevable.dossier.positions import scan

        found = faults(scan(data.decode("utf-8")), name, first_line)
        if found:
            raise DiagnosticError(found)
    return value


def _plain(data: bytes, value: object) -> bool:
    """A quick check that no duplicate key was dropped; False requires the slow scanner.

    Without backslashes, colons stand after keys and within texts, which are written as they were read: a key that was
    dropped is a colon less.
    """
    return b"\\" not in data and data.count(b":") == msgspec.json.encode(value).count(b":")


def _is_huge(data: bytes) -> bool:
    """A quick check for integers beyond 64 bits."""
    return _HUGE_SHAPE in data.translate(_SHAPES) and _HUGE.search(data) is not None


def _is_composed(data: bytes) -> bool:
    """A quick check that the text is NFC."""
    if b"\\u" in data:
        return False
    if data.isascii():
        return True
    text = data.decode("utf-8")
    try:
        # what most French is written with, of which nothing is composed otherwise
        text.encode("latin-1")
    except UnicodeEncodeError:
        return unicodedata.is_normalized("NFC", text)
    return True


def _composed(value: Any) -> Any:
    """A value with its keys and texts normalized to NFC."""
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, list):
        return [_composed(one) for one in value]
    if isinstance(value, dict):
        return {composed(key): _composed(one) for key, one in value.items()}
    return value


def _shallow(data: bytes, value: Any, levels: int) -> bool:
    """Whether nesting is at most `levels` deep; counts brackets first."""
    return data.count(b"{") + data.count(b"[") <= levels or _within(value, levels)


def _within(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_within(one, levels - 1) for one in inner)


def too_large(name: str, size: int) -> DiagnosticError:
    """The error for an input above the size limit."""
    message = f"{size} octets, au plus {MAX_BYTES} pour un dossier"
    help = "Mettez plusieurs dossiers dans un fichier .ndjson, un par ligne."
    return DiagnosticError([Diagnostic("JSON-TAILLE", message, Span(name, 1, 1), help)])


class _Refused(Exception):
    """A number that strict reading rejects; the scanner finds the place and the reason."""


def _no_float(text: str) -> None:
    raise _Refused


_DECODER: Final = msgspec.json.Decoder(float_hook=_no_float)
