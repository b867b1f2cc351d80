"""recevable: a rules-as-code compliance checker for public funding programmes.

The package evaluates declarative rules (YAML) on a dossier (JSON) and answers accept, complete or reject with reasons,
sources and amounts.  It is independent of any programme: a programme is a folder of data.

The names below are the public API, described in docs/api.md; everything else is private.  Each is imported on first
use, so that importing the package is fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from recevable import ledger, letters
    from recevable.adapters.contract import ImportedDossier, ImportedPiece, ImportFormat
    from recevable.adapters.registry import check_import, import_export, import_formats
    from recevable.applicants import words as simulation_words
    from recevable.applicants.page import profile_title, public_page
    from recevable.applicants.simulation import InvalidReply, Simulation
    from recevable.decision import wording
    from recevable.decision.calculation import sentence as step_words
    from recevable.decision.clocks import Clock
    from recevable.decision.implied import ImpliedDecision
    from recevable.decision.model import AppraisalLine, Decision, RequestDecision, Verdict
    from recevable.decision.movers import movers
    from recevable.decision.payable import sum_fault
    from recevable.decision.payments import Payee, PaymentFact
    from recevable.decision.points import points
    from recevable.dossier.dossier import Dossier
    from recevable.dossier.fields import Field
    from recevable.editor import texts as editing
    from recevable.inference.definitions import Contradiction
    from recevable.inference.engine import EngineDisagreement
    from recevable.language.diagnostics import Diagnostic
    from recevable.language.identifiers import check_digits
    from recevable.lint.run import lint as lint_pack
    from recevable.outputs.batch.arrow import decide_batch
    from recevable.pack.source import MemorySource, shipped_programmes
    from recevable.programme import (
        Applicant,
        InvalidDossier,
        InvalidPack,
        Programme,
        open_programme,
        sample_dossiers,
    )
    from recevable.report import sections
    from recevable.report.changes import Change, Move
    from recevable.report.differences import Difference
    from recevable.trials.impact.compare import compare

__version__ = "0.1.0"
__all__ = [
    "Applicant",
    "AppraisalLine",
    "Change",
    "Clock",
    "Contradiction",
    "Decision",
    "Diagnostic",
    "Difference",
    "Dossier",
    "EngineDisagreement",
    "Field",
    "ImpliedDecision",
    "ImportFormat",
    "ImportedDossier",
    "ImportedPiece",
    "InvalidDossier",
    "InvalidPack",
    "InvalidReply",
    "MemorySource",
    "Move",
    "Payee",
    "PaymentFact",
    "Programme",
    "RequestDecision",
    "Simulation",
    "Verdict",
    "check_digits",
    "check_import",
    "compare",
    "decide_batch",
    "editing",
    "import_export",
    "import_formats",
    "ledger",
    "letters",
    "lint_pack",
    "movers",
    "open_programme",
    "points",
    "profile_title",
    "public_page",
    "sample_dossiers",
    "sections",
    "shipped_programmes",
    "simulation_words",
    "step_words",
    "sum_fault",
    "wording",
]

# The module and name that define each public name, or the module itself.
_PLACES: Final[dict[str, tuple[str, str]]] = {
    "Applicant": ("recevable.programme", "Applicant"),
    "AppraisalLine": ("recevable.decision.model", "AppraisalLine"),
    "Change": ("recevable.report.changes", "Change"),
    "Clock": ("recevable.decision.clocks", "Clock"),
    "Contradiction": ("recevable.inference.definitions", "Contradiction"),
    "Decision": ("recevable.decision.model", "Decision"),
    "Diagnostic": ("recevable.language.diagnostics", "Diagnostic"),
    "Difference": ("recevable.report.differences", "Difference"),
    "Dossier": ("recevable.dossier.dossier", "Dossier"),
    "EngineDisagreement": ("recevable.inference.engine", "EngineDisagreement"),
    "Field": ("recevable.dossier.fields", "Field"),
    "ImpliedDecision": ("recevable.decision.implied", "ImpliedDecision"),
    "ImportFormat": ("recevable.adapters.contract", "ImportFormat"),
    "ImportedDossier": ("recevable.adapters.contract", "ImportedDossier"),
    "ImportedPiece": ("recevable.adapters.contract", "ImportedPiece"),
    "InvalidDossier": ("recevable.programme", "InvalidDossier"),
    "InvalidPack": ("recevable.programme", "InvalidPack"),
    "InvalidReply": ("recevable.applicants.simulation", "InvalidReply"),
    "MemorySource": ("recevable.pack.source", "MemorySource"),
    "Move": ("recevable.report.changes", "Move"),
    "Payee": ("recevable.decision.payments", "Payee"),
    "PaymentFact": ("recevable.decision.payments", "PaymentFact"),
    "Programme": ("recevable.programme", "Programme"),
    "RequestDecision": ("recevable.decision.model", "RequestDecision"),
    "Simulation": ("recevable.applicants.simulation", "Simulation"),
    "Verdict": ("recevable.decision.model", "Verdict"),
    "check_digits": ("recevable.language.identifiers", "check_digits"),
    "check_import": ("recevable.adapters.registry", "check_import"),
    "compare": ("recevable.trials.impact.compare", "compare"),
    "decide_batch": ("recevable.outputs.batch.arrow", "decide_batch"),
    "editing": ("recevable.editor.texts", ""),
    "import_export": ("recevable.adapters.registry", "import_export"),
    "import_formats": ("recevable.adapters.registry", "import_formats"),
    "ledger": ("recevable.ledger", ""),
    "letters": ("recevable.letters", ""),
    "lint_pack": ("recevable.lint.run", "lint"),
    "movers": ("recevable.decision.movers", "movers"),
    "open_programme": ("recevable.programme", "open_programme"),
    "points": ("recevable.decision.points", "points"),
    "profile_title": ("recevable.applicants.page", "profile_title"),
    "public_page": ("recevable.applicants.page", "public_page"),
    "sample_dossiers": ("recevable.programme", "sample_dossiers"),
    "sections": ("recevable.report.sections", ""),
    "shipped_programmes": ("recevable.pack.source", "shipped_programmes"),
    "simulation_words": ("recevable.applicants.words", ""),
    "step_words": ("recevable.decision.calculation", "sentence"),
    "sum_fault": ("recevable.decision.payable", "sum_fault"),
    "wording": ("recevable.decision.wording", ""),
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PLACES[name]
    place = import_module(module)
    found = globals()[name] = getattr(place, attribute) if attribute else place
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
