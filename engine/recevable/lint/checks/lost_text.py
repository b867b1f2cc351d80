"""YAML-COMMENTAIRE: the end of an unquoted text taken for a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.pack.nodes import File, Mapping, Node, Scalar
from recevable.pack.yaml_strict import parse

CODE: Final = "YAML-COMMENTAIRE"
SEVERITY: Final = Severity.WARNING
# an intentional comment has a space after `#`
_GLUED: Final = re.compile(r" (#[^\W_].*)")


def check(view: View) -> Iterator[Fault]:
    """Report comments right after an unquoted text; `#` inside quotes or block texts is not a comment."""
    for file in view.pack.files.values():
        suspects = {match.start(): match for match in _GLUED.finditer(file.text)}
        for text in _plain_texts(parse(file)[1]) if suspects else ():
            blanks = len(file.text[text.end :]) - len(file.text[text.end :].lstrip(" "))
            match = suspects.get(text.end + blanks - 1)
            if match is not None:
                lost = match[1].split("  ")[0].rstrip()
                place = file.span(match.start(1), len(lost))
                quote = "'" if '"' in text.raw else '"'
                help = f"Écrivez `{quote}{text.raw} {lost}{quote}`, ou `# ` et une espace pour un commentaire."
                message = f"`{lost}` est pris pour un commentaire : le texte s'arrête à `{text.raw[-20:]}`"
                yield Fault(place, message, help, _subject(view, file, place.line))


def _plain_texts(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        if not node.quoted and node.text:
            yield node
        return
    for child in node.entries.values() if isinstance(node, Mapping) else node.items:
        yield from _plain_texts(child)


def _subject(view: View, file: File, line: int) -> str:
    """The rule or parameter containing a line, or else the file."""
    named = [(rule.span, rule.id) for rule in view.pack.rules.values()]
    named += [(parameter.span, name) for name, parameter in view.pack.parameters.items()]
    above = [(span.line, name) for span, name in named if span.file == file.name and span.line <= line]
    return max(above)[1] if above else file.name
