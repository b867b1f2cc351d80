"""What a check can answer at all, and where its comparisons change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recevable.language.check import Scope, compile_text
from recevable.language.diagnostics import Span
from recevable.language.evaluate import Layout
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, FIELD, LITERAL, PARAMETER, RESULT, Expr
from recevable.language.types import AMOUNT, BOOLEAN, DATE, INSTANT, INTEGER, RATE, RESULT_TYPE, TEXT, Kind, Type
from recevable.pack.model import (
    MISSING,
    NOT_APPLICABLE,
    SATISFIED,
    Check,
    Context,
    Definition,
    Outcome,
    Parameter,
    Step,
    Value,
    failed,
)
from recevable.trials.reach import Edge, Reach, edges

ZONE = ZoneInfo("Europe/Paris")
FACTS = {
    "prix": AMOUNT, "age": INTEGER, "taux": RATE, "jour": DATE, "recu": INSTANT, "nom": TEXT, "majeur": BOOLEAN,
    "piece": Type(Kind.OBJECT, fields={"lisible": BOOLEAN}),
    "lignes": Type(Kind.LIST, item=Type(Kind.OBJECT, fields={"prix": AMOUNT})),
}  # fmt: skip
SCOPE = Scope(
    Type(Kind.OBJECT, fields=FACTS),
    ZONE,
    {
        "plafond": (PARAMETER, AMOUNT),
        "plafond_inconnu": (PARAMETER, AMOUNT),
        "fourni": (DEDUCTION, BOOLEAN),
        "riche": (DEDUCTION, BOOLEAN),
        "total": (AMOUNT_NAME, AMOUNT),
    },
    answers={"AVIS": ("oui", "non")},
)


def typed(text: str) -> Expr:
    return compile_text(text, SCOPE)


def parameter(name: str, value: Any) -> Parameter:
    values = (Value(date(2022, 1, 1), value, "Texte"),)
    return Parameter(name, name, AMOUNT, False, values, None, False, Span("parametres.yaml", 1, 1))


@pytest.fixture(scope="module")
def reach() -> Reach:
    definitions = (
        Definition("fourni", deduction=typed("prix est present")),
        Definition("riche", deduction=typed("prix > 100")),
        Definition("total"),
    )
    context = Context("essai", None, definitions, (), {}, Layout(ZONE), {}, ())
    known = {"plafond": Decimal(10), "plafond_inconnu": None}
    return Reach(context, {name: parameter(name, value) for name, value in known.items()})


@pytest.mark.parametrize(
    "text",
    [
        "prix est present",
        "prix est absent et piece est absent",
        "prix est present et prix > 3",
        "prix > 3 et prix est present",
        "prix est absent ou prix > 3",
        "non (prix est absent) et prix > plafond",
        "fourni et prix > 3",
        "si prix est present alors prix > 3 sinon vrai",
        "si prix est absent alors vrai sinon prix > 3",
        "piece.lisible est present et (prix est absent ou prix > 3)",
        "aujourd_hui > 2023-01-01",
        "plafond > 3",
        'reponse("AVIS") est present',
        "prix est present et prix / 2 > 3",
        "prix est present et prix / plafond > 3",
    ],
)
def test_a_test_whose_data_are_known_to_be_there_is_never_unknown(reach: Reach, text: str) -> None:
    assert not reach.may_be_unknown(typed(text))


@pytest.mark.parametrize(
    "text",
    [
        "prix > 3",
        "prix est present et age > 3",
        "prix est present ou prix > 3",
        "prix est absent et prix > 3",
        "non (prix est present) et prix > 3",
        "si majeur alors vrai sinon faux",
        "piece est present et piece.lisible",
        "riche",
        "non riche et prix > 3",
        "total > 3",
        "plafond_inconnu > 3",
        'reponse("AVIS") = "oui"',
        "certains(l dans lignes, l.prix > 3)",
        "prix est present et age est present et prix / age > 3",
        "plafond / (plafond - plafond) > 3",
    ],
)
def test_a_test_that_may_lack_a_datum_may_be_unknown(reach: Reach, text: str) -> None:
    assert reach.may_be_unknown(typed(text))


def test_a_datum_inside_a_piece_tells_that_the_piece_is_there(reach: Reach) -> None:
    known = reach.present_when(typed("piece.lisible est present"), True)
    assert not reach.may_be_unknown(typed("piece.lisible"), known)
    assert not reach.may_be_unknown(typed("piece est present"), known)


def outcomes(reach: Reach, *steps: Step, final: Outcome = SATISFIED) -> set[Outcome]:
    return reach.outcomes(Check("R", "faux", steps, final))


BAD = failed("faux")


def test_a_test_that_answers_everything_leaves_nothing_to_the_end_of_the_chain(reach: Reach) -> None:
    assert outcomes(reach, Step(typed("prix > 3"), BAD, NOT_APPLICABLE)) == {BAD, NOT_APPLICABLE, MISSING}


def test_what_opens_a_chain_is_known_in_what_follows(reach: Reach) -> None:
    opening = Step(typed("prix est present"), None, NOT_APPLICABLE)
    assert outcomes(reach, opening, Step(typed("prix > 3"), BAD, SATISFIED)) == {NOT_APPLICABLE, BAD, SATISFIED}


def test_what_a_false_test_tells_is_known_in_what_follows(reach: Reach) -> None:
    opening = Step(typed("prix est absent"), NOT_APPLICABLE, None)
    assert outcomes(reach, opening, Step(typed("prix > 3"), BAD, SATISFIED)) == {NOT_APPLICABLE, BAD, SATISFIED}


def test_a_chain_that_passes_on_both_values_tells_nothing(reach: Reach) -> None:
    opening = Step(typed("prix est present"), None, None)
    assert MISSING in outcomes(reach, opening, Step(typed("prix > 3"), BAD, SATISFIED))


def test_the_end_of_a_chain_is_reached_when_a_test_passes_on(reach: Reach) -> None:
    assert outcomes(reach, Step(typed("prix est present"), None, NOT_APPLICABLE)) == {NOT_APPLICABLE, SATISFIED}


# --- edges ----------------------------------------------------------------------------------------------------------


def edge(text: str) -> Edge:
    (only,) = edges(typed(text))
    return only


Beside = Callable[[str, Any, Any], bool]


@pytest.mark.parametrize(
    ("text", "left", "right", "beside"),
    [
        ("prix <= plafond", Decimal("10.01"), Decimal("10"), True),
        ("prix <= plafond", Decimal("10.02"), Decimal("10"), False),
        ("prix <= plafond", Decimal("9.99"), Decimal("10"), False),
        ("prix < plafond", Decimal("9.99"), Decimal("10"), True),
        ("prix < plafond", Decimal("10.01"), Decimal("10"), False),
        ("prix >= plafond", Decimal("9.99"), Decimal("10"), True),
        ("prix > plafond", Decimal("10.01"), Decimal("10"), True),
        ("age > 18", 19, 18, True),
        ("age > 18", 20, 18, False),
        ("age >= 18", 17, 18, True),
        ("jour <= aujourd_hui", date(2023, 7, 1), date(2023, 6, 30), True),
        ("jour <= aujourd_hui", date(2023, 7, 2), date(2023, 6, 30), False),
        ("taux > 0.2", Decimal("0.9"), Decimal("0.2"), True),
        ("taux > 0.2", Decimal("0.1"), Decimal("0.2"), False),
    ],
)
def test_the_first_value_beyond_an_edge_is_beside_it(text: str, left: Any, right: Any, beside: bool) -> None:
    assert edge(text).is_beside(left, right) is beside
    assert not edge(text).is_at(left, right)


@pytest.mark.parametrize(("second", "beside"), [(0, False), (1, True), (2, False)])
def test_an_instant_is_beside_its_deadline_at_the_next_second_only(second: int, beside: bool) -> None:
    limit = datetime(2023, 7, 26, 12, 0, 0, tzinfo=UTC)
    one = edge("recu <= 2023-07-26T14:00:00")
    assert one.is_beside(limit.replace(second=second), limit) is beside
    assert one.is_at(limit.replace(second=second), limit) is (second == 0)


def test_between_has_two_edges() -> None:
    low, high = edges(typed("age entre 18 et 25"))
    assert (low.op, high.op) == (">=", "<=")
    assert low.is_beside(17, 18)
    assert high.is_beside(26, 25)


def test_equality_has_no_edge() -> None:
    assert list(edges(typed('nom = "x" et majeur'))) == []


@pytest.mark.parametrize(("text", "shown"), [
    ("certains(l dans lignes, l.prix > 3)", ["l.prix > 3, pour l dans lignes"]),
    ("tous(l dans lignes, l.prix entre 3 et 5)",
     ["l.prix >= 3, pour l dans lignes", "l.prix <= 5, pour l dans lignes"]),
    ("nombre(l dans lignes, l.prix > 3) <= 1 et age > 3",
     ["l.prix > 3, pour l dans lignes", "nombre(l dans lignes, l.prix > 3) <= 1", "age > 3"]),
    ("somme(l dans lignes, si l.prix > 3 alors l.prix sinon 0) > 9",
     ["l.prix > 3, pour l dans lignes", "somme(l dans lignes, si l.prix > 3 alors l.prix sinon 0) > 9"]),
    ("tous(l dans lignes, certains(m dans lignes, m.prix < l.prix))",
     ["m.prix < l.prix, pour l dans lignes, m dans lignes"]),
    ("nombre(l dans lignes si l.prix > 3, l.prix < 9) = 2",
     ["l.prix > 3, pour l dans lignes", "l.prix < 9, pour l dans lignes si l.prix > 3"]),
])  # fmt: skip
def test_the_comparisons_of_the_elements_of_a_list_are_edges(text: str, shown: list[str]) -> None:
    assert [edge.text for edge in edges(typed(text))] == shown


def test_the_limits_of_a_rule_are_not_to_be_shown_again_by_those_that_read_its_result() -> None:
    limit = Expr("<", (Expr(FIELD, (), INTEGER, "age"), Expr(LITERAL, (), INTEGER, 18)), BOOLEAN)
    texts = tuple(Expr(LITERAL, (), RESULT_TYPE, value) for value in ("satisfait", "non_satisfait"))
    result = Expr(RESULT, (Expr("si", (limit, *texts), RESULT_TYPE),), RESULT_TYPE, "MAJORITE")
    assert [edge.test for edge in edges(limit)] == [limit]
    assert list(edges(Expr("=", (result, texts[0]), BOOLEAN))) == []
