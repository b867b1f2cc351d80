"""The shipped pack and its dossiers, loaded once for the session, and the few gestures that the tests share.

A dossier of a test is always a whole one, valid against the schema: a fixture, with changes given by dotted paths.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import yaml

from recevable import data
from recevable.decision.decide import Decider
from recevable.decision.model import Decision, RequestDecision, Verdict
from recevable.dossier.dossier import Dossier, load
from recevable.dossier.validate import SchemaValidator
from recevable.pack.model import Pack, Result
from recevable.programme import Programme, open_programme
from recevable.report.json_format import decision_data

PACK: Final = data.shipped("rules") / "af-ope-mss"
DOSSIERS: Final = Path(__file__).parents[2] / "fixtures" / "af-ope-mss"
EXPECTED: Final = ".attendu.yaml"
# Takes a datum, or an object of data, out of a dossier.
REMOVED: Final = object()

Changes = Mapping[str, Any]


@cache
def _programme() -> Programme:
    """The pack as read from its files: a prepared one, from the user's cache, has lost its examples."""
    return open_programme(PACK, prepared=False)


@cache
def _text(name: str) -> str:
    return (DOSSIERS / f"{name}.json").read_text("utf-8")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`rule_id`: every rule of the pack; `name`: every dossier of the fixtures."""
    if "rule_id" in metafunc.fixturenames:
        metafunc.parametrize("rule_id", list(_programme().pack.rules))
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", sorted(path.stem for path in DOSSIERS.glob("*.json")))


@pytest.fixture(scope="session")
def programme() -> Programme:
    return _programme()


@pytest.fixture(scope="session")
def pack(programme: Programme) -> Pack:
    return programme.pack


@pytest.fixture(scope="session")
def decider(programme: Programme) -> Decider:
    return programme.decider


@pytest.fixture(scope="session")
def validator(programme: Programme) -> SchemaValidator:
    return programme.validator


@pytest.fixture(scope="session")
def rules_folder() -> Path:
    return PACK


@pytest.fixture(scope="session")
def dossiers_folder() -> Path:
    return DOSSIERS


@pytest.fixture(scope="session")
def names() -> list[str]:
    """The dossiers of the fixtures, by name."""
    return sorted(path.stem for path in DOSSIERS.glob("*.json"))


@pytest.fixture(scope="session")
def expectations() -> dict[str, dict[str, Any]]:
    """What a person expects of each dossier, by name."""
    found = sorted(DOSSIERS.glob(f"*{EXPECTED}"))
    return {path.name.removesuffix(EXPECTED): yaml.safe_load(path.read_text("utf-8")) for path in found}


class World:
    """Dossiers and decisions on them; `REMOVED` as a change takes a datum out."""

    removed: Final = REMOVED

    def __init__(self, programme: Programme, expectations: Mapping[str, Mapping[str, Any]]) -> None:
        self.programme = programme
        self.days = {name: date.fromisoformat(expected["au"]) for name, expected in expectations.items()}

    def data(self, name: str, changes: Changes | None = None) -> dict[str, Any]:
        """The data of a fixture, changed."""
        found: dict[str, Any] = json.loads(_text(name))
        return changed(found, changes or {})

    def dossier(self, content: Mapping[str, Any]) -> Dossier:
        """A dossier that has passed the schema."""
        return load(msgspec.json.encode(content), "dossier.json", self.programme.validator)

    def decide(self, content: Mapping[str, Any], day: date, decider: Decider | None = None) -> Decision:
        return (decider or self.programme.decider).decide(self.dossier(content), day)

    def decision(self, name: str, changes: Changes | None = None, au: str | None = None) -> Decision:
        """The decision on a fixture, changed, on its own day unless told otherwise."""
        day = date.fromisoformat(au) if au else self.days[name]
        return self.decide(self.data(name, changes), day)

    def request(self, request: str, name: str, changes: Changes | None = None, au: str | None = None) -> Answer:
        """What is answered to one request of a fixture, changed."""
        return self.answer(self.decision(name, changes, au), request)

    def answer(self, decision: Decision, request: str) -> Answer:
        return Answer(next(r for r in decision.requests if r.name == request))

    def whole(self, decision: Decision) -> dict[str, Any]:
        """Everything that is answered, but for the digest of the dossier's bytes."""
        found = decision_data(decision)
        del found["recu"]["dossier_sha256"]
        return found


class Answer:
    """One request's decision, as short words that an assertion can read."""

    def __init__(self, request: RequestDecision) -> None:
        self.request = request
        self.verdict = str(request.verdict)
        self.provisional = request.provisional
        self.amounts: dict[str, Decimal] = {a.name: a.value for a in request.amounts if a.value is not None}
        self.tainted = {a.name: a.subject_to for a in request.amounts if a.subject_to}

    def __repr__(self) -> str:
        return f"{self.verdict}{' (provisoire)' if self.provisional else ''} {self.findings}"

    @property
    def accepted(self) -> bool:
        """Accepted for good."""
        return self.request.verdict is Verdict.ACCEPT and not self.provisional

    @property
    def findings(self) -> dict[str, str | list[str]]:
        """What stands out, by rule: `non_satisfait:cause`, `manquant` or `a_apprecier`."""
        return standing_out(self.request.findings)

    @property
    def read(self) -> str:
        """Every message, as one text."""
        return "\n".join(f.message for f in self.request.findings)

    def result(self, rule: str) -> str:
        """The result of one rule, whatever it is, or `absent` when the request does not run it."""
        found = [f for f in self.request.findings if f.rule == rule]
        return " ".join(str(f.result) for f in found) or "absent"

    def missing(self, rule: str) -> list[str]:
        """The data that a rule misses."""
        return [d.name for f in self.request.findings if f.rule == rule for d in f.missing]


def standing_out(findings: Any) -> dict[str, str | list[str]]:
    """The findings other than satisfied and not applicable, as expectations write them."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        if finding.result not in (Result.SATISFIED, Result.NOT_APPLICABLE):
            text = f"{finding.result}:{finding.cause}" if finding.cause else str(finding.result)
            found.setdefault(finding.rule, []).append(text)
    return {rule: said[0] if len(said) == 1 else said for rule, said in found.items()}


def changed(content: dict[str, Any], changes: Changes) -> dict[str, Any]:
    """The same data with values put at dotted paths, or taken out."""
    for path, value in changes.items():
        *parents, last = path.split(".")
        node = content
        for part in parents:
            node = node.setdefault(part, {})
        if value is REMOVED:
            node.pop(last, None)
        else:
            node[last] = copy.deepcopy(value)
    return content


@pytest.fixture(scope="session")
def world(programme: Programme, expectations: dict[str, dict[str, Any]]) -> World:
    return World(programme, expectations)


@pytest.fixture(scope="session")
def appraised() -> Callable[..., dict[str, Any]]:
    """A recorded appraisal: `appraised("RULE", "answer", le=…)`, to put under `appreciations`."""

    def recorded(answer: str, le: str = "2022-10-01", expire_le: str = "2099-12-31") -> dict[str, Any]:
        who = {"auteur": "Agent instructeur Exemple", "motif": "Motif consigné au dossier"}
        return {"reponse": answer, **who, "le": le, "expire_le": expire_le}

    return recorded


@pytest.fixture(scope="session")
def leaves() -> Callable[[Any], Iterator[tuple[str, ...]]]:
    """The paths of every datum of a dossier, lists being taken whole."""

    def walk(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        if isinstance(node, dict) and node:
            for key, value in node.items():
                yield from walk(value, (*path, key))
        else:
            yield path

    return walk
