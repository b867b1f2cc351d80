"""The registers that a manifest may name: each keeps the contract, and the schema for editors knows them all."""

from __future__ import annotations

import inspect

import pytest

from recevable import data
from recevable.language.types import Kind
from recevable.registers.contract import REGISTERS, Comparison, Register


@pytest.mark.parametrize("register", REGISTERS.values(), ids=REGISTERS)
def test_a_register_keeps_the_contract(register: Register) -> None:
    assert data.read_schema(register.proof_schema)["type"] == "object"
    assert {Kind(kind) for kind in register.settings.values()} <= {Kind.NUMBER, Kind.INTEGER, Kind.DATE}
    offered = inspect.signature(register.comparison().discrepancies).parameters
    wanted = [name for name in inspect.signature(Comparison.discrepancies).parameters if name != "self"]
    assert list(offered) == wanted


def test_the_schema_of_manifests_knows_every_register_and_its_settings() -> None:
    proof = data.read_schema("programme.schema.json")["properties"]["preuve"]["properties"]
    assert proof["registre"]["enum"] == list(REGISTERS)
    settings = {setting for register in REGISTERS.values() for setting in register.settings}
    assert set(proof["reglages"]["properties"]) == settings
