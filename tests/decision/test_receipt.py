"""The receipt: digests that anybody can compute again, of all that a decision was computed from."""

from __future__ import annotations

import hashlib
import json
import platform
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Final

from tests.decision.conftest import SCHEMA, Decide, condition

import recevable
from recevable.decision.receipt import (
    DECIDING,
    deciding_versions,
    digest_of,
    engine_digest,
    schema_digest,
)
from recevable.digests import sha256 as digest

RECEIVED: Final = {"recue_le": "2023-06-01T12:00:00+02:00"}


def test_a_digest_is_that_of_sha256sum() -> None:
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_digest_of_a_set_of_files_is_that_of_their_sorted_lines() -> None:
    lines = b"aa  a.yaml\nbb  b.yaml\n"
    assert digest_of({"b.yaml": "bb", "a.yaml": "aa"}) == hashlib.sha256(lines).hexdigest()
    assert digest_of({"a.yaml": "aa"}) != digest_of({"a.yaml": "ab"})
    assert digest_of({"a.yaml": "aa"}) != digest_of({"b.yaml": "aa"})


def test_the_digest_of_a_schema_does_not_depend_on_its_layout() -> None:
    turned = {key: SCHEMA[key] for key in reversed(SCHEMA)}
    assert schema_digest(turned) == schema_digest(SCHEMA)
    written = json.dumps({"a": "é"}, ensure_ascii=False, separators=(",", ":")).encode()
    assert schema_digest({"a": "é"}) == hashlib.sha256(written).hexdigest()
    odd = {"z": ['"\\', "\x00\x1f\x7f\u2028", "\U0001f600"], "é": 1, "\uffff": None, "\U00010000": -(2**63)}
    written = json.dumps(odd, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert schema_digest(odd) == hashlib.sha256(written).hexdigest()
    assert schema_digest({**SCHEMA, "title": "Autre"}) != schema_digest(SCHEMA)


def test_the_digest_of_the_engine_is_that_of_all_its_code() -> None:
    package = Path(recevable.__file__).parent
    lines = sorted(
        (path.relative_to(package).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in package.rglob("*.py")
    )
    assert any(name == "decision/receipt.py" for name, _ in lines)
    assert engine_digest() == digest("".join(f"{value}  {name}\n" for name, value in lines).encode())


def test_what_decides_beside_the_engine_is_named_with_its_version() -> None:
    versions = deciding_versions()
    assert versions["python"] == platform.python_version()
    assert versions["durable-rules"] == metadata.version("durable-rules")
    assert set(versions) == {"python", *map(str.lower, DECIDING)}


def test_a_receipt_names_what_the_decision_was_computed_from(decide: Decide, tmp_path: Path) -> None:
    receipt = decide([condition("aide.bal = 1")], {**RECEIVED, "bal": 1}).receipt
    assert receipt.engine == f"recevable {recevable.__version__}"
    assert (receipt.programme, receipt.decided_on) == ("essai", date(2023, 9, 1))
    assert receipt.schema_sha256 == schema_digest(SCHEMA)
    # the files are still those of the pack that has decided
    names = ("programme.yaml", "parametres.yaml", "exigences.yaml", "regles/essai.yaml")
    digests = {name: digest((tmp_path / name).read_bytes()) for name in names}
    assert receipt.pack_sha256 == digest_of(digests)


def test_each_part_of_a_receipt_changes_with_what_it_stands_for_alone(decide: Decide) -> None:
    first = decide([condition("aide.bal = 1")], {**RECEIVED, "bal": 1}).receipt
    same = decide([condition("aide.bal = 1")], {**RECEIVED, "bal": 1}).receipt
    assert first == same
    dossier = decide([condition("aide.bal = 1")], {**RECEIVED, "bal": 2}).receipt
    assert dossier.dossier_sha256 != first.dossier_sha256
    assert dossier.pack_sha256 == first.pack_sha256
    rules = decide([condition("aide.bal = 2")], {**RECEIVED, "bal": 1}).receipt
    assert rules.pack_sha256 != first.pack_sha256
    assert rules.dossier_sha256 == first.dossier_sha256
    day = decide([condition("aide.bal = 1")], {**RECEIVED, "bal": 1}, today="2023-09-02").receipt
    assert day.decided_on == date(2023, 9, 2)
    assert day.pack_sha256 == first.pack_sha256
