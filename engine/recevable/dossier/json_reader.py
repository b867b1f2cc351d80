"""Strict JSON: no duplicate key, no float, no unbounded depth; a fault gets its line and column.

Numbers with a fraction or an exponent are refused everywhere: amounts and rates are written as texts and read as exact
decimals.
"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from recevable.dossier.positions import MAX_DEPTH, Positions, scan
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span

MAX_BYTES: Final = 8_000_000
_KEY = re.compile(rb'"[ \t\r\n]*:')


def read(data: bytes, name: str, first_line: int = 1) -> Any:
    """The value of a JSON text; raises DiagnosticError.

    `first_line` is the line of the file where the text starts (a line of an NDJSON file).
    """
    if len(data) > MAX_BYTES:
        raise too_large(name, len(data))
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _explained(data, name, first_line, error) from None
    keys = _count_keys(value)
    if keys is None or keys != len(_KEY.findall(data)):
        # a float, too deep, a duplicate key, or a text that looks like a key: the slow scanner tells which
        faults = _faults(data.decode("utf-8"), name, first_line)
        if faults:
            raise DiagnosticError(faults)
    return value


def too_large(name: str, size: int) -> DiagnosticError:
    """The refusal of an input beyond the bound."""
    message = f"{size} octets, au plus {MAX_BYTES} pour un dossier"
    return DiagnosticError(
        [
            Diagnostic(
                "JSON-TAILLE",
                message,
                Span(name, 1, 1),
                "Mettez plusieurs dossiers dans un fichier .ndjson, un par ligne.",
            )
        ]
    )


def _count_keys(root: Any) -> int | None:
    """How many keys a value holds in all; None as soon as it has a float or more than MAX_DEPTH levels."""
    total = 0
    level = [root]
    for _ in range(MAX_DEPTH + 2):
        if not level:
            return total
        below: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is dict:
                total += len(value)
                below.extend(value.values())
            elif kind is list:
                below.extend(value)
            elif kind is float:
                return None
        level = below
    return None


def _faults(text: str, name: str, first_line: int) -> list[Diagnostic]:
    found = scan(text)
    diagnostics = [_diagnostic(found, name, first_line, f.index, f.message, f.help) for f in found.faults]
    for path, index in found.values.items():
        number = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?").match(text, index)
        if number is None:
            continue
        if number[1] or number[2]:
            help = 'Un montant ou un taux s\'écrit entre guillemets, avec un point : `"8000.00"`, `"0.20"`.'
            diagnostics.append(
                _diagnostic(found, name, first_line, index, f"nombre à virgule ou à exposant ({path})", help)
            )
        elif len(number[0]) > 18:
            diagnostics.append(_diagnostic(found, name, first_line, index, f"nombre démesuré ({path})", ""))
    return diagnostics


def _diagnostic(found: Positions, name: str, first_line: int, index: int, message: str, help: str) -> Diagnostic:
    line, column = found.line_column(index)
    return Diagnostic("JSON-SYNTAXE", message, Span(name, line + first_line - 1, column), help)


def _explained(data: bytes, name: str, first_line: int, error: orjson.JSONDecodeError) -> DiagnosticError:
    if data.startswith(b"\xef\xbb\xbf"):
        help = "Enregistrez-le en « UTF-8 sans BOM »."
        return DiagnosticError(
            [
                Diagnostic(
                    "JSON-ENCODAGE",
                    "le fichier commence par une marque d'ordre des octets (BOM)",
                    Span(name, first_line, 1),
                    help,
                )
            ]
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + first_line
        column = fault.start - data.rfind(b"\n", 0, fault.start)
        help = "Enregistrez le fichier en UTF-8."
        return DiagnosticError(
            [Diagnostic("JSON-ENCODAGE", "le fichier n'est pas en UTF-8", Span(name, line, column), help)]
        )
    faults = _faults(text, name, first_line)
    if not faults:
        span = Span(name, error.lineno + first_line - 1, error.colno)
        faults = [Diagnostic("JSON-SYNTAXE", "ce n'est pas du JSON", span)]
    return DiagnosticError(faults)
