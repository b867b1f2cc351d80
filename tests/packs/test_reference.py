"""Trials of variants of a pack run without the network: what they see is what both engines answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recevable.decision.decide import Decider

if TYPE_CHECKING:
    from tests.packs.conftest import World


@pytest.fixture(scope="module")
def alone(world: World) -> Decider:
    return Decider(world.programme.compiled, world.programme.pack.schema, reference_only=True)


def test_the_reference_evaluator_alone_gives_the_whole_decision_of_both_engines(
    names: list[str], world: World, alone: Decider
) -> None:
    for name in names:
        found = world.decide(world.data(name), world.days[name], alone)
        assert world.whole(found) == world.whole(world.decision(name)), name
