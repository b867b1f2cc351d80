"""Explain in French why a text is not valid YAML, at the place of the mistake rather than where the parser stopped.

A parser often stops a line or more after the mistake.  This module looks at the last tokens read and at the surrounding
indentation, and recognizes the most common mistakes.  The parser's English messages are never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Protocol

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner
from yaml.tokens import (
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    ScalarToken,
)

from recevable.language.diagnostics import Diagnostic, Span

CODE: Final = "YAML-SYNTAXE"
_INVISIBLE: Final = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
_REFUSED: Final = re.compile(
    f"[^\\n\\r\\x20-\\x7e\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]|\\r(?!\\n)|[\u2028\u2029{_INVISIBLE}]"
)
_ODD_INDENT: Final = re.compile(r"^ *[^\S\n\r ]", re.MULTILINE)
_DIRECTIVE: Final = re.compile(r"^%.*", re.MULTILINE)
_KEY: Final = re.compile(r"(?P<dashes>(?:- +)*)(?P<key>[^\s#\[\]{},\"'][^:#]*?) ?:(?= |$)")
_GLUED: Final = re.compile(r"(?:- +)*([^\s:\"'\[\]{},]+):(?=\S)")
# Characters that word processors and other notations use for the dash of a list.
_WRONG_DASH: Final = re.compile(r"[*•·–—‐‑−](?= )")
_HARD_SPACE: Final = "\u00a0\u202f\u2007"
_OPENERS: Final = {"[": "]", "{": "}"}


class Parsing(Protocol):
    """The parser interface of a YAML front end."""

    # libyaml and PyYAML have distinct mark classes with the same members: Any covers both

    def get_event(self) -> Any:
        """The next event."""

    def get_token(self) -> Any:
        """The next token, None at the end."""


class Front(Protocol):
    """A YAML front end: libyaml's, or PyYAML's own."""

    def __call__(self, stream: str, /) -> Parsing:
        """Start reading a text."""


class PythonParser(Reader, Scanner, Parser):
    """PyYAML's pure Python front end: the same events, slower, for a PyYAML built without libyaml."""

    def __init__(self, stream: str) -> None:
        Reader.__init__(self, stream)
        Scanner.__init__(self)
        Parser.__init__(self)


def unreadable_character(name: str, text: str) -> Diagnostic | None:
    """The first character not allowed in a rule file: a tab, a control, an invisible character or a directive."""
    found: list[tuple[int, str, str, str]] = []
    refused = _REFUSED.search(text)
    if refused is not None:
        found.append((refused.start(), *_refusal(refused[0])))
    indent = _ODD_INDENT.search(text)
    if indent is not None and text[indent.end() - 1] != "\t":
        message = "une espace insécable ne peut pas servir à indenter"
        found.append((indent.end() - 1, "YAML-CARACTERE", message, "Remplacez-la par une espace ordinaire."))
    directive = _DIRECTIVE.search(text)
    if directive is not None:
        help = "Supprimez cette ligne, ou mettez le texte entre guillemets."
        found.append((directive.start(), "YAML-DIRECTIVE", "une directive (`%`) n'est pas permise", help))
    if not found:
        return None
    index, code, message, help = min(found)
    line_start = text.rfind("\n", 0, index) + 1
    return Diagnostic(code, message, Span(name, text.count("\n", 0, index) + 1, index - line_start + 1), help)


def _refusal(char: str) -> tuple[str, str, str]:
    if char == "\t":
        help = "Remplacez-la par des espaces : en tête de ligne, autant que devant les lignes de même rang."
        return "YAML-TABULATION", "une tabulation n'est pas permise dans un fichier de règles", help
    if char in "\r\x85\u2028\u2029":
        help = "Enregistrez le fichier avec des fins de ligne ordinaires (LF ou CRLF)."
        return "YAML-CARACTERE", f"cette fin de ligne (U+{ord(char):04X}) n'est pas permise", help
    help = "Supprimez-le : retapez le mot au lieu de le coller."
    return "YAML-CARACTERE", f"un caractère invisible (U+{ord(char):04X}) n'est pas permis", help


def explain(name: str, text: str, error: yaml.YAMLError, front: Front) -> Diagnostic:
    """The diagnostic for a text that a front end rejected."""
    if not isinstance(error, yaml.MarkedYAMLError) or (error.problem_mark or error.context_mark) is None:
        help = "Vérifiez qu'il s'agit bien d'un fichier de règles."
        return Diagnostic(CODE, "ce fichier n'est pas compris", Span(name, 1, 1), help)
    if "nesting depth" in str(error.problem):
        # libyaml has had its own limit since 0.2.6; before that, its caller's limit applied first
        mark: Any = error.problem_mark or error.context_mark
        return too_deep(Span(name, mark.line + 1, mark.column + 1))
    return _Explanation(name, text, error, front).diagnostic()


def too_deep(place: Span) -> Diagnostic:
    """The diagnostic for a file nested deeper than any pack needs."""
    help = "Un fichier de règles compte peu de niveaux : fermez `[` et `{`, ou corrigez l'indentation."
    return Diagnostic("YAML-PROFONDEUR", "le fichier est trop imbriqué", place, help)


class _Explanation:
    def __init__(self, name: str, text: str, error: yaml.MarkedYAMLError, front: Front) -> None:
        self.name, self.text = name, text
        self.lines = text.split("\n")
        self.problem = str(error.problem or "")
        self.mark: Any = error.problem_mark or error.context_mark
        self.context: Any = error.context_mark or self.mark
        self.tokens = list(self._tokens(front))

    def _tokens(self, front: Front) -> Iterator[Any]:
        """The tokens read before the problem."""
        parser = front(self.text)
        try:
            while (token := parser.get_token()) is not None and token.start_mark.index < self.mark.index:
                yield token
        except yaml.YAMLError:
            return

    def at(self, line: int, column: int, message: str, help: str, length: int = 1) -> Diagnostic:
        """A diagnostic at a 0-based line and column."""
        return Diagnostic(CODE, message, Span(self.name, line + 1, column + 1, max(length, 1)), help)

    def line(self, number: int) -> str:
        """A line by its 0-based number, without its end."""
        return self.lines[number].removesuffix("\r") if number < len(self.lines) else ""

    def diagnostic(self) -> Diagnostic:
        return (
            self.unclosed_quote()
            or self.bad_escape()
            or self.extra_comma()
            or self.text_after_quote()
            or self.unclosed_bracket()
            or self.bracket_text()
            or self.wrong_dash()
            or self.forbidden_start()
            or self.colon_in_text()
            or self.missing_colon()
            or self.misplaced_dash()
            or self.stray_line()
            or self.misaligned()
            or self.missing_comma()
            or self.unknown()
        )

    # --- quotes -----------------------------------------------------------------------------------------------------

    def unclosed_quote(self) -> Diagnostic | None:
        """A quote that runs to the end of the file, or up to the next quote, lines below."""
        opened = self.context
        if "end of stream" in self.problem and self.text[opened.index : opened.index + 1] in ("'", '"'):
            return self._unclosed(opened)
        if "could not find expected ':'" in self.problem and self.text[opened.index] in ("'", '"'):
            return self._unclosed(opened)
        for token in reversed(self.tokens[-3:]):
            if not isinstance(token, ScalarToken) or token.style not in ("'", '"'):
                continue
            same_line = token.end_mark.line == self.mark.line
            if same_line and token.start_mark.line < self.mark.line:
                return self._unclosed(token.start_mark)
            swallowed = re.search(r", *([a-z_]+: *)?$|^, ", token.value)
            if same_line and token.end_mark.index == self.mark.index and token.style == '"' and swallowed:
                return self._unclosed(token.start_mark)
        return None

    def _unclosed(self, opened: Any) -> Diagnostic:
        quote = self.text[opened.index]
        help = f"Ajoutez `{quote}` à la fin du texte."
        if quote == "'":
            help = (
                "Ajoutez le guillemet fermant ; un texte qui contient une apostrophe se met entre guillemets doubles."
            )
        length = len(self.line(opened.line)) - opened.column
        return self.at(opened.line, opened.column, "le guillemet ouvert ici n'est pas fermé", help, length)

    def bad_escape(self) -> Diagnostic | None:
        """An invalid backslash escape inside double quotes."""
        if self.text[self.context.index : self.context.index + 1] != '"' or not (
            "escape" in self.problem or "expected hexdecimal" in self.problem or "hexadecimal" in self.problem
        ):
            return None
        column = self.line(self.mark.line).rfind("\\", 0, self.mark.column + 1)
        message = "cette barre oblique inverse n'est pas comprise entre guillemets doubles"
        help = "Doublez-la (`\\\\`) ou employez des guillemets simples."
        return self.at(self.mark.line, max(column, 0), message, help)

    def extra_comma(self) -> Diagnostic | None:
        """`titre: "un titre",`, `demandes: [avance],`: a comma ends the line of a key."""
        rest = self.line(self.mark.line)[self.mark.column :]
        if not re.match(r",\s*(?:#|$)", rest) or self._inside_brackets():
            return None
        return self.at(self.mark.line, self.mark.column, "cette virgule est de trop", "Supprimez-la.")

    def text_after_quote(self) -> Diagnostic | None:
        """`"un" texte`, `'l'an'`: something follows the closing quote."""
        last = self.tokens[-1] if self.tokens else None
        if not isinstance(last, ScalarToken) or last.style not in ("'", '"') or last.end_mark.line != self.mark.line:
            return None
        if self.text[self.mark.index : self.mark.index + 1] in ("", ",", "]", "}", ":", "\n", "\r"):
            return None
        if last.style == "'" and last.end_mark.index == self.mark.index:
            message = "l'apostrophe ferme ici le texte ouvert par un guillemet simple"
            help = 'Mettez ce texte entre guillemets doubles : `"…"`.'
            return self.at(self.mark.line, self.mark.column - 1, message, help)
        message = "ce texte vient après un guillemet fermant"
        rest = self.line(self.mark.line)[self.mark.column :]
        help = "ettez tout le texte entre guillemets doubles."
        if last.style == '"':
            apostrophe = "'" in f"{last.value}{rest}"
            help = "ettez tout le texte entre guillemets simples."
            if apostrophe:
                help = "ettez tout le texte entre guillemets doubles ; à l'intérieur, écrivez `\\\"` ou « … »."
        help = f"Séparez les éléments par `, `, ou m{help}" if self._inside_brackets() else f"M{help}"
        return self.at(self.mark.line, self.mark.column, message, help, len(rest.split()[0]) if rest.split() else 1)

    # --- brackets ---------------------------------------------------------------------------------------------------

    def unclosed_bracket(self) -> Diagnostic | None:
        """`[a, b` or `{a: b` unclosed, or closed by the wrong bracket."""
        stack: list[Any] = []
        for token in self.tokens:
            if isinstance(token, FlowSequenceStartToken | FlowMappingStartToken):
                stack.append(token)
            elif isinstance(token, FlowSequenceEndToken | FlowMappingEndToken) and stack:
                stack.pop()
        found = self.text[self.mark.index : self.mark.index + 1]
        if "could not find expected ':'" in self.problem and self.text[self.context.index] in _OPENERS:
            return self._open_bracket(self.context)
        if not stack:
            if found in ("]", "}"):
                help = "Supprimez-le."
                listed = re.match(
                    r" *(?:- +)*([^\s#\[\]{},\"':]+): *(\{.*\})$", self.line(self.mark.line)[: self.mark.column]
                )
                if found == "]" and listed is not None:
                    help = f"Supprimez-le, ou ouvrez la liste devant `{{` : `{listed[1]}: [{{…}}]`."
                return self.at(self.mark.line, self.mark.column, f"ce `{found}` est de trop", help)
            return None
        opened = stack[-1].start_mark
        opener = self.text[opened.index]
        closer = _OPENERS[opener]
        if found in ("]", "}") and found != closer:
            message = f"`{opener}` (ligne {opened.line + 1}) se ferme par `{closer}`, non par `{found}`"
            return self.at(self.mark.line, self.mark.column, message, f"Écrivez `{closer}`.")
        line = self.line(self.mark.line)
        starts_line = self.mark.line > opened.line and _KEY.match(line.lstrip(" ")) is not None
        if not found or starts_line or "end of stream" in self.problem:
            return self._open_bracket(opened)
        return None

    def _open_bracket(self, opened: Any) -> Diagnostic:
        opener = self.text[opened.index]
        length = len(self.line(opened.line)) - opened.column
        help = f"Ajoutez `{_OPENERS[opener]}` à la fin ; un texte qui commence par `{opener}` se met entre guillemets."
        return self.at(opened.line, opened.column, f"`{opener}` n'est pas fermé", help, length)

    def bracket_text(self) -> Diagnostic | None:
        """`{champ} est tardif`: a text that starts with a bracket."""
        last = self.tokens[-1] if self.tokens else None
        if not isinstance(last, FlowSequenceEndToken | FlowMappingEndToken) or last.end_mark.line != self.mark.line:
            return None
        if self.text[self.mark.index : self.mark.index + 1] in ("", "\n", "\r"):
            return None
        depth = 0
        for token in reversed(self.tokens):
            depth += isinstance(token, FlowSequenceEndToken | FlowMappingEndToken)
            depth -= isinstance(token, FlowSequenceStartToken | FlowMappingStartToken)
            if depth == 0:
                opened = token.start_mark
                break
        if self._inside_brackets():
            return None
        opener = self.text[opened.index]
        message = f"un texte ne peut pas commencer par `{opener}`"
        length = len(self.line(opened.line)) - opened.column
        return self.at(opened.line, opened.column, message, "Mettez tout le texte entre guillemets.", length)

    def missing_comma(self) -> Diagnostic | None:
        """Two items of a list on one line without a comma."""
        if not self._inside_brackets():
            return None
        if self.text[self.mark.index : self.mark.index + 1] == ":":
            line = self.line(self.mark.line)
            glued = re.search(r"(?<![\s,{\[:])( +)([a-z_][\w.]*)$", line[: self.mark.column])
            if glued is not None:
                help = f"Écrivez `, {glued[2]}: …` ; un texte qui contient `:` se met entre guillemets."
                return self.at(self.mark.line, glued.start(), f"il manque une virgule devant `{glued[2]}`", help)
            whole = re.match(r"([^,{}\[\]:\"]*): ?([\w.-]+)", line[line.rfind(": ", 0, self.mark.column) + 2 :])
            help = "Mettez entre guillemets le texte qui le contient, ou séparez les éléments par `, `."
            if whole is not None:
                text = f'"{whole[0].strip()}"'
                help = f"Si c'est un seul texte, mettez-le entre guillemets : `{text}`. Sinon, séparez par `, `."
            return self.at(self.mark.line, self.mark.column, "ce `:` n'est pas attendu ici", help)
        message = "il manque une virgule devant cet élément, ou un guillemet ou un crochet plus haut"
        return self.at(self.mark.line, self.mark.column, message, "Séparez les éléments par `, `.")

    def _inside_brackets(self) -> bool:
        opens = sum(isinstance(t, FlowSequenceStartToken | FlowMappingStartToken) for t in self.tokens)
        return opens > sum(isinstance(t, FlowSequenceEndToken | FlowMappingEndToken) for t in self.tokens)

    # --- words ------------------------------------------------------------------------------------------------------

    def wrong_dash(self) -> Diagnostic | None:
        """`* id: X`, `– id: X`, `-id: X`, and `-` before a hard space; the parser may stop a line below."""
        if self._inside_brackets():
            return None
        for number in (self.mark.line, self._previous(self.mark.line)):
            words = self.line(number).lstrip(" ") if number is not None else ""
            if number is None or not _KEY.match(words[1:].lstrip(f" {_HARD_SPACE}")):
                continue
            help = f"Écrivez `- {words[1:].strip()}`."
            if _WRONG_DASH.match(words):
                message = f"`{words[0]}` n'ouvre pas un élément de liste"
                return self.at(number, self._column(number), message, help)
            if re.match(r"-[^ -]", words):
                hard = words[1] in _HARD_SPACE
                message = f"il {'faut' if hard else 'manque'} une espace {'ordinaire ' if hard else ''}après le tiret"
                return self.at(number, self._column(number), message, help)
        return None

    def forbidden_start(self) -> Diagnostic | None:
        """A text that starts with a character reserved by YAML."""
        for mark in (self.context, self.mark):
            char = self.text[mark.index : mark.index + 1]
            if char and char in "@`%&*!|>?" and not self._inside_word(mark):
                written = f"par `{char}`" if char != "`" else "par une apostrophe inverse"
                message = f"un texte ne peut pas commencer {written}"
                length = len(self.line(mark.line)) - mark.column
                return self.at(mark.line, mark.column, message, "Mettez tout le texte entre guillemets.", length)
        return None

    def _inside_word(self, mark: Any) -> bool:
        before = self.line(mark.line)[: mark.column]
        return bool(before) and before[-1] not in " [{,:-"

    def colon_in_text(self) -> Diagnostic | None:
        """`titre: Cas 1 : un titre`."""
        if "mapping values" not in self.problem:
            return None
        line = self.line(self.mark.line)
        before = line[: self.mark.column]
        key = _KEY.match(before.lstrip(" "))
        if key is None:
            return None
        start = len(before) - len(before.lstrip(" ")) + key.end()
        start += len(line[start:]) - len(line[start:].lstrip(" "))
        message = "un texte qui contient `:` suivi d'une espace se met entre guillemets"
        text = line[start:].split(" #")[0].rstrip()
        if text[:1] in "«“" and text[-1:] in "»”" and not set('"\\«»“”') & set(text[1:-1]):
            inside = text[1:-1].strip(" \u00a0\u202f")
            message = f"`{text[0]}` et `{text[-1]}` ne sont pas les guillemets d'un fichier de règles"
            return self.at(self.mark.line, start, message, f'Écrivez `"{inside}"`.', len(text))
        if text.endswith('"') and text.count('"') == 1:
            return self.at(self.mark.line, start, "il manque le guillemet ouvrant", f'Écrivez `"{text}`.', len(text))
        if '"' in text and "'" not in text:
            return self.at(self.mark.line, self.mark.column, message, f"Écrivez `'{text}'`.")
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        return self.at(self.mark.line, self.mark.column, message, f'Écrivez `"{quoted}"`.')

    def missing_colon(self) -> Diagnostic | None:
        """`titre Un titre`, `titre:Un titre`."""
        if "mapping values" in self.problem:
            return self._first_key()
        if "could not find expected ':'" not in self.problem:
            return None
        number = self.context.line
        line = self.line(number)
        words = line.lstrip(" ")
        indent = len(line) - len(words)
        glued = _GLUED.match(words)
        if glued is not None:
            column = indent + glued.end()
            help = f"Écrivez `{glued[0]} {words[glued.end() :].strip()}`."
            return self.at(number, column - 1, "il manque une espace après `:`", help)
        hard = re.match(rf"(?:- +)*[^\s:]+:(?=[{_HARD_SPACE}])", words)
        if hard is not None:
            message = "l'espace qui suit `:` est insécable"
            help = f"Remplacez-la par une espace ordinaire : `{hard[0]} {words[hard.end() :].strip()}`."
            return self.at(number, indent + hard.end(), message, help)
        dash = re.match(r"(?:- +)*", words)
        word = re.match(r"[^\s:]+", words[dash.end() :] if dash else words)
        if word is None:
            return None
        if re.fullmatch(r"<{7}|={7}|>{7}|\|{7}", word[0]):
            message = "une marque de fusion de git est restée dans le fichier"
            help = "Gardez une des deux versions, et supprimez les lignes `<<<<<<<`, `=======` et `>>>>>>>`."
            return self.at(number, 0, message, help, len(line))
        start = indent + (dash.end() if dash else 0)
        sign = re.match(r"([a-z_]+) ?[=;,]+ *(?=\S)", words[dash.end() :] if dash else words)
        if sign is not None:
            rest = words[(dash.end() if dash else 0) + sign.end() :].strip()
            help = f"Écrivez `{sign[1]}: {rest}`."
            return self.at(number, start, f"il manque `:` après `{sign[1]}`", help, len(sign[1]))
        shown = word[0] if len(word[0]) <= 40 else f"{word[0][:40]}…"
        message = f"il manque `:` après `{shown}`"
        help = f"Écrivez `{shown}: …`, ou décalez la ligne si elle continue le texte du dessus."
        return self.at(number, start, message, help, len(word[0]))

    def _first_key(self) -> Diagnostic | None:
        """The first key of a block without its colon, or without the space after it, so read as a text."""
        above = self._previous(self.mark.line)
        if above is None or not re.match(r" *[a-z_]+ *:(?: |$)", self.line(self.mark.line)):
            return None
        found = re.fullmatch(r"( *(?:- +)*)([a-z_]+)( ?:| )(\S.*)", self.line(above).rstrip())
        if found is None or len(found[1]) != self._column(self.mark.line):
            return None
        opening = self._previous(above)
        if "-" not in found[1] and (opening is None or not self.line(opening).rstrip().endswith(":")):
            return None
        help = f"Écrivez `{found[2]}: {found[4].strip()}`"
        if ":" in found[3]:
            column = len(found[1]) + len(found[2]) + len(found[3]) - 1
            return self.at(above, column, "il manque une espace après `:`", f"{help}.")
        help += " ; si c'est le début d'un texte sur plusieurs lignes, mettez-le entre guillemets."
        return self.at(above, len(found[1]), f"il manque `:` après `{found[2]}`", help, len(found[2]))

    def stray_line(self) -> Diagnostic | None:
        """A line outside any structure: a comment without its `#`, a key without its `:`."""
        if self._inside_brackets():
            return None
        number = self.mark.line
        if "mapping values" in self.problem or "document start" in self.problem:
            above = self._previous(number)
            own = self._column(number)
            if above is None or self._column(above) != own or (own and own not in self._columns(above, dashes=False)):
                return None
            number = above
        words = self.line(number).strip()
        if not words or words.startswith("- ") or _KEY.match(words):
            return None
        message = "cette ligne n'est ni une clé, ni un élément de liste, ni un commentaire"
        help = "Écrivez `cle: …`, `- …` ou `# …` ; décalez-la vers la droite si elle continue le texte du dessus."
        return self.at(number, self._column(number), message, help, len(words))

    # --- indentation ------------------------------------------------------------------------------------------------

    def misplaced_dash(self) -> Diagnostic | None:
        """`cle: - element` on one line."""
        line = self.line(self.mark.line)
        if line[self.mark.column : self.mark.column + 1] != "-" or not line[: self.mark.column].strip():
            return None
        message = "un élément de liste ne commence pas sur la ligne de sa clé"
        help = "Allez à la ligne avant le tiret et indentez-le, ou écrivez `[a, b]`."
        return self.at(self.mark.line, self.mark.column, message, help)

    def misaligned(self) -> Diagnostic | None:
        """A line indented to a column where no block starts."""
        number = self.mark.line
        words = self.line(number).lstrip(" ")
        if not words.startswith("- ") and (words.startswith("-") or not _KEY.match(words)):
            return None
        if self._inside_brackets():
            return None
        for line in (number, self._previous(number)):
            if line is not None and self.line(line).lstrip(" ").startswith("- - "):
                help = f"Écrivez `{self.line(line).strip()[2:].lstrip()}`."
                return self.at(line, self._column(line), "un tiret est de trop sur cette ligne", help, 3)
        extra = self._extra_dash(number)
        if extra is not None:
            key = self.line(extra).strip().lstrip("- ")
            message = f"le tiret devant `{key.split(':')[0]}` est de trop"
            return self.at(extra, self._column(extra), message, f"Écrivez `{key}`, sans tiret.")
        undashed = self._undashed(number)
        if undashed is not None:
            key = self.line(undashed).strip()
            opening = _KEY.match(words.lstrip("- "))
            if opening is not None and not key.startswith(f"{opening['key']}:"):
                message = f"il manque la première ligne de cet élément, `- {opening['key']}: …`"
                help = f"Ajoutez-la au-dessus de `{key.split(':')[0]}`, le tiret sous celui de la ligne {number + 1}."
                return self.at(undashed, self._column(undashed), message, help)
            message = f"il manque un tiret devant `{key.split(':')[0]}`"
            help = f"Écrivez `- {key}`, le tiret sous celui de la ligne {number + 1}."
            return self.at(undashed, self._column(undashed), message, help)
        sibling = self._columns(number, dashes=True).get(self._column(number))
        opening = _KEY.match(words)
        if sibling is not None and opening and re.match(rf" *- +{re.escape(opening['key'])} *:", self.line(sibling)):
            message = f"il manque un tiret devant `{opening['key']}`"
            help = f"Écrivez `- {words.strip()}`, comme ligne {sibling + 1}."
            return self.at(number, self._column(number), message, help)
        above = self._previous(number)
        if above is not None and self._opens_undashed(above, number):
            key = self.line(above).strip()
            message = f"il manque un tiret devant `{key.split(':')[0]}`"
            return self.at(above, self._column(above), message, f"Écrivez `- {key}`.")
        if above is not None:
            # the line above may be the misplaced one: then this one matches a block higher up
            own, before = self._column(number), self._columns(above, dashes=False)
            opener = self._previous(above)
            if (
                own > self._column(above)
                and opener is not None
                and self._column(opener) == self._column(above)
                and re.fullmatch(r" *[a-z_]+:", self.line(opener).rstrip())
                and not self.line(above).rstrip().endswith(":")
            ):
                # the first key of a block, at the column of the key that opens it
                return self._shifted(above, {own: number})
            left = self._moved_left(above, number)
            if left is not None:
                return self._shifted(above, {own: left})
            after = self._next(number)
            follows = after is not None and self._column(after) == own
            if own > self._column(above) and own in before and (follows or self._column(above) not in before):
                return self._shifted(above, {own: before[own]})
        columns = self._columns(number, dashes=words.startswith("-"))
        if not columns:
            return self._unwanted(number)
        own = self._column(number)
        distance = min(abs(column - own) for column in columns)
        return self._shifted(number, {c: line for c, line in columns.items() if abs(c - own) == distance})

    def _moved_left(self, above: int, number: int) -> int | None:
        """For a line after a key one block too far to the left: the line before both, in the block of the line."""
        before = self._previous(above)
        if before is None or self.line(above).rstrip().endswith(":") or self._column(before) != self._column(number):
            return None
        both = (self.line(line).lstrip(" ") for line in (before, number))
        if not all(_KEY.match(words) and not words.startswith("-") for words in both):
            return None
        return before if not self._usual(above) and self._usual(number) else None

    def _usual(self, number: int) -> bool:
        """Whether another line of the file has the same key at the same column."""
        found = re.match(r" *(?:- +)*[^\s:#]+:", self.line(number))
        return found is not None and any(
            line.startswith(found[0]) for at, line in enumerate(self.lines) if at != number
        )

    def _extra_dash(self, number: int) -> int | None:
        """The line of a key that a dash makes an item, when everywhere else in the file the same key has none."""
        above = self._previous(number)
        for line in (number, above):
            found = re.match(r"( *)- +([a-z_]+) *:", self.line(line)) if line is not None else None
            if line is None or found is None or len(found[1]) != self._column(number):
                continue
            others = [re.match(rf" *(- +)?{found[2]} *:", one) for at, one in enumerate(self.lines) if at != line]
            dashes = [bool(one[1]) for one in others if one is not None]
            if dashes and not any(dashes):
                return line
        return None

    def _opens_undashed(self, above: int, number: int) -> bool:
        """Whether a line is the first key of an item that lost its dash: the keys after it are two columns further."""
        opener, after = self._previous(above), self._next(number)
        key = _KEY.match(self.line(above).lstrip(" "))
        return (
            key is not None
            and not key["dashes"]
            and not self.line(above).rstrip().endswith(":")
            and opener is not None
            and self.line(opener).rstrip().endswith(":")
            and self._column(opener) < self._column(above)
            and self._column(number) == self._column(above) + 2
            and after is not None
            and self._column(after) == self._column(number)
        )

    def _undashed(self, number: int) -> int | None:
        """For a dash continuing a list that never started: the line of its first item, a key without a dash."""
        if not self.line(number).lstrip(" ").startswith("- "):
            return None
        column, first, above = self._column(number), None, self._previous(number)
        while above is not None and self._column(above) > column:
            first, above = above, self._previous(above)
        if first is None or above is None or not self.line(above).rstrip().endswith(":"):
            return None
        words = self.line(first).lstrip(" ")
        return first if _KEY.match(words) and not words.startswith("-") else None

    def _unwanted(self, number: int) -> Diagnostic:
        """A dash where no list is allowed, or a key where no key is allowed."""
        words = self.line(number).lstrip(" ")
        if words.startswith("-"):
            help = "Une liste se place sous une clé sans valeur : `cle:`, puis un tiret par ligne."
            return self.at(number, self._column(number), "aucun élément de liste n'est attendu ici", help)
        help = "Les lignes au-dessus forment une liste : écrivez `- cle: …`, ou décalez-les sous une clé."
        return self.at(number, self._column(number), "aucune clé n'est attendue ici", help, len(words.split(":")[0]))

    def _shifted(self, number: int, targets: dict[int, int]) -> Diagnostic:
        line = self.line(number)
        words = line.lstrip(" ")
        match = _KEY.match(words)
        word = "ce tiret" if words.startswith("-") else f"`{match['key']}`" if match else "cette ligne"
        places = []
        for column, above in sorted(targets.items(), reverse=True):
            key = _KEY.match(self.line(above)[column:])
            name = f"`{key['key']}`" if key and not key["dashes"] else "le tiret"
            spaces = f"{column} espaces devant" if column else "sans espace devant"
            places.append(f"{name} de la ligne {above + 1} ({spaces})")
        indent = len(line) - len(words)
        length = len(match["key"]) if match and not match["dashes"] else 1
        message = f"{word} n'est pas à sa place : l'indentation ne correspond à rien"
        help = f"Alignez {word} sur {' ou sur '.join(places)}."
        before, after = self._previous(number), self._next(number)
        if (
            before is not None
            and after is not None
            and self._column(after) == indent
            and all(column < indent for column in targets)
        ):
            help += " S'il manque au-dessus la ligne qui ouvre ce bloc, `cle:`, ajoutez-la."
        elif "mapping values" in self.problem:
            help += " Si la ligne continue le texte du dessus, mettez tout ce texte entre guillemets."
        return self.at(number, indent, message, help, length)

    def _column(self, number: int) -> int:
        line = self.line(number)
        return len(line) - len(line.lstrip(" "))

    def _previous(self, number: int) -> int | None:
        return next((n for n in range(number - 1, -1, -1) if self._counts(n)), None)

    def _next(self, number: int) -> int | None:
        return next((n for n in range(number + 1, len(self.lines)) if self._counts(n)), None)

    def _counts(self, number: int) -> bool:
        return bool(self.line(number).strip()) and not self.line(number).lstrip(" ").startswith("#")

    def _columns(self, number: int, *, dashes: bool) -> dict[int, int]:
        """The columns where keys (or dashes) of the enclosing blocks start, and the last line of each."""
        found: dict[int, int] = {}
        limit = 10_000
        for above in range(number - 1, -1, -1):
            if not self._counts(above):
                continue
            line = self.line(above)
            indent = self._column(above)
            match = re.match(r"(?:- +)+", line[indent:])
            key_column = indent + (match.end() if match else 0)
            if match and indent < limit and dashes:
                found.setdefault(indent, above)
            if key_column < limit and not dashes and _KEY.match(line[key_column:]):
                found.setdefault(key_column, above)
            limit = min(limit, indent)
            if limit <= 0:
                break
        return found

    def unknown(self) -> Diagnostic:
        """The diagnostic for any other mistake."""
        help = "Vérifiez sur cette ligne et celle du dessus l'indentation, les guillemets, `[ ]` et `{ }`."
        line, column = self.mark.line, self.mark.column
        if not self.line(line).strip() and line > 0:
            line = self._previous(line) or 0
            column = len(self.line(line).rstrip())
        return self.at(line, column, "la structure du fichier n'est pas comprise ici", help)
