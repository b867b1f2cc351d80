"""Grids and scales in decisions: the value, its steps, what has no line, and the table at a date."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from tests.decision.conftest import SCHEMA, Judge, amount, completing, condition, dated

from recevable.decision.calculation import formula, sentence
from recevable.decision.model import Verdict
from recevable.decision.wording import words
from recevable.language.diagnostics import DiagnosticError
from recevable.programme import open_programme
from recevable.report.json_format import written_operand

RATES: Final = {"validee": "0.40", "rejetee": "0.10"}
SLICES: Final = [{"jusqu_a": "1000.00", "valeur": "0.50"}, {"jusqu_a": "5000.00", "valeur": "0.30"}]
SCALE: Final[dict[str, Any]] = {"selon": "montant", "donne": "taux", "reference": "reception", "titre": "Barème"}


def grid(cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    return dated(
        "grille", {"2020-01-01": cells}, **{"donne": "taux", "titre": "Part", "reference": "reception", **more}
    )


def marginal(*slices: dict[str, str]) -> dict[str, Any]:
    return dated("bareme", {"2020-01-01": list(slices or SLICES)}, **SCALE, marginal=True)


def steps(
    judge: Judge, text: str, parameters: dict[str, Any], **aide: Any
) -> tuple[Decimal | None, list[str], list[str]]:
    rules = [amount("prime", text) | {"arrondi": {"pas": "0.01", "sens": "inferieur"}}, condition("aide.bal = 1")]
    (line,) = judge(rules, {"montant_propose": "prime"}, parameters, bal=1, **aide).amounts
    written = [formula(step, written_operand) for step in line.steps if step.operation != "arrondi"]
    return line.value, [said for step in line.steps if (said := sentence(step))], written


def test_a_grid_is_read_by_a_category(judge: Judge) -> None:
    found = steps(
        judge,
        "aide.cout * part(aide.decision.sens)",
        {"part": grid(RATES)},
        cout="100.00",
        decision={"sens": "validee"},
    )
    assert found == (Decimal("40.00"), ["Part pour validee = 0,40", "100,00 × 0,40 = 40,0000"],
                     ["Part(validee)", "100.00 × 0.40"])  # fmt: skip


def test_a_marginal_scale_shows_each_slice(judge: Judge) -> None:
    value, said, _ = steps(judge, "frais(aide.cout)", {"frais": marginal()}, cout="3000.00")
    assert value == Decimal("1100.00")
    assert said[:3] == [
        "1\N{NARROW NO-BREAK SPACE}000,00 × 0,50 = 500,0000",
        "2\N{NARROW NO-BREAK SPACE}000,00 × 0,30 = 600,0000",
        "Barème appliqué à 3\N{NARROW NO-BREAK SPACE}000,00 = 1\N{NARROW NO-BREAK SPACE}100,0000",
    ]


def test_a_scale_by_slice_shows_the_slice(judge: Judge) -> None:
    scale = dated("bareme", {"2020-01-01": [{"moins_de": "1000.00", "valeur": "0.50"}, {"valeur": "0.30"}]}, **SCALE)
    value, said, _ = steps(judge, "aide.cout * taux_par_cout(aide.cout)", {"taux_par_cout": scale}, cout="1000.00")
    assert value == Decimal("300.00")
    assert (
        said[0].replace("\N{NARROW NO-BREAK SPACE}", " ") == "Barème pour 1 000,00 (tranche au-delà de 1 000,00) = 0,30"
    )


def test_a_table_may_be_read_at_a_date(judge: Judge) -> None:
    part = dated("grille", {"2020-01-01": RATES, "2023-03-01": {"validee": "0.45", "rejetee": "0.10"}}, donne="taux")
    rule = [condition('part("validee") au aide.jour = 0.45')]
    assert judge(rule, parameters={"part": part}, jour="2023-02-28").verdict is Verdict.REJECT
    assert judge(rule, parameters={"part": part}, jour="2023-03-01").verdict is Verdict.ACCEPT
    assert judge(rule, parameters={"part": part}, jour="2019-03-01").verdict is Verdict.UNDECIDABLE


def test_a_table_may_name_its_date(judge: Judge) -> None:
    part = dated(
        "grille", {"2020-01-01": RATES, "2023-03-01": {"validee": "0.45"}}, donne="taux", reference="aide.jour"
    )
    rule = [condition('part("validee") = 0.45')]
    assert judge(rule, parameters={"part": part}, jour="2023-02-28").verdict is Verdict.REJECT
    assert judge(rule, parameters={"part": part}, jour="2023-03-01").verdict is Verdict.ACCEPT


def test_the_steps_say_the_date_of_a_table(judge: Judge) -> None:
    _, said, _ = steps(
        judge, 'aide.cout * part("validee") au aide.jour', {"part": grid(RATES)}, cout="1.00", jour="2023-03-01"
    )
    assert said[0] == "Part (au 1er mars 2023) pour validee = 0,40"


def test_a_grid_with_two_entries(judge: Judge) -> None:
    ceiling = grid(
        {"validee": {1: "10.00", 2: "20.00"}, "rejetee": {1: "1.00"}}, selon=["texte", "entier"], donne="montant"
    )
    rule = [condition("aide.cout <= plafond(aide.decision.sens, aide.bal)")]
    told = {"decision": {"sens": "validee"}, "cout": "20.00"}
    assert judge(rule, parameters={"plafond": ceiling}, bal=2, **told).verdict is Verdict.ACCEPT
    assert judge(rule, parameters={"plafond": ceiling}, bal=1, **told).verdict is Verdict.REJECT
    (finding,) = judge(rule, parameters={"plafond": ceiling}, bal=3, **told).findings
    assert "« Part » n'a pas de ligne pour « validee / 3 »" in finding.message


def test_what_has_no_line_is_told_and_never_guessed(judge: Judge) -> None:
    decision = judge([completing("PIECE", "part(aide.siret) > 0")], parameters={"part": grid(RATES)}, siret="autre")
    assert decision.verdict is Verdict.COMPLETE
    assert "« Part » n'a pas de ligne pour « autre »" in decision.findings[0].message
    decision = judge([completing("PIECE", "frais(aide.cout) > 0")], parameters={"frais": marginal()}, cout="5000.01")
    assert "« Barème » n'a pas de tranche pour ce nombre" in decision.findings[0].message


@pytest.mark.parametrize(
    ("parameter", "text", "said"),
    [
        (grid({"validee": "0.40"}), "part(aide.decision.sens) > 0", "n'a pas de ligne pour `rejetee`"),
        (grid(RATES), 'part("valide") > 0', "n'a pas de ligne pour `valide`"),
        (grid(RATES), "part > 0", "est un tableau"),
        (grid(RATES), "part(aide.bal) > 0", "`texte` attendu, `entier` trouvé"),
        (grid(RATES), "part(aide.siret, aide.siret) > 0", "attend 1 valeur"),
        (marginal(), "part(aide.cout) = 0.20 jours", "unités"),
        (marginal(SLICES[1], SLICES[0]), "part(aide.cout) > 0", "pas dans l'ordre"),
        (marginal({"valeur": "0.10"}, SLICES[0]), "part(aide.cout) > 0", "seule la dernière tranche est sans limite"),
        (marginal({"jusqu_a": "1.00", "moins_de": "2.00", "valeur": "0.1"}), "part(aide.cout) > 0", "une seule limite"),
        (marginal({"jusqu_a": "0", "valeur": "0.1"}), "part(aide.cout) > 0", "est positive"),
        (marginal() | {"donne": "montant"}, "part(aide.cout) > 0", "ne se multiplie pas"),
        (grid({}), 'part("a") > 0', "une ligne par catégorie"),
        (grid({"a": "inconnue"}), 'part("a") > 0', "pas de valeur inconnue"),
        (dated("montant", {"2020-01-01": "1.00"}), "part(aide.siret) > 0", "fonction inconnue"),
    ],
)
def test_a_faulty_table_or_reading_is_refused(judge: Judge, parameter: dict[str, Any], text: str, said: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        judge([condition(text)], parameters={"part": parameter})
    assert said in " ".join(fault.message for fault in caught.value.diagnostics)


def test_a_table_may_not_have_the_name_of_a_function(judge: Judge) -> None:
    with pytest.raises(DiagnosticError, match="fonction du langage"):
        judge([condition("aide.bal = 1")], parameters={"age": grid(RATES)})


# --- what the values of a field are called ----------------------------------------------------------------------------

SENSE: Final = SCHEMA["properties"]["aide"]["properties"]["decision"]["properties"]
NAMED: Final = {
    "oneOf": [{"const": "validee", "title": "Demande validée"}, {"const": "rejetee", "title": "Demande rejetée"}]
}
OTHER: Final = {"oneOf": [{"const": "validee", "title": "Oui"}, {"const": "rejetee", "title": "Non"}]}
UNNAMED: Final = {"enum": ["validee", "rejetee"], "type": "string"}


def test_a_step_calls_a_category_as_the_schema_does(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SENSE, "sens", NAMED)
    parameters = {"part": grid(RATES)}
    _, said, written = steps(
        judge, "aide.cout * part(aide.decision.sens)", parameters, cout="100.00", decision={"sens": "validee"}
    )
    assert said[0] == "Part pour Demande validée = 0,40"
    assert written[0] == "Part(validee)"


@pytest.mark.parametrize(
    ("fields", "table", "listed"),
    [
        ([NAMED], "Demande validée : 40 % ; Demande rejetée : 10 %", "Demande validée"),
        ([NAMED, NAMED], "Demande validée : 40 % ; Demande rejetée : 10 %", "Demande validée"),
        # fields that do not agree, or that do not have every value
        ([NAMED, OTHER], "validee : 40 % ; rejetee : 10 %", "validee"),
        ([{"oneOf": NAMED["oneOf"][:1]}], "validee : 40 % ; rejetee : 10 %", "Demande validée"),
        # a field that names nothing says nothing against the others
        ([NAMED, UNNAMED], "Demande validée : 40 % ; Demande rejetée : 10 %", "Demande validée"),
    ],
)
def test_a_parameter_calls_its_values_as_the_fields_that_have_them(
    judge: Judge,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    fields: list[dict[str, Any]],
    table: str,
    listed: str,
) -> None:
    monkeypatch.delitem(SENSE, "sens")
    for rank, field in enumerate(fields):
        monkeypatch.setitem(SENSE, f"sens_{rank}", {"title": f"Sens {rank}", **field})
    parameters = {
        "part": grid(RATES),
        "admis": dated("liste_de_textes", {"2020-01-01": ["validee"]}, titre="Admis", reference="reception"),
    }
    judge([condition("aide.bal = 1")], None, parameters, bal=1)
    programme = open_programme(tmp_path, prepared=False)
    said = [
        words(one.values[0].value, one.type, programme.zone).replace("\N{NO-BREAK SPACE}", " ")
        for one in (programme.pack.parameters[name] for name in parameters)
    ]
    assert [one.replace("\N{NARROW NO-BREAK SPACE}", " ") for one in said] == [table, listed]
