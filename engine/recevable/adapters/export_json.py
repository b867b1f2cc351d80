"""Read the JSON of an export: exact decimals, no duplicate key, bounded depth and size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from recevable.dossier.limits import MAX_DEPTH
from recevable.dossier.positions import Positions, scan
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span

MAX_BYTES: Final = 50_000_000
# Beyond this size places are not looked for: the scanner takes some seconds on it.
MAX_SCANNED: Final = 2_000_000
_DIGITS: Final = 18


class _Fault(ValueError):
    """What strict reading refuses: the message in French, and what to do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.message, self.help = message, help


def read(content: bytes, name: str) -> tuple[Any, Positions | None]:
    """The value of a JSON text and the places of its values (None when it is too large); raises DiagnosticError."""
    try:
        if len(content) > MAX_BYTES:
            raise _Fault(f"{len(content)} octets, au plus {MAX_BYTES} pour un export", "Exportez en plusieurs fois.")
        text = content.decode("utf-8-sig")
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_decimal, parse_int=_integer, parse_constant=_constant
        )
        _bounded(value)
    except UnicodeDecodeError:
        raise _refused(name, "le fichier n'est pas en UTF-8", "Refaites l'export.") from None
    except RecursionError:
        raise _refused(name, f"plus de {MAX_DEPTH} niveaux d'imbrication", "Refaites l'export.") from None
    except _Fault as fault:
        raise _refused(name, fault.message, fault.help) from None
    except json.JSONDecodeError as error:
        raise _explained(content, name, error) from None
    return value, scan(text) if len(content) <= MAX_SCANNED else None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Fault(f"la clé `{twice[:60]}` figure deux fois dans un même objet", "Refaites l'export.")
    return found


def _decimal(text: str) -> Decimal:
    if len(text) > 2 * _DIGITS:
        raise _Fault(f"nombre démesuré : `{text[:20]}…`", "Refaites l'export.")
    found = Decimal(text)
    if abs(int(found.as_tuple().exponent)) > _DIGITS:
        raise _Fault(f"nombre démesuré : `{text[:20]}`", "Refaites l'export.")
    return found


def _integer(text: str) -> int:
    if len(text) > _DIGITS + 1:
        raise _Fault(f"nombre démesuré : `{text[:20]}…`", "Refaites l'export.")
    return int(text)


def _constant(text: str) -> Any:
    raise _Fault(f"`{text}` n'est pas une valeur JSON", "Refaites l'export.")


def _bounded(value: Any) -> None:
    """Refuse what is nested deeper than any export; the reader itself stops at the limit of the interpreter."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            below
            for one in level
            for below in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
            if isinstance(below, (dict, list))
        ]
        if not level:
            return
    raise _Fault(f"plus de {MAX_DEPTH} niveaux d'imbrication", "Refaites l'export.")


def _refused(name: str, message: str, help: str) -> DiagnosticError:
    return DiagnosticError([Diagnostic("IMP-LECTURE", message, Span(name, 1, 1), help)])


def _explained(content: bytes, name: str, error: json.JSONDecodeError) -> DiagnosticError:
    """A syntax fault in French, at its place."""
    if len(content) <= MAX_SCANNED:
        found = scan(content.decode("utf-8-sig"))
        for fault in found.faults[:1]:
            line, column = found.line_column(fault.index)
            return DiagnosticError([Diagnostic("IMP-LECTURE", fault.message, Span(name, line, column), fault.help)])
    span = Span(name, error.lineno, error.colno)
    return DiagnosticError([Diagnostic("IMP-LECTURE", "ce n'est pas du JSON", span, "Refaites l'export.")])
