"""A small world for expressions: facts of every type, and a value on which both evaluators agree."""

from __future__ import annotations

import decimal
import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recevable.language.check import Scope, compile_text
from recevable.language.evaluate import EXACT, Layout, build
from recevable.language.generated import Program
from recevable.language.syntax import ExpressionError
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, PARAMETER, VARIABLE, Expr
from recevable.language.types import AMOUNT, BOOLEAN, DATE, INSTANT, INTEGER, RATE, TEXT, Kind, Type

_PROFILE = Type(Kind.TEXT, values=("developpeur", "acheteur"))
_BUYER = Type(Kind.OBJECT, fields={"siret": TEXT})
_PARTS = {
    "nature": _PROFILE,
    "prix": AMOUNT,
    "nombre": INTEGER,
    "recu": BOOLEAN,
    "jour": DATE,
    "libelle": TEXT,
    "acheteur": _BUYER,
}
# each line is itself a list of parts like it
_LINE = Type(Kind.OBJECT, fields={**_PARTS, "lots": Type(Kind.LIST, item=Type(Kind.OBJECT, fields=_PARTS))})
_PIECE = Type(Kind.OBJECT, fields={"lisible": BOOLEAN, "jour": DATE})
_FIELDS = {
    "signe": BOOLEAN, "complet": BOOLEAN, "age": INTEGER, "rang": INTEGER, "prix": AMOUNT, "verse": AMOUNT,
    "taux": RATE, "jour": DATE, "veille": DATE, "recu": INSTANT, "ferme": INSTANT, "nom": TEXT, "siret": TEXT,
    "profil": _PROFILE, "lignes": Type(Kind.LIST, item=_LINE), "piece": _PIECE,
}  # fmt: skip


@pytest.fixture(scope="session")
def paris() -> ZoneInfo:
    return ZoneInfo("Europe/Paris")


@pytest.fixture(scope="session")
def scope(paris: ZoneInfo) -> Scope:
    """A field of every type, and a name of every kind that a pack can give."""
    return Scope(
        facts=Type(Kind.OBJECT, fields=_FIELDS),
        zone=paris,
        names={
            "plafond": (PARAMETER, AMOUNT),
            "delai": (PARAMETER, Type(Kind.DURATION, format="jours")),
            "engagement": (PARAMETER, Type(Kind.DURATION, format="mois")),
            "preavis": (PARAMETER, Type(Kind.DURATION, format="jours secondes")),
            "total": (AMOUNT_NAME, AMOUNT),
            "est_acheteur": (DEDUCTION, BOOLEAN),
        },
        aliases={"demande": "piece"},
        answers={"APP-AVIS": ("favorable", "defavorable")},
    )


@pytest.fixture(scope="session")
def typed(scope: Scope) -> Callable[[str], Expr]:
    """The typed tree of a text."""
    return lambda text: compile_text(text, scope)


@pytest.fixture(scope="session")
def refusal(scope: Scope) -> Callable[[str], ExpressionError]:
    """The fault of a text that must not compile."""

    def refused(text: str) -> ExpressionError:
        with pytest.raises(ExpressionError) as caught:
            compile_text(text, scope)
        return caught.value

    return refused


@pytest.fixture(scope="session")
def value(scope: Scope) -> Callable[..., Any]:
    """`value(text, **facts)`: what both evaluators give; a fact not given is unknown, `a__b` stands for `a.b`."""

    def evaluated(text: str, **facts: Any) -> Any:
        layout = Layout(scope.zone)
        expr = compile_text(text, scope)
        evaluator, run = build(expr, layout), Program([expr], layout)
        known: Mapping[str, Any] = {name.replace("__", "."): fact for name, fact in facts.items()}
        slots = layout.empty()
        for (op, name), index in layout.slots.items():
            if op != VARIABLE:
                slots[index] = known.get(name)
        with decimal.localcontext(EXACT):
            found = evaluator(slots)
            assert repr(run(slots)) == repr([found])
        return found

    return evaluated


@pytest.fixture(scope="session")
def sample() -> ModuleType:
    """The small dossier of the documentation: what it prints is what is tested."""
    path = Path(__file__).parents[2] / "docs" / "_pages" / "sample.py"
    spec = importlib.util.spec_from_file_location("documented_sample", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
