"""Which kind a rule is matters in `pack/kinds` alone: everybody else, the web application too, asks what it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import recevable
from recevable.language.types import Kind as TypeKind
from recevable.pack.kinds import KINDS

ENGINE = Path(recevable.__file__).parent
WEB = Path(__file__).parents[2] / "web" / "recevable_web"
OWN = ENGINE / "pack" / "kinds"
# What every kind shares; the other modules are one kind each.
SHARED = ("recevable.pack.kinds", "recevable.pack.kinds.base")
PUBLIC = ("KINDS", "base", "documents", "kind_of", "written")
# What a rule is called in the code.
RULES = ("rule", "other", "written", "subject", "r")


def questions(source: str) -> Iterator[str]:
    """Every place of a module that asks which kind a rule is, or that knows one kind."""
    for node in ast.walk(ast.parse(source)):
        if _asks(node) and not _is_about_a_field(node):
            yield f"{getattr(node, 'lineno', 0)}: {ast.unparse(node)}"


def _asks(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        sides = (node.left, *node.comparators)
        return any(map(_is_a_kind, sides)) or (any(map(_is_some_kind, sides)) and any(map(_is_a_word, sides)))
    if isinstance(node, ast.Match):
        return _is_a_kind(node.subject)
    if isinstance(node, ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        own = ast.unparse(node.value) == "KINDS"
        return any(_is_a_word(part) if own else _is_a_kind(part) for part in parts)
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "type"):
        return any(_is_a_kind(part) or _is_a_body(part) for part in ast.walk(node))
    return isinstance(node, ast.ImportFrom) and _is_of_one_kind(node)


def _is_a_kind(node: ast.AST) -> bool:
    """`rule.kind` or `kind_of(rule)`, itself or its `key`."""
    if isinstance(node, ast.Attribute):
        holder = ast.unparse(node.value).rpartition(".")[2]
        return (node.attr == "kind" and holder in RULES) or (node.attr == "key" and _is_a_kind(node.value))
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "kind_of"


def _is_some_kind(node: ast.AST) -> bool:
    """`item.kind`, or `kind`: of a rule, or of something else."""
    return (isinstance(node, ast.Attribute) and node.attr == "kind") or (
        isinstance(node, ast.Name) and node.id == "kind"
    )


def _is_a_word(node: ast.AST) -> bool:
    """The key of a kind, alone or among others."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(_is_a_word, node.elts))
    return isinstance(node, ast.Constant) and node.value in KINDS


def _is_about_a_field(node: ast.AST) -> bool:
    """`one.kind == "montant"`: a type of fields has the name of a kind of rules."""
    types = {str(kind) for kind in TypeKind}
    if not isinstance(node, ast.Compare) or any(map(_is_a_kind, (node.left, *node.comparators))):
        return False
    words = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
    return words <= types


def _is_a_body(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "body"


def _is_of_one_kind(node: ast.ImportFrom) -> bool:
    module = node.module or ""
    if module.startswith("recevable.pack.kinds."):
        return module not in SHARED
    return module == "recevable.pack.kinds" and any(name.name not in PUBLIC for name in node.names)


def _modules() -> set[str]:
    return {path.name for path in OWN.glob("*.py")} - {"__init__.py", "base.py"}


@pytest.mark.parametrize(
    "source",
    [
        'if rule.kind == "delai": pass',
        'kinds = [r for r in rules if r.kind in ("montant", "deduction")]',
        'shown = item.kind != "appreciation"',
        'missing = kind == "piece" and cause == "absente"',
        'paid = rule.kind == "montant"',
        "isinstance(rule.body, Amount)",
        "isinstance(kind_of(rule), object)",
        "same = kind_of(rule) is kind",
        'delay = KINDS["delai"]',
        "role = ROLES[rule.kind, key]",
        "match rule.kind:\n    case 'piece': pass",
        "from recevable.pack.kinds.amount import Amount",
        "from recevable.pack.kinds import amount",
        'listed = kind_of(rule).key == "piece"',
    ],
)
def test_a_question_about_the_kind_of_a_rule_is_seen(source: str) -> None:
    assert list(questions(source))


@pytest.mark.parametrize(
    "source",
    [
        "if type_.kind is Kind.AMOUNT: pass",
        'if field.kind == "montant": pass',
        "label = kind_of(rule).title",
        "from recevable.pack.kinds import KINDS, kind_of",
        "from recevable.pack.kinds.base import Place",
        "if rule.claim is not None: pass",
    ],
)
def test_a_question_about_what_a_rule_does_is_none(source: str) -> None:
    assert list(questions(source)) == []


def test_nobody_asks_which_kind_a_rule_is() -> None:
    modules = [path for root in (ENGINE, WEB) for path in sorted(root.rglob("*.py")) if OWN not in path.parents]
    assert len([path for path in modules if WEB in path.parents]) > 50
    asked = {path.as_posix(): found for path in modules if (found := list(questions(path.read_text("utf-8"))))}
    assert asked == {}


def test_every_module_of_the_folder_is_a_kind_of_the_list() -> None:
    assert {f"{type(kind).__module__.rpartition('.')[2]}.py" for kind in KINDS.values()} == _modules()
