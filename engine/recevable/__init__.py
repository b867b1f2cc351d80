"""recevable: a rules-as-code compliance checker for public funding programmes.

The package reads declarative rules (YAML), evaluates them against a dossier (JSON) and answers accept, complete or
reject with reasons, sources and amounts.  It knows no programme by name: a programme is a folder of data.

The names below are the whole public face, described in docs/api.md; what is not here is private.  Each is imported when
it is first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from recevable.decision.model import AppraisalLine, Decision, Verdict
    from recevable.dossier.dossier import Dossier
    from recevable.dossier.fields import Field
    from recevable.inference.definitions import Contradiction
    from recevable.inference.engine import EngineDisagreement
    from recevable.language.diagnostics import Diagnostic
    from recevable.ledger import PURGE, sealed
    from recevable.ledger import Entry as RegisterEntry
    from recevable.ledger import export as export_register
    from recevable.ledger import verify as verify_register
    from recevable.lint.run import lint as lint_pack
    from recevable.pack.source import MemorySource
    from recevable.programme import InvalidDossier, InvalidPack, Programme, open_programme, shipped_programmes
    from recevable.trials.impact.compare import compare

__version__ = "0.1.0"
__all__ = [
    "PURGE",
    "AppraisalLine",
    "Contradiction",
    "Decision",
    "Diagnostic",
    "Dossier",
    "EngineDisagreement",
    "Field",
    "InvalidDossier",
    "InvalidPack",
    "MemorySource",
    "Programme",
    "RegisterEntry",
    "Verdict",
    "compare",
    "export_register",
    "lint_pack",
    "open_programme",
    "sealed",
    "shipped_programmes",
    "verify_register",
]

# Where each public name is defined: module and name in it.
_PLACES: Final[dict[str, tuple[str, str]]] = {
    "AppraisalLine": ("recevable.decision.model", "AppraisalLine"),
    "Contradiction": ("recevable.inference.definitions", "Contradiction"),
    "Decision": ("recevable.decision.model", "Decision"),
    "Diagnostic": ("recevable.language.diagnostics", "Diagnostic"),
    "Dossier": ("recevable.dossier.dossier", "Dossier"),
    "EngineDisagreement": ("recevable.inference.engine", "EngineDisagreement"),
    "Field": ("recevable.dossier.fields", "Field"),
    "InvalidDossier": ("recevable.programme", "InvalidDossier"),
    "InvalidPack": ("recevable.programme", "InvalidPack"),
    "MemorySource": ("recevable.pack.source", "MemorySource"),
    "PURGE": ("recevable.ledger", "PURGE"),
    "Programme": ("recevable.programme", "Programme"),
    "Verdict": ("recevable.decision.model", "Verdict"),
    "RegisterEntry": ("recevable.ledger", "Entry"),
    "compare": ("recevable.trials.impact.compare", "compare"),
    "export_register": ("recevable.ledger", "export"),
    "lint_pack": ("recevable.lint.run", "lint"),
    "open_programme": ("recevable.programme", "open_programme"),
    "sealed": ("recevable.ledger", "sealed"),
    "shipped_programmes": ("recevable.programme", "shipped_programmes"),
    "verify_register": ("recevable.ledger", "verify"),
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PLACES[name]
    found = globals()[name] = getattr(import_module(module), attribute)
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
