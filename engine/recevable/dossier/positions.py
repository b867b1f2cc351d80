"""Where each value of a JSON text stands, and the first fault of one that is not JSON, in French.

Used only once something is wrong: it is slower than the parsers that read good dossiers, and says much more.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])", re.ASCII)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LITERALS: Final = ("true", "false", "null")
_SURROGATE = re.compile(r"\\u[dD]([89abAB]|[c-fC-F])[0-9a-fA-F]{2}")
MAX_DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault at a character index: what it is, what to do."""

    index: int
    message: str
    help: str = ""


@dataclass(slots=True)
class Positions:
    """The character index of every value by JSON pointer, in order, and the faults met on the way."""

    text: str
    values: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _lines: list[int] = field(default_factory=list)

    def line_column(self, index: int) -> tuple[int, int]:
        """1-based line and column of a character index."""
        if not self._lines:
            self._lines = [0, *(m.end() for m in re.finditer("\n", self.text))]
        line = bisect_right(self._lines, index)
        return line, index - self._lines[line - 1] + 1


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def scan(text: str) -> Positions:
    """Walk the whole text without recursion; stops at the first syntax fault, notes every duplicate key."""
    found = Positions(text)
    try:
        _Scanner(found).run()
    except _Stop as stop:
        found.faults.append(stop.fault)
    return found


class _Stop(Exception):
    def __init__(self, index: int, message: str, help: str = "") -> None:
        super().__init__(message)
        self.fault = Fault(index, message, help)


@dataclass(slots=True)
class _Frame:
    """An open object (`keys`) or list (`keys` is None)."""

    path: str
    keys: dict[str, int] | None
    count: int = 0


class _Scanner:
    def __init__(self, found: Positions) -> None:
        self.found, self.text, self.at = found, found.text, 0
        self.frames: list[_Frame] = []

    def skip(self) -> str:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def run(self) -> None:
        if not self.skip():
            raise _Stop(0, "le fichier est vide", "Un dossier est un objet JSON : `{ … }`.")
        self.value("")
        while self.frames:
            self.member(self.frames[-1])
        if self.skip():
            raise _Stop(
                self.at,
                "du texte suit la fin du dossier",
                "Un fichier .json contient un seul dossier ; plusieurs vont dans un .ndjson, un par ligne.",
            )

    def member(self, frame: _Frame) -> None:
        closing = "]" if frame.keys is None else "}"
        char = self.skip()
        if char == closing:
            self.at += 1
            self.frames.pop()
            return
        if frame.count:
            if char != ",":
                if not char:
                    raise _Stop(
                        len(self.text),
                        f"le fichier s'arrête avant `{closing}`",
                        "Il est peut-être tronqué : reprenez l'envoi.",
                    )
                raise _Stop(
                    self.at,
                    f"`,` ou `{closing}` est attendu, `{char}` trouvé",
                    "Il manque sans doute une virgule ou un guillemet.",
                )
            comma = self.at
            self.at += 1
            char = self.skip()
            if char in ("}", "]"):
                raise _Stop(comma, "virgule en trop avant la fermeture", "Supprimez cette virgule.")
        frame.count += 1
        if frame.keys is None:
            self.value(f"{frame.path}/{frame.count - 1}")
            return
        if char != '"':
            help = "Mettez la clé entre guillemets doubles." if char in "'" or char.isalpha() else ""
            raise _Stop(
                self.at,
                f"une clé entre guillemets doubles est attendue, `{char or 'fin du fichier'}` trouvé",
                help,
            )
        start = self.at
        key = self.string()
        if self.skip() != ":":
            raise _Stop(self.at, f"`:` est attendu après la clé `{_short(key)}`")
        self.at += 1
        if key in frame.keys:
            line, column = self.found.line_column(frame.keys[key])
            self.found.faults.append(
                Fault(
                    start,
                    f"la clé `{_short(key)}` figure deux fois (déjà ligne {line}, colonne {column})",
                    "Gardez une seule des deux : l'autre serait perdue.",
                )
            )
        frame.keys[key] = start
        self.value(frame.path + pointer(key))

    def string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self.bad_string()
        lone = _lone_surrogate(match[0])
        if lone is not None:
            raise _Stop(self.at + lone, "la moitié isolée d'un caractère (`\\ud800`…`\\udfff`) n'est pas du texte")
        self.at = match.end()
        text: str = json.loads(match[0])
        return text

    def bad_string(self) -> _Stop:
        index = self.at + 1
        while index < len(self.text) and self.text[index] != '"':
            char = self.text[index]
            if char < " ":
                what = "fin de ligne" if char in "\r\n" else f"caractère de contrôle U+{ord(char):04X}"
                return _Stop(index, f"{what} dans un texte", "Il manque sans doute le guillemet fermant.")
            if char == "\\":
                if not re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})').match(self.text, index):
                    return _Stop(
                        index,
                        "barre oblique inverse mal employée",
                        "Écrivez `\\\\` pour une barre oblique inverse.",
                    )
                index += 1
            index += 1
        return _Stop(
            self.at,
            "ce texte n'a pas de guillemet fermant",
            "Le fichier est peut-être tronqué : reprenez l'envoi.",
        )

    def value(self, path: str) -> None:
        char = self.skip()
        self.found.values[path] = self.at
        if char in "{[" and char:
            if len(self.frames) >= MAX_DEPTH:
                raise _Stop(
                    self.at,
                    f"plus de {MAX_DEPTH} niveaux d'imbrication",
                    "Un dossier n'en compte pas plus de six.",
                )
            self.frames.append(_Frame(path, {} if char == "{" else None))
            self.at += 1
        elif char == '"':
            self.string()
        elif not char:
            raise _Stop(
                len(self.text),
                "le fichier s'arrête avant la valeur attendue",
                "Il est peut-être tronqué : reprenez l'envoi.",
            )
        else:
            self.scalar(char)

    def scalar(self, char: str) -> None:
        word = _WORD.match(self.text, self.at)
        if word and word[0] in _LITERALS:
            self.at = word.end()
            return
        number = _NUMBER.match(self.text, self.at)
        if number:
            self.at = number.end()
            return
        if word:
            known = {"True": "true", "False": "false", "None": "null", "vrai": "true", "faux": "false"}
            help = f"Écrivez `{known[word[0]]}`." if word[0] in known else "Un texte se met entre guillemets doubles."
            raise _Stop(self.at, f"`{_short(word[0])}` n'est pas une valeur JSON", help)
        helps = {
            "'": "Les textes JSON se mettent entre guillemets doubles.",
            "/": "JSON n'admet pas de commentaire.",
            "#": "JSON n'admet pas de commentaire.",
        }
        message = "ce nombre est mal écrit" if char in "-+.0123456789" else f"`{char}` n'est pas attendu ici"
        raise _Stop(self.at, message, helps.get(char, ""))


def _lone_surrogate(literal: str) -> int | None:
    """The offset of an escaped surrogate without its other half."""
    position = 0
    while (match := _SURROGATE.search(literal, position)) is not None:
        backslashes = len(literal[: match.start()]) - len(literal[: match.start()].rstrip("\\"))
        position = match.end()
        if backslashes % 2:
            continue
        high = match[1] in "89abAB"
        low = _SURROGATE.match(literal, match.end())
        if not high or low is None or low[1] in "89abAB":
            return match.start()
        position = low.end()
    return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
