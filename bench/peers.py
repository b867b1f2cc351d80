"""The forty rules of `neutre/` in other engines, each in a process of its own:  peers.py NAME DOSSIERS OUT

The pack is the only place where they are written.  Everyone reads lines of JSON and writes, for each, the reference and
the rules that are not met: `{"reference":"N-1","regles":["R07"]}`.  An engine that is not installed (peers.txt) is left
out, and nothing of the project needs any.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
import yaml

HERE: Final = Path(__file__).resolve().parent
PACK: Final = HERE / "neutre"
DAY: Final = date(2024, 5, 31)
_CONDITION: Final = re.compile(r"demande\.(\w+) (>=|<=|>|<|=) (\S+)")


class Rule(NamedTuple):
    """A condition to meet: a field, an operator, a whole number, a truth value or a day."""

    id: str
    field: str
    operator: str
    value: int | bool | date


def rules() -> list[Rule]:
    """The rules of the pack."""
    found = []
    for rule in yaml.safe_load((PACK / "regles" / "regles.yaml").read_text("utf-8"))["regles"]:
        match = _CONDITION.fullmatch(rule["condition"])
        assert match is not None, rule
        field, operator, text = match.groups()
        number: int | date = date.fromisoformat(text) if "-" in text else int(text) if text.isdigit() else 0
        value = text == "vrai" if text in ("vrai", "faux") else number
        found.append(Rule(rule["id"], field, operator, value))
    return found


def _literal(value: object) -> str:
    """A value as JSON, Python apart, writes it; a day as its text, whose order is that of days."""
    return json.dumps(value.isoformat() if isinstance(value, date) else value)


def _answers(source: str, target: str, failed: Callable[[dict[str, Any]], list[str]]) -> None:
    """Read with orjson, write what `failed` says of each demand."""
    with Path(source).open("rb") as lines, Path(target).open("wb") as out:
        for line in lines:
            dossier = orjson.loads(line)
            answer = {"reference": dossier["reference"], "regles": failed(dossier["demande"])}
            out.write(orjson.dumps(answer) + b"\n")


def recevable(source: str, target: str) -> None:
    """This project: validate, decide with both engines, the same short answer."""
    from recevable import open_programme

    programme = open_programme(PACK)
    with Path(source).open("rb") as lines, Path(target).open("wb") as out:
        for line in lines:
            dossier = programme.read(line)
            (request,) = programme.decide(dossier, DAY).requests
            failed = [finding.rule for finding in request.findings if str(finding.result) == "non_satisfait"]
            out.write(orjson.dumps({"reference": dossier.data["reference"], "regles": failed}) + b"\n")


def _validator() -> Callable[[Any], bool]:
    import jsonschema_rs

    schema = orjson.loads((PACK / "dossier.schema.json").read_bytes())
    # an instant is a format of the project alone
    valid = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, ignore_unknown_formats=True).is_valid
    return lambda dossier: bool(valid(dossier))


def plancher(source: str, target: str) -> None:
    """The floor: parse, validate, write the reference."""
    valid = _validator()
    with Path(source).open("rb") as lines, Path(target).open("wb") as out:
        for line in lines:
            dossier = orjson.loads(line)
            assert valid(dossier)
            out.write(orjson.dumps({"reference": dossier["reference"]}) + b"\n")


def _generated() -> Callable[[dict[str, Any]], list[str]]:
    """One function with a line for each rule."""
    lines = ["def failed(d):", "    out = []"]
    for rule in rules():
        operator = "==" if rule.operator == "=" else rule.operator
        value = repr(rule.value.isoformat() if isinstance(rule.value, date) else rule.value)
        lines.append(f"    if not d[{rule.field!r}] {operator} {value}: out.append({rule.id!r})")
    names: dict[str, Any] = {}
    exec("\n".join([*lines, "    return out"]), names)
    found: Callable[[dict[str, Any]], list[str]] = names["failed"]
    return found


def python(source: str, target: str) -> None:
    """Generated Python, which trusts what it reads."""
    _answers(source, target, _generated())


def python_validation(source: str, target: str) -> None:
    """Generated Python after validation."""
    failed, valid = _generated(), _validator()
    with Path(source).open("rb") as lines, Path(target).open("wb") as out:
        for line in lines:
            dossier = orjson.loads(line)
            assert valid(dossier)
            out.write(orjson.dumps({"reference": dossier["reference"], "regles": failed(dossier["demande"])}) + b"\n")


def durable_rules(source: str, target: str) -> None:
    """durable_rules as its manual shows it: conditions on a message, one action for each."""
    lang: Any = import_module("durable.lang")
    found: list[str] = []

    def noting(name: str) -> Callable[[Any], None]:
        return lambda _: found.append(name)

    compare = {
        "=": lambda field, value: field == value,
        ">=": lambda field, value: field >= value,
        "<=": lambda field, value: field <= value,
        ">": lambda field, value: field > value,
        "<": lambda field, value: field < value,
    }
    opposite = {"=": "=", ">=": "<", "<=": ">", ">": "<=", "<": ">="}
    with lang.ruleset("neutre"):
        for rule in rules():
            value = rule.value.isoformat() if isinstance(rule.value, date) else rule.value
            value = not value if isinstance(value, bool) else value
            unmet = compare[opposite[rule.operator]](getattr(lang.m, rule.field), value)
            lang.when_all(unmet)(noting(rule.id))

        # what no rule matches is an error of the library
        lang.when_all(+lang.m.deposee_le)(lambda _: None)

    def failed(demande: dict[str, Any]) -> list[str]:
        found.clear()
        lang.assert_fact("neutre", demande)
        lang.retract_fact("neutre", demande)
        return sorted(found)

    _answers(source, target, failed)


def zen(source: str, target: str) -> None:
    """ZEN: one node of forty expressions."""
    library: Any = import_module("zen")

    def day(text: str) -> str:
        return f"date({text})"

    expressions = []
    for rule in rules():
        operator = "==" if rule.operator == "=" else rule.operator
        left, right = rule.field, _literal(rule.value)
        if isinstance(rule.value, date):
            left, right = day(left), day(right)
        expressions.append({"id": rule.id, "key": rule.id, "value": f"{left} {operator} {right}"})
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "r", "name": "r", "type": "expressionNode", "content": {"expressions": expressions}},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [{"id": f"e{a}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in (("in", "r"), ("r", "out"))]
    decision = library.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def failed(demande: dict[str, Any]) -> list[str]:
        result = decision.evaluate(demande)["result"]
        return sorted(name for name, met in result.items() if met is False)

    _answers(source, target, failed)


def rego(source: str, target: str) -> None:
    """Rego, by regopy: one set of the rules that are not met."""
    library: Any = import_module("regopy")
    lines = ["package neutre", "import rego.v1"]
    for rule in rules():
        operator = "==" if rule.operator == "=" else rule.operator
        met = f"input.{rule.field} {operator} {_literal(rule.value)}"
        lines.append(f'failed contains "{rule.id}" if not {met}')
    interpreter = library.Interpreter()
    interpreter.add_module("neutre", "\n".join(lines))

    def failed(demande: dict[str, Any]) -> list[str]:
        interpreter.set_input(demande)
        answer = json.loads(str(interpreter.query("x := data.neutre.failed")))
        answer = answer[0] if isinstance(answer, list) else answer
        answer = answer["result"][0] if "result" in answer else answer
        return sorted(answer["bindings"]["x"])

    _answers(source, target, failed)


def duckdb(source: str, target: str) -> None:
    """DuckDB: one query."""
    library: Any = import_module("duckdb")
    fields = {rule.field: rule.value for rule in rules()}
    types = {name: {bool: "BOOLEAN", int: "INTEGER"}.get(type(value), "DATE") for name, value in fields.items()}
    shape = ", ".join(f"{name} {type_}" for name, type_ in types.items())

    def value(rule: Rule) -> str:
        return f"DATE '{rule.value}'" if isinstance(rule.value, date) else _literal(rule.value)

    cases = ", ".join(f"CASE WHEN NOT (demande.{r.field} {r.operator} {value(r)}) THEN '{r.id}' END" for r in rules())
    connection = library.connect(config={"threads": 1})
    connection.execute(
        f"COPY (SELECT reference, [x FOR x IN [{cases}] IF x IS NOT NULL] AS regles FROM read_json('{source}', "
        f"format='newline_delimited', columns={{reference: 'VARCHAR', demande: 'STRUCT({shape})'}})) "
        f"TO '{target}' (FORMAT JSON)"
    )


def json_rules_engine(source: str, target: str) -> None:
    """json-rules-engine, in node; days are numbers."""
    words = {"=": "equal", ">=": "greaterThanInclusive", "<=": "lessThanInclusive", ">": "greaterThan", "<": "lessThan"}
    opposite = {"=": "notEqual", ">=": words["<"], "<=": words[">"], ">": words["<="], "<": words[">="]}
    given = [
        {
            "conditions": {
                "all": [
                    {
                        "fact": rule.field,
                        "operator": opposite[rule.operator],
                        "value": int(f"{rule.value:%Y%m%d}") if isinstance(rule.value, date) else rule.value,
                    }
                ]
            },
            "event": {"type": rule.id},
        }
        for rule in rules()
    ]
    program = """
const { Engine } = require('json-rules-engine'), fs = require('fs');
const [, source, target, rules] = process.argv, out = fs.openSync(target, 'w');
const engine = new Engine(JSON.parse(rules));
const day = /^\\d{4}-\\d\\d-\\d\\d$/;
(async () => {
  for await (const line of require('readline').createInterface({ input: fs.createReadStream(source) })) {
    const { reference, demande } = JSON.parse(line);
    for (const name in demande) if (day.test(demande[name])) demande[name] = Number(demande[name].replaceAll('-', ''));
    const { events } = await engine.run(demande);
    fs.writeSync(out, JSON.stringify({ reference, regles: events.map(e => e.type).sort() }) + '\\n');
  }
})();
"""
    subprocess.run(["node", "-e", program, source, target, json.dumps(given)], check=True)


PEERS: Final[dict[str, Callable[[str, str], None]]] = {
    "plancher": plancher,
    "recevable": recevable,
    "python": python,
    "python_validation": python_validation,
    "duckdb": duckdb,
    "durable_rules": durable_rules,
    "rego": rego,
    "zen": zen,
    "json_rules_engine": json_rules_engine,
}
_MODULES: Final = {"duckdb": "duckdb", "rego": "regopy", "zen": "zen"}


def installed() -> Iterator[str]:
    """The engines that are there."""
    for name in PEERS:
        if name == "json_rules_engine":
            there = (
                shutil.which("node") is not None
                and not subprocess.run(
                    ["node", "-e", "require('json-rules-engine')"], check=False, capture_output=True
                ).returncode
            )
        else:
            there = find_spec(_MODULES.get(name, "orjson")) is not None
        if there:
            yield name


if __name__ == "__main__":
    PEERS[sys.argv[1]](*sys.argv[2:])
