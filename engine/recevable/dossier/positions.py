"""The position of each value in a JSON text, and the first syntax fault, in French.

Used only when there is a fault: slower than the parser for valid dossiers, with better messages.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

import msgspec
from msgspec import Struct

from recevable.dossier.limits import MAX_DEPTH, pointer
from recevable.language.characters import composed

_SPACE = re.compile(r"[ \t\r\n]*")
# Possessive, so that a megabyte of text causes no backtracking.
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"')
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])", re.ASCII)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LITERALS: Final = ("true", "false", "null")
_SURROGATE = re.compile(r"\\u[dD]([89abAB]|[c-fC-F])[0-9a-fA-F]{2}")
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
MAX_FAULTS: Final = 20
_NOT_FINITE: Final = ("NaN", "Infinity", "-Infinity", "-NaN")
_COMMENT: Final = "JSON n'admet pas de commentaire : supprimez-le."
_OBJECT: Final = "Un dossier est un objet JSON : `{ … }`."
_TRUNCATED: Final = "Le fichier est peut-être tronqué : reprenez l'envoi."


class JsonFault(Struct, frozen=True):
    """A syntax fault at a character index: message and help."""

    index: int
    message: str
    help: str = ""


class Positions(Struct):
    """The character index of every value and key, by JSON pointer, in order; and the faults found."""

    text: str
    values: dict[str, int] = {}
    keys: dict[str, int] = {}
    faults: list[JsonFault] = []
    more: int = 0
    _lines: list[int] = []

    def line_column(self, index: int) -> tuple[int, int]:
        """1-based line and column of a character index."""
        if not self._lines:
            self._lines = [0, *(m.end() for m in re.finditer("\n", self.text))]
        line = bisect_right(self._lines, index)
        return line, index - self._lines[line - 1] + 1


def scan(text: str) -> Positions:
    """Scan the text without recursion; stops at the first syntax fault, records every duplicate key."""
    found = Positions(text)
    try:
        _Scanner(found).run()
    except _Stop as stop:
        found.faults.append(stop.fault)
    return found


class _Stop(Exception):
    def __init__(self, index: int, message: str, help: str = "") -> None:
        super().__init__(message)
        self.fault = JsonFault(index, message, help)


class _Frame(Struct):
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
            raise _Stop(0, "il n'y a rien à lire : le fichier est vide", _OBJECT)
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
            char = self.comma(char, closing)
        frame.count += 1
        if frame.keys is None:
            self.value(f"{frame.path}/{frame.count - 1}")
            return
        self.value(self.key(frame, frame.keys, char))

    def comma(self, char: str, closing: str) -> str:
        """The character after the comma between two members."""
        if not char:
            raise _Stop(len(self.text), f"le fichier s'arrête avant `{closing}`", _TRUNCATED)
        if char != ",":
            end = len(self.text[: self.at].rstrip())
            if char == '"' and "\n" in self.text[end : self.at]:
                # the line above is the one to mend
                raise _Stop(end - 1, "il manque une virgule à la fin de la ligne", "Ajoutez `,` après la valeur.")
            help = _COMMENT if char in "/#" else "Il manque sans doute une virgule ou un guillemet."
            raise _Stop(self.at, f"`,` ou `{closing}` est attendu, `{char}` trouvé", help)
        comma = self.at
        self.at += 1
        char = self.skip()
        if char in ("}", "]"):
            raise _Stop(comma, "virgule en trop avant la fermeture", "Supprimez cette virgule.")
        return char

    def key(self, frame: _Frame, keys: dict[str, int], char: str) -> str:
        """The pointer of the member whose key is at the current index."""
        if not char:
            raise _Stop(len(self.text), "le fichier s'arrête avant la fin d'un objet", _TRUNCATED)
        if char != '"':
            help = _COMMENT if char in "/#" else "Mettez la clé entre guillemets doubles."
            raise _Stop(self.at, f"une clé entre guillemets doubles est attendue, `{char}` trouvé", help)
        start = self.at
        key = composed(self.string())
        char = self.skip()
        if char != ":":
            found = f", `{char}` trouvé" if char else ""
            help = "Une clé et sa valeur sont séparées par deux points." if char else _TRUNCATED
            raise _Stop(self.at, f"`:` est attendu après la clé `{shortened(key)}`{found}", help)
        self.at += 1
        if key in keys:
            self.duplicate(key, start, keys[key])
        keys[key] = start
        path = frame.path + pointer(key)
        self.found.keys[path] = start
        return path

    def duplicate(self, key: str, start: int, first: int) -> None:
        if len(self.found.faults) >= MAX_FAULTS:
            self.found.more += 1
            return
        line, column = self.found.line_column(first)
        message = f"la clé `{shortened(key)}` figure deux fois (déjà ligne {line}, colonne {column})"
        help = "Gardez une seule des deux : l'autre serait perdue."
        self.found.faults.append(JsonFault(start, message, help))

    def string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self.bad_string()
        lone = _lone_surrogate(match[0])
        if lone is not None:
            half = match[0][lone : lone + 6]
            raise _Stop(
                self.at + lone,
                f"`{half}` n'est que la moitié d'un caractère",
                "Reprenez l'export : un caractère y a été coupé en deux.",
            )
        self.at = match.end()
        return msgspec.json.decode(match[0], type=str)

    def bad_string(self) -> _Stop:
        index = self.at + 1
        while index < len(self.text) and self.text[index] != '"':
            char = self.text[index]
            if char in "\r\n":
                return _Stop(index, "fin de ligne dans un texte", "Il manque sans doute le guillemet fermant.")
            if char < " ":
                help = "Supprimez ce caractère invisible."
                return _Stop(index, f"caractère de contrôle U+{ord(char):04X} dans un texte", help)
            if char == "\\":
                if not _ESCAPE.match(self.text, index):
                    help = "Écrivez `\\\\` pour une barre oblique inverse."
                    return _Stop(index, "barre oblique inverse mal employée", help)
                index += 1
            index += 1
        return _Stop(self.at, "ce texte n'a pas de guillemet fermant", _TRUNCATED)

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
            raise _Stop(len(self.text), "le fichier s'arrête avant la valeur attendue", _TRUNCATED)
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
        raise self.bad_scalar(char, word[0] if word else "")

    def bad_scalar(self, char: str, word: str) -> _Stop:
        known = {"True": "true", "False": "false", "None": "null", "vrai": "true", "faux": "false"}
        infinite = next((w for w in _NOT_FINITE if self.text.startswith(w, self.at)), "")
        if infinite:
            help = "Un renseignement qu'on n'a pas s'omet : supprimez ce champ."
            return _Stop(self.at, f"`{infinite}` n'est pas une valeur JSON", help)
        if word:
            text = "Un texte se met entre guillemets doubles." if self.frames else _OBJECT
            help = f"Écrivez `{known[word]}`." if word in known else text
            return _Stop(self.at, f"`{shortened(word)}` n'est pas une valeur JSON", help)
        if char in "-+.0123456789":
            help = "Un nombre entier s'écrit en chiffres seulement, sans zéro en tête ni signe plus : `12`."
            return _Stop(self.at, "ce nombre n'est pas écrit comme JSON le demande", help)
        helps = {
            "'": "Les textes JSON se mettent entre guillemets doubles.",
            **dict.fromkeys("“”„«»", 'Les textes JSON se mettent entre guillemets droits : `"`.'),
            "<": "C'est sans doute une page web ou un fichier XML, et non un dossier.",
        }
        help = _COMMENT if char in "/#" else helps.get(char, _OBJECT)
        return _Stop(self.at, f"`{char}` n'est pas attendu ici", help)


def _lone_surrogate(literal: str) -> int | None:
    """The offset of an escaped surrogate without its pair; None when there is none."""
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


def shortened(text: str) -> str:
    """The start of a text, for a message."""
    return text if len(text) <= 60 else f"{text[:57]}…"
