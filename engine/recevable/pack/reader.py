"""Reading YAML nodes key by key: what a key must hold is said by the code that reads it, and nothing else is let
through.

A `Reader` collects diagnostics instead of stopping, so that one run shows every slip of a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from recevable.language.diagnostics import Diagnostic, Span, suggest
from recevable.pack.yaml_strict import Mapping, Node, Scalar, Sequence

_BOOLEANS: Final = {"true": True, "false": False}


class Reader:
    """A mapping being read.  Keys never asked for are reported by `finish`."""

    def __init__(self, node: Mapping, diagnostics: list[Diagnostic], what: str) -> None:
        self.node, self.diagnostics, self.what = node, diagnostics, what
        self.asked: set[str] = set()

    def fault(self, code: str, message: str, span: Span, help: str = "") -> None:
        """Record an error."""
        self.diagnostics.append(Diagnostic(code, message, span, help))

    def has(self, key: str) -> bool:
        """Whether a key is there; asking makes it known."""
        self.asked.add(key)
        return key in self.node.entries

    def node_at(self, key: str, required: bool = True) -> Node | None:
        """The raw node of a key."""
        if self.has(key):
            return self.node.entries[key]
        if required:
            self.fault(
                "PAQ-CLE-MANQUANTE",
                f"il manque la clé `{key}` dans {self.what}",
                self.node.span,
                f"Ajoutez `{key}: …`.",
            )
        return None

    def scalar(self, key: str, required: bool = True) -> Scalar | None:
        """A non-empty text."""
        node = self.node_at(key, required)
        if node is None:
            return None
        if not isinstance(node, Scalar) or not node.text.strip():
            self.fault("PAQ-TEXTE", f"`{key}` doit être un texte", _span(node), f"Écrivez `{key}: …` sur une ligne.")
            return None
        return node

    def text(self, key: str, required: bool = True) -> str:
        """The text of a key, or an empty string."""
        node = self.scalar(key, required)
        return node.text if node else ""

    def choice(self, key: str, choices: Collection[str], required: bool = True) -> str:
        """A word of a closed list, or an empty string."""
        node = self.scalar(key, required)
        if node is None:
            return ""
        if node.text not in choices:
            allowed = ", ".join(f"`{c}`" for c in choices)
            self.fault(
                "PAQ-VALEUR",
                f"`{node.text}` n'est pas une valeur de `{key}`",
                node.span,
                suggest(node.text, choices) or f"Valeurs possibles : {allowed}.",
            )
            return ""
        return node.text

    def boolean(self, key: str) -> bool:
        """`true` or `false`; absent means false."""
        node = self.scalar(key, required=False)
        if node is None:
            return False
        if node.quoted or node.text not in _BOOLEANS:
            self.fault(
                "PAQ-BOOLEEN",
                f"`{key}` attend `true` ou `false`, pas `{node.text}`",
                node.span,
                "Écrivez `true` ou `false`, sans guillemets.",
            )
            return False
        return _BOOLEANS[node.text]

    def mapping(self, key: str, what: str = "", required: bool = True) -> Reader | None:
        """A nested mapping."""
        node = self.node_at(key, required)
        if node is None:
            return None
        if not isinstance(node, Mapping):
            self.fault(
                "PAQ-BLOC",
                f"`{key}` doit contenir des clés",
                _span(node),
                f"Écrivez `{key}: {{cle: valeur}}` ou indentez les clés dessous.",
            )
            return None
        return Reader(node, self.diagnostics, what or f"`{key}`")

    def sequence(self, key: str, required: bool = True) -> tuple[Node, ...]:
        """The items of a list."""
        node = self.node_at(key, required)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.fault(
                "PAQ-LISTE",
                f"`{key}` doit être une liste",
                _span(node),
                f"Écrivez `{key}: [a, b]`, ou un tiret par élément.",
            )
            return ()
        return node.items

    def mappings(self, key: str, what: str, required: bool = True) -> Iterator[Reader]:
        """The items of a list, each of them a mapping."""
        for item in self.sequence(key, required):
            if isinstance(item, Mapping):
                yield Reader(item, self.diagnostics, what)
            else:
                self.fault("PAQ-BLOC", f"chaque élément de `{key}` doit contenir des clés", _span(item))

    def words(self, key: str, required: bool = True) -> tuple[Scalar, ...]:
        """The items of a list of simple texts; a lone text counts as a list of one."""
        node = self.node_at(key, required)
        if isinstance(node, Scalar):
            return (node,)
        found = []
        for item in self.sequence(key, required=False):
            if isinstance(item, Scalar):
                found.append(item)
            else:
                self.fault("PAQ-TEXTE", f"chaque élément de `{key}` doit être un mot", _span(item))
        return tuple(found)

    def finish(self) -> None:
        """Report every key that nothing asked for."""
        for key, place in self.node.keys.items():
            if key not in self.asked:
                allowed = ", ".join(f"`{k}`" for k in sorted(self.asked))
                self.fault(
                    "PAQ-CLE-INCONNUE",
                    f"la clé `{key}` est inconnue dans {self.what}",
                    place.span,
                    suggest(key, self.asked) or f"Clés possibles : {allowed}.",
                )


def _span(node: Node) -> Span:
    return node.span
