"""Every check, on a pack that has its fault and on one that is right.

`checks/<CODE>/mauvais` and `bon` are laid over the minimal pack of `base`; in `mauvais`, a comment `# <- CODE` ends
each line that the check must point at (a `$comment` in a schema).
"""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from recevable.language.diagnostics import Diagnostic, Severity
from recevable.lint.checks import CHECKS
from recevable.lint.run import lint

HERE: Final = Path(__file__).parent
DAY: Final = date(2026, 12, 1)


def overlaid(folder: Path, code: str, kind: str) -> Path:
    """The minimal pack with the files of a fixture laid over it."""
    overlay = HERE / "checks" / code / kind
    assert any(path.is_file() for path in overlay.rglob("*")), f"le contrôle {code} n'a pas d'exemple {kind}"
    pack = folder / "rules" / "aide-demenagement"
    shutil.copytree(HERE / "base", pack)
    shutil.copytree(overlay, pack, dirs_exist_ok=True)
    return pack


def found(pack: Path, code: str) -> list[Diagnostic]:
    """What a check says, once sure that the pack loads."""
    said = lint(pack, DAY)
    assert not [d for d in said if d.code not in CHECKS], said
    return [d for d in said if d.code == code]


def places(diagnostics: list[Diagnostic]) -> set[str]:
    return {f"{d.span.file}:{d.span.line}" for d in diagnostics if d.span is not None}


def test_the_minimal_pack_is_right(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(HERE / "base", pack)
    assert lint(pack, DAY) == []


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_points_at_each_line_at_fault(code: str, tmp_path: Path) -> None:
    pack = overlaid(tmp_path, code, "mauvais")
    marked = {
        f"{path.relative_to(pack).as_posix()}:{number}"
        for path in (*pack.rglob("*.yaml"), *pack.rglob("*.json"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if line.rstrip('"},').endswith(f"# <- {code}")
    }
    said = found(pack, code)
    assert marked
    assert places(said) == marked
    # a fault may be graver than its check, never lighter
    assert all(d.subject and d.severity in (CHECKS[code].SEVERITY, Severity.ERROR) for d in said)


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_says_what_to_write_instead(code: str, tmp_path: Path) -> None:
    for diagnostic in found(overlaid(tmp_path, code, "mauvais"), code):
        assert re.search(r"[.?…]$", diagnostic.help), diagnostic
        assert not re.search(r"[.?!]$", diagnostic.message), diagnostic
        assert diagnostic.message[0].islower() or diagnostic.message[0] in "`«", diagnostic


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_is_silent_where_nothing_is_wrong(code: str, tmp_path: Path) -> None:
    assert found(overlaid(tmp_path, code, "bon"), code) == []


def test_every_fixture_is_that_of_a_check() -> None:
    assert {path.name for path in (HERE / "checks").iterdir()} == set(CHECKS)


def test_a_written_value_is_quoted_as_it_was_written(tmp_path: Path) -> None:
    said = {d.message for d in found(overlaid(tmp_path, "EXP-VALEUR", "mauvais"), "EXP-VALEUR")}
    assert "`2029-12-31T14:00:00` est écrit dans la règle `CAS-DELAI`" in said
    assert "`800.00` est écrit dans la règle `CAS-PRIX`" in said


def test_what_is_to_be_paid_and_is_no_whole_number_of_cents_is_an_error(tmp_path: Path) -> None:
    said = found(overlaid(tmp_path, "MON-ARRONDI", "mauvais"), "MON-ARRONDI")
    assert [d.subject for d in said if d.severity is Severity.ERROR] == ["CAS-A-PAYER"]
    assert "son arrondi à `0.005` n'est pas au centime" in next(d for d in said if d.subject == "CAS-A-PAYER").message
