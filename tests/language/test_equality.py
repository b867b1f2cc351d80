"""`==` and `!=` of every value of the engine answer the same question."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from msgspec import Struct

import recevable
from recevable.language.calendar import Duration
from recevable.language.tree import LITERAL, Expr
from recevable.language.types import INTEGER, NUMBER, Kind, Type


def _structs() -> list[type[Struct]]:
    for module in pkgutil.walk_packages(recevable.__path__, "recevable."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    pending, found = [Struct], []
    while pending:
        for child in pending.pop().__subclasses__():
            pending.append(child)
            if child.__module__.startswith("recevable"):
                found.append(child)
    return found


def test_every_struct_with_its_own_equality_has_its_own_inequality() -> None:
    structs = _structs()
    assert len(structs) > 50
    assert {Duration, Expr, Type} <= {struct for struct in structs if "__eq__" in vars(struct)}
    assert [s.__qualname__ for s in structs if "__eq__" in vars(s) and "__ne__" not in vars(s)] == []


@pytest.mark.parametrize(
    "values",
    [
        [Duration(days=1), Duration(seconds=86_400), Duration(days=15), Duration(months=1), "1 jour"],
        [Type(Kind.TEXT), Type(Kind.TEXT, title="autre"), Type(Kind.TEXT, values=("a",)), Kind.TEXT],
        [Expr(LITERAL, (), INTEGER, 1, 0, 1), Expr(LITERAL, (), INTEGER, 1, 7, 8), Expr(LITERAL, (), NUMBER, 1), 1],
    ],
)
def test_inequality_is_the_contrary_of_equality(values: list[Any]) -> None:
    for left, right in product(values, repeat=2):
        assert (left != right) is not (left == right)


# For each ordered type, three values in order: the field that holds it, the first two, and the last as a literal.
ORDERED: dict[str, tuple[Any, Any, str]] = {
    "age": (3, 4, "4"),
    "prix": (Decimal("8000.00"), Decimal("8000.01"), "8000.01"),
    "taux": (Decimal("0.085"), Decimal("0.20"), "0.20"),
    "jour": (date(2023, 6, 30), date(2023, 7, 1), "2023-07-01"),
    "recu": (datetime(2023, 7, 26, 12, tzinfo=UTC), datetime(2023, 7, 26, 12, 0, 1, tzinfo=UTC), "2023-07-26T14:00:01"),
    "delai": (Duration(days=14), Duration(days=15), "15 jours"),
}


@pytest.mark.parametrize("name", ORDERED)
@pytest.mark.parametrize(
    ("comparison", "below", "same"),
    [
        ("=", False, True), ("!=", True, False), ("<", True, False), ("<=", True, True), (">", False, False),
        (">=", False, True), ("dans", False, True),
    ],
)  # fmt: skip
def test_every_comparison_of_every_ordered_type(
    name: str, comparison: str, below: bool, same: bool, value: Any
) -> None:
    lower, equal, text = ORDERED[name]
    right = f"[{text}]" if comparison == "dans" else text
    assert value(f"{name} {comparison} {right}", **{name: lower}) is below
    assert value(f"{name} {comparison} {right}", **{name: equal}) is same
    assert value(f"non ({name} {comparison} {right})", **{name: lower}) is not below
    assert value(f"{name} {comparison} {right}") is None


@pytest.mark.parametrize("name", ORDERED)
def test_between_holds_at_both_bounds_of_every_ordered_type(name: str, value: Any) -> None:
    lower, equal, text = ORDERED[name]
    assert value(f"{name} entre {text} et {text}", **{name: equal}) is True
    assert value(f"{name} entre {text} et {text}", **{name: lower}) is False


def test_a_difference_of_instants_that_equals_a_duration_does_not_differ_from_it(value: Any) -> None:
    facts = {"recu": datetime(2023, 6, 16, tzinfo=UTC), "ferme": datetime(2023, 6, 1, tzinfo=UTC)}
    assert value("recu - ferme != 15 jours", **facts) is False
    assert value("recu - ferme != 14 jours", **facts) is True
