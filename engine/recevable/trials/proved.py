"""What the solver answered about a pack, kept in the user's cache under the digest of all that an answer depends on.

An answer depends on the engine, the schema, the bounds, the sentence, and the contexts that it is about: after a change
of a rule, the answers about other contexts are kept.  Nothing here needs the solver: the site and the editor read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from recevable import cache
from recevable.decision.receipt import engine_digest
from recevable.digests import sha256
from recevable.language.evaluate import Layout
from recevable.language.tree import HISTORY, PARAMETER, nodes
from recevable.pack import nodes as yaml
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import Pack
from recevable.pack.properties import Properties, Property, Typed, contexts_of, read, trees_of
from recevable.pack.source import PackSource

# The most elements of a list, unless the question says otherwise.
ELEMENTS: Final = 3
# The packs of which answers are kept.
KEPT: Final = 16
# Members that say where something is written, or that decide nothing.
_PLACES: Final = frozenset({"span", "node", "examples", "start", "end", "layout"})


class Status(StrEnum):
    """The answer to a question."""

    PROVED = "prouvee"
    REFUTED = "refutee"
    UNDECIDED = "non_decidee"
    # nothing is ever what the question is about
    EMPTY = "vide"


class Bounds(Struct, frozen=True):
    """What a question is limited to: the most elements of a list, the days of a dossier, those of the decision."""

    elements: int
    first: date
    last: date
    decided_from: date
    decided_until: date


def bounds_of(pack: Pack, elements: int = ELEMENTS) -> Bounds:
    """The years around the dates that the programme names, and the days on which it decides.

    From the year before the first of them to the tenth after the last: what is produced may be valid for long.
    """
    days = [version.start for version in pack.manifest.versions]
    for parameter in pack.parameters.values():
        for value in parameter.values:
            days.append(value.start)
            if isinstance(value.value, datetime):
                days.append(value.value.date())
            elif isinstance(value.value, date):
                days.append(value.value)
    starts = min(version.start for version in pack.manifest.versions)
    low, high = pack.manifest.years
    first, last = max(low, min(days).year - 1), min(high, max(days).year + 10)
    return Bounds(elements, date(first, 1, 1), date(last, 12, 31), starts, date(last, 12, 31))


class Example(Struct, frozen=True):
    """One dossier or two, as JSON text, the day of the decision and the name of the real one that they resemble.

    `known`: it is that one.
    """

    contents: tuple[bytes, ...]
    day: date
    near: str
    known: bool = False


class Answer(Struct, frozen=True):
    """The answer: the example that refutes it, or the reason why it is not decided."""

    status: Status
    example: Example | None = None
    reason: str = ""


class Kept(Struct, frozen=True):
    """An answer, what its example shows, and the solver that gave it."""

    answer: Answer
    shown: tuple[str, ...]
    solver: str


class Keys:
    """The digests under which the answers about a pack are kept, within bounds."""

    def __init__(self, compiled: CompiledPack, bounds: Bounds) -> None:
        self.compiled = compiled
        pack = compiled.pack
        self._known: dict[int, tuple[Any, str]] = {}
        self._contexts: dict[str, str] = {}
        asked = {rule.id: tuple(rule.answers) for rule in pack.rules.values() if rule.question is not None}
        manifest = pack.manifest
        about = (manifest.programme, str(manifest.zone), manifest.versions, manifest.years, manifest.lists, asked)
        self._base = self._digest((engine_digest(), pack.schema, bounds, about))

    def of(self, identity: str, contexts: Iterable[str]) -> str:
        """The key of a question about some contexts."""
        return sha256(repr((self._base, identity, [self._context(name) for name in contexts])).encode())

    def of_property(self, typed: Typed) -> str:
        """The key of a property."""
        one = typed.property
        read = {str(node.value) for expr in trees_of(typed) for node in nodes(expr) if node.op in (PARAMETER, HISTORY)}
        parameters = [self.compiled.pack.parameters[name] for name in sorted(read)]
        sentence = self._digest((typed.when, typed.claim, one.never, one.pair, parameters))
        return self.of(f"{one.id.text} {sentence}", contexts_of(typed))

    def _context(self, name: str) -> str:
        if name not in self._contexts:
            context = self.compiled.context(name)
            parameters = [self.compiled.pack.parameters[one] for one in (*context.parameters, *context.histories)]
            self._contexts[name] = self._digest((context, parameters))
        return self._contexts[name]

    def _digest(self, value: Any) -> str:
        """The digest of a value, by what it is made of; that of a struct is computed once."""
        if isinstance(value, yaml.Scalar):
            return repr(value.text)
        if isinstance(value, yaml.Sequence | yaml.Mapping | yaml.File | Layout):
            return ""
        if isinstance(value, Struct):
            known = self._known.get(id(value))
            if known is None:
                names = [name for name in value.__struct_fields__ if name not in _PLACES]
                made = _one(type(value).__name__, (self._digest(getattr(value, name)) for name in names))
                # the value is kept: the identity of one that is gone may serve again
                known = self._known[id(value)] = (value, made)
            return known[1]
        if isinstance(value, Mapping):
            return _one("{", (f"{self._digest(key)}:{self._digest(one)}" for key, one in value.items()))
        if isinstance(value, frozenset):
            return _one("<", sorted(self._digest(one) for one in value))
        if isinstance(value, tuple | list):
            return _one("[", (self._digest(one) for one in value))
        return repr(value)


def _one(head: str, parts: Iterable[str]) -> str:
    return sha256("\0".join((head, *parts)).encode())


class Answers:
    """The answers kept about the pack of a folder; none without a folder, or without a cache."""

    def __init__(self, folder: Path | None) -> None:
        kept = cache.folder() if folder is not None else None
        name = sha256(str(folder.resolve()).encode()) if folder is not None else ""
        self._place = None if kept is None else kept / f"{name}.preuves"
        self._known = _read(self._place)
        self._used: dict[str, Kept] = {}

    def __bool__(self) -> bool:
        return bool(self._known)

    def get(self, key: str, solver: str = "") -> Kept | None:
        """The answer under a key, that of a version of the solver if one is named."""
        found = self._known.get(key)
        if found is None or (solver and found.solver != solver):
            return None
        self._used[key] = found
        return found

    def put(self, key: str, found: Kept) -> None:
        """Keep an answer that will be the same next time."""
        if found.answer.status is not Status.UNDECIDED:
            self._used[key] = found

    def write(self, *, whole: bool) -> None:
        """Write the answers used, and the others unless the `whole` pack was asked."""
        found = self._used if whole else {**self._known, **self._used}
        if self._place is not None and found != self._known:
            cache.write(self._place, msgspec.json.encode(found), KEPT)


def _read(place: Path | None) -> dict[str, Kept]:
    content = None if place is None else cache.read(place)
    if content is None:
        return {}
    try:
        return msgspec.json.decode(content, type=dict[str, Kept])
    except msgspec.MsgspecError:  # of another version
        return {}


def of_properties(compiled: CompiledPack, source: PackSource, folder: Path | None) -> dict[str, tuple[Property, Kept]]:
    """The properties of a pack that have an answer as the pack stands, by identifier.

    The answers kept are those about the pack of `folder`.  Raises DiagnosticError for properties that cannot be read.
    """
    answers = Answers(folder)
    if not answers:
        return {}
    keys, types = Keys(compiled, bounds_of(compiled.pack)), Properties(compiled)
    found = {one.id.text: (one, answers.get(keys.of_property(types.typed(one)))) for one in read(source)}
    return {name: (one, kept) for name, (one, kept) in found.items() if kept is not None}
