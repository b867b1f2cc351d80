"""A decision as annotations: how serious, and at which line of the dossier."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from recevable.decision.model import EvidenceLine
from recevable.dossier.dossier import load
from recevable.language.diagnostics import Severity
from recevable.outputs.annotations import Places, cases, severities
from recevable.outputs.run import Annotation, Case
from recevable.programme import Programme

if TYPE_CHECKING:
    from tests.report.conftest import Decide

DOSSIERS = Path(__file__).parents[1] / "second_programme" / "dossiers"
TEXT = b"""{
  "a": {"b": 1,
        "c/d": [{"e": 2}]},
  "f": null
}"""


def of(small: Programme, name: str, au: str = "2024-05-31") -> list[Case]:
    """The cases of one of the small dossiers."""
    data = (DOSSIERS / f"{name}.json").read_bytes()
    decision = small.decider.decide(load(data, name, small.validator), date.fromisoformat(au))
    return cases(decision, small.compiled, Places(f"{name}.json", data, 1), f"{name}.json")


def line_of(annotation: Annotation) -> str:
    """The line of the dossier that an annotation points at, from its column on."""
    assert annotation.span is not None
    text = (DOSSIERS / annotation.span.file).read_text("utf-8").splitlines()[annotation.span.line - 1]
    return text[annotation.span.column - 1 :]


@pytest.mark.parametrize(
    ("names", "root", "place"),
    [
        (["a.b"], "", (2, 9)),
        (["a.z"], "", (2, 3)),  # what is closest above
        (["a.z.y", "f"], "", (2, 3)),  # the first datum, even absent, before the others
        (["z", "f"], "", (4, 3)),  # a name that is of no field is passed over
        (["z"], "f", (4, 3)),
        ([], "a", (2, 3)),
        ([], "z", (1, 1)),
        ([], "", (1, 1)),
    ],
)
def test_a_datum_is_pointed_at_or_what_is_closest_above_it(names: list[str], root: str, place: tuple[int, int]) -> None:
    span = Places("d.json", TEXT, 1).of(names, root)
    assert (span.file, span.line, span.column) == ("d.json", *place)


def test_a_dossier_on_a_line_of_its_own_is_pointed_at_there() -> None:
    assert Places("d.ndjson", b'{"a":1,"b":2}', 7).of(["b"], "").line == 7


def test_an_accepted_dossier_says_nothing(small: Programme) -> None:
    assert [(case.name, case.annotations) for case in of(small, "acceptee")] == [("prime", ())]


def test_a_complement_is_a_warning_where_the_document_should_be(small: Programme) -> None:
    (case,) = of(small, "a-completer")
    found = {annotation.code: annotation for annotation in case.annotations}
    assert set(found) == {"FACTURE", "DOMICILE"}
    assert {annotation.severity for annotation in found.values()} == {Severity.WARNING}
    assert line_of(found["FACTURE"]) == '"pieces": {}'
    assert found["FACTURE"].help == "Joindre la facture du vélo\nSource : Délibération, art. 4"
    assert case.span is not None
    assert line_of(Annotation("", Severity.NOTE, "", case.span)) == '"prime": {'


def test_a_rejection_is_an_error_at_what_was_compared(small: Programme) -> None:
    (case,) = of(small, "hors-delai", "2025-06-01")
    found = next(annotation for annotation in case.annotations if annotation.code == "DELAI-DEMANDE")
    assert found.severity is Severity.ERROR
    assert line_of(found).startswith('"deposee_le":')


def test_an_open_question_is_a_warning(small: Programme) -> None:
    (case,) = of(small, "association")
    assert ("USAGE", Severity.WARNING) in [(a.code, a.severity) for a in case.annotations]


def test_a_case_of_undue_payment_is_a_warning_until_it_is_closed(small: Programme) -> None:
    found = {name: of(small, name, "2025-06-01")[-1] for name in ("revente", "revente-remboursee")}
    told = {name: [(case.name, a.code, a.severity) for a in case.annotations] for name, case in found.items()}
    assert told == {
        "revente": [("recouvrement", "REVENTE", Severity.WARNING)],
        "revente-remboursee": [("recouvrement", "REVENTE", Severity.NOTE)],
    }


@pytest.mark.parametrize(
    ("level", "severity"),
    [("ecart", Severity.ERROR), ("non_verifiable", Severity.WARNING), ("remarque", Severity.NOTE)],
)
def test_what_the_proof_says_is_a_case_of_its_own(
    small: Programme, decide_small: Decide, level: str, severity: Severity
) -> None:
    decision = replace(decide_small("acceptee"), evidence=(EvidenceLine(level, "velo.prix", "écart", 1, 2),))
    data = (DOSSIERS / "acceptee.json").read_bytes()
    case = cases(decision, small.compiled, Places("acceptee.json", data, 1), "acceptee.json")[-1]
    (found,) = case.annotations
    assert (case.name, found.code, found.severity) == ("preuve", "PREUVE", severity)
    assert line_of(found) == '"prix": "1199.90",'
    assert list(severities(decision)) == [severity]


def test_every_shipped_dossier_is_accepted_if_and_only_if_it_says_nothing_but_notes(shipped: Programme) -> None:
    """The levels of severity and the verdicts never contradict each other."""
    folder = Path(__file__).parents[2] / "fixtures" / "af-ope-mss"
    seen = set()
    for path in sorted(folder.glob("*.json")):
        data = path.read_bytes()
        for day in (date(2023, 4, 17), date(2023, 9, 4), date(2024, 3, 1)):
            decision = shipped.decider.decide(load(data, path.name, shipped.validator), day)
            quiet = all(severity is Severity.NOTE for severity in severities(decision))
            assert quiet is decision.accepted, path.name
            found = cases(decision, shipped.compiled, Places(path.name, data, 1), path.name)
            told = [annotation.severity for case in found for annotation in case.annotations]
            assert told == list(severities(decision)), path.name
            seen.add(decision.accepted)
    assert seen == {True, False}


def test_every_annotation_points_inside_its_dossier(shipped: Programme) -> None:
    folder = Path(__file__).parents[2] / "fixtures" / "af-ope-mss"
    for path in sorted(folder.glob("*.json"))[::5]:
        data = path.read_bytes()
        lines = data.decode().splitlines()
        decision = shipped.decider.decide(load(data, path.name, shipped.validator), date(2023, 9, 4))
        for case in cases(decision, shipped.compiled, Places(path.name, data, 1), path.name):
            for annotation in case.annotations:
                assert annotation.span is not None
                assert lines[annotation.span.line - 1][annotation.span.column - 1] in '{"'
