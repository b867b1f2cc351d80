"""Loading a dossier: read strictly, held to its schema, known by the digest of its bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from recevable.dossier.dossier import load
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import Diagnostic, DiagnosticError


@pytest.fixture
def content(dossiers: list[Path]) -> bytes:
    """A good dossier."""
    return next(path for path in dossiers if path.stem == "solde-cas-b").read_bytes()


def refused(content: bytes, validator: SchemaValidator, first_line: int = 1) -> tuple[Diagnostic, ...]:
    with pytest.raises(DiagnosticError) as caught:
        load(content, "essai.json", validator, first_line)
    return caught.value.diagnostics


def changed(content: bytes, change: dict[str, Any]) -> bytes:
    return json.dumps({**json.loads(content), **change}, indent=2).encode()


def test_the_digest_is_that_of_the_bytes(content: bytes, shipped: SchemaValidator) -> None:
    dossier = load(content, "essai.json", shipped)
    assert dossier.sha256 == hashlib.sha256(content).hexdigest()
    assert dossier.data == json.loads(content)
    assert dossier.sha256 != load(content + b"\n", "essai.json", shipped).sha256


def test_a_dossier_is_the_same_whatever_its_file_is_called(content: bytes, shipped: SchemaValidator) -> None:
    assert load(content, "essai.json", shipped) == load(content, "essai.ndjson", shipped, 3)


def test_what_does_not_fit_the_schema_is_refused_with_its_place(content: bytes, shipped: SchemaValidator) -> None:
    (diagnostic,) = refused(changed(content, {"programme": "autre"}), shipped)
    assert str(diagnostic.span) == "essai.json:2:16"
    assert diagnostic.message == "/programme : `autre` n'est pas une valeur permise"


def test_a_line_of_a_larger_file_is_numbered_in_that_file(content: bytes, shipped: SchemaValidator) -> None:
    (diagnostic,) = refused(changed(content, {"programme": "autre"}), shipped, first_line=100)
    assert str(diagnostic.span) == "essai.json:101:16"


def test_a_number_beyond_64_bits_is_told_by_its_digits(content: bytes, shipped: SchemaValidator) -> None:
    dossier = json.loads(content)
    dossier["ans"]["annuaire"]["applicatives"] = 1 << 64
    (diagnostic,) = refused(json.dumps(dossier).encode(), shipped)
    assert diagnostic.message == "nombre démesuré : `18446744073709551616` (/ans/annuaire/applicatives)"


@pytest.mark.parametrize("depth", [65, 500, 990])
def test_no_deep_value_becomes_a_dossier(content: bytes, shipped: SchemaValidator, depth: int) -> None:
    deep = f'"paiements": {"[" * depth}{"]" * depth}, "programme"'.encode()
    assert refused(content.replace(b'"programme"', deep, 1), shipped)
