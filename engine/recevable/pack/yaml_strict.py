"""Strict YAML 1.2 with positions, with messages for readers who do not program.

libyaml tokenizes the text; values are never interpreted by their form: `no`, `12:30` or `0o17` stay texts, and the code
that reads a key converts them.  Duplicate keys, anchors, tags, multiple documents and tabs are rejected, in French, at
their place; `yaml_faults` explains what libyaml itself rejects.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from yaml import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)

from recevable import files
from recevable.language.characters import composed, decomposed, is_invisible, named
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span, position
from recevable.pack import hints
from recevable.pack.nodes import File, Mapping, Node, Scalar, Sequence
from recevable.pack.source import MAX_BYTES, PackSource
from recevable.pack.yaml_faults import Front, explain, too_deep, unreadable_character

try:
    from yaml._yaml import CParser
except ImportError:  # pragma: no cover - PyYAML built without libyaml
    from recevable.pack.yaml_faults import PythonParser as CParser  # type: ignore[assignment]

MAX_DEPTH: Final = 30
QUOTES: Final = "\"'“”„«» "
CURLY: Final = ("“", "”", "„")
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
# Cache: an editor reads its pack again at each pause in typing, and most files have not changed.
# A key without its colon, before a text in quotation marks; between words, when nothing else explains it.
_GLUED_TEXT: Final = re.compile(r'([a-z_]+) +("[^"\n]*")')
_GLUED_WORD: Final = re.compile(r"([a-z_]+) +([A-Za-z0-9_.-]+)")
_REMEMBERED: Final = 64


def read_file(source: PackSource, name: str) -> tuple[File, Node]:
    """Read and parse one YAML file of a pack; raises DiagnosticError."""
    return cut(name, read_bytes(source, name))


def cut(name: str, data: bytes) -> tuple[File, Node]:
    """Parse the bytes of one YAML file; raises DiagnosticError."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].rpartition(b"\n")[2].decode("utf-8")
        place = Span(name, data.count(b"\n", 0, error.start) + 1, len(before.removeprefix("\ufeff")) + 1)
        message = "le fichier n'est pas en UTF-8"
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            message = "le fichier est en UTF-16 (« Unicode » dans le Bloc-notes), non en UTF-8"
        elif b"\0" not in data:
            message = (
                f"le fichier n'est pas en UTF-8, mais sans doute en Windows-1252 (`{_misread(data, error.start)}`)"
            )
        help = "Enregistrez-le de nouveau, en choisissant l'encodage UTF-8."
        raise DiagnosticError([Diagnostic("YAML-ENCODAGE", message, place, help)]) from None
    return _parsed(name, text.removeprefix("\ufeff"))


def _misread(data: bytes, start: int) -> str:
    """The word around a byte, read as Windows-1252."""
    ends = [rank for rank in (data.rfind(sep, 0, start) for sep in (b" ", b"\n")) if rank >= 0]
    word = data[max(ends, default=-1) + 1 :].split(None, 1)
    return word[0][:40].decode("cp1252", "replace") if word else ""


@lru_cache(maxsize=_REMEMBERED)
def _parsed(name: str, text: str) -> tuple[File, Node]:
    return parse(File(name, text))


def read_bytes(source: PackSource, name: str) -> bytes:
    """The bytes of a file of a pack; raises DiagnosticError."""
    return _bounded(name, lambda: source.read(name))


def read_alone(path: Path, name: str, inside: Path | None = None) -> tuple[File, Node]:
    """Read and parse a YAML file outside a pack, within the folder `inside` if given; raises DiagnosticError."""
    return cut(name, _bounded(name, lambda: files.read(path, MAX_BYTES, inside)))


def _bounded(name: str, read: Callable[[], bytes]) -> bytes:
    try:
        data = read()
        large = len(data) > MAX_BYTES
    except files.TooLargeError:
        large = True
    except OSError as error:
        help = "Vérifiez le nom et les droits du fichier."
        message = f"`{name}` {files.reason(error)}"
        raise DiagnosticError([Diagnostic("YAML-LECTURE", message, Span(name, 1, 1), help)]) from None
    if large:
        help = "Répartissez les règles en plusieurs fichiers."
        message = f"`{name}` dépasse {MAX_BYTES} octets"
        raise DiagnosticError([Diagnostic("YAML-TAILLE", message, Span(name, 1, 1), help)])
    return data


def parse(file: File, front: Front = CParser) -> tuple[File, Node]:
    """Parse the text of a file into nodes; raises DiagnosticError.  `front` is the YAML front end."""
    refused = unreadable_character(file.name, file.text)
    if refused is not None:
        raise DiagnosticError([refused])
    builder = _Builder(file, front)
    try:
        node = builder.document()
    except yaml.YAMLError as error:
        # a fault noted before parsing failed is usually the same mistake
        raise DiagnosticError(builder.diagnostics or [explain(file.name, file.text, error, front)]) from None
    if builder.diagnostics:
        raise DiagnosticError(sorted(builder.diagnostics, key=position))
    return file, node


class _Builder:
    """Builds nodes from parser events: unlike composed nodes, they show each anchor and do not nest the call stack."""

    def __init__(self, file: File, front: Front) -> None:
        self.file = file
        self.events = front(file.text)
        self.diagnostics: list[Diagnostic] = []
        self.folded: list[Scalar] = []
        # where a value ends of which the parser makes several keys
        self.severed_until = 0

    def span(self, event: Any) -> Span:
        return self.between(event.start_mark, event.end_mark)

    def between(self, start: Any, end: Any) -> Span:
        return Span(self.file.name, start.line + 1, start.column + 1, self.file.length(start.index, end.index))

    def fault(self, code: str, message: str, place: Span, help: str = "", fix: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, place, help, fix=fix))

    def stop(self, code: str, message: str, place: Span, help: str = "") -> DiagnosticError:
        """The error for a fault after which parsing cannot continue."""
        self.fault(code, message, place, help)
        return DiagnosticError(self.diagnostics)

    def document(self) -> Node:
        """The only document of the file."""
        event = self.events.get_event()
        if isinstance(event, StreamStartEvent):
            event = self.events.get_event()
        if not isinstance(event, DocumentStartEvent):
            raise self.empty()
        node = self.node(self.events.get_event(), 0)
        end = self.events.get_event()
        if isinstance(end, DocumentEndEvent) and end.explicit:
            help = "Supprimez cette ligne : le fichier finit avec sa dernière ligne."
            raise self.stop("YAML-DOCUMENTS", "la marque `...` n'est pas permise", self.span(end), help)
        after = self.events.get_event()
        if isinstance(after, DocumentStartEvent):
            help = "Gardez-en un seul : supprimez cette ligne."
            raise self.stop("YAML-DOCUMENTS", "le fichier contient plusieurs documents (`---`)", self.span(after), help)
        if isinstance(node, Scalar) and not node.text and not node.quoted:
            raise self.empty()
        return node

    def empty(self) -> DiagnosticError:
        help = "Écrivez-y quelque chose, ou supprimez-le s'il ne sert pas."
        return self.stop("YAML-VIDE", "le fichier est vide", Span(self.file.name, 1, 1), help)

    def node(self, event: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            self.diagnostics.append(too_deep(self.span(event)))
            raise DiagnosticError(self.diagnostics)
        if isinstance(event, ScalarEvent):
            return self.scalar(event)
        self.bare(event)
        if isinstance(event, SequenceStartEvent):
            items = []
            child = self.events.get_event()
            while not isinstance(child, SequenceEndEvent):
                items.append(self.node(child, depth + 1))
                self.stray_quote(items[-1])
                child = self.events.get_event()
            return Sequence(tuple(items), self.between(event.start_mark, child.end_mark))
        if isinstance(event, MappingStartEvent):
            return self.mapping(event, depth)
        return Scalar("", True, self.file, 0, 0, 1, 1)

    def scalar(self, event: Any) -> Scalar:
        if event.anchor or event.tag:
            self.bare(event)
        start, end = event.start_mark, event.end_mark
        quoted = event.style in ("'", '"', "|", ">")
        text = Scalar(event.value, quoted, self.file, start.index, end.index, start.line + 1, start.column + 1)
        if start.line != end.line:
            self.folded.append(text)
        if not event.value.isascii() or "\\" in text.raw:
            self.characters(text)
        return text

    def characters(self, text: Scalar) -> None:
        """Report a decomposed accent, or an invisible character written as an escape."""
        hidden = next((i for i, char in enumerate(text.text) if char not in "\n\t" and is_invisible(char)), None)
        if hidden is not None:
            message = f"un caractère invisible (U+{ord(text.text[hidden]):04X}) n'est pas permis"
            self.fault("YAML-CARACTERE", message, text.place(hidden), "Supprimez-le.")
        apart = decomposed(text.text)
        if apart is None:
            return
        start, end = apart
        group, place = text.text[start:end], text.place(start, end - start)
        whole = composed(group)
        message = f"`{whole}` est écrit avec {named(group[-1])}" if end - start > 1 else f"`{whole}` est un sosie"
        line = self.file.line(place.line)[place.column - 1 :]
        fix = whole if line.startswith(group) and place.length == len(group) else None
        self.fault("YAML-CARACTERE", message, place, f"Écrivez `{whole}` d'un seul caractère.", fix)

    def bare(self, event: Any) -> None:
        """Report anchors, aliases and tags."""
        if event.anchor:
            self.anchored(event)
        elif getattr(event, "tag", None):
            self.tagged(event)

    def anchored(self, event: Any) -> None:
        message = "les ancres et les alias (`&`, `*`) ne sont pas permis"
        help = "Recopiez la valeur ; mettez entre guillemets un texte qui commence par `&` ou `*`."
        self.fault("YAML-ANCRE", message, self._word(event), help)

    def tagged(self, event: Any) -> None:
        word = self._word(event)
        written = self.file.line(word.line)[word.column - 1 :][: word.length]
        help = "Retirez-la ; la négation s'écrit `non`, et un texte qui commence par `!` se met entre guillemets."
        self.fault("YAML-ETIQUETTE", f"l'étiquette `{written}` n'est pas permise", word, help)

    def _word(self, event: Any) -> Span:
        """The word at the start of an event."""
        start = event.start_mark
        rest = self.file.line(start.line + 1)[start.column :]
        return Span(self.file.name, start.line + 1, start.column + 1, len(rest.split(maxsplit=1)[0]) if rest else 1)

    def mapping(self, event: Any, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        again: list[Scalar] = []
        previous: Node | None = None
        folded = len(self.folded)
        key_event = self.events.get_event()
        while not isinstance(key_event, MappingEndEvent):
            key = self.node(key_event, depth + 1)
            value = self.node(self.events.get_event(), depth + 1)
            key_event = self.events.get_event()
            if not isinstance(key, Scalar):
                help = "Fermez `[` ou `{` avant le `:`, ou mettez la clé entre guillemets."
                self.fault("YAML-CLE", "une clé doit être un mot simple", key.span, help)
            elif self.severed(event, key, value, previous):
                pass
            elif key.text in entries:
                again.append(key)
            else:
                entries[key.text], keys[key.text] = value, key
            self.stray_quote(value)
            previous = value
        if again:
            self.repeated(again, keys)
        place = self.between(event.start_mark, key_event.end_mark)
        return Mapping(entries, keys, place, tuple(self.folded[folded:]))

    def repeated(self, again: list[Scalar], keys: dict[str, Scalar]) -> None:
        """Report the duplicate keys of a mapping; a whole item repeated is one fault, at its first line."""
        opening = next(iter(keys.values()))
        before = self.file.line(opening.span.line)[: opening.span.column - 1]
        item = before.rstrip().endswith("-")
        for key in again:
            message = f"la clé `{key.text}` figure déjà ligne {keys[key.text].span.line}"
            if item and key.text == opening.text:
                help = f"Écrivez `- {key.text}: …` pour commencer un élément de la liste, ou gardez une seule des deux."
            elif item and len(again) > 1:
                help = f"Si un autre élément commence ici, ajoutez au-dessus sa première ligne, `- {opening.text}: …`."
            else:
                self.fault("YAML-DOUBLON", message, key.span, "Gardez une seule des deux.")
                continue
            self.fault("YAML-DOUBLON", message, key.span, help)
            return

    def severed(self, event: Any, key: Scalar, value: Node, previous: Node | None) -> bool:
        """Whether a comma or bracket cut a text into keys: `{valeur: 6666,67}`, `{plafond} euros`."""
        flow = getattr(event, "flow_style", False)
        if not flow or not isinstance(value, Scalar) or value.quoted or value.text or value.start != key.end:
            return False
        if key.start < self.severed_until:
            return True
        glued = _GLUED_TEXT.match(self.file.text, key.start)
        if glued is None and (previous is None or not isinstance(previous, Scalar) or previous.quoted):
            glued = _GLUED_WORD.fullmatch(key.text)
        if glued is not None and not key.quoted:
            self.severed_until = key.start + len(glued[0])
            place = self.file.span(key.start, len(glued[1]))
            self.fault("YAML-CLE", f"il manque `:` après `{glued[1]}`", place, f"Écrivez `{glued[1]}: {glued[2]}`.")
            return True
        if previous is None:
            place = self.between(event.start_mark, event.end_mark)
            help = "Écrivez `{cle: valeur}`, ou mettez entre guillemets un texte qui commence par `{`."
            if "." in key.text or "_" in key.text:
                help += f" Dans une expression, un nom s'écrit sans accolades : `{key.text}`."
            self.fault("YAML-CLE", f"il manque `: …` après `{key.text}`", place, help)
            return True
        if not isinstance(previous, Scalar) or previous.quoted or key.quoted:
            help = f"Écrivez `{key.text}: …`."
            self.fault("YAML-CLE", f"il manque `: …` après `{key.text}`", key.span, help)
            return True
        written = self.file.text[previous.start : key.end]
        place = self.file.span(previous.start, key.end - previous.start)
        meant = hints.number(written)
        if meant:
            help = f'Écrivez `"{meant}"` : la décimale s\'écrit avec un point.'
            self.fault("YAML-VIRGULE", f"la virgule coupe le nombre `{written}`", place, help)
        else:
            help = f'Écrivez `"{written.strip(QUOTES)}"`, ou `{key.text}: …` si c\'est une clé'
            items = [word.strip() for word in written.split(",")]
            help += f", ou `[{', '.join(items)}]` si c'est une liste." if all(map(_WORD.fullmatch, items)) else "."
            self.fault("YAML-VIRGULE", f"la virgule coupe le texte `{written}`", place, help)
        return True

    def stray_quote(self, node: Node) -> None:
        """Report a single quotation mark in a text: its pair is missing."""
        if not isinstance(node, Scalar) or node.quoted:
            return
        if node.text[:1] in CURLY:
            help = 'Les guillemets droits seuls délimitent un texte : `"…"`.'
            message = "ces guillemets typographiques ne sont pas compris"
            inside = node.text[1:-1]
            whole = node.text[-1:] in CURLY and not re.search(r'["\\\\“”„]', inside)
            if whole and node not in self.folded:
                self.fault("YAML-GUILLEMET", message, node.span, f'Écrivez `"{inside}"`.', f'"{inside}"')
            else:
                self.fault("YAML-GUILLEMET", message, node.place(0), help)
        elif node.text.count('"') % 2:
            help = f'Écrivez `"{node.text.strip(QUOTES)}"`.'
            if '"' in node.text.rstrip(QUOTES).lstrip(QUOTES):
                help = "Ouvrez et fermez chaque guillemet."
            self.fault("YAML-GUILLEMET", "ce guillemet est seul", node.place(node.text.rindex('"')), help)
