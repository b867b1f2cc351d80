"""Numbers that several rules may give: a contradiction names them, an exception leaves room for one."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from recevable.inference.definitions import Contradiction
from recevable.inference.engine import Engine
from recevable.language.evaluate import EXACT
from recevable.language.tree import AMOUNT_NAME, FIELD
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import MISSING, NOT_APPLICABLE, SATISFIED, Context, Outcome, failed

PackMaker = Callable[[str], CompiledPack]

TWO = """
regles:
  - {id: P-A, titre: t, demandes: [essai], source: §1, quand: essai.a, montant: "5", type: entier, nom: prime}
  - {id: P-B, titre: t, demandes: [essai], source: §1, quand: essai.b, montant: essai.n, type: entier, nom: prime}
  - {id: C, titre: t, demandes: [essai], source: §1, condition: prime > 4,
     si_faux: {consequence: rejeter, message: "{prime}"}}
"""

EXCEPTION = """
regles:
  - {id: GENERALE, titre: t, demandes: [essai], source: §1, condition: essai.a,
     si_faux: {consequence: rejeter, message: m}}
  - {id: SPECIALE, titre: t, demandes: [essai], source: §1, exception_a: GENERALE, quand: essai.b, condition: essai.c,
     si_faux: {consequence: rejeter, message: m}}
"""

EXCEPTIONAL_AMOUNT = """
regles:
  - {id: P-A, titre: t, demandes: [essai], source: §1, montant: "5", type: entier, nom: prime}
  - {id: P-B, titre: t, demandes: [essai], source: §1, exception_a: P-A, quand: essai.b, montant: "9", type: entier,
     nom: prime}
"""


@pytest.fixture(autouse=True)
def _exact() -> Iterator[None]:
    """The decimal context in which the engine is called."""
    with decimal.localcontext(EXACT):
        yield


def _compiled(make_pack: PackMaker, rules: str) -> Context:
    compiled = make_pack(rules)
    compiled.verify()
    return compiled.context("essai")


def _run(engine: Engine, facts: dict[str, Any]) -> tuple[list[Any], list[Outcome]]:
    """The values of the numbers, and the outcomes."""
    layout = engine.context.layout
    slots = layout.empty()
    for name, value in facts.items():
        slots[layout.slot(FIELD, f"essai.{name}")] = value
    evaluation = engine.evaluate(slots)
    return [slots[place] for (op, _), place in layout.slots.items() if op == AMOUNT_NAME], evaluation.outcomes()


@pytest.fixture(params=["at once", "after others"])
def run(request: pytest.FixtureRequest) -> Callable[..., tuple[list[Any], list[Outcome]]]:
    """Run facts on a context, by an engine that has just been opened or by one that remembers another dossier."""

    def once(context: Context, **facts: Any) -> tuple[list[Any], list[Outcome]]:
        engine = Engine(context)
        try:
            if request.param == "after others":
                _run(engine, {})
            return _run(engine, facts)
        finally:
            engine.close()

    return once


Run = Callable[..., tuple[list[Any], list[Outcome]]]


# --- contradictions -------------------------------------------------------------------------------------------------


def test_two_applicable_rules_with_two_values_are_a_contradiction_that_names_both(
    make_pack: PackMaker, run: Run
) -> None:
    with pytest.raises(Contradiction) as caught:
        run(_compiled(make_pack, TWO), a=True, b=True, n=6)
    error = caught.value
    assert (error.name, error.rules, error.values) == ("prime", ("P-A", "P-B"), (Decimal(5), 6))


def test_two_applicable_rules_with_one_value_are_fine(make_pack: PackMaker, run: Run) -> None:
    assert run(_compiled(make_pack, TWO), a=True, b=True, n=5) == ([5], [SATISFIED])


@pytest.mark.parametrize(("a", "b", "value"), [(True, False, 5), (False, True, 6)])
def test_the_rule_that_applies_gives_the_value(make_pack: PackMaker, run: Run, a: bool, b: bool, value: int) -> None:
    assert run(_compiled(make_pack, TWO), a=a, b=b, n=6) == ([value], [SATISFIED])


def test_a_number_that_no_rule_gives_is_unknown(make_pack: PackMaker, run: Run) -> None:
    assert run(_compiled(make_pack, TWO), a=False, b=False, n=6) == ([None], [MISSING])


def test_a_number_is_unknown_while_it_is_not_known_whether_a_second_rule_applies(
    make_pack: PackMaker, run: Run
) -> None:
    assert run(_compiled(make_pack, TWO), a=True, n=6) == ([None], [MISSING])


def test_a_missing_datum_is_no_contradiction(make_pack: PackMaker, run: Run) -> None:
    assert run(_compiled(make_pack, TWO), a=True, b=True) == ([None], [MISSING])


def test_a_contradiction_already_there_is_not_hidden_by_a_missing_datum(make_pack: PackMaker, run: Run) -> None:
    third = (
        "  - {id: P-C, titre: t, demandes: [essai], source: §1, quand: essai.c, montant: '7', type: entier, nom: prime}"
    )
    with pytest.raises(Contradiction) as caught:
        run(_compiled(make_pack, TWO + third), a=True, b=True, n=6)
    assert caught.value.rules == ("P-A", "P-B")


# --- exceptions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("b", "outcomes"),
    [
        (True, [NOT_APPLICABLE, SATISFIED]),
        (False, [failed("faux"), NOT_APPLICABLE]),
        (None, [MISSING, MISSING]),
    ],
)
def test_a_rule_gives_way_to_its_exception(
    make_pack: PackMaker, run: Run, b: bool | None, outcomes: list[Outcome]
) -> None:
    assert run(_compiled(make_pack, EXCEPTION), a=False, b=b, c=True)[1] == outcomes


@pytest.mark.parametrize(("b", "value"), [(True, 9), (False, 5), (None, None)])
def test_an_amount_gives_way_to_its_exception(
    make_pack: PackMaker, run: Run, b: bool | None, value: int | None
) -> None:
    assert run(_compiled(make_pack, EXCEPTIONAL_AMOUNT), b=b)[0] == [value]


def test_a_rule_whose_exception_always_applies_never_applies(make_pack: PackMaker, run: Run) -> None:
    always = EXCEPTION.replace("quand: essai.b, ", "")
    assert run(_compiled(make_pack, always), a=False, c=True)[1] == [NOT_APPLICABLE, SATISFIED]
