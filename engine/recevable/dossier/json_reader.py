"""Strict JSON: no duplicate key, no float, no unbounded depth; a fault gets its line and column.

Numbers with a fraction or an exponent are refused everywhere: amounts and rates are written as texts and read as exact
decimals.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, Final

import orjson

from recevable.dossier.positions import MAX_DEPTH, MAX_FAULTS, Fault, scan, shortened
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span

MAX_BYTES: Final = 8_000_000
_KEY = re.compile(rb'"[ \t\r\n]*:')
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_EXACT: Final = (
    'Un nombre entier s\'écrit en chiffres seulement ; un montant ou un taux, entre guillemets : `"8000.00"`, `"0.20"`.'
)


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
    try:
        sound = _count_keys(value) == len(_KEY.findall(data))
    except _Refused:
        sound = False
    if not sound:
        # a float, too deep, a duplicate key, or a text that looks like a key: the slow scanner tells which
        faults = _faults(data.decode("utf-8"), name, first_line)
        if faults:
            raise DiagnosticError(faults)
    return value


def too_large(name: str, size: int) -> DiagnosticError:
    """The refusal of an input beyond the bound."""
    message = f"{size} octets, au plus {MAX_BYTES} pour un dossier"
    help = "Mettez plusieurs dossiers dans un fichier .ndjson, un par ligne."
    return DiagnosticError([Diagnostic("JSON-TAILLE", message, Span(name, 1, 1), help)])


def _count_keys(value: Any, room: int = MAX_DEPTH) -> int:
    """How many keys a value holds in all.  Raises _Refused at a float or beyond `room` levels."""
    kind = type(value)
    if kind is float or not room:
        raise _Refused
    total, children = (len(value), value.values()) if kind is dict else (0, value if kind is list else ())
    for child in children:
        kind = type(child)
        if kind is str or kind is bool or kind is int:
            continue
        if child is not None:
            total += _count_keys(child, room - 1)
    return total


class _Refused(Exception):
    """A value that strict reading does not admit; the scanner says where and why."""


def _faults(text: str, name: str, first_line: int) -> list[Diagnostic]:
    """What strict reading refuses, in the order of the text, at most MAX_FAULTS and a count of the others."""
    found = scan(text)
    faults, more = list(found.faults), found.more
    for path, index in found.values.items():
        number = _NUMBER.match(text, index)
        if number is None or _is_integer(number):
            continue
        if len(faults) >= MAX_FAULTS:
            more += 1
        elif number[1] or number[2]:
            message = f"nombre à virgule ou à exposant : `{shortened(number[0])}` ({path or 'racine'})"
            faults.append(Fault(index, message, _EXACT))
        else:
            message = f"nombre démesuré : `{shortened(number[0])}` ({path or 'racine'})"
            faults.append(Fault(index, message, "Aucun nombre d'un dossier n'a tant de chiffres : vérifiez la saisie."))
    diagnostics = []
    for fault in sorted(faults, key=lambda fault: fault.index):
        line, column = found.line_column(fault.index)
        span = Span(name, line + first_line - 1, column)
        diagnostics.append(Diagnostic("JSON-SYNTAXE", fault.message, span, fault.help))
    if more:
        diagnostics.append(Diagnostic("JSON-SYNTAXE", f"et {more} autre(s) défaut(s) de même nature", None))
    return diagnostics


def _is_integer(number: re.Match[str]) -> bool:
    """Whether a number is one that the fast parser keeps exactly: an integer of 64 bits."""
    return not (number[1] or number[2]) and len(number[0]) <= 20 and -(1 << 63) <= int(number[0]) < 1 << 64


def _explained(data: bytes, name: str, first_line: int, error: orjson.JSONDecodeError) -> DiagnosticError:
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
    faults = _faults(text, name, first_line)
    if not faults:
        span = Span(name, error.lineno + first_line - 1, error.colno)
        faults = [Diagnostic("JSON-SYNTAXE", "ce n'est pas du JSON", span, "Reprenez l'export du dossier.")]
    return DiagnosticError(faults)


def _badly_encoded(message: str, span: Span, help: str) -> DiagnosticError:
    return DiagnosticError([Diagnostic("JSON-ENCODAGE", message, span, help)])
