"""What is wrong with a JSON text, in French: its encoding, its syntax, its numbers.

Used only when there is something to explain.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from recevable.dossier.positions import MAX_FAULTS, JsonFault, Positions, scan, shortened
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_EXACT: Final = (
    'Un nombre entier s\'écrit en chiffres seulement ; un montant ou un taux, entre guillemets : `"8000.00"`, `"0.20"`.'
)


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


def explained(data: bytes, name: str, first_line: int) -> DiagnosticError:
    """Why bytes are no JSON that can be read: their encoding, their first syntax fault, their numbers."""
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
