"""Every operation of the language, on open values: what it really gives is always among what was said possible."""

from __future__ import annotations

import decimal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

import recevable
from recevable.decision.possible import UNKNOWN, Possible, build, listed, single
from recevable.language.evaluate import EXACT, Layout
from recevable.language.evaluate import build as evaluator
from recevable.language.operations import OPERATIONS
from recevable.language.tree import FIELD

sys.path.insert(0, str(Path(recevable.__file__).parents[2] / "docs"))
from _pages import sample

EXAMPLES: Final = [text for row in OPERATIONS.values() for text, _ in row.examples]
AGE: Final = (FIELD, "age")
MISSING: Final = (FIELD, "manque")
LISTS: Final = ((FIELD, "paiements"), (FIELD, "remboursements"))
TRIED: Final = (None, 0, 1, 3, 17, 10**9)


class World:
    """References with given sets of values; the others are unknown."""

    def __init__(self, known: Mapping[tuple[str, str], Possible]) -> None:
        self.known = known
        self.elements: dict[str, list[Possible]] = {}

    def of(self, op: str, name: str) -> Possible:
        return self.known.get((op, name), UNKNOWN)

    def element(self, variable: str) -> Possible:
        return self.elements[variable][-1]

    def push(self, variable: str, value: Possible) -> None:
        self.elements.setdefault(variable, []).append(value)

    def pop(self, variable: str) -> None:
        self.elements[variable].pop()


def settled(value: Any) -> Possible:
    return UNKNOWN if value is None else Possible((value,))


def holds(found: Possible, value: Any) -> bool:
    if value is None:
        return found.unknown
    if found.values is not None:
        return value in found.values
    return (found.low is None or found.low <= value) and (found.high is None or value <= found.high)


def real(text: str, **changed: Any) -> Any:
    layout = Layout(sample.SCOPE.zone)
    compute = evaluator(sample.typed(text), layout)
    slots = layout.empty()
    for reference, value in {**sample.FACTS, **{(FIELD, name): one for name, one in changed.items()}}.items():
        if reference in layout.slots:
            slots[layout.slots[reference]] = value
    with decimal.localcontext(EXACT):
        return compute(slots)


def possible(text: str, **changed: Possible) -> Possible:
    ask = build(sample.typed(text), Layout(sample.SCOPE.zone))
    known = {reference: settled(value) for reference, value in sample.FACTS.items()}
    with decimal.localcontext(EXACT):
        return ask(World({**known, **{(FIELD, name): one for name, one in changed.items()}}))


@pytest.mark.parametrize("text", EXAMPLES)
def test_on_known_values_there_is_one_and_it_is_the_real_one(text: str) -> None:
    found = possible(text)
    assert (found.settled, found.reads) == (True, frozenset())
    assert found.value == real(text)


@pytest.mark.parametrize("text", EXAMPLES)
def test_on_open_values_the_real_one_is_among_them(text: str) -> None:
    number = Possible(None, 0, 10**9, True, frozenset({"age"}))
    other = Possible(None, 0, 10**9, True, frozenset({"manque"}))
    list_ = Possible(None, None, None, True, frozenset({"paiements"}))
    for age in TRIED:
        for missing in TRIED:
            assert holds(possible(text, age=number, manque=other), real(text, age=age, manque=missing)), (age, missing)
    lists: tuple[Any, ...] = (None, [], sample.FACTS[LISTS[0]])
    for value in lists:
        assert holds(possible(text, paiements=list_), real(text, paiements=value))


@pytest.mark.parametrize("text", EXAMPLES)
def test_what_does_not_read_a_field_does_not_depend_on_it(text: str) -> None:
    number = Possible(None, 0, 10**9, True, frozenset({"age"}))
    found = possible(text, age=number)
    if "age" not in found.reads:
        assert len({repr(real(text, age=age)) for age in TRIED}) == 1


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("age > 20", (False,)), ("age < 20", (True,)), ("age entre 0 et 10", (True,)), ("age entre 11 et 12", (False,)),
        ("age = 11", (False,)), ("age != 11", (True,)), ("age >= 5", (True, False)), ("10 - age >= 0", (True,)),
        ("2 * age <= 20", (True,)), ("min(age, -1) = -1", (True,)), ("max(age, 11) = 11", (True,)),
        ("age > 20 et manque = 1", (False,)), ("age < 20 ou manque = 1", (True,)), ("non age > 20", (True,)),
        ("si age > 20 alors 1 = 2 sinon 1 = 1", (True,)),
    ],
)  # fmt: skip
def test_an_interval_settles_what_it_can(text: str, values: tuple[bool, ...]) -> None:
    found = possible(text, age=Possible(None, 0, 10, False, frozenset({"age"})), manque=Possible((1, 2), unknown=True))
    assert sorted(found.values or ()) == sorted(values)
    assert found.unknown is False


def test_a_union_keeps_every_value_and_where_it_comes_from() -> None:
    assert single(None) is UNKNOWN
    assert listed((1, 2, 1), False, frozenset({"a"})).values == (1, 2)
    found = possible(
        "si manque = 1 alors 10 sinon 20", manque=Possible((1, 2), None, None, True, frozenset({"manque"}))
    )
    assert (found.values, found.unknown, found.reads) == ((10, 20), True, frozenset({"manque"}))
