"""Every code that can be said of a pack has its page; those of readers and compiler have fixtures, good and bad."""

from __future__ import annotations

import contextlib
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

import recevable
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity
from recevable.lint.checks import CHECKS
from recevable.lint.manual import HEADINGS, pages
from recevable.lint.run import lint
from recevable.pack.nodes import File
from recevable.pack.source import MAX_BYTES
from recevable.pack.yaml_strict import parse
from recevable.programme import open_programme
from recevable.trials.suite import collect

HERE = Path(__file__).parent
FIXTURES = HERE / "manual"
ENGINE = Path(recevable.__file__).parent
PAGES = pages()
READ = sorted(set(PAGES) - set(CHECKS))
TODAY = date(2026, 12, 1)
MARK = "▸".encode()
# A code about packs, as the engine writes it.
CODE = re.compile(r'"((?:YAML|PAQ|COU|EXP|TRA|EXE|SCE|ATT|REG|MON|PAR|SRC|DAT|DEC|TOL)-[A-Z][A-Z0-9-]*)"')


def cases(kind: str) -> list[str]:
    return sorted(path.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob(f"*/{kind}*"))


def laid_out(case: str, folder: Path) -> tuple[str, int, int] | None:
    """The base pack with the files of a case over it; where the mark was, as file, line and column."""
    shutil.copytree(HERE / "base", folder)
    place = None
    overlay = FIXTURES / case
    for source in sorted(path for path in overlay.rglob("*") if path.is_file()):
        name = source.relative_to(overlay).as_posix()
        target = folder / name
        if target.parent.is_file():  # a folder in the place of a file: the file is not there
            target.parent.unlink()
        target.parent.mkdir(exist_ok=True)
        before, mark, after = source.read_bytes().partition(MARK)
        if mark:
            line = before.rpartition(b"\n")[2].decode()
            place = (name, before.count(b"\n") + 1, len(line) + 1)
        target.write_bytes(before + after)
    return place


def said(folder: Path) -> list[Diagnostic]:
    """What lint and the reading of trials say."""
    found = lint(folder, TODAY)
    with contextlib.suppress(DiagnosticError):
        bench = open_programme(folder, prepared=False)
        collect(bench, found)
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("case", cases("mauvais"))
def test_what_is_wrong_is_told_once_at_its_place(case: str, tmp_path: Path) -> None:
    code = case.split("/")[0]
    place = laid_out(case, tmp_path / "paquet")
    found = said(tmp_path / "paquet")
    (only,) = [
        diagnostic for diagnostic in found if diagnostic.severity is PAGES[code].severity or diagnostic.code == code
    ]
    assert only.code == code, only
    assert only.severity is PAGES[code].severity
    assert only.help.endswith((".", "?", "…")), only
    if place is None:  # what is not there has no place in it
        assert only.span is None or (only.span.line, only.span.column) == (1, 1)
    else:
        assert only.span is not None
        assert (only.span.file, only.span.line, only.span.column) == place, only


@pytest.mark.parametrize("case", cases("bon"))
def test_what_is_right_is_let_through(case: str, tmp_path: Path) -> None:
    code = case.split("/")[0]
    assert laid_out(case, tmp_path / "paquet") is None
    found = said(tmp_path / "paquet")
    assert [d for d in found if d.severity is Severity.ERROR or d.code == code] == []


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """Its fixture would be as large."""
    laid_out("YAML-TAILLE/bon", tmp_path / "paquet")
    big = tmp_path / "paquet" / "regles" / "cas.yaml"
    big.write_bytes(big.read_bytes().ljust(MAX_BYTES, b"#"))
    assert said(tmp_path / "paquet")[0].code != "YAML-TAILLE"
    big.write_bytes(big.read_bytes() + b"#")
    assert [d.code for d in said(tmp_path / "paquet")] == ["YAML-TAILLE"]


def test_a_known_dossier_without_its_decision_is_told(tmp_path: Path) -> None:
    """Known dossiers are beside a pack, where its fixtures cannot be."""
    laid_out("SCE-BASE/bon", tmp_path / "rules" / "paquet")
    known = tmp_path / "fixtures" / "paquet"
    known.mkdir(parents=True)
    dossier = tmp_path / "rules" / "paquet" / "scenarios" / "dossiers" / "demande.json"
    shutil.move(dossier, known)
    assert [d.code for d in said(tmp_path / "rules" / "paquet") if d.severity is Severity.ERROR] == []
    (known / "autre.attendu.yaml").write_text("titre: Autre\n", "utf-8")
    errors = [d for d in said(tmp_path / "rules" / "paquet") if d.severity is Severity.ERROR]
    assert [(d.code, d.message) for d in errors] == [("ATT-DOSSIER", "il manque `autre.json`")]


def test_every_code_that_readers_say_has_fixtures() -> None:
    tested_above = {"YAML-TAILLE", "ATT-DOSSIER"}
    assert {case.split("/")[0] for case in cases("mauvais")} == set(READ) - tested_above
    assert {case.split("/")[0] for case in cases("bon")} == set(READ) - {"ATT-DOSSIER"}


def test_every_code_of_the_engine_has_a_page_and_no_page_is_without_code() -> None:
    sources = [path for path in ENGINE.rglob("*.py") if "registers" not in path.parts]
    emitted = {code for path in sources for code in CODE.findall(path.read_text("utf-8"))}
    assert sorted(emitted ^ set(PAGES)) == []


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_page_has_a_title_and_its_four_sections(code: str) -> None:
    page = PAGES[code]
    assert page.title
    assert not page.title.endswith(".")
    assert len(page.title) <= 70
    assert re.findall(r"^## (.*)$", page.body, re.MULTILINE) == list(HEADINGS)
    sections = re.split(r"^## .*$", page.body, flags=re.MULTILINE)[1:]
    assert all(section.strip() for section in sections)
    assert all(re.fullmatch(r"\s*```yaml\n.*\n```\s*", section, re.DOTALL) for section in sections[2:])


def excerpt(code: str, heading: str) -> str:
    found = re.search(rf"^## {heading}\n\n```yaml\n(.*?)^```", PAGES[code].body, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1].replace(", …}", "}")  # what an excerpt leaves out


def refusals(text: str) -> list[str]:
    try:
        parse(File("extrait.yaml", text))
    except DiagnosticError as error:
        return [diagnostic.code for diagnostic in error.diagnostics]
    return []


@pytest.mark.parametrize("code", sorted(PAGES))
def test_the_good_excerpt_of_a_page_is_yaml(code: str) -> None:
    if code != "YAML-DIRECTIVE":  # a comment alone
        assert refusals(excerpt(code, "Bon")) == []


@pytest.mark.parametrize("code", sorted(PAGES))
def test_the_bad_excerpt_of_a_page_fails_by_its_code_or_not_at_all(code: str) -> None:
    expected = {code} if code.startswith("YAML-") and code in READ else set()
    beyond_an_excerpt = {"YAML-TAILLE", "YAML-LECTURE", "YAML-ENCODAGE"}
    assert set(refusals(excerpt(code, "Mauvais"))) == (set() if code in beyond_an_excerpt else expected)


def test_the_good_and_the_bad_excerpt_differ() -> None:
    assert [code for code in PAGES if excerpt(code, "Mauvais") == excerpt(code, "Bon")] == []
