"""The reference evaluator of checks: the executable specification, kept short to be easy to review.

It shares only the checks and the language with the network.
"""

from __future__ import annotations

from collections.abc import Sequence

from recevable.language.evaluate import Evaluator, Evaluators, Slots
from recevable.pack.model import Check, Outcome


class Reference:
    """Evaluates every distinct test once, then walks each chain."""

    def __init__(self, checks: Sequence[Check], built: Evaluators) -> None:
        # by identity, as closures are: hashing a tree costs more than evaluating it twice
        ranks: dict[int, int] = {}
        self._chains: list[tuple[tuple[tuple[int, Outcome | None, Outcome | None, Outcome | None], ...], Outcome]] = []
        for check in checks:
            chain = tuple(
                (ranks.setdefault(id(step.test), len(ranks)), step.true, step.false, step.unknown)
                for step in check.steps
            )
            self._chains.append((chain, check.final))
        tests = {id(step.test): step.test for check in checks for step in check.steps}
        self._tests: list[Evaluator] = [built.of(test) for test in tests.values()]

    def run(self, slots: Slots) -> list[Outcome]:
        """The outcome of every check, in order."""
        values = [test(slots) for test in self._tests]
        outcomes = []
        for chain, final in self._chains:
            for test, true, false, unknown in chain:
                value = values[test]
                outcome = unknown if value is None else true if value else false
                if outcome is not None:
                    outcomes.append(outcome)
                    break
            else:
                outcomes.append(final)
        return outcomes
