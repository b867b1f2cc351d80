"""The compiled target: shared computations, stored values, and nothing of a rule's text in the code it writes."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from recevable.language.check import Scope
from recevable.language.evaluate import EXACT, Layout
from recevable.language.generated import Program
from recevable.language.tree import DEDUCTION, FIELD, Expr
from recevable.language.unparse import literal

Typed = Callable[[str], Expr]


def run(texts: list[str], typed: Typed, scope: Scope, **facts: Any) -> list[str]:
    layout = Layout(scope.zone)
    compute = Program([typed(text) for text in texts], layout)
    slots = layout.empty()
    for (_, name), index in layout.slots.items():
        slots[index] = facts.get(name)
    with decimal.localcontext(EXACT):
        return [literal(value) for value in compute(slots)]


def test_results_come_in_the_order_they_were_asked_for(typed: Typed, scope: Scope) -> None:
    assert run(["age + 1", "age", "age - 1"], typed, scope, age=3) == ["4", "3", "2"]


def test_a_program_of_nothing_gives_nothing(typed: Typed, scope: Scope) -> None:
    assert run([], typed, scope) == []


def test_a_day_and_24_hours_are_not_shared(typed: Typed, scope: Scope) -> None:
    before_the_clocks_change = datetime(2023, 3, 25, 13, tzinfo=UTC)
    got = run(["recu + 1 jours", "recu + 24 heures"], typed, scope, recu=before_the_clocks_change)
    assert got == ["2023-03-26T12:00:00Z", "2023-03-26T13:00:00Z"]


def test_a_number_is_shown_with_the_decimals_of_its_own_expression(typed: Typed, scope: Scope) -> None:
    assert run(["age * 2.0", "age * 2.00", "age * 2"], typed, scope, age=3) == ["6.0", "6.00", "6"]


def test_truth_and_one_are_not_shared(typed: Typed, scope: Scope) -> None:
    assert run(["vrai", "1", "faux", "0"], typed, scope) == ["vrai", "1", "faux", "0"]


class Measured(str):
    """A text that knows how often its length was asked for."""

    asked = 0

    def __len__(self) -> int:
        self.asked += 1
        return super().__len__()


def test_a_common_part_is_computed_once(typed: Typed, scope: Scope) -> None:
    name = Measured("abc")
    assert run(["longueur(nom) = 3", "longueur(nom) > 4", "longueur(nom)"], typed, scope, nom=name) == [
        "vrai",
        "faux",
        "3",
    ]
    assert name.asked == 1


def test_a_stored_value_is_read_by_what_comes_after(typed: Typed, scope: Scope) -> None:
    layout = Layout(scope.zone)
    slot = layout.slot(DEDUCTION, "est_acheteur")
    compute = Program([typed("non est_acheteur")], layout, [(slot, typed('profil = "acheteur"'))])
    slots = layout.empty()
    slots[layout.slot(FIELD, "profil")] = "acheteur"
    assert compute(slots) == [False]
    assert slots[slot] is True


def test_a_function_may_compute_what_is_stored(typed: Typed, scope: Scope) -> None:
    layout = Layout(scope.zone)
    slot = layout.slot("valeur", "total")
    halved = (lambda prix, age: prix / age, (typed("prix"), typed("age")))
    compute = Program([typed("total + 1")], layout, [(slot, halved)])
    slots = layout.empty()
    slots[layout.slot(FIELD, "prix")], slots[layout.slot(FIELD, "age")] = Decimal("9.00"), 2
    assert compute(slots) == [Decimal("5.50")]


def test_a_text_of_a_rule_never_enters_the_code(typed: Typed, scope: Scope) -> None:
    hostile = "') or __import__('os').abort() or ('"
    assert run([f'nom = "{hostile}"', f'longueur("{hostile}")'], typed, scope, nom=hostile) == [
        "vrai",
        str(len(hostile)),
    ]
