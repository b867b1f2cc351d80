"""A form asked of another: fewer rules for the library, and the same branch for every value."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from recevable.inference.branches import FALSE, TRUE, UNKNOWN, Deduced, Tests
from recevable.inference.forms import Form, Forms, within

# `a et b et c`, each unknown apart, and the same with two conditions, or with one that is always known.
THREE: Form = (
    ((0, 0),), ((0, 1), (1, 0)), ((0, 1), (1, 1), (2, 0)), ((0, 1), (1, 1), (2, 1)), ((0, 1), (1, 1), (2, 2)),
    ((0, 1), (1, 2)), ((0, 2),),
)  # fmt: skip
TWO: Form = (((0, 0),), ((0, 1), (1, 0)), ((0, 1), (1, 1)), ((0, 1), (1, 2)), ((0, 2),))
KNOWN: Form = (((0, 0),), ((0, 1), (1, 0)), ((0, 1), (1, 1)), ((0, 1), (1, 2)))
# `a` then `b`, whatever `a` is.
EACH: Form = tuple(((0, a), (1, b)) for a, b in product((FALSE, TRUE, UNKNOWN), repeat=2))


@st.composite
def _forms(draw: st.DrawFn, width: int = 4) -> Form:
    """A tree of tests, numbered as they come; some variables are never unknown."""
    values = [draw(st.sampled_from([(FALSE, TRUE), (FALSE, TRUE, UNKNOWN)])) for _ in range(width)]

    def grow(tests: tuple[tuple[int, int], ...]) -> list[tuple[tuple[int, int], ...]]:
        left = [variable for variable in range(width) if variable not in dict(tests)]
        if not left or (tests and draw(st.integers(0, 2)) == 0):
            return [tests]
        variable = draw(st.sampled_from(left))
        return [branch for value in values[variable] for branch in grow((*tests, (variable, value)))]

    ranks: dict[int, int] = {}
    return tuple(tuple((ranks.setdefault(v, len(ranks)), x) for v, x in branch) for branch in grow(()))


def _values(form: Form) -> list[list[int]]:
    width = 1 + max(variable for tests in form for variable, _ in tests)
    return [sorted({x for tests in form for v, x in tests if v == variable}) for variable in range(width)]


def _branch(form: Form, values: dict[int, int]) -> int:
    (found,) = (rank for rank, tests in enumerate(form) if all(values[v] == x for v, x in tests))
    return found


def _answers_the_same(form: Form, host: Form) -> bool:
    found = within(form, host)
    if found is None:
        return False
    given, ranks = found
    for known in product(*_values(form)):
        asked = dict.fromkeys(range(len(_values(host))), FALSE)
        asked |= {variable: ~source if source < 0 else known[source] for variable, source in given.items()}
        assert ranks[_branch(host, asked)] == _branch(form, dict(enumerate(known)))
    return True


@given(_forms(3), _forms(4))
def test_a_form_found_within_another_has_the_same_branch_for_every_value(form: Form, host: Form) -> None:
    _answers_the_same(form, host)


@given(_forms(4))
def test_a_form_is_within_itself(form: Form) -> None:
    assert _answers_the_same(form, form)


def test_fewer_conditions_are_asked_of_more() -> None:
    assert _answers_the_same(TWO, THREE)
    assert _answers_the_same(THREE, EACH) is False
    assert _answers_the_same(KNOWN, TWO)
    assert _answers_the_same(TWO, EACH)


def test_what_may_be_unknown_is_not_asked_where_everything_is_known() -> None:
    assert within(TWO, KNOWN) is None


def test_the_library_gets_the_rules_of_the_widest_form_only() -> None:
    def branching(form: Form, letter: str) -> list[Tests]:
        return [tuple((Deduced(f"{letter}{variable}"), value) for variable, value in tests) for tests in form]

    forms = Forms([branching(THREE, "a"), branching(TWO, "b"), branching(KNOWN, "c")])
    places = [
        forms.question("R", branching(form, letter), {Deduced(f"{letter}{rank}"): rank for rank in range(3)})
        for form, letter in ((THREE, "a"), (TWO, "b"), (KNOWN, "c"))
    ]
    (ruleset,) = {id(question.place.ruleset): question.place.ruleset for question in places}.values()
    assert len(ruleset._rules) == len(THREE)
    for question, form in zip(places, (THREE, TWO, KNOWN), strict=True):
        for known in product(*_values(form)):
            assert question.ask(known, {}) == _branch(form, dict(enumerate(known)))
    ruleset.close()
