"""A decision is plain values: it can be compared, sent to another process, encoded; nothing in it calls anything."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from recevable.decision.model import Decision
from recevable.programme import Programme, open_programme

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures" / "af-ope-mss").glob("*.json"))
DAY = date(2023, 9, 4)
# Nothing else is in a decision: structs of these are values too.
PLAIN = (str, int, bool, type(None), date)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme("af-ope-mss")


def decided(programme: Programme, path: Path, *, trace: bool = True) -> Decision:
    return programme.decide(programme.read(path.read_bytes(), path.name), DAY, trace=trace)


@pytest.mark.parametrize("path", FIXTURES[::7], ids=lambda path: path.stem)
def test_a_decision_that_travels_is_the_same(programme: Programme, path: Path) -> None:
    decision = decided(programme, path)
    found = pickle.loads(pickle.dumps(decision))
    assert found == decision
    assert programme.to_json(found) == programme.to_json(decision)
    assert programme.explain(found) == programme.explain(decision)


def test_two_decisions_on_one_dossier_are_equal_and_others_are_not(programme: Programme) -> None:
    one, other = FIXTURES[0], FIXTURES[1]
    assert decided(programme, one) == decided(open_programme("af-ope-mss"), one)
    assert decided(programme, one) != decided(programme, other)


def callables(value: Any) -> Iterator[Any]:
    """Whatever in a value can be called, or holds what can."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from callables(getattr(value, name))
    elif isinstance(value, dict):
        for one in (*value, *value.values()):
            yield from callables(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from callables(one)
    elif callable(value):
        yield value


def test_nothing_in_a_decision_can_be_called(programme: Programme) -> None:
    for path in FIXTURES[::5]:
        assert list(callables(decided(programme, path))) == []


def test_a_decision_can_be_encoded_as_it_is(programme: Programme) -> None:
    for path in FIXTURES[::20]:
        assert msgspec.msgpack.encode(decided(programme, path))
