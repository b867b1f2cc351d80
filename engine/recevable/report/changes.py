"""What changes from a version of a dossier to another: data, field by field, and rules, in French."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from difflib import SequenceMatcher
from typing import Any, Final

from msgspec import UNSET, Struct

from recevable.decision.model import Decision, Finding
from recevable.decision.wording import NOT_GIVEN, words
from recevable.dossier.facts import converter
from recevable.dossier.fields import SUPPLIED_BY
from recevable.dossier.limits import pointer
from recevable.language.types import referred, schema_type
from recevable.pack.model import RECOVERY
from recevable.report.sections import RESULTS

_EMPTY: Final = "fourni, sans donnée"
_NOT_EVALUATED: Final = "non évaluée"


class Change(Struct, frozen=True):
    """A datum that differs: its JSON pointer, its titles from the outermost, its value in words before and after.

    `supplied_by` are the parties who supply it.
    """

    pointer: str
    titles: tuple[str, ...]
    before: str
    after: str
    supplied_by: tuple[str, ...]


class Move(Struct, frozen=True):
    """A rule that answers otherwise about a request: what it answered and what it answers, in words.

    `request` is the title of the request, empty for the search of undue payments; `message` what it now says.
    """

    request: str
    rule: str
    title: str
    before: str
    after: str
    message: str


def changes(
    schema: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any], zone: tzinfo, names: Mapping[str, str]
) -> Iterator[Change]:
    """The data that differ between two dossiers valid against a schema, in its order.

    `names` are titles for the members that a schema allows without naming them (the identifiers of rules).
    """
    return _Comparison(schema, zone, names).compare(_Place(schema), old, new)


class _Place(Struct, frozen=True):
    """A place of both dossiers: its declaration in the schema, its path, its titles, and who supplies what is there."""

    node: Mapping[str, Any]
    path: tuple[str | int, ...] = ()
    titles: tuple[str, ...] = ()
    by: tuple[str, ...] = ()


class _Comparison:
    def __init__(self, schema: Mapping[str, Any], zone: tzinfo, names: Mapping[str, str]) -> None:
        self.schema, self.zone, self.names = schema, zone, names

    def compare(self, at: _Place, old: Any, new: Any) -> Iterator[Change]:
        """Yield every difference at the deepest place; UNSET on the side where a datum is absent."""
        if old == new and type(old) is type(new):
            return
        sides = [side for side in (old, new) if side is not UNSET]
        if all(isinstance(side, dict) for side in sides) and any(sides):
            yield from self.members(at, *(side if isinstance(side, dict) else {} for side in (old, new)))
        elif all(isinstance(side, list) for side in sides) and any(sides):
            yield from self.elements(at, *(side if isinstance(side, list) else [] for side in (old, new)))
        else:
            before, after = (self.say(at.node, side) for side in (old, new))
            yield Change(pointer(*at.path), at.titles, before, after, at.by)

    def members(self, at: _Place, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
        known = list(at.node.get("properties", ()))
        rank = {name: place for place, name in enumerate(known)}
        for name in sorted({*old, *new}, key=lambda one: (rank.get(one, len(known)), one)):
            child = self.member(at.node, name)
            title = child.get("title") or name if name in rank else self.names.get(name, name)
            by = child.get(SUPPLIED_BY, at.by)
            below = _Place(child, (*at.path, name), (*at.titles, title), (by,) if isinstance(by, str) else tuple(by))
            yield from self.compare(below, old.get(name, UNSET), new.get(name, UNSET))

    def elements(self, at: _Place, old: list[Any], new: list[Any]) -> Iterator[Change]:
        """Elements that are the same are found wherever they have gone; those that changed in place are compared."""
        item = self.resolved(at.node.get("items", {}))
        was, now = ([json.dumps(one, sort_keys=True) for one in side] for side in (old, new))
        for _, start, end, first, last in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            for rank in range(max(end - start, last - first)):
                before = old[start + rank] if start + rank < end else UNSET
                after = new[first + rank] if first + rank < last else UNSET
                place = first + rank if after is not UNSET else start + rank
                below = _Place(item, (*at.path, place), (*at.titles, f"n° {place + 1}"), at.by)
                yield from self.compare(below, before, after)

    def member(self, node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        if name in node.get("properties", {}):
            return self.resolved(node["properties"][name])
        patterns = node.get("patternProperties", {})
        return next((self.resolved(child) for pattern, child in patterns.items() if re.search(pattern, name)), {})

    def resolved(self, written: Mapping[str, Any]) -> Mapping[str, Any]:
        node = dict(written)
        # keywords beside a reference take precedence over its target
        while "$ref" in node:
            node = {**referred(self.schema, node.pop("$ref")), **node}
        return node

    def say(self, node: Mapping[str, Any], value: Any) -> str:
        if value is UNSET:
            return NOT_GIVEN
        if value in ({}, []):
            return _EMPTY
        try:
            type_ = schema_type(self.schema, node)
            convert = converter(type_, self.zone)
            return words(value if convert is None else convert(value), type_, self.zone)
        except (ValueError, ArithmeticError, KeyError, TypeError, AttributeError):
            # of a type that this schema does not say: a dossier of an older one
            return str(value)


def moves(old: Decision, new: Decision) -> Iterator[Move]:
    """The rules that answer otherwise in a decision than in another, request by request."""
    before, after = _answers(old), _answers(new)
    titles = {(one.name, one.key): one.title for decision in (old, new) for one in decision.requests}
    for place in dict.fromkeys((*after, *before)):
        old_, new_ = before.get(place, ()), after.get(place, ())
        if [_same(one) for one in old_] != [_same(one) for one in new_]:
            name, key, rule = place
            message = next((one.message for one in new_ if one.message), "")
            title = (*new_, *old_)[0].title
            yield Move(titles.get((name, key), ""), rule, title, _say(old_), _say(new_), message)


def _answers(decision: Decision) -> dict[tuple[str, str, str], tuple[Finding, ...]]:
    found: dict[tuple[str, str, str], tuple[Finding, ...]] = {}
    blocks = [(one.name, one.key, one.findings) for one in decision.requests]
    for name, key, findings in (*blocks, (RECOVERY, "", decision.recovery_findings)):
        for one in findings:
            place = (name, key, one.rule)
            found[place] = (*found.get(place, ()), one)
    return found


def _same(finding: Finding) -> tuple[object, ...]:
    return (finding.result, finding.cause, finding.message, tuple(datum.name for datum in finding.missing))


def _say(findings: Sequence[Finding]) -> str:
    return ", ".join(dict.fromkeys(RESULTS[one.result][0] for one in findings)) or _NOT_EVALUATED
