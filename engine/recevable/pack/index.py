"""The names of a pack before compilation: which rules define each, and the slots of the facts."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from recevable.language.evaluate import Layout
from recevable.language.tree import FIELD, PARAMETER, RANK
from recevable.language.types import Type, walk
from recevable.pack.model import RECOVERY, Pack, Rule


class Index:
    """The names of a pack; each part is computed on first use."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    @cached_property
    def names(self) -> dict[str, tuple[str, Type]]:
        """The operation that reads each plain name of the pack, and its type."""
        found: dict[str, tuple[str, Type]] = {name: (PARAMETER, p.type) for name, p in self.pack.parameters.items()}
        for rule in self.pack.rules.values():
            if rule.defined is not None:
                found[rule.defines] = (rule.defined.op, rule.defined.type)
        return found

    @cached_property
    def facts_layout(self) -> Layout:
        """The slots of every dossier field, shared by all contexts so that facts are extracted once."""
        layout = Layout(self.pack.manifest.zone)
        for path, _ in walk(self.pack.facts):
            layout.slot(FIELD, path)
        for request in self.pack.manifest.requests.values():
            if request.each:
                layout.slot(RANK, request.root)
        for one in self.pack.manifest.lists.values():
            layout.slot(RANK, one.root)
        return layout

    @cached_property
    def field_titles(self) -> dict[str, str]:
        """The title of each field, followed by those of its parents as far as needed to be unique."""
        plain = {path: [type_.title or path] for path, type_ in walk(self.pack.facts)}
        titles = {path: [type_.title] for path, type_ in walk(self.pack.facts)}
        above = {path: path.rpartition(".")[0] for path in plain}
        while True:
            counts = Counter(_called(parts) for parts in plain.values())
            shared = [path for path, parts in plain.items() if counts[_called(parts)] > 1 and above[path]]
            if not shared:
                return {path: _called(parts) for path, parts in plain.items()}
            for path in shared:
                parent = above[path]
                plain[path] = plain[path] + [title for title in titles.get(parent, [""]) if title]
                above[path] = parent.rpartition(".")[0]

    @cached_property
    def definers(self) -> dict[str, tuple[Rule, ...]]:
        """The rules that define each deduction or number, in the order of the pack."""
        found: dict[str, list[Rule]] = {}
        for rule in self.pack.rules.values():
            if rule.defined is not None:
                found.setdefault(rule.defines, []).append(rule)
        return {name: tuple(rules) for name, rules in found.items()}

    @cached_property
    def exceptions(self) -> dict[str, tuple[Rule, ...]]:
        """The exceptions of each rule that has some, in the order of the pack."""
        found: dict[str, list[Rule]] = {}
        for rule in self.pack.rules.values():
            if rule.exception_to is not None:
                found.setdefault(rule.exception_to.text, []).append(rule)
        return {name: tuple(rules) for name, rules in found.items()}

    @cached_property
    def of_elements(self) -> dict[str, dict[str, str]]:
        """The operation that reads each name given to the elements of a list, by list."""
        found: dict[str, dict[str, str]] = {}
        for rule in self.pack.rules.values():
            if rule.loop is not None and rule.defined is not None:
                found.setdefault(rule.loop.path, {})[rule.defines] = rule.defined.op
        return found

    @cached_property
    def setting_aside(self) -> dict[str, tuple[Rule, ...]]:
        """The rules that may set elements of a list aside, by list."""
        found: dict[str, list[Rule]] = {}
        for rule in self.pack.rules.values():
            if rule.loop is not None and rule.causes_aside:
                found.setdefault(rule.loop.path, []).append(rule)
        return {path: tuple(rules) for path, rules in found.items()}

    @cached_property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """The possible answers to each question."""
        rules = self.pack.rules.values()
        return {rule.id: tuple(rule.answers) for rule in rules if rule.question is not None}

    @cached_property
    def results(self) -> dict[str, str]:
        """What to read instead of the result of each rule that has none of its own; empty for one that has."""
        found = {}
        for rule in self.pack.rules.values():
            found[rule.id] = f"Lisez le nom qu'elle donne : `{rule.defines}`." if rule.defined is not None else ""
            if rule.claim is not None:
                found[rule.id] = "Un indu est établi ou ne l'est pas : lisez dans une `deduction` ce qui l'établit."
        return found

    @property
    def context_names(self) -> tuple[str, ...]:
        """Every context: the requests in the programme's order, then recovery."""
        return (*self.pack.manifest.requests, RECOVERY)


def _called(parts: list[str]) -> str:
    """A title followed by the titles of its parents."""
    return f"{parts[0]} ({', '.join(parts[1:])})" if parts[1:] else parts[0]
