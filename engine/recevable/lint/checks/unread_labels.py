"""PAQ-LIBELLES: names of values that the schema gives in a way that is not read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from recevable.language.diagnostics import Severity, Span
from recevable.lint.model import Fault, View

CODE: Final = "PAQ-LIBELLES"
SEVERITY: Final = Severity.WARNING
_KEY: Final = "x-libelles"
_WRITTEN: Final = re.compile(f'"{_KEY}"(?=\\s*:)')


def check(view: View) -> Iterator[Fault]:
    """Report each of them in the schema of dossiers, with what is read instead."""
    with suppress(OSError):
        schema = view.source.schema(view.pack.manifest.schema)
        text = schema.content.decode("utf-8").removeprefix("\ufeff")
        # a schema that was read is JSON; members keep their order
        for place, names in zip(_WRITTEN.finditer(text), _given(json.loads(text)), strict=False):
            before = text[: place.start()]
            span = Span(schema.name, before.count("\n") + 1, len(before) - before.rfind("\n"), len(place[0]))
            listed = ", ".join(
                json.dumps({"const": value, "title": title}, ensure_ascii=False) for value, title in names.items()
            )
            help = f'Écrivez `"oneOf": [{listed}]`, à la place de `enum` et de `{_KEY}`.'
            message = f"`{_KEY}` n'est pas lu : ces valeurs s'affichent telles que le dossier les écrit"
            yield Fault(span, message, help, view.pack.manifest.programme)


def _given(node: Any) -> Iterator[dict[str, Any]]:
    """What each such key holds, in the order of the text."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        if key == _KEY:
            yield child if isinstance(child, dict) else {}
        yield from _given(child)
