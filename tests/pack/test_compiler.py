"""From rules as written to contexts: names, types, exceptions, order, circles; nothing wrong passes."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from recevable import data
from recevable.language.diagnostics import DiagnosticError
from recevable.language.tree import PARAMETER
from recevable.language.unparse import unparse
from recevable.pack.compiled import CompiledPack
from recevable.pack.loader import load
from recevable.pack.nodes import File, Mapping, Scalar
from recevable.pack.template import compile_template
from recevable.pack.yaml_strict import parse

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder

    from recevable.language.tree import Expr

DEDUCTION = "\n  - {{id: {id}, titre: x, deduction: {name}, vaut: {vaut}, source: x}}\n"
AMOUNT = "\n  - {{id: {id}, titre: x, demandes: [aide], montant: {vaut}, nom: {name}, source: x{more}}}\n"


def add(pack: PackFolder, template: str, **parts: str) -> None:
    """Add a rule at the end of a second file."""
    path = pack.root / "regles" / "autres.yaml"
    before = path.read_text("utf-8") if path.exists() else "regles:\n"
    pack.write("regles/autres.yaml", before + template.format(more=parts.pop("more", ""), **parts))


# --- when parameters are read ---------------------------------------------------------------------------------------


def test_a_proof_reads_its_parameters_on_the_day_of_the_decision(pack: PackFolder) -> None:
    """A proof belongs to no request: there is no reception at which to read them."""
    pack.edit(
        "  croissance:\n    type: nombre\n    reference: decision\n",
        "  croissance:\n    type: nombre\n",
        "parametres.yaml",
    )
    with pytest.raises(DiagnosticError) as refused:
        CompiledPack(load(pack.root)).verify()
    assert [(d.code, d.subject) for d in refused.value.diagnostics] == [("PAQ-REFERENCE", "croissance")]


# --- contexts -------------------------------------------------------------------------------------------------------


def test_there_is_a_context_for_each_request_and_one_for_recovery(compiled: CompiledPack) -> None:
    assert compiled.context_names == ("aide", "recouvrement")


def test_a_context_holds_the_rules_of_its_request(compiled: CompiledPack) -> None:
    assert list(compiled.context("recouvrement").rules) == ["REC-CONTROLE"]


def test_a_context_defines_what_its_rules_need_and_no_more(compiled: CompiledPack) -> None:
    assert [d.name for d in compiled.context("recouvrement").definitions] == ["prime"]


def test_a_definition_comes_after_what_it_needs(pack: PackFolder) -> None:
    add(pack, DEDUCTION, id="A", name="a", vaut="b et est_particulier")
    add(pack, DEDUCTION, id="B", name="b", vaut="c")
    add(pack, DEDUCTION, id="C", name="c", vaut="demandeur.majeur")
    pack.edit("quand: est_particulier", "quand: a")
    names = [d.name for d in CompiledPack(load(pack.root)).context("aide").definitions]
    assert names.index("c") < names.index("b") < names.index("a")
    assert names.index("est_particulier") < names.index("a")


def test_the_request_being_decided_has_an_alias(compiled: CompiledPack) -> None:
    rule = compiled.pack.rules["AID-DELAI"]
    assert [unparse(e) for e in compiled.template("aide", rule, "depasse").exprs] == ["aide.recue_le", "cloture"]


def test_a_pack_that_is_right_is_verified_in_silence(compiled: CompiledPack) -> None:
    compiled.verify()


def test_a_context_whose_rules_are_wrong_is_not_given(pack: PackFolder) -> None:
    pack.edit("condition: demandeur.majeur = vrai", "condition: demandeur.majeure = vrai")
    with pytest.raises(DiagnosticError, match=r"demandeur\.majeure"):
        CompiledPack(load(pack.root)).context("aide")


# --- faults ---------------------------------------------------------------------------------------------------------


def test_a_fault_seen_from_two_requests_is_told_once(pack: PackFolder) -> None:
    fault = pack.slip(
        "demandes: [aide]\n    quand: est_particulier", "demandes: [aide, recouvrement]\n    quand: ▸est_particulie"
    )
    assert fault.code == "EXP-NOM"


def test_a_message_is_checked_like_an_expression(pack: PackFolder) -> None:
    fault = pack.slip("dépasse {prix_maximum}.", "dépasse {▸prix_maximal}.")
    assert fault.help == "Vouliez-vous dire `prix_maximum` ?"


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("dépasse ▸{prix_maximum.", "jamais fermé"),
        ("dépasse prix_maximum▸}.", "sans `{`"),
        ("dépasse {prix_maximum +▸}.", "trop tôt"),
        ("dépasse {▸}.", "vide"),
        ("dépasse {▸{prix_maximum}}.", "`{`"),
    ],
)
def test_a_placeholder_that_is_not_right_is_shown(pack: PackFolder, new: str, words: str) -> None:
    assert words in pack.slip("dépasse {prix_maximum}.", new).message


def test_a_definition_that_nothing_uses_is_checked_all_the_same(pack: PackFolder) -> None:
    add(pack, DEDUCTION, id="A", name="a", vaut="▸demandeur.mineur")
    assert pack.fault().code == "EXP-NOM"


def test_an_expression_over_several_lines_is_shown_at_its_line(pack: PackFolder) -> None:
    fault = pack.slip("      * part\n", "      * ▸pars\n")
    assert fault.help == "Vouliez-vous dire `part` ?"


def test_a_circle_of_deductions_is_told_once_from_its_first_rule(pack: PackFolder) -> None:
    add(pack, DEDUCTION, id="A", name="▸a", vaut="b")
    add(pack, DEDUCTION, id="B", name="b", vaut="c ou demandeur.majeur")
    add(pack, DEDUCTION, id="C", name="c", vaut="a")
    pack.edit("quand: est_particulier", "quand: c")
    fault = pack.fault()
    assert (fault.code, fault.message) == ("PAQ-CYCLE", "définition circulaire : a → b → c → a")


def test_a_number_computed_from_itself_is_a_circle(pack: PackFolder) -> None:
    add(pack, AMOUNT, id="A", name="▸total", vaut="total + 1.00")
    assert pack.fault().message == "définition circulaire : total → total"


def test_a_circle_through_the_condition_of_a_number_is_one_too(pack: PackFolder) -> None:
    add(pack, AMOUNT, id="A", name="▸total", vaut="1.00", more=", quand: total > 3.00")
    assert pack.fault().code == "PAQ-CYCLE"


def test_two_rules_may_give_one_number(pack: PackFolder) -> None:
    add(pack, AMOUNT, id="A", name="total", vaut="1.00", more=", quand: demandeur.majeur")
    add(pack, AMOUNT, id="B", name="total", vaut="2.00", more=", quand: non demandeur.majeur")
    assert pack.faults() == []


def test_two_rules_that_give_one_number_agree_on_its_type(pack: PackFolder) -> None:
    add(pack, AMOUNT, id="A", name="total", vaut="1", more=", type: entier")
    add(pack, AMOUNT, id="B", name="▸total", vaut="2")
    fault = pack.fault()
    assert (fault.code, "`entier` dans `A`, `montant` dans `B`" in fault.message) == ("PAQ-NOM", True)


def test_a_deduction_is_defined_once(pack: PackFolder) -> None:
    add(pack, DEDUCTION, id="A", name="▸est_particulier", vaut="vrai")
    fault = pack.fault()
    assert fault.code == "PAQ-NOM"


def test_a_number_is_of_its_declared_type(pack: PackFolder) -> None:
    add(pack, AMOUNT, id="A", name="total", vaut="▸part")
    fault = pack.fault()
    assert fault.message == "`montant` attendu ici, `taux` trouvé"


# --- exceptions -----------------------------------------------------------------------------------------------------


def test_an_exception_names_a_rule_of_the_pack(pack: PackFolder) -> None:
    assert pack.slip("exception_a: AID-DELAI", "exception_a: ▸AID-DELAY").code == "PAQ-REGLE"


def test_a_rule_is_not_its_own_exception(pack: PackFolder) -> None:
    assert pack.slip("exception_a: AID-DELAI", "exception_a: ▸AID-RETARD-EXCUSE").code == "PAQ-CYCLE"


def test_two_rules_are_not_exceptions_to_each_other(pack: PackFolder) -> None:
    pack.edit("    delai: {", "    exception_a: AID-RETARD-EXCUSE\n    delai: {")
    assert {d.code for d in pack.faults()} == {"PAQ-CYCLE"}


def test_an_exception_to_a_deduction_has_no_effect(pack: PackFolder) -> None:
    assert pack.slip("exception_a: AID-DELAI", "exception_a: ▸DED-PARTICULIER").code == "PAQ-EXCEPTION"


def test_an_exception_shares_a_request_with_its_rule(pack: PackFolder) -> None:
    assert pack.slip("exception_a: AID-DELAI", "exception_a: ▸REC-CONTROLE").code == "PAQ-EXCEPTION"


# --- templates ------------------------------------------------------------------------------------------------------


def cut(message: str) -> tuple[tuple[str, ...], list[tuple[str, int]]]:
    root = parse(File("essai.yaml", f"a: {message}\n"))[1]
    assert isinstance(root, Mapping)
    scalar = root.entries["a"]
    assert isinstance(scalar, Scalar)
    found: list[tuple[str, int]] = []

    def record(text: str, offset: int) -> Expr:
        found.append((text, offset))
        return None  # type: ignore[return-value]  # the cutting does not look at what it is given

    return compile_template(scalar, record).texts, found


@pytest.mark.parametrize(
    ("message", "texts", "placeholders"),
    [
        ("sans rien", ("sans rien",), []),
        ('"{a}"', ("", ""), [("a", 1)]),
        ('"De {a} à {b + 1}."', ("De ", " à ", "."), [("a", 4), ("b + 1", 10)]),
        ('"{a}{b}"', ("", "", ""), [("a", 1), ("b", 4)]),
    ],
)
def test_a_message_is_cut_at_its_placeholders(
    message: str, texts: tuple[str, ...], placeholders: list[tuple[str, int]]
) -> None:
    assert cut(message) == (texts, placeholders)


# --- what fields are called -------------------------------------------------------------------------------------------


def test_fields_of_one_title_are_told_apart_by_what_holds_them(shipped_titles: dict[str, str]) -> None:
    assert shipped_titles["avance.recue_le"] == "Données reçues le (Demande d'avance)"
    assert shipped_titles["solde.recue_le"] == "Données reçues le (Demande de solde)"
    assert shipped_titles["solde.decision.le"] == "Rendue le (Décision de l'ASP, Demande de solde)"
    assert shipped_titles["operateur.territoire"] == "Territoire"


def test_no_two_fields_are_called_the_same(shipped_titles: dict[str, str]) -> None:
    assert len(set(shipped_titles.values())) == len(shipped_titles) > 100


@pytest.fixture(scope="module")
def shipped_titles() -> dict[str, str]:
    return CompiledPack(load(data.shipped("rules") / "af-ope-mss")).field_titles


def test_a_pack_that_travels_leaves_its_sources_behind_in_its_contexts_too(compiled: CompiledPack) -> None:
    found = pickle.loads(pickle.dumps(compiled.without_sources()))
    rule = found.pack.rules["AID-PRIME"]
    assert (rule.node, rule.examples, found.pack.files) == (None, (), {})
    assert found.context("aide").rules["AID-PRIME"] is rule
    (prime,) = [d for d in found.context("aide").definitions if d.name == "prime"]
    assert prime.rules == (rule,)
    assert prime.rules[0] is rule
    assert found.pack.parameters["cloture"].node is None


def test_a_test_knows_where_each_of_its_expressions_is_written(compiled: CompiledPack) -> None:
    found = {
        (check.rule, check.cause): [[(one.path, one.text.text) for one in step.written] for step in check.steps]
        for check in compiled.context("aide").checks
    }
    assert found["AID-DELAI", "depasse"][-1] == [
        (("delai", "recu"), "aide.recue_le"), (("delai", "au_plus_tard"), "cloture"),
    ]  # fmt: skip
    defect = [path for (_, _), steps in found.items() for step in steps for path, _ in step if path[0] == "si_invalide"]
    assert (("si_invalide", 0, "si")) in defect


def test_the_slots_of_a_context_are_the_facts_then_the_parameters(compiled: CompiledPack) -> None:
    for name in compiled.context_names:
        context = compiled.context(name)
        first = len(compiled.facts_layout.slots)
        assert list(context.layout.slots)[:first] == list(compiled.facts_layout.slots)
        slots = [context.layout.slots[PARAMETER, parameter] for parameter in context.parameters]
        assert slots == list(range(first, first + len(slots)))
        assert [key for key in context.layout.slots if key[0] == PARAMETER] == [
            (PARAMETER, parameter) for parameter in context.parameters
        ]
