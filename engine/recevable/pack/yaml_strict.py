"""Strict YAML 1.2 with positions, read for people who do not program.

libyaml cuts the text; nothing is ever resolved by its form: `no`, `12:30` or `0o17` stay texts, and the reader of a key
says what it expects.  Duplicate keys, anchors, tags, several documents and tabs are refused, in French, at their place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from msgspec import Struct
from yaml.composer import Composer
from yaml.constructor import BaseConstructor
from yaml.resolver import BaseResolver

from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span

try:
    from yaml._yaml import CParser
except ImportError:  # pragma: no cover - PyYAML built without libyaml
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class CParser(Reader, Scanner, Parser, Composer):  # type: ignore[no-redef]
        """The pure Python front end, same trees, slower."""

        def __init__(self, stream: str) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)


MAX_BYTES: Final = 4_000_000
MAX_DEPTH: Final = 30


class _Loader(CParser, BaseConstructor, BaseResolver):
    """libyaml without any implicit resolution."""

    def __init__(self, stream: str) -> None:
        CParser.__init__(self, stream)
        BaseConstructor.__init__(self)
        BaseResolver.__init__(self)


class Scalar(Struct, frozen=True):
    """A text as written, with its place; `quoted` tells `"58.33"` from `58.33`."""

    text: str
    quoted: bool
    file: File
    start: int
    end: int
    span: Span

    def place(self, offset: int, length: int = 1) -> Span:
        """The place in the file of a character range of `text`, through quotes and folded lines."""
        raw, position, index = self.file.text, self.start, 0
        while position < self.end and index < offset:
            if raw[position] == self.text[index]:
                index += 1
                position += 1
            elif self.text[index] in " \n" and raw[position].isspace():
                index += 1
                while position < self.end and raw[position].isspace():
                    position += 1
            else:
                position += 1
        while position < self.end and offset < len(self.text) and raw[position] != self.text[offset]:
            position += 1
        return self.file.span(position, length)


class Sequence(Struct, frozen=True):
    """A YAML list."""

    items: tuple[Node, ...]
    span: Span


class Mapping(Struct, frozen=True):
    """A YAML mapping; keys keep their place."""

    entries: dict[str, Node]
    keys: dict[str, Scalar]
    span: Span


Node = Scalar | Sequence | Mapping


class File(Struct, frozen=True, eq=False):
    """A text file of the pack: the name that people see, and its text."""

    name: str
    text: str

    def span(self, index: int, length: int = 1) -> Span:
        """The place of a character index."""
        line_start = self.text.rfind("\n", 0, index) + 1
        return Span(self.name, self.text.count("\n", 0, index) + 1, index - line_start + 1, length)

    def line(self, number: int) -> str:
        """The text of a line (1-based), without its end."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""


def read_file(path: Path, name: str) -> tuple[File, Node]:
    """Read and cut one YAML file; raises DiagnosticError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DiagnosticError(
            [Diagnostic("YAML-LECTURE", f"`{name}` ne peut pas être lu ({error.strerror})")]
        ) from None
    if len(data) > MAX_BYTES:
        raise DiagnosticError([Diagnostic("YAML-TAILLE", f"`{name}` dépasse {MAX_BYTES} octets")])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise DiagnosticError(
            [
                Diagnostic(
                    "YAML-ENCODAGE",
                    "le fichier n'est pas en UTF-8",
                    Span(name, line, column),
                    "Enregistrez-le en UTF-8 dans votre éditeur.",
                )
            ]
        ) from None
    return parse(File(name, text))


def parse(file: File) -> tuple[File, Node]:
    """Cut the text of a file into nodes; raises DiagnosticError."""
    try:
        loader = _Loader(file.text)
        root = loader.get_single_node()
    except yaml.YAMLError as error:
        raise DiagnosticError([_syntax(file, error)]) from None
    if root is None:
        raise DiagnosticError([Diagnostic("YAML-VIDE", "le fichier est vide", Span(file.name, 1, 1))])
    builder = _Builder(file)
    node = builder.convert(root, 0)
    if builder.diagnostics:
        raise DiagnosticError(builder.diagnostics)
    return file, node


class _Builder:
    def __init__(self, file: File) -> None:
        self.file = file
        self.seen: set[int] = set()
        self.diagnostics: list[Diagnostic] = []

    def span(self, node: yaml.Node) -> Span:
        mark = node.start_mark
        length = node.end_mark.index - mark.index if node.end_mark.line == mark.line else 1
        return Span(self.file.name, mark.line + 1, mark.column + 1, max(length, 1))

    def fault(self, code: str, message: str, node: yaml.Node, help: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, message, self.span(node), help))

    def convert(self, node: yaml.Node, depth: int) -> Node:
        span = self.span(node)
        if depth > MAX_DEPTH:
            raise DiagnosticError([Diagnostic("YAML-PROFONDEUR", "le fichier est trop imbriqué", span)])
        if id(node) in self.seen:
            self.fault(
                "YAML-ANCRE",
                "les ancres et les alias (`&`, `*`) ne sont pas permis",
                node,
                "Recopiez la valeur.",
            )
            return Scalar("", True, self.file, 0, 0, span)
        self.seen.add(id(node))
        if (
            node.tag
            and node.tag.startswith("tag:yaml.org,2002:")
            and node.tag.rsplit(":", 1)[1] in ("str", "seq", "map")
        ):
            pass
        elif node.tag:
            self.fault("YAML-ETIQUETTE", f"l'étiquette `{node.tag}` n'est pas permise", node, "Retirez le `!…`.")
        if isinstance(node, yaml.ScalarNode):
            return Scalar(
                node.value,
                node.style in ("'", '"', "|", ">"),
                self.file,
                node.start_mark.index,
                node.end_mark.index,
                span,
            )
        if isinstance(node, yaml.SequenceNode):
            return Sequence(tuple(self.convert(child, depth + 1) for child in node.value), span)
        assert isinstance(node, yaml.MappingNode)
        return self.mapping(node, depth, span)

    def mapping(self, node: yaml.MappingNode, depth: int, span: Span) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        for key_node, value_node in node.value:
            key = self.convert(key_node, depth + 1)
            if not isinstance(key, Scalar):
                self.fault("YAML-CLE", "une clé doit être un mot simple", key_node)
                continue
            value = self.convert(value_node, depth + 1)
            if key.text in entries:
                first = keys[key.text].span
                self.fault(
                    "YAML-DOUBLON",
                    f"la clé `{key.text}` figure déjà ligne {first.line}",
                    key_node,
                    "Gardez une seule des deux.",
                )
                continue
            entries[key.text], keys[key.text] = value, key
        return Mapping(entries, keys, span)


# libyaml's English problems, by fragment: what to say, and what to do.  Every other falls on the last line.
_PROBLEMS: Final = (
    ("found character '\\t'", "une tabulation ne peut pas servir à indenter", "Remplacez-la par des espaces."),
    ("found character that cannot start any token", "ce caractère ne peut pas commencer une valeur",
     "Remplacez une tabulation par des espaces ; mettez entre guillemets un texte qui commence par `@`, `%` ou `` ` ``."),
    ("found unexpected end of stream", "un guillemet ouvert n'est jamais fermé", "Ajoutez le guillemet fermant."),
    ("mapping values are not allowed", "ce `:` n'est pas attendu ici",
     "Vérifiez l'indentation de la ligne ; mettez entre guillemets un texte qui contient `: `."),
    ("could not find expected ':'", "il manque `:` après la clé", "Écrivez `cle: valeur`, et fermez tout guillemet ouvert."),
    ("did not find expected key", "l'indentation ou un guillemet ne convient pas",
     "Alignez cette ligne sur ses voisines ; un texte qui suit un guillemet fermant doit être à la ligne ou après une virgule."),
    ("did not find expected '-' indicator", "un élément de liste (`- `) est attendu", "Alignez cette ligne sur les autres tirets."),
    ("did not find expected ',' or", "il manque une virgule ou la fermeture `]` ou `}`", "Fermez la liste ou séparez ses éléments par `, `."),
    ("did not find expected <document start>", "le fichier contient plusieurs documents ou une ligne de trop", "Gardez-en un seul."),
    ("expected a single document", "le fichier contient plusieurs documents (`---`)", "Gardez-en un seul."),
    ("block sequence entries are not allowed", "un tiret de liste n'est pas attendu ici",
     "Allez à la ligne avant le tiret et indentez-le."),
    ("found undefined alias", "les ancres et les alias (`&`, `*`) ne sont pas permis",
     "Recopiez la valeur ; mettez entre guillemets un texte qui commence par `*`."),
    ("found duplicate anchor", "les ancres et les alias (`&`, `*`) ne sont pas permis", "Recopiez la valeur."),
    ("found unknown escape character", "cette barre oblique inverse n'est pas comprise entre guillemets doubles",
     "Doublez-la (`\\\\`) ou employez des guillemets simples."),
    ("control characters are not allowed", "un caractère de contrôle n'est pas permis", "Supprimez-le."),
)  # fmt: skip


def _syntax(file: File, error: yaml.YAMLError) -> Diagnostic:
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    position = getattr(error, "position", None)
    if mark is not None:
        span = Span(file.name, mark.line + 1, mark.column + 1)
    else:
        span = file.span(position) if isinstance(position, int) else Span(file.name, 1, 1)
    line = file.line(span.line)
    if "\t" in line[: len(line) - len(line.lstrip())]:
        column = line.index("\t") + 1
        return Diagnostic("YAML-TABULATION", _PROBLEMS[0][1], Span(file.name, span.line, column), _PROBLEMS[0][2])
    if "unexpected end of stream" in problem and getattr(error, "context_mark", None) is not None:
        opened = error.context_mark  # type: ignore[attr-defined]
        span = Span(file.name, opened.line + 1, opened.column + 1)
    for fragment, message, help in _PROBLEMS:
        if fragment in problem:
            return Diagnostic("YAML-SYNTAXE", message, span, help)
    return Diagnostic(
        "YAML-SYNTAXE",
        "la structure du fichier n'est pas comprise ici",
        span,
        "Vérifiez indentation et guillemets.",
    )


def to_data(node: Node) -> Any:
    """Plain lists, dicts and values: unquoted integers and booleans become themselves, everything else is a text."""
    if isinstance(node, Mapping):
        return {key: to_data(value) for key, value in node.entries.items()}
    if isinstance(node, Sequence):
        return [to_data(item) for item in node.items]
    if node.quoted:
        return node.text
    if node.text in ("true", "false"):
        return node.text == "true"
    digits = node.text.removeprefix("-")
    return (
        int(node.text) if digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0") else node.text
    )


def scalars(node: Node) -> Iterator[Scalar]:
    """Every text below a node, keys excepted."""
    if isinstance(node, Scalar):
        yield node
    else:
        for child in node.items if isinstance(node, Sequence) else node.entries.values():
            yield from scalars(child)
