"""The small dossier on which the examples of the language are run, here and in `tests/language`."""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from recevable.language.check import Scope, compile_text
from recevable.language.evaluate import EXACT, Layout, Slots, build
from recevable.language.history import History
from recevable.language.tables import Grid, Scale, Slice
from recevable.language.tree import ANSWER, FIELD, HISTORY, PARAMETER, Expr
from recevable.language.types import AMOUNT, DATE, HOLIDAYS, INTEGER, RATE, TEXT, Kind, Type
from recevable.language.unparse import literal
from recevable.pack.results import with_results

_PAYMENT: Final = Type(Kind.OBJECT, fields={"demande": Type(Kind.TEXT, values=("avance", "solde")), "montant": AMOUNT})

SCOPE: Final = Scope(
    facts=Type(
        Kind.OBJECT,
        fields={
            "age": INTEGER,
            "manque": INTEGER,
            "libelle": TEXT,
            "paiements": Type(Kind.LIST, item=_PAYMENT),
            "remboursements": Type(Kind.LIST, item=_PAYMENT),
        },
    ),
    zone=ZoneInfo("Europe/Paris"),
    names={
        "smic": (PARAMETER, AMOUNT),
        "departements": (PARAMETER, Type(Kind.LIST, item=TEXT)),
        "part_aidee": (PARAMETER, Type(Kind.GRID, item=RATE, fields={"categorie": _PAYMENT.fields["demande"]})),
        "frais_admis": (PARAMETER, Type(Kind.SCALE, item=AMOUNT, fields={"nombre": AMOUNT}, format="marginal")),
        "feries": (PARAMETER, Type(Kind.LIST, item=DATE, format=HOLIDAYS)),
        "points": (PARAMETER, Type(Kind.SCALE, item=INTEGER, fields={"nombre": INTEGER})),
    },
    answers={"APP-EXEMPLE": ("favorable", "defavorable"), "APP-A-VENIR": ("favorable", "defavorable")},
    results={"VER-EXEMPLE": "", "VER-A-COMPLETER": "", "EST-ACHETEUR": "Lisez le nom qu'elle donne : `est_acheteur`."},
)

# The legal minimum wage of an hour, from 2023, and a list of codes.
_SMIC: Final = History(
    "SMIC horaire brut",
    (date(2023, 1, 1), date(2023, 5, 1), date(2024, 1, 1)),
    (Decimal("11.27"), Decimal("11.52"), Decimal("11.65")),
)
_HOLIDAYS_OF_2023: Final = (
    (1, 1), (4, 10), (5, 1), (5, 8), (5, 18), (5, 29), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25),
)  # fmt: skip
# What is not here is absent from the dossier.
FACTS: Final[Mapping[tuple[str, str], Any]] = {
    (FIELD, "age"): 3,
    (FIELD, "paiements"): [
        {"demande": "avance", "montant": Decimal("8000.00")},
        {"demande": "solde", "montant": Decimal("95.00")},
    ],
    (PARAMETER, "smic"): Decimal("11.65"),
    (HISTORY, "smic"): _SMIC,
    (HISTORY, "feries"): History(
        "Jours fériés",
        (date(2023, 1, 1),),
        (tuple(date(2023, month, day) for month, day in _HOLIDAYS_OF_2023),),
        date(2023, 12, 31),
    ),
    (PARAMETER, "departements"): ("75", "92", "93"),
    (PARAMETER, "part_aidee"): Grid("Part aidée", ((("avance",), Decimal("0.50")), (("solde",), Decimal("0.30")))),
    (PARAMETER, "frais_admis"): Scale(
        "Frais admis",
        True,
        (Slice(Decimal(10_000), True, Decimal("0.50")), Slice(Decimal(50_000), True, Decimal("0.30"))),
        Kind.RATE,
    ),
    (PARAMETER, "points"): Scale("Points", False, (Slice(10, True, 2), Slice(None, False, 3)), Kind.INTEGER),
    (ANSWER, "APP-EXEMPLE"): "favorable",
}


def slots(layout: Layout) -> Slots:
    """The sample facts, where a layout puts them."""
    filled = layout.empty()
    for reference, value in FACTS.items():
        if reference in layout.slots:
            filled[layout.slots[reference]] = value
    return filled


# How the result of each rule of the sample is computed.
_RESULTS: Final = {
    "VER-EXEMPLE": 'si age > 2 alors "satisfait" sinon "non_satisfait"',
    "VER-A-COMPLETER": 'si manque > 2 alors "satisfait" sinon "non_satisfait"',
}


def typed(text: str) -> Expr:
    """An expression on the sample facts; raises ExpressionError."""
    return with_results(compile_text(text, SCOPE), lambda node: compile_text(_RESULTS[node.value], SCOPE))


def result(text: str) -> str:
    """What an expression gives on the sample facts, as the language writes it; raises ExpressionError."""
    layout = Layout(SCOPE.zone)
    evaluator = build(typed(text), layout)
    with decimal.localcontext(EXACT):
        return literal(evaluator(slots(layout)))
