"""Strict JSON: no duplicate key, no float, bounded depth; faults have a line and column.

Texts and keys are normalized to NFC: `é` as a letter plus a combining accent becomes `é`.

Numbers with a fraction or an exponent are rejected everywhere: amounts and rates are strings, read as exact decimals.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Any, Final

import msgspec

from recevable.dossier.positions import MAX_DEPTH, MAX_FAULTS, JsonFault, Positions, scan, shortened
from recevable.language.characters import composed
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span

# A dossier is a few kilobytes; the slow scanner takes some seconds on this size.
MAX_BYTES: Final = 2_000_000
_SPACED_KEY = re.compile(rb'"[ \t\r\n]+:')
# Possible integers beyond 64 bits, which exact arithmetic and JSON reports do not support.
_HUGE = re.compile(rb"[:\[,][ \t\r\n]*-?[0-9]{19}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_EXACT: Final = (
    'Un nombre entier s\'écrit en chiffres seulement ; un montant ou un taux, entre guillemets : `"8000.00"`, `"0.20"`.'
)


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
        plain = plain and _HUGE.search(data) is None and _plain(data, value)
    except (msgspec.DecodeError, _Refused, UnicodeDecodeError, RecursionError, ValueError):
        raise _explained(data, name, first_line) from None
    if not plain:
        found = faults(scan(data.decode("utf-8")), name, first_line)
        if found:
            raise DiagnosticError(found)
    return value


def _plain(data: bytes, value: object) -> bool:
    """A quick check that no duplicate key was dropped; False requires the slow scanner.

    Without backslashes a string contains no quote, so `":` only ends keys: count those in the input and those kept.
    """
    return (
        b"\\" not in data
        and _SPACED_KEY.search(data) is None
        and data.count(b'":') == msgspec.json.encode(value).count(b'":')
    )


def _is_composed(data: bytes) -> bool:
    """A quick check that the text is NFC."""
    return b"\\u" not in data and (data.isascii() or unicodedata.is_normalized("NFC", data.decode("utf-8")))


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


def faults(found: Positions, name: str, first_line: int = 1) -> list[Diagnostic]:
    """The faults of a scanned text for strict reading, in order; at most MAX_FAULTS, then a count of the others."""
    kept, more = list(found.faults), found.more
    for path, index in found.values.items():
        number = _NUMBER.match(found.text, index)
        if number is None or _is_integer(number):
            continue
        if len(kept) >= MAX_FAULTS:
            more += 1
        elif number[1] or number[2]:
            message = f"nombre à virgule ou à exposant : `{shortened(number[0])}` ({path or 'racine'})"
            kept.append(JsonFault(index, message, _EXACT))
        else:
            message = f"nombre démesuré : `{shortened(number[0])}` ({path or 'racine'})"
            kept.append(
                JsonFault(index, message, "Aucun nombre d'un dossier n'a tant de chiffres : vérifiez la saisie.")
            )
    diagnostics = []
    for fault in sorted(kept, key=lambda fault: fault.index):
        line, column = found.line_column(fault.index)
        span = Span(name, line + first_line - 1, column)
        diagnostics.append(Diagnostic("JSON-SYNTAXE", fault.message, span, fault.help))
    if more:
        diagnostics.append(Diagnostic("JSON-SYNTAXE", f"et {more} autre(s) défaut(s) de même nature", None))
    return diagnostics


def _is_integer(number: re.Match[str]) -> bool:
    """Whether a number is a 64-bit integer."""
    return not (number[1] or number[2]) and len(number[0]) <= 20 and -(1 << 63) <= int(number[0]) < 1 << 64


def _explained(data: bytes, name: str, first_line: int) -> DiagnosticError:
    if data.startswith(codecs.BOM_UTF8):
        message = "le fichier commence par une marque d'ordre des octets (BOM)"
        return _badly_encoded(message, Span(name, first_line, 1), "Enregistrez-le en « UTF-8 sans BOM ».")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        start = data.rfind(b"\n", 0, fault.start) + 1
        line, column = data.count(b"\n", 0, fault.start), len(data[start : fault.start].decode("utf-8"))
        span = Span(name, line + first_line, column + 1)
        return _badly_encoded("le fichier n'est pas en UTF-8", span, "Enregistrez le fichier en UTF-8.")
    if text[:1] == "\0" or text[1:2] == "\0":
        help = "Enregistrez le fichier en UTF-8 ; s'il l'est, il est abîmé : reprenez l'envoi."
        return _badly_encoded("le fichier n'est pas du texte en UTF-8", Span(name, first_line, 1), help)
    found = faults(scan(text), name, first_line)
    if not found:
        span = Span(name, first_line, 1)
        found = [Diagnostic("JSON-SYNTAXE", "ce n'est pas du JSON", span, "Reprenez l'export du dossier.")]
    return DiagnosticError(found)


def _badly_encoded(message: str, span: Span, help: str) -> DiagnosticError:
    return DiagnosticError([Diagnostic("JSON-ENCODAGE", message, span, help)])
