"""Read YAML mappings key by key; the calling code declares each key, and `finish` reports all the others.

A `Reader` collects diagnostics instead of stopping, so that one run reports every fault of a file.  One mistake gives
one diagnostic: a misspelt key is not also reported missing, and a key at the wrong indentation is reported once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

from recevable.language.calendar import parse_date
from recevable.language.characters import shows
from recevable.language.diagnostics import Diagnostic, Span, remark
from recevable.pack import hints
from recevable.pack.nodes import Mapping, Node, Scalar, Sequence

_BOOLEANS: Final = {"true": True, "false": False}
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_COMMENT: Final = re.compile(r" *: +#")
_IDENTIFIER: Final = re.compile(r"[A-Z][A-Z0-9.]*(-[A-Z0-9.]+)*", re.ASCII)


def is_name(text: str) -> bool:
    """Whether a text is a valid name: ASCII letters, digits and `_`."""
    return _NAME.fullmatch(text) is not None


def is_identifier(text: str) -> bool:
    """Whether a text is a valid identifier of a rule, requirement or trap: capitals, digits and hyphens."""
    return _IDENTIFIER.fullmatch(text) is not None


def name_help(text: str) -> str:
    """A French help sentence for a text that is not a valid name."""
    meant = re.sub(r"[^a-z0-9_]", "", hints.plain(text))
    odd = remark(text, ())
    if odd:
        return f"{odd} Retapez le mot : lettres sans accent, chiffres et `_`."
    return f"Écrivez `{meant}` : lettres sans accent, chiffres et `_`." if is_name(meant) else (
        "Choisissez un mot simple : lettres sans accent, chiffres et `_`."
    )  # fmt: skip


def identifier_help(text: str) -> str:
    """A French help sentence for a text that is not a valid identifier."""
    meant = re.sub(r"[^A-Z0-9.-]", "", hints.plain(text).upper().replace("_", "-")).strip("-.")
    form = "majuscules sans accent, chiffres et tirets"
    odd = remark(text, ())
    if odd:
        return f"{odd} Retapez l'identifiant : {form}."
    start = f"Écrivez `{meant}`" if is_identifier(meant) else "Choisissez un identifiant comme `DEPOT-DELAI`"
    return f"{start} : {form}."


class Reader:
    """A mapping being read.  `finish` reports keys never asked for and required keys that are missing."""

    def __init__(self, node: Mapping, diagnostics: list[Diagnostic], what: str, key: str = "") -> None:
        self.node, self.diagnostics, self.what, self.key = node, diagnostics, what, key
        self.asked: dict[str, bool] = {}
        self.children: list[Reader] = []
        # the faults reported by `finish`, by key, so that the enclosing block can merge two faults into one
        self.missing: dict[str, Diagnostic] = {}
        self.unknown: dict[str, Diagnostic] = {}
        self.hollow: dict[str, Diagnostic] = {}

    def fault(self, code: str, message: str, span: Span, help: str = "", fix: str = "") -> None:
        """Record an error; `fix` is the replacement text when it is certain."""
        self.diagnostics.append(Diagnostic(code, message, span, help, fix=fix or None))

    def has(self, key: str) -> bool:
        """Whether a key is present; the key becomes known to `finish`."""
        self.asked.setdefault(key, False)
        return key in self.node.entries

    def node_at(self, key: str, required: bool = True) -> Node | None:
        """The raw node of a key, or None."""
        self.asked[key] = required or self.asked.get(key, False)
        return self.node.entries.get(key)

    def scalar(self, key: str, required: bool = True) -> Scalar | None:
        """A non-empty text, or None."""
        node = self.node_at(key, required)
        if node is None:
            return None
        if self._is_empty(node):
            place = self.node.keys[key]
            # `titre: #12` has an empty value: the rest is a comment
            comment = _COMMENT.match(place.file.text, place.end)
            help = "Mettez entre guillemets un texte qui commence par `#`." if comment else f"Écrivez `{key}: …`."
            self.fault("PAQ-TEXTE", f"`{key}` est vide", place.span, help)
            return None
        if not isinstance(node, Scalar):
            help = f"Écrivez `{key}: …` sur une ligne ; un texte qui commence par `{{` ou `[` se met entre guillemets."
            if isinstance(node, Sequence) and len(node.items) == 1 and isinstance(node.items[0], Scalar):
                help = f"Écrivez `{key}: {node.items[0].raw}`, sans crochets."
            self.fault("PAQ-TEXTE", f"`{key}` doit être un texte", node.span, help)
            return None
        return node

    def text(self, key: str, required: bool = True) -> str:
        """The text of a key, or an empty string."""
        node = self.scalar(key, required)
        return node.text if node else ""

    def choice(self, key: str, choices: Collection[str], required: bool = True) -> str:
        """A word from `choices`, or an empty string."""
        node = self.scalar(key, required)
        if node is None:
            return ""
        if node.text not in choices:
            allowed = ", ".join(f"`{c}`" for c in choices)
            help = hints.did_you_mean(node.text, choices) or hints.synonym(node.text, choices)
            help = help or f"Valeurs possibles : {allowed}."
            fix = hints.sure(node.text, choices)
            self.fault("PAQ-VALEUR", f"`{node.text}` n'est pas une valeur de `{key}`", node.span, help, fix)
            return ""
        return node.text

    def boolean(self, key: str) -> bool:
        """`true` or `false`; False when absent."""
        node = self.scalar(key, required=False)
        if node is None:
            return False
        if node.quoted or node.text not in _BOOLEANS:
            meant = hints.boolean(node.text)
            help = f"Écrivez `{meant}`" if meant else "Écrivez `true` ou `false`"
            message = f"`{key}` attend `true` ou `false`, pas `{node.text}`"
            self.fault("PAQ-BOOLEEN", message, node.span, f"{help}, sans guillemets.", meant)
            return False
        return _BOOLEANS[node.text]

    def day(self, key: str, required: bool = True) -> date | None:
        """A date written AAAA-MM-JJ, or None."""
        node = self.scalar(key, required)
        if node is None:
            return None
        try:
            return parse_date(node.text)
        except ValueError as error:
            meant = hints.day(node.text)
            help = f'Écrivez `"{meant}"` : l\'année, le mois puis le jour.' if meant else hints.about_day(node.text)
            fix = f'"{meant}"' if hints.certain(node.text, meant) else ""
            self.fault("PAQ-DATE", f"`{node.text}` : {error}", node.span, help, fix)
            return None

    def follows(self, start: date, before: Collection[date], named: str) -> None:
        """Check that the day `a_partir_du` of this mapping comes after those of its neighbours, called `named`."""
        if start > max(before, default=date.min):
            return
        message = f"les {named} ne sont pas dans l'ordre des dates"
        help = "Rangez-les de la plus ancienne à la plus récente."
        if start in before:
            message = f"deux {named} commencent le même jour, {start}"
            help = "Gardez-en une, ou corrigez l'une des deux dates."
        self.fault("PAQ-DATES", message, self.node.entries["a_partir_du"].span, help)

    def name(self, key: str, what: str, required: bool = True) -> Scalar | None:
        """A valid name, or None; `what` describes it in messages."""
        node = self.scalar(key, required)
        if node is not None and not is_name(node.text):
            message = f"`{node.text}` ne peut pas nommer {what}"
            self.fault("PAQ-NOM", message, node.span, name_help(node.text))
        return node

    def identifier(self, key: str) -> Scalar | None:
        """A valid identifier (`DEPOT-DELAI`, `REQ-2-10`), or None."""
        node = self.scalar(key)
        if node is not None and not is_identifier(node.text):
            message = f"`{node.text}` n'est pas un identifiant"
            self.fault("PAQ-IDENTIFIANT", message, node.span, identifier_help(node.text))
        return node

    def mapping(self, key: str, what: str = "", required: bool = True) -> Reader | None:
        """A Reader for a nested mapping, or None."""
        node = self.node_at(key, required)
        if node is None:
            return None
        if not isinstance(node, Mapping):
            place = self.node.keys[key].span
            owners = [one for one in self._descendants() if key in one.missing and _before(one.node.span, place)]
            if owners and not self._is_empty(node):
                self._of(owners[-1], key)
                return None
            self._wrong("PAQ-BLOC", key, node, "doit contenir des clés", f"Indentez dessous les clés de `{key}`.")
            return None
        return self._child(node, what or f"`{key}`", key)

    def sequence(self, key: str, required: bool = True) -> tuple[Node, ...]:
        """The items of a list; empty when absent."""
        node = self.node_at(key, required)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            help = f"Écrivez `{key}: [a, b]`, ou dessous un tiret (`- `) par élément."
            if isinstance(node, Mapping) and node.keys:
                first = next(iter(node.keys))
                flow = _is_flow(node)
                help = (
                    f"Écrivez `{key}: [{{{first}: …}}]`." if flow else f"Écrivez `- {first}: …`, un tiret par élément."
                )
            self._wrong("PAQ-LISTE", key, node, "doit être une liste", help)
            return ()
        return node.items

    def mappings(self, key: str, what: str, required: bool = True) -> Iterator[Reader]:
        """Yield a Reader for each item of a list of mappings."""
        for item in self.sequence(key, required):
            if isinstance(item, Mapping):
                yield self._child(item, what, key)
            else:
                help = f"Écrivez les clés de {what} après le tiret : `- cle: valeur`."
                self.fault("PAQ-BLOC", f"chaque élément de `{key}` doit contenir des clés", item.span, help)

    def words(self, key: str, required: bool = True) -> tuple[Scalar, ...]:
        """The items of a list of texts; a single text counts as a list of one."""
        node = self.node_at(key, required)
        if isinstance(node, Scalar) and not self._is_empty(node):
            parts = re.split(r"\s*[,;]\s*", node.text.strip())
            if len(parts) == 1 or not all(is_name(part) or is_identifier(part) for part in parts):
                return (node,)
            help = f"Écrivez `{key}: [{', '.join(parts)}]`."
            self.fault("PAQ-LISTE", f"`{key}` énumère {len(parts)} éléments sans crochets", node.span, help)
            return ()
        found = []
        for item in self.sequence(key, required):
            if isinstance(item, Scalar) and not self._is_empty(item):
                found.append(item)
            else:
                help = f"Écrivez `{key}: [a, b]`."
                self.fault("PAQ-TEXTE", f"chaque élément de `{key}` doit être un mot", item.span, help)
        return tuple(found)

    def _child(self, node: Mapping, what: str, key: str) -> Reader:
        child = Reader(node, self.diagnostics, what, key)
        self.children.append(child)
        return child

    def _is_empty(self, node: Node) -> bool:
        return isinstance(node, Scalar) and not shows(node.text)

    def _wrong(self, code: str, key: str, node: Node, message: str, help: str) -> None:
        if not self._is_empty(node):
            self.fault(code, f"`{key}` {message}", node.span, help)
            return
        self.fault(code, f"`{key}` est vide : il {message}", self.node.keys[key].span, help)
        self.hollow[key] = self.diagnostics[-1]

    def is_flow(self) -> bool:
        """Whether the mapping is in flow style: `{cle: valeur}`."""
        return _is_flow(self.node)

    # --- the end of a mapping ---------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Report every key that nothing asked for, and every required key that is not there."""
        unknown = [key for key in self.node.keys if key not in self.asked]
        missing = [key for key, required in self.asked.items() if required and key not in self.node.entries]
        unknown = self._outside_hollow(unknown)
        unknown, missing = self._too_far_left(unknown, missing), self._too_far_right(missing)
        missing = self._swallowed(missing)
        for key in unknown:
            absent = [k for k in self.asked if k not in self.node.entries]
            close = hints.nearest(key, absent) or hints.nearest(key, self.asked)
            if close and close[0] in missing:
                missing.remove(close[0])
            allowed = ", ".join(f"`{k}`" for k in sorted(self.asked))
            help = hints.did_you_mean(key, close) or f"Clés possibles : {allowed}."
            message = f"la clé `{key}` est inconnue dans {self.what}"
            fix = hints.sure(key, absent)
            self.unknown[key] = self._record("PAQ-CLE-INCONNUE", message, self.node.keys[key].span, help, fix)
        for key in missing:
            message = f"il manque la clé `{key}` dans {self.what}"
            self.missing[key] = self._record("PAQ-CLE-MANQUANTE", message, self.node.span, f"Ajoutez `{key}: …`.")

    def _record(self, code: str, message: str, span: Span, help: str, fix: str = "") -> Diagnostic:
        diagnostic = Diagnostic(code, message, span, help, fix=fix or None)
        self.diagnostics.append(diagnostic)
        return diagnostic

    def _forget(self, diagnostic: Diagnostic) -> None:
        self.diagnostics[:] = [d for d in self.diagnostics if d is not diagnostic]

    def _descendants(self) -> Iterator[Reader]:
        for child in self.children:
            yield child
            yield from child._descendants()

    def _outside_hollow(self, unknown: list[str]) -> list[str]:
        """Keys that should have been indented under an empty `si_faux:` before them."""
        for key, diagnostic in self.hollow.items():
            keys = list(self.node.keys)
            behind = []
            for follower in keys[keys.index(key) + 1 :]:
                if follower not in unknown:
                    break
                behind.append(follower)
            if behind:
                self._forget(diagnostic)
                names = ", ".join(f"`{name}`" for name in behind)
                message = f"`{behind[0]}` n'est pas indenté sous `{key}`"
                help = f"Décalez de deux espaces vers la droite les clés de `{key}` : {names}."
                self._record("PAQ-INDENTATION", message, self.node.keys[behind[0]].span, help)
                unknown = [name for name in unknown if name not in behind]
        return unknown

    def _too_far_left(self, unknown: list[str], missing: list[str]) -> list[str]:
        """Keys unknown here that the preceding block requires."""
        left = []
        for key in unknown:
            place = self.node.keys[key].span
            above = [
                reader
                for reader in self._descendants()
                if key in reader.asked and key not in reader.node.entries and _before(reader.node.span, place)
            ]
            if not above or any(close in missing for close in hints.nearest(key, self.asked)[:1]):
                left.append(key)
                continue
            self._of(above[-1], key)
        return left

    def _of(self, wanted: Reader, key: str) -> None:
        """Report a key that belongs to a block above it."""
        place = self.node.keys[key].span
        if key in wanted.missing:
            self._forget(wanted.missing.pop(key))
        if wanted.is_flow():
            help = f"Écrivez-la entre les accolades de `{wanted.key}`."
        else:
            column = next(iter(wanted.node.keys.values())).span.column
            help = f"Décalez la ligne de {max(column - place.column, 1)} espaces vers la droite."
        message = f"`{key}` est une clé de `{wanted.key}`, non de {self.what}"
        self._record("PAQ-INDENTATION", message, place, help)

    def _too_far_right(self, missing: list[str]) -> list[str]:
        """Keys required here that are unknown in a nested block."""
        for key in [k for k in self.asked if k not in self.node.entries]:
            reader = next((r for r in self._descendants() if key in r.unknown), None)
            if reader is None:
                continue
            old = reader.unknown.pop(key)
            self._forget(old)
            place = reader.node.keys[key].span
            column = next(iter(self.node.keys.values())).span.column
            help = f"Décalez la ligne de {max(place.column - column, 1)} espaces vers la gauche."
            if reader.is_flow():
                help = "Écrivez-la sur sa propre ligne, hors des accolades."
            message = f"`{key}` est une clé de {self.what}, non de `{reader.key}`"
            self._record("PAQ-INDENTATION", message, place, help)
            missing = [k for k in missing if k != key]
        return missing

    def _swallowed(self, missing: list[str]) -> list[str]:
        """Keys that were read as part of a multi-line text."""
        wanted = {k for k in self.asked if k not in self.node.entries}
        for text in self.node.folded:
            for match in re.finditer(r"\n *([A-Za-z_]+):(?=\s|$)", text.raw):
                key = match[1]
                if key in wanted:
                    place = text.file.span(text.start + match.start(1), len(key))
                    message = f"`{key}:` est pris dans le texte qui commence ligne {text.span.line}"
                    help = f"Décalez la ligne vers la gauche, à la hauteur des autres clés de {self.what}."
                    self._record("PAQ-INDENTATION", message, place, help)
                    wanted.discard(key)
                    missing = [k for k in missing if k != key]
        return missing


def _before(first: Span, second: Span) -> bool:
    return (first.line, first.column) < (second.line, second.column)


def _is_flow(node: Mapping) -> bool:
    first = next(iter(node.keys.values())).span if node.keys else None
    return first is None or (first.line, first.column) != (node.span.line, node.span.column)
