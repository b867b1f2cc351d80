"""The table of operations: every example it gives is true, for both evaluators, and every row shows its unknown."""

from __future__ import annotations

import decimal
import string
from types import ModuleType

import pytest

from recevable.language.check import compile_text
from recevable.language.evaluate import EXACT, Layout
from recevable.language.generated import Program
from recevable.language.operations import FUNCTIONS, OPERATIONS, Operation
from recevable.language.prose import prose
from recevable.language.syntax import KEYWORDS, ExpressionError
from recevable.language.tree import nodes
from recevable.language.unparse import literal

EXAMPLES = [(row.name, text, expected) for row in OPERATIONS.values() for text, expected in row.examples]
# What the sample dossier does not hold.
MISSING = ("manque", "libelle", "remboursements", "APP-A-VENIR", "VER-A-COMPLETER")

rows = pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS.keys())
examples = pytest.mark.parametrize(("name", "text", "expected"), EXAMPLES, ids=[text for _, text, _ in EXAMPLES])


@examples
def test_an_example_gives_its_result(name: str, text: str, expected: str, sample: ModuleType) -> None:
    assert sample.result(text) == expected


@examples
def test_an_example_gives_the_same_result_when_compiled(
    name: str, text: str, expected: str, sample: ModuleType
) -> None:
    layout = Layout(sample.SCOPE.zone)
    run = Program([sample.typed(text)], layout)
    with decimal.localcontext(EXACT):
        assert [literal(value) for value in run(sample.slots(layout))] == [expected]


@examples
def test_an_example_shows_the_operation_it_is_an_example_of(
    name: str, text: str, expected: str, sample: ModuleType
) -> None:
    assert name in {node.op for node in nodes(sample.typed(text))}


@rows
def test_every_operation_shows_what_an_unknown_operand_gives(row: Operation) -> None:
    assert any(name in text for text, _ in row.examples for name in MISSING)


@rows
def test_every_operation_shows_a_known_result(row: Operation) -> None:
    assert any(expected != "inconnu" for _, expected in row.examples)


@rows
def test_the_words_of_an_operation_name_operands_that_it_has(row: Operation) -> None:
    named = {field for _, field, _, _ in string.Formatter().parse(row.words) if field is not None}
    least, _ = row.arity
    places = {str(rank) for rank in range(least)}
    assert named
    assert named <= places | ({"*"} if row.arity[1] is None else set())


@examples
def test_every_example_can_be_said_in_french(name: str, text: str, expected: str, sample: ModuleType) -> None:
    sentence = prose(compile_text(text, sample.SCOPE), lambda op, path: path, lambda value, type_: literal(value))
    assert sentence
    assert "{" not in sentence


def test_a_function_is_written_as_its_usage_begins() -> None:
    assert [name for name, row in FUNCTIONS.items() if not row.usage.startswith(f"{name}(")] == []


def test_no_function_has_the_name_of_a_keyword() -> None:
    assert KEYWORDS.isdisjoint(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_called_without_operands_is_refused_with_its_usage(name: str, sample: ModuleType) -> None:
    with pytest.raises(ExpressionError, match=name) as caught:
        compile_text(f"{name}()", sample.SCOPE)
    assert f"`{FUNCTIONS[name].usage}`" in caught.value.help
