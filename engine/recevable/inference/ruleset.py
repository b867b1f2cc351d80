"""The only interface to durable_rules: a ruleset within the tested safe subset, or an error before anything runs.

See docs/adr/0002.  Facts hold small integers under generated names; antecedents are conjunctions of equalities on
fields that are always present; a sentinel rule proves that each evaluation ran to its end; one session lives as long as
the ruleset and its facts are retracted by id; the library runs no action, and its timers and threads never start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from threading import Lock
from typing import Any, Final

import msgspec

from recevable.inference.forks import renewed_in_child
from recevable.inference.library import rete

MAX_FIELDS: Final = 58
MAX_RULES: Final = 180
MAX_SHARING: Final = 200
MAX_TESTS: Final = 400
MAX_PENDING: Final = 62
MAX_PATTERNS: Final = 5

END: Final = "fin"
_SESSION: Final = "s"
_SMALL: Final = frozenset(range(10))
# The name of our facts, and their fields that are not tests; ids are compared by hash, as names are.
_RESERVED: Final = ("id", "sid", "$s", "s", "f", "sid-s", *(f"m_{rank}" for rank in range(MAX_PATTERNS)))
_HANDLED: Final = 0
_NOT_HANDLED: Final = 1
_serial = count()

Pattern = Mapping[str, int]
Conclude = Callable[[str], "tuple[str, int] | None"]


class UnsafeRuleset(Exception):
    """A ruleset outside the safe subset, rejected before the library sees it."""


class IncompleteRun(Exception):
    """The sentinel did not fire, an unknown rule fired, firing did not end, or the library returned an error."""


def name_hash(name: str) -> int:
    """The 32-bit FNV-1a hash that the library uses to compare field names (ASCII names only)."""
    value = 2_166_136_261
    for byte in name.encode():
        value = ((value ^ byte) * 16_777_619) & 0xFFFFFFFF
    return value


class Ruleset:
    """Named rules, each a list of patterns (one per fact to match); `fields` are those of the single flat fact.

    The library builds its network at the first run; runs are serialized between threads.  Raises UnsafeRuleset when a
    bound of the safe subset is exceeded.
    """

    def __init__(
        self, fields: Sequence[str], rules: Mapping[str, Sequence[Pattern]], concluded: Sequence[str] = ()
    ) -> None:
        self.fields = tuple(fields)
        self.concluded = tuple(concluded)
        self._check(rules)
        self._rules = frozenset(rules)
        definition: dict[str, Any] = {}
        for name, patterns in rules.items():
            definition[name] = {"all": [{f"m_{rank}": _pattern(p)} for rank, p in enumerate(patterns)]}
        definition[END] = {"all": [{"m_0": {END: 1}}]}
        self._definition = msgspec.json.encode(definition).decode()
        self._fact = "{" + f'"sid":"s","id":"f","{END}":1' + "".join(f',"{field}":%d' for field in self.fields) + "}"
        self._started = self._closed = False
        self._handle: int | None = None
        self._lock = Lock()
        renewed_in_child(self)

    def renew(self) -> None:
        """See forks: a ruleset that was running in another thread is built again by the library."""
        if self._lock.locked():
            self._handle, self._started = None, False
        self._lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        """Only a ruleset that has not run can be pickled: the library handle is created after loading."""
        state = {**self.__dict__, "_handle": None, "_started": False, "_closed": False}
        del state["_lock"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=Lock())
        renewed_in_child(self)

    def _open(self) -> int:
        if self._closed:
            raise IncompleteRun("this ruleset is closed")
        if self._handle is None:
            self._handle = rete.create_ruleset(f"r{next(_serial)}", self._definition)
        return self._handle

    def _check(self, rules: Mapping[str, Sequence[Pattern]]) -> None:
        names = [*self.fields, *self.concluded, END, *_RESERVED]
        for name in (*self.fields, *self.concluded, *rules):
            if not (name.isascii() and name.isidentifier()):
                raise UnsafeRuleset(f"{name!r} is no generated name")
        if len({name_hash(name) for name in names}) != len(names):
            raise UnsafeRuleset("two field names of the ruleset share a 32-bit hash")
        if len({name_hash(name) for name in (*rules, END)}) != len(rules) + 1:
            raise UnsafeRuleset("two rule names of the ruleset share a 32-bit hash")
        if len(self.fields) + len(self.concluded) > MAX_FIELDS:
            raise UnsafeRuleset(f"{len(self.fields) + len(self.concluded)} fields, at most {MAX_FIELDS}")
        if len(rules) > MAX_RULES:
            raise UnsafeRuleset(f"{len(rules)} rules, at most {MAX_RULES}")
        known, chained = {*self.fields, *self.concluded, END}, frozenset(self.concluded)
        shared: dict[tuple[str, int], int] = {}
        tree: _Tree = {}
        for name, patterns in rules.items():
            if not patterns or not all(patterns) or len(patterns) > MAX_PATTERNS:
                raise UnsafeRuleset(f"rule {name}: an empty pattern, or too many of them")
            for pattern in patterns:
                for field, value in pattern.items():
                    if field not in known or type(value) is not int or value not in _SMALL:
                        raise UnsafeRuleset(f"rule {name}: {field}={value!r} is no test of a small integer")
                    shared[field, value] = shared.get((field, value), 0) + 1
                if chained.isdisjoint(pattern):
                    _grow(tree, pattern)
                elif len(pattern) > 1:
                    raise UnsafeRuleset(f"rule {name}: one pattern tests two facts")
        if shared and max(shared.values()) > MAX_SHARING:
            raise UnsafeRuleset(f"a test is shared by more than {MAX_SHARING} rules")
        if len(shared) > MAX_TESTS:
            raise UnsafeRuleset(f"{len(shared)} distinct tests, at most {MAX_TESTS}")
        ranks = {field: rank for rank, field in enumerate((END, *self.fields))}
        if _pending({(END, 1): {}, **tree}, ranks) > MAX_PENDING:
            raise UnsafeRuleset(f"more than {MAX_PENDING} tests could wait together")

    def run(self, values: Sequence[int], conclude: Conclude | None = None) -> list[str]:
        """Assert the flat fact, fire all rules, retract everything; returns the names of the rules fired, in order.

        `conclude(rule)` may return (name, value), asserted as a new fact while firing continues.  Raises IncompleteRun,
        or any exception of `conclude`; the ruleset is then closed and cannot be used again.
        """
        if len(values) != len(self.fields):
            raise ValueError(f"{len(values)} values for {len(self.fields)} fields")
        if not _SMALL.issuperset(values):
            raise ValueError(f"{values!r} are not all small integers")
        try:
            with self._lock:
                return self._drain(self._open(), self._fact % tuple(values), conclude)
        except rete.error as error:
            self.close()
            raise IncompleteRun(str(error)) from error
        except BaseException:
            self.close()
            raise

    def _drain(self, handle: int, fact: str, conclude: Conclude | None) -> list[str]:
        asserted = [fact]
        status, state = rete.assert_fact(handle, fact)
        if status:
            raise IncompleteRun(f"the fact was refused ({status})")
        fired: list[str] = []
        ended = False
        started = rete.start_action_for_state(handle, state)
        self._started |= started is not None
        match = started[1] if started else None
        while match:
            name = match[2 : match.index('"', 2)]
            if name == END:
                ended = True
            elif name not in self._rules or len(fired) >= len(self._rules):
                raise IncompleteRun(f"unexpected firing: {name}")
            else:
                fired.append(name)
                conclusion = conclude(name) if conclude else None
                if conclusion is not None:
                    if conclusion[0] not in self.concluded or conclusion[1] not in _SMALL:
                        raise IncompleteRun(f"{name} concluded {conclusion}, which is not declared")
                    new = '{"sid":"s","id":"%s","%s":%d}' % (conclusion[0], *conclusion)  # noqa: UP031  # the hot path
                    status = rete.assert_fact(handle, new)[0]
                    if status == _HANDLED:
                        asserted.append(new)
                    elif status != _NOT_HANDLED:
                        raise IncompleteRun(f"the conclusion {conclusion} was refused ({status})")
                    # otherwise no rule reads it: the library has not kept it, and there is nothing to retract
            match = rete.complete_and_start_action(handle, state)
        if not ended:
            raise IncompleteRun("the sentinel did not fire")
        for one in asserted:
            rete.retract_fact(handle, one)
        return fired

    def close(self) -> None:
        """Release the ruleset in the library."""
        if self._handle is not None:
            # the library leaks the memory of a session unless it is deleted first; deleting one in which nothing fired
            # would crash, since only the first firing initializes the pointers that are then freed
            if self._started:
                rete.delete_state(self._handle, _SESSION)
            rete.delete_ruleset(self._handle)
            self._handle = None
        self._closed = True


_Tree = dict[tuple[str, int], "_Tree"]


def _grow(tree: _Tree, pattern: Pattern) -> None:
    """Add a pattern to the tree in which the library shares the first tests of its patterns."""
    for test in pattern.items():
        tree = tree.setdefault(test, {})


def _pending(tree: _Tree, ranks: Mapping[str, int]) -> int:
    """The maximum number of tests on the library's stack (64 places) when the flat fact is asserted.

    Below a test that holds, it pushes every next test that holds, at most one per field, in the order of the fields of
    the fact; it then descends from the last one while the others wait.
    """
    below: dict[str, int] = {}
    for (field, _), child in tree.items():
        below[field] = max(below.get(field, 0), _pending(child, ranks) if child else 0)
    deepest = (rank + below[field] for rank, field in enumerate(sorted(below, key=ranks.__getitem__)))
    return max(len(below), *deepest) if below else 0


def _pattern(tests: Pattern) -> dict[str, Any]:
    clauses = [{field: value} for field, value in tests.items()]
    return clauses[0] if len(clauses) == 1 else {"$and": clauses}
