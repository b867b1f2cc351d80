"""Typed facts: the fields that rules read, extracted from a dossier in one pass and converted once."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping
from datetime import tzinfo
from decimal import Decimal
from types import CodeType
from typing import Any

from recevable.dossier.formats import cached_date, cached_instant
from recevable.language.evaluate import Layout, Slots
from recevable.language.tree import FIELD
from recevable.language.types import Kind, Type

Convert = Callable[[Any], Any]
Fill = Callable[[Mapping[str, Any], Slots], None]


def converter(type_: Type, zone: tzinfo) -> Convert | None:
    """The function from a JSON value to a language value; None when no conversion is needed."""
    if type_.kind is Kind.INSTANT:
        return lambda text: cached_instant(text, zone)
    if type_.kind is Kind.DATE:
        return cached_date
    if type_.kind in (Kind.AMOUNT, Kind.RATE):
        return Decimal
    if type_.kind is Kind.LIST and type_.item is not None:
        item = converter(type_.item, zone)
        return None if item is None else lambda values: [item(value) for value in values]
    if type_.kind is Kind.OBJECT:
        members = {name: converter(child, zone) for name, child in type_.fields.items()}
        needed = {name: convert for name, convert in members.items() if convert is not None}
        if not needed:
            return None
        return lambda value: {k: needed[k](v) if k in needed else v for k, v in value.items()}
    return None


class Extractor:
    """Fills the slots of the given fields; the slot of an absent field stays unknown.

    Generates straight-line code once, because this pass runs for every dossier.  It can be pickled, as compiled code
    and the types to convert to.
    """

    def __init__(self, fields: Mapping[str, Type], layout: Layout) -> None:
        tree: dict[str, Any] = {}
        for path in fields:
            node = tree
            for part in path.split("."):
                node = node.setdefault(part, {})
        writer = _Writer(fields, layout)
        writer.object("d", tree, "", 1)
        self._types, self._zone = writer.types, layout.zone
        # made of slot numbers, generated names and quoted schema keys: no text of a dossier enters it
        self._code = compile("\n".join(["def fill(d, s):", *writer.lines, "    return"]), "<recevable>", "exec")
        self._fill = self._function()

    def __call__(self, data: Mapping[str, Any], slots: Slots) -> None:
        """Extract the fields from the data of a dossier into `slots`."""
        self._fill(data, slots)

    def _function(self) -> Fill:
        namespace: dict[str, Any] = {name: converter(type_, self._zone) for name, type_ in self._types.items()}
        exec(self._code, namespace)  # see above
        fill: Fill = namespace["fill"]
        return fill

    def __getstate__(self) -> tuple[bytes, dict[str, Type], tzinfo]:
        return marshal.dumps(self._code), self._types, self._zone

    def __setstate__(self, state: tuple[bytes, dict[str, Type], tzinfo]) -> None:
        code = marshal.loads(state[0])
        assert isinstance(code, CodeType)
        self._code, self._types, self._zone = code, state[1], state[2]
        self._fill = self._function()


class _Writer:
    def __init__(self, fields: Mapping[str, Type], layout: Layout) -> None:
        self.fields, self.layout = fields, layout
        self.lines: list[str] = []
        self.types: dict[str, Type] = {}

    def object(self, name: str, tree: Mapping[str, Any], prefix: str, depth: int) -> None:
        """Generate the lines that read the members of the object in variable `name`."""
        indent = "    " * depth
        for key, below in tree.items():
            path = f"{prefix}{key}"
            wanted = path in self.fields
            # an object is only tested for presence: its members have their own slots
            opaque = wanted and self.fields[path].kind is not Kind.OBJECT
            convert = converter(self.fields[path], self.layout.zone) if opaque else None
            slot = f"s[{self.layout.slot(FIELD, path)}]" if wanted else ""
            if not below and convert is None:
                self.lines.append(f"{indent}{slot} = {name}.get({key!r})")
                continue
            value = f"v{depth}"
            self.lines += [f"{indent}{value} = {name}.get({key!r})", f"{indent}if {value} is not None:"]
            if wanted:
                self.lines.append(
                    f"{indent}    {slot} = {self.constant(self.fields[path])}({value})"
                    if convert
                    else f"{indent}    {slot} = {value}"
                )
            self.object(value, below, f"{path}.", depth + 1)

    def constant(self, type_: Type) -> str:
        """The name of the converter to a type in the generated code."""
        name = f"k{len(self.types)}"
        self.types[name] = type_
        return name
