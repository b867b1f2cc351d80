"""Every datum of every dossier taken out, one at a time: what is missing never helps, save what the pack names.

A request is accepted when its verdict is `accepter` and no question is open.  `retraits.yaml` is all there is to know:
what an accepted request may do without although a rule reads it, and what stands against a request if it is said.

One removal in sixteen is tried, and with RECEVABLE_TEST_REMOVALS=all every one (`.ci/run`).
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.decision.decide import Decider
from recevable.decision.model import Decision, Finding
from recevable.language.diagnostics import DiagnosticError
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, FIELD, Expr, references
from recevable.language.types import Kind, Type
from recevable.pack import removals
from recevable.pack.model import Consequence, Definition, Pack, Result
from recevable.pack.removals import Removal, Removals
from recevable.programme import Programme
from recevable.trials.suite import Origin, collect

if TYPE_CHECKING:
    from tests.packs.conftest import World

Place = tuple[str | int, ...]
Known = tuple[dict[str, Any], date]
# For a request and a datum, the rules that may do without it.
Named = dict[tuple[str, str], frozenset[str]]
ALL: Final = os.environ.get("RECEVABLE_TEST_REMOVALS") == "all"
REQUESTS: Final = ("enrolement", "avance", "solde")
# Whole dossiers of both profiles, in which each datum is then made wrong.
WHOLE: Final = ("solde-cas-b", "solde-petit-acheteur")
# On either side of every limit of the calendar, and to come.
DAYS: Final = ("2022-04-01", "2022-09-01", "2023-07-26", "2023-07-27", "2023-09-29", "2090-01-01")


@pytest.fixture(scope="module")
def written(rules_folder: Path) -> Removals:
    return removals.read(rules_folder)


def _named(items: tuple[Removal, ...]) -> Named:
    return {
        (request.text, item.datum.text): frozenset(rule.text for rule in item.rules)
        for item in items
        for request in item.requests
    }


@pytest.fixture(scope="module")
def against(written: Removals) -> Named:
    return _named(written.against)


@pytest.fixture(scope="module")
def scenarios(programme: Programme) -> list[Known]:
    """The dossiers of the scenarios: one datum of a whole dossier made late, wrong or missing."""
    trials = [trial for trial in collect(programme, []) if trial.origin is Origin.SCENARIO]
    return [(trial.dossier.data, trial.day) for trial in trials if trial.dossier is not None and trial.day is not None]


@pytest.fixture(scope="module")
def favourable(pack: Pack) -> dict[str, Any]:
    """The favourable answer to every question of the pack."""
    who = {"auteur": "Agent", "motif": "Motif", "le": "2022-10-01", "expire_le": "2099-12-31"}
    found = {}
    for rule in pack.rules.values():
        if rule.question is not None:
            failing = {cause.name for cause in rule.causes}
            found[rule.id] = {"reponse": next(word for word in rule.answers if word not in failing), **who}
    return found


def _places(node: Any, above: Place = ()) -> Iterator[Place]:
    """Every datum, every object of data and every element of a list, from the top."""
    items: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*above, key)
        yield from _places(value, (*above, key))


def _taken_out(content: Any) -> list[Place]:
    """The data that are taken out of a dossier: each, or one in sixteen, not the same in every dossier."""
    places = list(_places(content))
    return places if ALL else places[len(places) % 16 :: 16]


def _dotted(place: Place) -> str:
    """`paiements[].paye_le`"""
    return ".".join(map(str, place)).replace(".0", "[]").replace(".1", "[]")


def _without(content: Any, place: Place) -> Any:
    """The same data without one; what is not touched is shared."""
    head, *rest = place
    kept = copy.copy(content)
    if rest:
        kept[head] = _without(content[head], tuple(rest))
    else:
        del kept[head]
    return kept


def _has(content: Any, place: Place) -> bool:
    for part in place:
        there = (
            part < len(content)
            if isinstance(part, int) and isinstance(content, list)
            else (isinstance(content, dict) and part in content)
        )
        if not there:
            return False
        content = content[part]
    return True


def _decided(world: World, content: dict[str, Any], day: date) -> Decision | None:
    """The decision, or nothing when the schema refuses the dossier."""
    try:
        return world.decide(content, day)
    except DiagnosticError:
        return None


def _accepted(world: World, decision: Decision) -> dict[str, bool]:
    return {r.name: world.answer(decision, r.name).accepted for r in decision.requests}


def _stands_against(finding: Finding) -> bool:
    if finding.result is Result.FAILED:
        return finding.consequence is not Consequence.SIGNAL
    return finding.result in (Result.MISSING, Result.TO_APPRAISE)


def _stopped(world: World, decision: Decision) -> dict[str, frozenset[str]]:
    """By request that is not accepted, the rules that stand against it."""
    accepted = _accepted(world, decision)
    return {
        r.name: frozenset(f.rule for f in r.findings if _stands_against(f))
        for r in decision.requests
        if not accepted[r.name]
    }


class _Cures:
    """What the removals from one dossier cured: requests accepted for good, cases of undue payment closed."""

    def __init__(self, world: World, content: dict[str, Any], day: date) -> None:
        self.world, self.content, self.day = world, content, day
        before = _decided(world, content, day)
        self.hopeful = before is not None
        if before is None:
            return
        self.stopped = _stopped(world, before)
        self.open = {case.rule for case in before.recovery if not case.closed}
        self.hopeful = bool(self.stopped or self.open)

    def of(self, *places: Place) -> Iterator[tuple[str, frozenset[str]]]:
        """For each request that is accepted once these are gone, the rules that stood against it."""
        content = self.content
        for place in places:
            content = _without(content, place) if _has(content, place) else content
        after = _decided(self.world, content, self.day) if self.hopeful else None
        if after is None:
            return
        assert not {case.rule for case in after.recovery if case.closed} & self.open, places
        for request, accepted in _accepted(self.world, after).items():
            if accepted and request in self.stopped:
                yield request, self.stopped[request]

    def unexcused(self, against: Named) -> list[tuple[str, str, list[str]]]:
        """The cures by one removal that the pack does not name: request, datum, rules."""
        if not self.hopeful:
            return []
        return [
            (request, _dotted(place), sorted(rules))
            for place in _taken_out(self.content)
            for request, rules in self.of(place)
            if not rules <= against.get((request, _dotted(place)), frozenset())
        ]


def test_no_request_of_a_known_dossier_is_accepted_for_want_of_a_datum(world: World, name: str, against: Named) -> None:
    assert _Cures(world, world.data(name), world.days[name]).unexcused(against) == []


def test_no_request_of_a_scenario_is_accepted_for_want_of_a_datum(
    world: World, scenarios: list[Known], against: Named
) -> None:
    assert len(scenarios) > 100
    assert [found for content, day in scenarios for found in _Cures(world, content, day).unexcused(against)] == []


# --- data made wrong ------------------------------------------------------------------------------------------------


def _wrong(type_: Type, value: Any) -> list[Any]:
    """What a datum may be made: another flag, another number, a late or a future day, another word or text."""
    made: dict[Kind, list[Any]] = {
        Kind.BOOLEAN: [value is not True],
        Kind.INTEGER: [7, 1_000_000],
        Kind.AMOUNT: ["-5.00", "0.00"],
        Kind.RATE: ["0", "0.10"],
        Kind.DATE: list(DAYS),
        Kind.INSTANT: [f"{day}T15:00:00+02:00" for day in DAYS],
        Kind.TEXT: list(type_.values) or ["Autre chose", "00000000000001"],
    }
    return [one for one in made.get(type_.kind, []) if one != value]


def _type(facts: Type, place: Place) -> Type:
    for part in place:
        found = facts.item if isinstance(part, int) else facts.fields.get(part)
        if found is None:
            return Type(Kind.OBJECT)
        facts = found
    return facts


def _with(content: Any, place: Place, value: Any) -> Any:
    """The same data with one changed; what is not touched is shared."""
    head, *rest = place
    changed = copy.copy(content)
    changed[head] = _with(content[head], tuple(rest), value) if rest else value
    return changed


def _at(content: Any, place: Place) -> Any:
    for part in place:
        content = content[part]
    return content


CONTROLS: Final = {
    "declaration_erronee": {},
    "deploiement_non_realise": {},
    "retrait_referencement": {"concerne": "fournisseur"},
    "declaration_bal_erronee": {},
    "manquement": {"nature": "autre"},
}


# Beside the advance: what pays nothing that is known, what pays too much, what is no payment.
PAYMENTS: Final = (
    {"montant": "1.00"},
    {"montant": "-1.00"},
    {"demande": "solde", "montant": "1.00"},
    {"demande": "avance", "montant": "1.00", "paye_le": "2090-01-01"},
)


@pytest.fixture(scope="module")
def bases(world: World, favourable: dict[str, Any]) -> list[Known]:
    """Whole dossiers, before and after the counters close, with every question answered or none."""
    found: list[Known] = []
    for name in WHOLE:
        content = world.data(name)
        answered = {**content, "appreciations": favourable}
        found += [(answered, date(2023, 7, 25)), (answered, date(2023, 10, 2)), (content, date(2023, 10, 2))]
    return found if ALL else found[1:2]


@pytest.fixture(scope="module")
def mutated(world: World, pack: Pack, bases: list[Known]) -> dict[tuple[str, str], set[str]]:
    """For each datum of the whole dossiers, made wrong and then taken out, it or what holds it: what that cured."""
    found: dict[tuple[str, str], set[str]] = {}

    def note(cures: _Cures, place: Place) -> None:
        for rank in range(len(place)):
            for request, rules in cures.of(place[: rank + 1]):
                found.setdefault((request, _dotted(place[: rank + 1])), set()).update(rules)

    for content, day in bases:
        for place in list(_places(content)):
            if place[0] != "appreciations":
                for value in _wrong(_type(pack.facts, place), _at(content, place)):
                    note(_Cures(world, _with(content, place, value), day), place)
        for case, more in CONTROLS.items():
            control = {"constate_le": "2023-07-20T10:00:00+02:00", "constate_par": "ans", **more}
            note(_Cures(world, {**content, "controles": {case: control}}, day), ("controles", case))
        for payment in PAYMENTS:
            paid = [*content["paiements"], payment]
            note(_Cures(world, {**content, "paiements": paid}, day), ("paiements", len(paid) - 1))
        undecided = _with(content, ("avance", "decision", "sens"), "a_modifier")
        note(_Cures(world, undecided, day), ("paiements", 0))
        for request, before in (("avance", _without(content, ("paiements",))), ("solde", content)):
            decided = _with(before, (request, "decision"), {"sens": "validee", "le": "2090-01-01T10:00:00+01:00"})
            note(_Cures(world, decided, day), (request, "decision"))
        later = _with(content, ("avance", "decision", "le"), "2023-07-24T10:00:00+02:00")
        misquoted = _with(later, ("solde", "numero_dossier_avance"), "ASP-TEST-1")
        note(_Cures(world, misquoted, day), ("solde", "numero_dossier_avance"))
    return found


def test_what_is_made_wrong_is_cured_by_taking_it_out_only_where_the_pack_says_so(
    mutated: dict[tuple[str, str], set[str]], against: Named
) -> None:
    unexcused = {key: rules - against.get(key, frozenset()) for key, rules in mutated.items()}
    assert {key: rules for key, rules in unexcused.items() if rules} == {}
    if ALL:
        unneeded = {key: set(rules) - mutated.get(key, set()) for key, rules in against.items()}
        assert {key: rules for key, rules in unneeded.items() if rules} == {}


class _Tried:
    """What the property below draws from; hypothesis writes the arguments of a failing test, which are large."""

    def __init__(self, pack: Pack, dossiers: list[Known], against: Named) -> None:
        self.pack, self.dossiers, self.against = pack, dossiers, against


@pytest.fixture(scope="module")
def tried(pack: Pack, bases: list[Known], scenarios: list[Known], against: Named) -> _Tried:
    return _Tried(pack, bases + scenarios, against)


@settings(max_examples=examples(300))
@given(data=st.data())
def test_data_made_wrong_and_data_taken_out_anywhere_never_make_a_request_accepted(
    world: World, tried: _Tried, data: Any
) -> None:
    pack, against = tried.pack, tried.against
    content, day = tried.dossiers[data.draw(st.integers(0, len(tried.dossiers) - 1))]
    places = [place for place in _places(content) if place[0] not in ("programme", "appreciations")]
    for place in data.draw(st.lists(st.sampled_from(places), max_size=2, unique=True)):
        if _has(content, place) and (wrong := _wrong(_type(pack.facts, place), _at(content, place))):
            content = _with(content, place, data.draw(st.sampled_from(wrong)))
    taken = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True))
    # from the end: an element taken out of a list moves those behind it
    taken.sort(key=lambda place: [(str(part), part if isinstance(part, int) else 0) for part in place], reverse=True)
    for request, rules in _Cures(world, content, day).of(*taken):
        excused = frozenset().union(*(against.get((request, _dotted(place)), frozenset()) for place in taken))
        assert rules <= excused, (request, taken, rules - excused)


# --- what is optional -----------------------------------------------------------------------------------------------


class _Reads:
    """The fields of the dossier that each rule of a request reads, through deductions and numbers too."""

    def __init__(self, decider: Decider, request: str) -> None:
        context = decider.context_decider(request).context
        self.definitions = {d.name: d for d in context.definitions}
        self.by_rule: dict[str, set[str]] = {}
        self._by_path: dict[str, set[str]] = {}
        for check in context.checks:
            read = self.by_rule.setdefault(check.rule, set())
            for step in check.steps:
                read |= self._expression(step.test, frozenset())

    def _expression(self, expr: Expr, seen: frozenset[str]) -> set[str]:
        found = set(references(expr, FIELD))
        for name in references(expr, DEDUCTION, AMOUNT_NAME):
            if name in self.definitions and name not in seen:
                found |= self._definition(self.definitions[name], seen | {name})
        return found

    def _definition(self, definition: Definition, seen: frozenset[str]) -> set[str]:
        found = self._expression(definition.deduction, seen) if definition.deduction is not None else set()
        for amount in definition.amounts:
            found |= self._expression(amount.value, seen)
            found |= self._expression(amount.when, seen) if amount.when is not None else set()
        return found

    def readers(self, path: str) -> set[str]:
        """The rules that read a datum or something in it."""
        if path not in self._by_path:
            self._by_path[path] = {
                rule
                for rule, fields in self.by_rule.items()
                if any(field == path or field.startswith(f"{path}.") for field in fields)
            }
        return self._by_path[path]


class _Left:
    """The rules left satisfied without a datum that they read, in requests that stay accepted."""

    def __init__(self, world: World, names: list[str]) -> None:
        self.world = world
        self.reads = {name: _Reads(world.programme.decider, name) for name in REQUESTS}
        self.found: dict[tuple[str, str], set[str]] = {}
        self.count = 0
        for name in names:
            self._take_out(name)

    def _take_out(self, name: str) -> None:
        content = self.world.data(name)
        before = self.world.decision(name)
        accepted = _accepted(self.world, before)
        satisfied = {
            r.name: {f.rule for f in r.findings if f.result is Result.SATISFIED}
            for r in before.requests
            if accepted[r.name]
        }
        for place in _taken_out(content):
            readers = {q: self.reads[q].readers(_dotted(place)) & rules for q, rules in satisfied.items()}
            if not any(readers.values()):
                continue
            after = _decided(self.world, _without(content, place), self.world.days[name])
            if after is None:
                continue  # what the schema requires
            self.count += 1
            for request in after.requests:
                if self.world.answer(after, request.name).accepted:
                    applied = {f.rule for f in request.findings if f.result is not Result.NOT_APPLICABLE}
                    left = readers.get(request.name, set()) & applied
                    if left:
                        self.found.setdefault((request.name, _dotted(place)), set()).update(left)


@pytest.mark.thorough
def test_nothing_accepted_does_without_a_datum_that_a_rule_reads_but_what_is_optional(
    world: World, names: list[str], written: Removals
) -> None:
    left = _Left(world, names)
    optional = {key: set(rules) for key, rules in _named(written.optional).items()}
    assert left.count > (5_000 if ALL else 600)
    if ALL:
        assert left.found == optional
    unnamed = {key: rules - optional.get(key, set()) for key, rules in left.found.items()}
    assert {key: rules for key, rules in unnamed.items() if rules} == {}


@pytest.mark.thorough
@settings(max_examples=examples(200))
@given(data=st.data())
def test_taking_several_data_out_of_an_accepted_dossier_needs_each_of_them_to_be_dispensable(
    world: World, names: list[str], against: Named, data: Any
) -> None:
    """Dispensable alone, or stopped only by what another of the data says against the request."""
    name = data.draw(st.sampled_from([n for n in names if n.startswith(("enrolement", "avance-", "solde-"))]))
    content, day = world.data(name), world.days[name]
    before = world.decision(name)
    candidates = [p for p in _places(content) if p != ("programme",)]
    taken = data.draw(st.lists(st.sampled_from(candidates), min_size=2, max_size=4, unique=True))
    taken.sort(key=lambda place: [(str(part), part if isinstance(part, int) else 0) for part in place], reverse=True)
    kept = content
    for place in taken:
        kept = _without(kept, place) if _has(kept, place) else kept
    after = _decided(world, kept, day)
    if after is None:
        return
    accepted = _accepted(world, before)
    for request, still in _accepted(world, after).items():
        if accepted[request] and still:
            for place in taken:
                one = _decided(world, _without(content, place), day)
                others = (against.get((request, _dotted(other)), frozenset()) for other in taken if other != place)
                assert one is not None, place
                assert _stopped(world, one).get(request, frozenset()) <= frozenset().union(*others), (request, taken)
