"""The formats of continuous integration: each read back by a parser that is not ours, or by its published rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sarif.loader
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml
from msgspec.structs import replace

from recevable import __version__
from recevable.language.diagnostics import Diagnostic, Severity, Span
from recevable.outputs.formats import FORMATS
from recevable.outputs.run import Annotation, Case, Run, annotation, line_of, relocated, seen_from_here
from recevable.report.layout import sentence, visible

ROOT = Path(__file__).parents[2]
HOSTILE = "a\x1b[31m‮b\nc%0A::error::d<&\"'>,:]]>\x00"
ERROR = Annotation("PAR-FIN", Severity.ERROR, "la fin manque", Span("rules/p/parametres.yaml", 12, 5, 8), "Écrivez-la.")
WARNING = Annotation("REG-EXEMPLE", Severity.WARNING, "aucun exemple", Span("rules/p/regles/é t.yaml", 3, 9, 2))
NOTE = Annotation("PAR-VIEUX", Severity.NOTE, "vérifié il y a longtemps", None, "Vérifiez-le.\nPuis datez-le.")
RUN = Run(
    "lint",
    (
        Case("rules/p", "rules/p/parametres.yaml", Span("rules/p/parametres.yaml", 1, 1), (ERROR, NOTE)),
        Case("rules/p", "rules/p/regles/é t.yaml", Span("rules/p/regles/é t.yaml", 1, 1), (WARNING,)),
        Case("rules/q", "rules/q/programme.yaml"),
    ),
    Severity.ERROR,
    {"PAR-FIN": "Un paramètre a une fin"},
)
EMPTY = Run("test", (), Severity.ERROR)


def said(text: str) -> Run:
    """A run that says one text everywhere."""
    found = Annotation("X", Severity.ERROR, text, Span(text or "f", 1, 1), text)
    return Run("lint", (Case(text, text, Span(text or "f", 1, 1), (found,)),), Severity.ERROR, {"X": text})


# --- what fails a run -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "fails"),
    [(Severity.ERROR, 1), (Severity.WARNING, 2), (Severity.NOTE, 3), (None, 0)],
)
def test_an_annotation_as_serious_as_the_level_makes_the_run_fail(level: Severity | None, fails: int) -> None:
    run = replace(RUN, level=level)
    assert sum(map(run.counts, run.annotations)) == fails
    assert run.failed is bool(fails)


def test_a_run_without_cases_does_not_fail_by_itself() -> None:
    """That nothing was looked at is said by whoever looked: by an annotation."""
    assert not EMPTY.failed


def test_the_notes_and_the_help_of_a_diagnostic_are_the_lines_of_its_annotation() -> None:
    found = annotation(Diagnostic("X", "non", Span("f", 1, 2), "aide", notes=("un", "deux")))
    assert (found.code, found.message, found.help) == ("X", "non", "un\ndeux\naide")


def test_paths_are_seen_from_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert seen_from_here(tmp_path / "p" / "a.yaml") == "p/a.yaml"
    assert seen_from_here(Path("p")) == "p"
    assert seen_from_here(tmp_path.parent) == tmp_path.parent.as_posix()
    told = relocated([Diagnostic("X", "m", Span("a.yaml", 2, 3)), Diagnostic("Y", "m")], tmp_path / "p")
    assert [d.span and str(d.span) for d in told] == ["p/a.yaml:2:3", None]


def test_a_line_is_read_for_an_excerpt(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("un\ndeux é\xff".encode("latin-1"))
    assert [line_of(str(path), number) for number in (0, 1, 2, 3)] == ["", "un", "deux \ufffd\ufffd", ""]
    assert line_of(str(tmp_path / "absent"), 1) == ""


# --- json -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", [RUN, EMPTY], ids=["run", "empty"])
def test_json_follows_its_schema(run: Run) -> None:
    schema = json.loads((ROOT / "schemas" / "controle.schema.json").read_bytes())
    found = json.loads(FORMATS["json"](run))
    jsonschema.Draft202012Validator(schema).validate(found)
    assert found["bilan"]["cas"] == len(found["cas"]) == len(run.cases)
    assert found["echec"] is run.failed


def test_json_says_where() -> None:
    found = json.loads(FORMATS["json"](RUN))
    first, note = found["cas"][0]["constats"]
    assert (first["fichier"], first["ligne"], first["colonne"]) == ("rules/p/parametres.yaml", 12, 5)
    assert (note["fichier"], note["ligne"], note["colonne"]) == (None, None, None)
    assert found["bilan"] == {"cas": 3, "erreur": 1, "avertissement": 1, "information": 1}


# --- junit ------------------------------------------------------------------------------------------------------------


def junit(run: Run) -> Any:
    """The report as junitparser reads it."""
    return JUnitXml.fromstring(FORMATS["junit"](run).encode())


def test_junit_has_a_test_case_per_case() -> None:
    found = junit(RUN)
    assert (found.tests, found.failures, found.errors, found.skipped) == (3, 1, 0, 0)
    assert [(suite.name, suite.tests, suite.failures) for suite in found] == [("rules/p", 2, 1), ("rules/q", 1, 0)]
    first, second = next(iter(found))
    assert (first.name, first.classname) == ("rules/p/parametres.yaml", "rules/p")
    (failure,) = first.result
    assert (failure.type, failure.message) == ("PAR-FIN", "la fin manque")
    expected = "rules/p/parametres.yaml:12:5: erreur [PAR-FIN] la fin manque\n  Écrivez-la."
    assert failure.text == expected
    # what does not make the run fail is no failure
    assert first.system_out == "information [PAR-VIEUX] vérifié il y a longtemps\n  Vérifiez-le.\n  Puis datez-le."
    assert second.result == []
    assert second.system_out == "rules/p/regles/é t.yaml:3:9: avertissement [REG-EXEMPLE] aucun exemple"


def test_junit_says_the_file_and_the_line_of_a_case() -> None:
    assert '<testcase name="rules/p/parametres.yaml" classname="rules/p" file="rules/p/parametres.yaml" line="1">' in (
        FORMATS["junit"](RUN)
    )


def test_junit_counts_as_failures_what_fails_the_run() -> None:
    assert junit(replace(RUN, level=Severity.WARNING)).failures == 2
    assert junit(replace(RUN, level=None)).failures == 0


# --- sarif ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def read_sarif(tmp_path: Path) -> Callable[[Run], Any]:
    """The report as sarif-tools reads it."""

    def read(run: Run) -> Any:
        path = tmp_path / "r.sarif"
        path.write_text(FORMATS["sarif"](run), "utf-8")
        return sarif.loader.load_sarif_file(str(path))

    return read


def test_sarif_has_a_result_per_annotation(read_sarif: Callable[[Run], Any]) -> None:
    found = read_sarif(RUN)
    assert found.get_distinct_tool_names() == ["recevable"]
    records = found.get_records()
    assert [(r["Severity"], r["Code"], int(r["Line"])) for r in records] == [
        ("error", "PAR-FIN", 12), ("note", "PAR-VIEUX", 1), ("warning", "REG-EXEMPLE", 3),
    ]  # fmt: skip
    assert read_sarif(EMPTY).get_result_count() == 0


def test_sarif_points_at_characters_and_links_each_result_to_its_rule() -> None:
    (run,) = json.loads(FORMATS["sarif"](RUN))["runs"]
    driver = run["tool"]["driver"]
    assert (driver["version"], run["columnKind"]) == (__version__, "unicodeCodePoints")
    assert [driver["rules"][r["ruleIndex"]]["id"] for r in run["results"]] == [r["ruleId"] for r in run["results"]]
    assert driver["rules"][0]["shortDescription"]["text"] == "Un paramètre a une fin"
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 12, "startColumn": 5, "endColumn": 13}
    assert run["results"][1]["locations"] == []
    uri = run["results"][2]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "rules/p/regles/%C3%A9%20t.yaml"


def test_sarif_names_a_file_elsewhere_by_its_whole_address() -> None:
    found = replace(ERROR, span=Span("/tmp/p q/a.yaml", 1, 1))
    text = FORMATS["sarif"](Run("lint", (Case("p", "a", None, (found,)),), None))
    assert json.loads(text)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "file:///tmp/p%20q/a.yaml"
    }


# --- github -----------------------------------------------------------------------------------------------------------

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Workflow commands as the runner reads them: `::name key=value,key=value::text`, then unescaped."""
    found = []
    for line in text.splitlines():
        match = COMMAND.fullmatch(line)
        if match:
            pairs = dict(pair.split("=", 1) for pair in match[2].split(","))
            found.append((match[1], {key: unescaped(value) for key, value in pairs.items()}, unescaped(match[3])))
    return found


def unescaped(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_github_has_a_command_per_annotation() -> None:
    text = FORMATS["github"](RUN)
    first, note, warning = commands(text)
    place = {"file": "rules/p/parametres.yaml", "line": "12", "col": "5", "endColumn": "13", "title": "PAR-FIN"}
    assert first == ("error", place, "la fin manque\nÉcrivez-la.")
    assert note == ("notice", {"title": "PAR-VIEUX"}, "vérifié il y a longtemps\nVérifiez-le.\nPuis datez-le.")
    assert (warning[0], warning[1]["file"]) == ("warning", "rules/p/regles/é t.yaml")
    assert text.splitlines()[-1] == "recevable lint : 3 cas, 1 en échec"


@given(st.text())
def test_github_gives_back_what_was_said_and_no_command_of_a_hostile_text(text: str) -> None:
    printed = FORMATS["github"](said(text))
    ((name, properties, words),) = commands(printed)
    assert name == "error"
    assert properties["file"] == visible(text or "f")
    assert words.split("\n")[0] == sentence(text)
    assert sum(line.startswith("::") for line in printed.split("\n")) == 1


# --- gitlab -----------------------------------------------------------------------------------------------------------

# What GitLab documents of its code quality report.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": r"^\./"}},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def gitlab(run: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(FORMATS["gitlab"](run))
    jsonschema.Draft202012Validator(GITLAB).validate(found)
    return found


def test_gitlab_has_a_finding_per_annotation_each_with_a_place() -> None:
    found = gitlab(RUN)
    assert [
        (f["check_name"], f["severity"], f["location"]["path"], f["location"]["lines"]["begin"]) for f in found
    ] == [
        ("PAR-FIN", "major", "rules/p/parametres.yaml", 12),
        # without a place of its own, that of its case
        ("PAR-VIEUX", "info", "rules/p/parametres.yaml", 1),
        ("REG-EXEMPLE", "minor", "rules/p/regles/é t.yaml", 3),
    ]
    assert gitlab(EMPTY) == []
    homeless = Run("lint", (Case("rules/p", "paquet", None, (NOTE,)),), None)
    assert gitlab(homeless)[0]["location"] == {"path": "rules/p", "lines": {"begin": 1}}


def test_gitlab_knows_a_finding_again_when_it_moves_and_tells_twins_apart() -> None:
    moved = replace(ERROR, span=Span("rules/p/parametres.yaml", 40, 5))
    other = replace(ERROR, message="autre chose")
    first, again, twin, another = (
        f["fingerprint"]
        for annotations in ((ERROR,), (moved, moved), (other,))
        for f in gitlab(Run("lint", (Case("p", "a", None, annotations),), None))
    )
    assert first == again
    assert len({first, twin, another}) == 3


# --- all --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_format_writes_the_same_bytes_for_the_same_run(name: str) -> None:
    assert FORMATS[name](RUN) == FORMATS[name](RUN)
    assert FORMATS[name](RUN).endswith("\n")


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"json"}))
def test_a_hostile_text_does_nothing_to_a_terminal(name: str) -> None:
    text = FORMATS[name](said(HOSTILE))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", text)


@given(st.text())
def test_xml_and_json_hold_any_text(text: str) -> None:
    (case,) = next(iter(junit(said(text))))
    assert case.result[0].message == sentence(text)
    (result,) = json.loads(FORMATS["sarif"](said(text)))["runs"][0]["results"]
    assert result["message"]["text"].split("\n")[0] == sentence(text)
    assert json.loads(FORMATS["json"](said(text)))["cas"][0]["nom"] == text
