"""The steps of a calculation: what they show is what was computed, and doing them again gives the amount."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
import yaml

from recevable.decision.calculation import formula, sentence
from recevable.decision.model import AmountStep
from recevable.decision.steps import MAX_ELEMENTS, step_maker
from recevable.dossier.dossier import load
from recevable.language.check import Scope, compile_text
from recevable.language.evaluate import EXACT, Evaluators, Layout, build
from recevable.language.tree import FIELD
from recevable.language.types import AMOUNT, BOOLEAN, INTEGER, TEXT, Kind, Type
from recevable.programme import open_programme

LINE: Final = Type(Kind.OBJECT, fields={"prix": AMOUNT, "nombre": INTEGER, "nom": TEXT})
SCOPE: Final = Scope(
    facts=Type(
        Kind.OBJECT,
        fields={
            "prix": AMOUNT,
            "signe": BOOLEAN,
            "lignes": Type(Kind.LIST, item=LINE),
            "autres": Type(Kind.LIST, item=LINE),
            "noms": Type(Kind.LIST, item=TEXT),
        },
    ),
    zone=ZoneInfo("Europe/Paris"),
)
REPLAY: Final[dict[str, Callable[..., Any]]] = {
    "+": lambda *operands: reduce(add, operands),
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: Decimal(a) / b,
    "oppose": lambda a: -a,
    "min": lambda *operands: min(operands),
    "max": lambda *operands: max(operands),
    "somme": lambda *operands: sum(operands),
    "arrondi": lambda value, unit, _: Decimal(value).quantize(Decimal(unit), decimal.ROUND_HALF_UP),
}


def steps(text: str, **facts: Any) -> tuple[AmountStep, ...]:
    """The steps of an expression; each is done again, and the last one gives the value."""
    expr, layout = compile_text(text, SCOPE), Layout(SCOPE.zone)
    make, evaluate = step_maker(expr, Evaluators(layout)), build(expr, layout)
    for name in facts:
        layout.slot(FIELD, name)
    make(layout.empty())
    slots = layout.empty()
    for name, value in facts.items():
        slots[layout.slot(FIELD, name)] = value
    found = make(slots)
    with decimal.localcontext(EXACT):
        for step in found:
            if len(step.operands) == step.elements or step.operation != "somme":
                assert REPLAY[step.operation](*step.operands) == step.value
        assert not found or found[-1].value == evaluate(slots)
    return found


def said(text: str, **facts: Any) -> list[str]:
    return [sentence(step).replace("\u202f", " ") for step in steps(text, **facts)]


def test_the_steps_come_innermost_first() -> None:
    assert said("min(prix * 3 + 10.00, 100.00)", prix=Decimal("20.00")) == [
        "20,00 × 3 = 60,00",
        "60,00 + 10,00 = 70,00",
        "le plus petit de 70,00 et 100,00 = 70,00",
    ]


def test_additions_that_follow_each_other_are_one_step() -> None:
    assert said("prix + 1 + 2 + 3", prix=Decimal("4.00")) == ["4,00 + 1 + 2 + 3 = 10,00"]


def test_a_sum_shows_the_elements_of_its_own_list() -> None:
    lines = [{"prix": Decimal("10.00"), "nombre": 2}, {"prix": Decimal("5.00"), "nombre": 3}]
    found = steps("somme(l dans lignes, l.prix * l.nombre) * 2", lignes=lines, autres=[{"prix": Decimal("777.00")}])
    assert found[0] == AmountStep("somme", (Decimal("15.00"), Decimal("20.00")), Decimal("35.00"), 2)
    assert found[1] == AmountStep("*", (Decimal("35.00"), 2), Decimal("70.00"))
    assert len(found) == 2


@pytest.mark.parametrize(("length", "shown"), [(0, 0), (1, 1), (MAX_ELEMENTS, MAX_ELEMENTS), (MAX_ELEMENTS + 1, 0)])
def test_a_long_sum_shows_how_many_elements_it_has(length: int, shown: int) -> None:
    (step,) = steps("somme(l dans lignes, l.nombre)", lignes=[{"nombre": 7}] * length)
    assert (step.elements, len(step.operands), step.value) == (length, shown, 7 * length)


def test_a_sum_over_texts_shows_numbers_only() -> None:
    (step,) = steps("somme(n dans noms, longueur(n))", noms=["un", "deux"])
    assert step == AmountStep("somme", (2, 4), 6, 2)


def test_a_choice_shows_the_branch_taken() -> None:
    text = "si signe alors prix * 2 sinon prix * 3"
    assert said(text, signe=True, prix=Decimal("4.00")) == ["4,00 × 2 = 8,00"]
    assert said(text, signe=False, prix=Decimal("4.00")) == ["4,00 × 3 = 12,00"]


def test_an_unknown_number_has_no_steps() -> None:
    assert steps("prix * 2 + 1") == ()
    assert steps("somme(l dans lignes, l.prix)") == ()
    assert steps("somme(l dans lignes, l.prix)", lignes=[{"prix": Decimal("1.00")}, {}]) == ()


@pytest.mark.parametrize(
    ("step", "machine", "people"),
    [
        (AmountStep("*", (Decimal("58.33"), 3), Decimal("174.99")), "58.33 × 3", "58,33 × 3 = 174,99"),
        (AmountStep("-", (Decimal("9.00"), Decimal("1.00")), Decimal("8.00")), "9.00 - 1.00", "9,00 − 1,00 = 8,00"),
        (AmountStep("/", (1, 4), Decimal("0.25")), "1 ÷ 4", "1 ÷ 4 = 0,25"),
        (AmountStep("max", (1, 2, 3), 3), "max(1 ; 2 ; 3)", "le plus grand de 1, 2 et 3 = 3"),
        (AmountStep("oppose", (2,), -2), "-(2)", "l'opposé de 2 = −2"),
        (AmountStep("somme", (1, 2), 3, 2), "somme(1 ; 2)", "somme de 1 et 2 = 3"),
        (AmountStep("somme", (), 40, 20), "somme(20 éléments)", "somme de 20 éléments = 40"),
        (AmountStep("somme", (), 0, 0), "somme()", "somme d'une liste vide = 0"),
        (AmountStep("somme", (5,), 5, 1), "somme(5)", ""),
        (
            AmountStep("arrondi", (Decimal("8.004"), "0.01", "demi_superieur"), Decimal("8.00")),
            "8.004 arrondi à 0.01 (demi_superieur)",
            "arrondi au centime le plus proche = 8,00",
        ),
        (
            AmountStep("arrondi", (Decimal("12"), "5", "inferieur"), Decimal("10")),
            "12 arrondi à 5 (inferieur)",
            "arrondi à 5 inférieur = 10",
        ),
        (AmountStep("arrondi", (Decimal("8.00"), "1", "superieur"), Decimal("8")), "8.00 arrondi à 1 (superieur)", ""),
    ],
)
def test_a_step_is_said_for_machines_and_for_people(step: AmountStep, machine: str, people: str) -> None:
    assert formula(step, str) == machine
    assert sentence(step) == people


def test_replaying_the_steps_of_every_shipped_amount_gives_the_amount() -> None:
    root = Path(__file__).parents[2]
    programme = open_programme(root / "rules" / "af-ope-mss")
    replayed = 0
    for expected in sorted((root / "fixtures" / "af-ope-mss").glob("*.attendu.yaml")):
        content = expected.with_name(expected.name.replace(".attendu.yaml", ".json")).read_bytes()
        day = date.fromisoformat(yaml.safe_load(expected.read_text("utf-8"))["au"])
        decision = programme.decider.decide(load(content, expected.name, programme.validator), day)
        lines = [line for request in decision.requests for line in request.amounts]
        for line in [*lines, *(case.amount for case in decision.recovery)]:
            with decimal.localcontext(EXACT):
                for step in line.steps:
                    assert REPLAY[step.operation](*step.operands) == step.value
            if line.steps:
                replayed += 1
                assert line.steps[-1].value == line.value
    assert replayed > 1000
