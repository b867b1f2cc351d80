"""One search of the solver, in a context of its own: what it finds depends on nothing that was asked before.

Its limit is counted in its own steps, and what it finds does not depend on the machine either.  A clock is a net far
below, for what the solver does without counting a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any, Final

import z3

from recevable.proofs.terms import TRUE, both

# Seconds of work for one check, as `_EFFORT` counts them.
TIME: Final = 10
# The steps that count as a second.
_EFFORT: Final = 2_000_000
# The seconds of a clock for one of those.
_PATIENCE: Final = 60
_SEED: Final = 20230626
# What the solver says when its steps are used up, or when the user interrupts it.
_STOPPED: Final = "canceled"


class Search:
    """Conditions, and what the solver finds of them; terms are given and models are had in the common context."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._context = z3.Context()
        self._solver = z3.Solver(ctx=self._context)
        self._solver.set("random_seed", _SEED)
        # a solver with a scope searches as it goes on; one without first turns the whole question over, which is slower
        self._solver.push()
        self._marks = 0
        self._late = False

    def add(self, *conditions: Any) -> None:
        """Add conditions."""
        self._solver.add(both(TRUE, *conditions).translate(self._context))

    def mark(self, condition: Any) -> Any:
        """A mark under which a condition holds, to be given to `check`."""
        mark = z3.Bool(f"garde#{self._marks}", self._context)
        self._marks += 1
        self._solver.add(z3.Implies(mark, condition.translate(self._context)))
        return mark

    def check(self, marks: Sequence[Any] = (), seconds: int | None = None) -> Any:
        """What the solver finds within its steps; raises KeyboardInterrupt, which the solver took for itself."""
        seconds = seconds or self.seconds
        allowed, before, began = seconds * _EFFORT, self._steps(), monotonic()
        self._solver.set("rlimit", allowed)
        self._solver.set("timeout", seconds * _PATIENCE * 1000)
        found = self._solver.check(*marks)
        if found == z3.unknown and self._solver.reason_unknown() == _STOPPED and self._steps() - before < allowed:
            self._late = monotonic() - began >= seconds * _PATIENCE
            if not self._late:
                raise KeyboardInterrupt
        return found

    def model(self) -> Any:
        """The values found."""
        return self._solver.model().translate(z3.main_ctx())

    def core(self) -> set[int]:
        """The identities of marks that contradict each other."""
        return {one.get_id() for one in self._solver.unsat_core()}

    def why(self) -> str:
        """Why nothing was found."""
        reason = self._solver.reason_unknown()
        if self._late:
            return f"le solveur n'a rien répondu en {self.seconds * _PATIENCE} s"
        if reason == _STOPPED:
            return f"le calcul accordé est dépassé ({self.seconds} s, comptées en pas du solveur)"
        return f"le solveur ne conclut pas ({reason})"

    def _steps(self) -> int:
        return int(self._solver.statistics().get_key_value("rlimit count"))
