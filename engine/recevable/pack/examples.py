"""Read the examples written inside rules: typed facts, a day, a request and the expected answer.

`trials` runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date
from typing import Any, Final

from msgspec import Struct

from recevable.language.calendar import parse_date, parse_instant
from recevable.language.check import parse_decimal
from recevable.language.diagnostics import Diagnostic, Span
from recevable.language.tree import REQUEST
from recevable.language.types import Kind, lookup, walk
from recevable.language.unparse import literal, path_text
from recevable.pack.compiled import CompiledPack
from recevable.pack.facts import read_fact
from recevable.pack.hints import boolean, did_you_mean, number
from recevable.pack.model import APPRAISALS, Result, Rule
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.pack.nodes import to_data
from recevable.pack.parameters import read_duration
from recevable.pack.reader import Reader

# An example without a day is decided on the day the last version of the text enters into force.
DEFAULT_DAY: Final = date(2100, 1, 1)


# How the value of a name is read, and a model of it.
_READ: Final[dict[Kind, tuple[Callable[[str], Any], str]]] = {
    Kind.DATE: (parse_date, "2023-07-31"),
    Kind.INSTANT: (lambda text: parse_instant(text, UTC), "2023-07-31T12:00:00"),
    Kind.DURATION: (read_duration, "15 jours"),
}


class Example(Struct, frozen=True):
    """The `rank`th example of a rule: the dossier's data, the values given to names, and the expected answer.

    `expected` holds sorted result words, or one value; `place` is its position in the file.
    """

    rule: str
    rank: int
    span: Span
    place: Span
    request: str
    day: date
    data: dict[str, Any]
    given: dict[str, Any]
    expected: tuple[str, ...]


def read_examples(
    compiled: CompiledPack, diagnostics: list[Diagnostic], before: Mapping[str, Rule] | None = None
) -> Iterator[Example]:
    """Yield every example of a verified pack; faults in reading them are added to `diagnostics`.

    `before` are rules of an earlier pack, whose answers may be expected.
    """
    for rule in compiled.pack.rules.values():
        for rank, node in enumerate(rule.examples, start=1):
            if not isinstance(node, YamlMapping):
                help = "Écrivez `- {avec: {…}, resultat: …}`."
                diagnostics.append(Diagnostic("EXE-FORME", "un exemple contient des clés", node.span, help))
                continue
            reader = Reader(node, diagnostics, f"un exemple de `{rule.id}`")
            example = _ExampleReader(compiled, rule, reader, (before or {}).get(rule.id)).read(rank)
            if example is not None:
                yield example


class _ExampleReader:
    def __init__(self, compiled: CompiledPack, rule: Rule, reader: Reader, before: Rule | None) -> None:
        self.compiled, self.rule, self.reader, self.before = compiled, rule, reader, before
        self.data: dict[str, Any] = {}
        self.given: dict[str, Any] = {}

    def read(self, rank: int) -> Example | None:
        reader = self.reader
        before = len(reader.diagnostics)
        contexts = self.compiled.contexts_of(self.rule)
        request = reader.choice("demande", contexts, required=False) or contexts[0]
        day = reader.day("au", required=False) or DEFAULT_DAY
        self._facts(reader, request)
        key = "valeur" if reader.has("valeur") else "resultat"
        expected = self._value() if key == "valeur" else self._results()
        reader.finish()
        if len(reader.diagnostics) > before or not expected:
            return None
        place = reader.node.entries[key].span
        return Example(self.rule.id, rank, reader.node.span, place, request, day, self.data, self.given, expected)

    def _facts(self, reader: Reader, name: str) -> None:
        facts = reader.mapping("avec")
        request = self.compiled.pack.manifest.requests.get(name)
        for written, key in facts.node.keys.items() if facts else ():
            assert facts is not None
            node, manifest = facts.node.entries[written], self.compiled.pack.manifest
            head, dot, rest = written.partition(".")
            path = f"{request.root}{dot}{rest}" if head == REQUEST and request is not None else written
            if self.rule.element is not None and head == self.rule.element[1]:
                path = f"{self.rule.element[0]}{dot}{rest}"
            type_ = lookup(self.compiled.pack.facts, path)
            if path in self.compiled.names:
                self.given[path] = read_fact(node, self.compiled.names[path][1], path, reader, manifest)
            elif path.split(".")[0] == APPRAISALS:
                put(self.data, path.split("."), to_data(node))
            elif type_ is None:
                help = did_you_mean(written, [self._written(p) for p, _ in walk(self.compiled.pack.facts)])
                help = help or "Donnez le chemin d'un champ du dossier."
                reader.fault("EXE-CHAMP", f"champ inconnu : `{written}`", key.span, help)
            else:
                put(self.data, path.split("."), read_fact(node, type_, written, reader, manifest))

    def _written(self, path: str) -> str:
        """A path as the rule writes it."""
        return path_text(path.replace(*self.rule.element or ("", "")))

    def _results(self) -> tuple[str, ...]:
        nodes = self.reader.words("resultat")
        known = answers(self.rule)
        known += [one for one in answers(self.before) if one not in known] if self.before is not None else []
        for node in nodes:
            if node.text not in known:
                help = did_you_mean(node.text, known) or f"Résultats : {', '.join(f'`{r}`' for r in known)}."
                self.reader.fault("EXE-RESULTAT", f"résultat inconnu : `{node.text}`", node.span, help)
                return ()
        return tuple(sorted(node.text for node in nodes))

    def _value(self) -> tuple[str, ...]:
        """The expected value of a number or a deduction; `manquant` when unknown."""
        reader = self.reader
        node = reader.scalar("valeur")
        if node is None or node.text == Result.MISSING:
            return () if node is None else (node.text,)
        defined = self.rule.defined
        if defined is None:
            message, place = f"`{self.rule.id}` ne donne pas de valeur", reader.node.keys["valeur"].span
            reader.fault("EXE-VALEUR", message, place, "Écrivez `resultat: …`.")
            return ()
        if defined.truth:
            known, meant = node.text in ("true", "false"), f"`{boolean(node.text) or 'true` ou `false'}`"
        else:
            known, meant = _fits(node.text, defined.type.kind)
        if known and defined.type.kind is Kind.INSTANT:
            return (literal(parse_instant(node.text, self.compiled.pack.manifest.zone)),)
        if not known:
            message = f"`{node.text}` n'est pas une valeur de `{defined.name.text}`"
            reader.fault("EXE-VALEUR", message, node.span, f"Écrivez {meant}.")
            return ()
        return (node.text,)


def _fits(text: str, kind: Kind) -> tuple[bool, str]:
    """Whether a text is a value of a kind, and what to write instead."""
    if kind is Kind.TEXT:
        return True, ""
    if kind in _READ:
        read, model = _READ[kind]
        try:
            read(text)
        except ValueError:
            return False, f'`"{model}"`'
        return True, ""
    meant = f'`"{number(text)}"`' if number(text) else "un nombre entre guillemets, ou `manquant`"
    return _is_number(text), meant


def answers(rule: Rule) -> list[str]:
    """Every answer that an example may expect of a rule, as written there: `non_satisfait:absente`."""
    known = [str(result) for result in Result]
    if rule.claim is not None:
        # each of its steps has its own result
        return known + [f"{cause.result}:{cause.name}" for cause in rule.causes]
    known += [f"{Result.FAILED}:{cause.name}" for cause in rule.causes]
    known += [f"{Result.TO_APPRAISE}:{cause.name}" for cause in rule.causes]
    return known + [f"{Result.SATISFIED}:{cause.name}" for cause in rule.causes if cause.result is Result.SATISFIED]


def put(data: dict[str, Any], parts: list[str], value: Any) -> None:
    """Set the value at a path of nested objects, creating them as needed."""
    for part in parts[:-1]:
        data = data.setdefault(part, {})
    data[parts[-1]] = value


def _is_number(text: str) -> bool:
    try:
        parse_decimal(text)
    except ValueError:
        return False
    return True
