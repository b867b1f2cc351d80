"""What the network cannot be given is refused when the pack is loaded, at its place; what is only large is accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import durable_rules_engine as rete
import pytest
from tests.bounds import lines_of

from recevable.inference import safety
from recevable.inference.branches import branches, deduction_branches
from recevable.inference.network import Network
from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.pack.compiled import CompiledPack
from recevable.programme import open_programme

PackMaker = Callable[[str], CompiledPack]


def _deduction(name: str, value: str) -> str:
    return f"  - {{id: D-{name.upper()}, titre: t, source: §1, deduction: {name}, vaut: {value}}}\n"


def _condition(rule: str, test: str, more: str = "") -> str:
    return (
        f"  - {{id: {rule}, titre: t, demandes: [essai], source: §1, {more}condition: {test},\n"
        f"     si_faux: {{consequence: rejeter, message: m}}}}\n"
    )


FIVE = "regles:\n" + "".join(_deduction(f"d{rank}", f"essai.x{rank}") for rank in range(5))
CROSSED = " et ".join(f"d{rank}" for rank in range(5))


def _refused(make_pack: PackMaker, rules: str) -> tuple[Diagnostic, ...]:
    compiled = make_pack(rules)
    compiled.verify()
    with pytest.raises(DiagnosticError) as caught:
        safety.verify(compiled)
    return caught.value.diagnostics


def test_a_rule_that_crosses_too_many_deductions_is_refused_at_its_place(make_pack: PackMaker) -> None:
    rules = FIVE + _condition("LOURDE", CROSSED)
    (fault,) = _refused(make_pack, rules)
    assert fault.code == "PAQ-RAMIFIE"
    assert "`LOURDE`" in fault.message
    assert "`deduction`" in fault.help
    assert fault.span is not None
    assert rules.splitlines()[fault.span.line - 1][fault.span.column - 1 :].startswith("LOURDE")


def test_a_deduction_that_crosses_too_many_others_is_refused_at_its_place(make_pack: PackMaker) -> None:
    rules = FIVE + _deduction("somme", CROSSED) + _condition("LEGERE", "somme")
    (fault,) = _refused(make_pack, rules)
    assert "`somme`" in fault.message
    assert fault.span is not None
    assert rules.splitlines()[fault.span.line - 1][fault.span.column - 1 :].startswith("D-SOMME")


def test_a_deduction_read_through_a_conditional_is_refused(make_pack: PackMaker) -> None:
    rules = FIVE + _deduction("enfouie", "si d0 alors essai.a sinon essai.b") + _condition("R", "enfouie")
    (fault,) = _refused(make_pack, rules)
    assert "`enfouie`" in fault.message
    assert "sans `si`" in fault.help


def test_a_rule_refused_for_several_requests_is_refused_once(make_pack: PackMaker) -> None:
    rules = FIVE + _condition("LOURDE", CROSSED).replace("[essai]", "[essai, recouvrement]")
    assert len(_refused(make_pack, rules)) == 1


def test_every_refusal_is_given_in_the_order_of_the_file(make_pack: PackMaker) -> None:
    rules = FIVE + _condition("PREMIERE", CROSSED) + _condition("SECONDE", CROSSED.replace(" et ", " ou "))
    assert [fault.message.split("`")[1] for fault in _refused(make_pack, rules)] == ["PREMIERE", "SECONDE"]


def test_naming_a_part_in_a_deduction_as_the_help_says_is_enough(make_pack: PackMaker) -> None:
    part = _deduction("partie", "d0 et d1 et d2")
    compiled = make_pack(FIVE + part + _condition("LEGERE", "partie et d3 et d4"))
    compiled.verify()
    safety.verify(compiled)


@pytest.mark.parametrize(
    "rules",
    [
        "".join(_condition(f"R-{rank}", f"essai.x{rank}", "quand: essai.a et essai.b, ") for rank in range(200)),
        "".join(_deduction(f"d{rank}", f"essai.x{rank}") for rank in range(200))
        + "".join(_condition(f"R-{rank}", f"d{rank}") for rank in range(200)),
        _condition("LARGE", " et ".join(f"essai.x{rank}" for rank in range(120))),
        _deduction("d", "essai.a")
        + _condition("LARGE", " ou ".join([*(f"essai.x{rank}" for rank in range(120)), "d"])),
        "  - {id: PIECE, titre: t, demandes: [essai], source: §1, piece: essai.a,\n"
        "     si_absente: {consequence: completer, message: m}, si_invalide: [\n"
        + "".join(f"       {{cause: c{n}, si: essai.x{n}, consequence: rejeter, message: m}},\n" for n in range(150))
        + "     ]}\n",
    ],
    ids=["200 rules", "200 deductions", "a wide condition", "a wide condition with a deduction", "150 causes"],
)
def test_a_pack_that_is_only_large_is_accepted_and_can_be_run(make_pack: PackMaker, rules: str) -> None:
    compiled = make_pack("regles:\n" + rules)
    compiled.verify()
    safety.verify(compiled)
    network = Network(compiled.context("essai"))
    network.deduce([True] * len(network.early))
    for group in network.groups:
        network.answer(group, [True] * len(group.indices))
    network.close()


def test_a_programme_with_such_a_rule_does_not_load(write_pack: Callable[[str], Path]) -> None:
    with pytest.raises(DiagnosticError, match="LOURDE"):
        open_programme(write_pack(FIVE + _condition("LOURDE", CROSSED)))


def test_verifying_calls_nothing_of_the_library(real_pack: CompiledPack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("create_ruleset", "assert_fact"):
        monkeypatch.setattr(rete, name, None)
    branches.cache_clear()
    safety.verify(real_pack)


def test_the_shipped_pack_is_verified_with_little_work(real_pack: CompiledPack) -> None:
    branches.cache_clear()
    deduction_branches.cache_clear()
    lines = sum(lines_of(lambda: safety.verify(real_pack)).values())
    # some 1 300 for a rule when this was written
    assert lines < 10_000 * len(real_pack.pack.rules)
