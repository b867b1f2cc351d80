"""The values of an expression by period of reception."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from recevable.decision.periods import Period, periods
from recevable.language.diagnostics import Span
from recevable.language.tree import PARAMETER, Expr
from recevable.language.types import INTEGER, NUMBER
from recevable.pack.model import Parameter, Value


class OnlyParameters(Struct, frozen=True):
    """What of a pack is looked at."""

    parameters: dict[str, Parameter]


def dated(
    name: str, *values: tuple[str, int | None], by_decision: bool = False, until: date | None = None
) -> Parameter:
    given = tuple(Value(date.fromisoformat(start), value, "Texte") for start, value in values)
    return Parameter(name, name, INTEGER, by_decision, given, until, False, Span("parametres.yaml", 1, 1))


def of(*read: Parameter) -> list[Period]:
    """The periods of the sum of parameters; those read at the decision are worth 1000."""
    pack = OnlyParameters({parameter.name: parameter for parameter in read})
    expr = Expr("+", tuple(Expr(PARAMETER, (), INTEGER, parameter.name) for parameter in read), NUMBER)

    def value(day: date | None) -> int | None:
        found = [1000 if p.by_decision else v.value if (v := p.at(day)) else None for p in read]
        return None if None in found else sum(n for n in found if n is not None)

    return periods(pack, expr, value)  # type: ignore[arg-type]


JANUARY, MAY, JUNE, AUGUST = (date(2024, month, 1) for month in (1, 5, 6, 8))


def test_what_is_read_at_the_decision_alone_has_no_period() -> None:
    assert of(dated("a", ("2024-01-01", 1), ("2024-05-01", 2), by_decision=True)) == [Period(None, None, 1000)]


def test_each_value_ends_the_day_before_the_next() -> None:
    found = of(dated("a", ("2024-01-01", 1), ("2024-05-01", 2)))
    assert found == [Period(JANUARY, date(2024, 4, 30), 1), Period(MAY, None, 2)]


def test_two_parameters_change_when_one_of_them_does_and_hold_where_both_do() -> None:
    end = date(2024, 12, 31)
    found = of(dated("a", ("2024-01-01", 1), ("2024-06-01", 2), until=end), dated("b", ("2024-05-01", 10)))
    assert found == [Period(MAY, date(2024, 5, 31), 11), Period(JUNE, end, 12)]


def test_values_that_do_not_change_are_one_period_and_an_unknown_one_is_kept() -> None:
    found = of(dated("a", ("2024-01-01", None), ("2024-05-01", 2), ("2024-08-01", 2)))
    assert found == [Period(JANUARY, date(2024, 4, 30), None), Period(MAY, None, 2)]


def test_a_period_says_for_which_days_it_holds() -> None:
    period = Period(MAY, date(2024, 5, 31), 1)
    assert [period.holds(date(2024, month, day)) for month, day in ((4, 30), (5, 1), (5, 31), (6, 1))] == [
        False, True, True, False,
    ]  # fmt: skip
    assert period.words == ", pour une demande reçue du 1er mai 2024 au 31 mai 2024"
    assert Period(AUGUST, None, 1).words == ", pour une demande reçue à partir du 1er août 2024"
    assert Period(None, None, 1).words == ""
