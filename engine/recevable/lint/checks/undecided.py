"""DEC-A-DECIDER: a text that says that something is left to decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from recevable.language.diagnostics import Severity, Span
from recevable.lint.model import UNDECIDED, Fault, View

CODE: Final = "DEC-A-DECIDER"
SEVERITY: Final = Severity.ERROR
_HELP: Final = "Décidez, écrivez ce qui vaut, et ôtez cette mention."


def check(view: View) -> Iterator[Fault]:
    """Report every such mention in the files of the pack and in its schema, comments included."""
    for name, content in _files(view):
        for number, line in enumerate(content.decode("utf-8", "replace").removeprefix("\ufeff").split("\n"), start=1):
            found = UNDECIDED.search(line)
            if found is not None:
                left = (found["what"] or "").strip()
                message = f"il reste à décider : {left}" if left else "il reste quelque chose à décider"
                place = Span(name, number, found.start() + 1, found.end() - found.start())
                yield Fault(place, message, _HELP, _subject(view, place))


def _files(view: View) -> Iterator[tuple[str, bytes]]:
    for name in view.source.names():
        with suppress(OSError):
            yield name, view.source.read(name)
    with suppress(OSError):
        schema = view.source.schema(view.pack.manifest.schema)
        yield schema.name, schema.content


def _subject(view: View, place: Span) -> str:
    """The rule, the parameter or the requirement in which a place is, else the programme."""
    inventory = view.inventory
    known = [(rule.span, rule.id) for rule in view.pack.rules.values()]
    known += [(one.span, one.name) for one in view.pack.parameters.values()]
    known += [(one.id.span, one.id.text) for one in (inventory.requirements.values() if inventory else ())]
    above = [(span.line, name) for span, name in known if span.file == place.file and span.line <= place.line]
    return max(above)[1] if above else view.pack.manifest.programme
