"""The schemas that ship with the software, and their validators."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import jsonschema_rs
import pytest

import recevable

ROOT = Path(recevable.__file__).parents[2]
NAMES = (
    "regles", "parametres", "programme", "exigences", "pieges", "proprietes", "retraits", "demandeurs", "import",
    "tolerances",
    "courriers", "courriers-communs",
    "mutants", "scenarios", "decision", "rapport", "controle", "couverture", "mutation", "impact",
)  # fmt: skip

Faults = Callable[[str, Any], list[str]]


class Schemas(Protocol):
    """A schema by its short name."""

    def __call__(self, name: str) -> dict[str, Any]:
        """Its text, as data."""


@cache
def _schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_bytes())
    return found


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    registry = jsonschema_rs.Registry([(_schema(other)["$id"], _schema(other)) for other in NAMES])
    return jsonschema_rs.Draft202012Validator(_schema(name), registry=registry)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`schema_name`: each of the schemas."""
    if "schema_name" in metafunc.fixturenames:
        metafunc.parametrize("schema_name", NAMES)


@pytest.fixture(scope="session")
def schema() -> Schemas:
    return _schema


@pytest.fixture(scope="session")
def faults() -> Faults:
    """What a schema says of data: each fault with the path of what it is about."""

    def find(name: str, data: Any) -> list[str]:
        return [f"/{'/'.join(map(str, e.instance_path))}: {e.message}" for e in _validator(name).iter_errors(data)]

    return find
