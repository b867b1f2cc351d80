"""A pack on the desk: its files in memory, changed in place, opened again and tried."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

from recevable.inference.definitions import Contradiction
from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.lint.citations import cited
from recevable.lint.run import lint
from recevable.pack import requirements
from recevable.pack.edit import at, item_text, quoted, with_entry, with_item, with_value
from recevable.pack.examples import read_examples
from recevable.pack.hints import plain
from recevable.pack.loader import RULES
from recevable.pack.model import Pack, Request, Result, Rule
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.pack.nodes import Sequence as YamlSequence
from recevable.pack.rewrite import Text, read_as, with_values
from recevable.pack.source import FolderSource, MemorySource
from recevable.pack.yaml_strict import cut
from recevable.programme import Programme, open_programme
from recevable.trials.examples import run_example

REQUIREMENTS: Final = requirements.REQUIREMENTS
# What remains to decide, after this mark.
LEFT: Final = "À DÉCIDER : "
# Says to an editor which schema describes a file.
MODELINE: Final = re.compile(r"# yaml-language-server: \$schema=(?:\.\./)+schemas/(?P<schema>\S+)\n")
NOON: Final = time(12)
FIRST: Final = time()
LAST: Final = time(23, 59, 59)


class Desk:
    """The files of a pack, by name, and of its schema; `changed` are those that differ from the folder.

    Raises DiagnosticError when the pack is not valid: a change of what cannot be read would be blind.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        programme = open_programme(folder, prepared=False)
        source = FolderSource(folder)
        self.schema_path = source.schema(programme.manifest.schema).path or folder / programme.manifest.schema
        self.schema_name = programme.manifest.schema
        self.before = {**{name: source.read(name) for name in source.names()}, **programme.files()}
        self.contents = dict(self.before)
        # known dossiers that change with the pack: what they hold, and what they shall hold
        self.beside: dict[Path, tuple[bytes, bytes]] = {}
        # what was computed, or must be read by a person
        self.notes: list[str] = []
        self.opened = programme
        self._programme: Programme | None = programme

    # --- the pack as it is now ----------------------------------------------------------------------------------------

    @property
    def programme(self) -> Programme:
        """The programme of the files as they are now; raises DiagnosticError."""
        if self._programme is None:
            self._programme = open_programme(MemorySource(self.contents, str(self.folder)), prepared=False)
        return self._programme

    @property
    def pack(self) -> Pack:
        """The pack of the files as they are now; raises DiagnosticError."""
        return self.programme.pack

    @property
    def pack_folder(self) -> Path:
        """The folder of the pack."""
        return self.folder

    def rule(self, identifier: str) -> Rule:
        """A rule as it is now."""
        return self.pack.rules[identifier]

    def changed(self) -> dict[Path, tuple[bytes | None, bytes]]:
        """The files to write: what they hold (None: nothing yet), and what they shall hold."""
        return {
            self.schema_path if name == self.schema_name else self.folder / name: (self.before.get(name), content)
            for name, content in self.contents.items()
            if self.before.get(name) != content
        } | self.beside

    def findings(self) -> list[Diagnostic]:
        """What lint says of the files as they are now, and did not say before."""
        found = lint(MemorySource(self.contents, str(self.folder)))
        if not found:
            return []
        known = Counter(
            (one.code, one.message, one.subject) for one in lint(MemorySource(self.before, str(self.folder)))
        )
        new = []
        for one in found:
            key = one.code, one.message, one.subject
            known[key] -= 1
            if known[key] < 0:
                new.append(one)
        return new

    # --- changes ---

    def put(self, name: str, content: bytes) -> None:
        """Give a file its new content."""
        self.contents[name] = content
        self._programme = None

    def text(self, name: str) -> str:
        """A file as text."""
        return self.contents[name].decode("utf-8-sig")

    def place(self, rule: Rule) -> tuple[str, int]:
        """The file of a rule, and its rank in the list."""
        name = rule.span.file
        _, root = cut(name, self.contents[name])
        held = root.entries[RULES] if isinstance(root, YamlMapping) else None
        items = held.items if isinstance(held, YamlSequence) else ()
        return name, next(rank for rank, item in enumerate(items) if _id(item) == rule.id)

    def home(self, identifier: str, kind: str, request: str) -> str:
        """The file of a new rule: that of its request, else the fullest, among those of the rules most like it.

        The rules of a pack that are about one thing begin with one word.
        """
        rules = [*self.pack.rules.values()]
        asked = [one for one in rules if request in one.requests]
        alike = [one for one in asked if one.id.partition("-")[0] == identifier.partition("-")[0]]
        # a new kind, or a new request, goes where the rules nearest to it are
        nearest = (
            [one for one in alike if one.kind == kind] or alike or [one for one in asked if one.kind == kind] or asked
        )
        counted = Counter(one.span.file for one in nearest or rules)
        own = f"{RULES}/{request}.yaml"
        return own if own in counted else max(counted, key=counted.__getitem__)

    def add_rule(self, text: str, file: str, kind: str, request: str) -> None:
        """Add a rule to a file, after the last one of its kind and request, else of its request, else at the end."""
        there = [one for one in self.pack.rules.values() if one.span.file == file]
        asked = [one for one in there if request in one.requests]
        last = next((one for one in reversed(asked) if one.kind == kind), (asked or there)[-1])
        name, rank = self.place(last)
        self.put(name, with_item(self.contents[name], (RULES,), text, rank))

    def add_requirement(self, source: str, summary: str) -> str:
        """Add a requirement that rules cover, in its section; returns its identifier."""
        inventory = requirements.read(MemorySource(self.contents))
        documents = self.pack.manifest.documents
        found = cited(source, documents, documents[0] if documents else None)
        section = source
        if found and found[0].document is documents[0]:
            section = source[found[0].start : found[0].start + found[0].length]
        stem = "REQ-A-DECIDER" if source.startswith(LEFT) else f"REQ-{_slug(section)}"
        beside = [one for one in inventory.requirements.values() if one.section == section]
        every = [*inventory.requirements.values()]
        alike, number = _numbered(beside[-1].id.text if beside else "")
        ranks = (f"{alike or stem}-{rank:02}" for rank in count(number + 1))
        identifier = next(one for one in ranks if one not in inventory.requirements)
        lines = [f"id: {identifier}", f"section: {quoted(section)}", f"resume: {quoted(summary)}", "traitement: regle"]
        after = every.index(beside[-1]) if beside else len(every) - 1
        self.put(REQUIREMENTS, with_item(self.contents[REQUIREMENTS], ("exigences",), "\n".join(lines), after))
        return identifier

    def add_field(self, path: str, described: Mapping[str, Any]) -> None:
        """Add a field to the schema of dossiers, below an object that it declares; raises KeyError without one."""
        above, _, name = path.rpartition(".")
        text = self.contents[self.schema_name]
        place = schema_place(json.loads(text), above)
        body = json.dumps(described, ensure_ascii=False, indent=2)
        self.put(self.schema_name, with_entry(text, (*place, "properties"), name, body))

    def set(self, rule: Rule, key: str, value: str, after: str) -> None:
        """Add a key to a rule, after another."""
        name, rank = self.place(rule)
        self.put(name, with_entry(self.contents[name], (RULES, rank), key, value, after))

    def add_examples(self, name: str, rank: int, texts: Sequence[str]) -> None:
        """Add examples to a rule, after those that it has."""
        for text in texts:
            self.put(name, with_item(self.contents[name], (RULES, rank, "exemples"), text))

    def written(self, rule: Rule) -> str:
        """A rule as its file writes it, without its dash, from its first column on."""
        name, rank = self.place(rule)
        return item_text(self.contents[name], (RULES,), rank)

    # --- what the engine answers --------------------------------------------------------------------------------------

    def settle(self, identifier: str, *, new: bool = False) -> None:
        """Give the examples of a rule, `new` or not, the results that the engine computes, and note them."""
        faults: list[Diagnostic] = []
        examples = [one for one in read_examples(self.programme.compiled, faults) if one.rule == identifier]
        if faults:
            raise DiagnosticError(faults)
        name, rank = self.place(self.rule(identifier))
        for example in examples:
            try:
                result = run_example(example, self.programme.decider)
            except Contradiction as error:
                self.notes.append(f"{identifier}, exemple {example.rank} : deux règles donnent `{error.name}`")
                continue
            if result.passed:
                continue
            place = (RULES, rank, "exemples", example.rank - 1)
            key = "valeur" if _has(self.contents[name], rank, example.rank - 1, "valeur") else "resultat"
            if key == "valeur" and result.got == Result.NOT_APPLICABLE:
                # no value is expected of a rule that does not apply
                written = read_as(at(cut(name, self.contents[name])[1], place))
                assert isinstance(written, dict)
                kept = {one: value for one, value in written.items() if one != key}
                kept["resultat"] = Text(result.got)
                self.contents[name] = with_values(self.contents[name], {place: kept})
            else:
                quotes = ":" in result.got or result.got[:1].isdigit()
                self.contents[name] = with_value(self.contents[name], (*place, key), result.got, quoted=quotes)
            before = "" if new else f"{result.expected} → "
            self.notes.append(f"{identifier}, exemple {example.rank} : {before}{result.got}")
        self._programme = None

    def moment(self, day: date | str, at: time = NOON) -> str:
        """An instant of a day, in the zone of the programme, as a dossier writes it."""
        on = day if isinstance(day, date) else date.fromisoformat(day)
        return datetime.combine(on, at, self.pack.manifest.zone).isoformat()

    def mentions(self, word: str) -> Iterator[str]:
        """Where the files of the pack and the known dossiers name something, as `file:line`."""
        pattern = re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w-])")
        for name, content in self.before.items():
            for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), start=1):
                if pattern.search(line):
                    yield f"{name}:{number}"

    def identifier(self, request: str, kind: str, name: str) -> str:
        """An identifier for a rule of a request, in the manner of those of its kind, else of the others."""
        own = [one for one in self.pack.rules.values() if one.requests == (request,) and "-" in one.id]
        alike = [one for one in own if one.kind == kind] or own
        found = Counter(one.id.partition("-")[0] for one in alike)
        return f"{max(found, key=found.__getitem__) if found else request.upper()[:3]}-{_slug(name)}"


def following(day: str, days: int = 1) -> str:
    """The day after another, or before it."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def received(request: Request) -> str:
    """The datum whose day says which text applies to a request, as its rules write it."""
    if request.text is not None and request.text.on.text not in ("reception", "decision"):
        return request.text.on.text
    return request.reception.replace(f"{request.root}.", "demande.", 1) if request.each else request.reception


def schema_place(schema: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """Where a schema declares an object of dossiers, as a path of keys; raises KeyError."""
    place: tuple[str, ...] = ()
    for part in path.split("."):
        name = part.removesuffix("[]")
        place = (*_followed(schema, place), "properties", name)
        _at(schema, place)
        if part.endswith("[]"):
            place = (*_followed(schema, place), "items")
    return _followed(schema, place)


def _followed(schema: Mapping[str, Any], place: tuple[str, ...]) -> tuple[str, ...]:
    """The place of a subschema, or of the definition that it refers to."""
    reference = _at(schema, place).get("$ref", "")
    return tuple(reference.split("/")[1:]) if isinstance(reference, str) and reference.startswith("#/") else place


def _at(schema: Any, place: Sequence[str]) -> Any:
    for key in place:
        schema = schema[key]
    return schema


def _id(item: object) -> str:
    return getattr(item.entries.get("id"), "text", "") if isinstance(item, YamlMapping) else ""


def _has(content: bytes, rule: int, example: int, key: str) -> bool:
    _, root = cut("", content)
    node: Any = root
    for step in (RULES, rule, "exemples", example):
        node = node.entries[step] if isinstance(step, str) else node.items[step]
    return key in node.entries


def _numbered(identifier: str) -> tuple[str, int]:
    stem, _, number = identifier.rpartition("-")
    return (stem, int(number)) if number.isdigit() else ("", 0)


def _slug(text: str) -> str:
    """Capitals, digits, dots and hyphens."""
    found = "".join(one if one.isalnum() or one == "." else "-" for one in plain(text).upper())
    return "-".join(part for part in found.encode("ascii", "ignore").decode().split("-") if part) or "X"
