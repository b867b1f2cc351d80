"""`recevable lint` has nothing to say of the shipped pack, but for what its tolerances excuse."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from recevable.cli.app import run_code
from recevable.lint.run import lint
from recevable.lint.tolerances import PROOF, read

# Shortly after the parameters were last held against the text.
DAY = date(2026, 12, 1)


def test_the_shipped_pack_is_clean(rules_folder: Path) -> None:
    assert lint(rules_folder, DAY) == []


def test_the_command_ends_with_0_on_the_shipped_pack(rules_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_code(["lint", str(rules_folder), "--au", DAY.isoformat()]) == 0, capsys.readouterr().out


def test_what_is_tolerated_is_told_by_the_expiry_after_its_last_day(rules_folder: Path) -> None:
    # what is not proved is the affair of `prove`, which says it too
    tolerances = [one for one in read(rules_folder) if one.check.text != PROOF]
    assert tolerances
    after = date(2100, 1, 1)
    found = lint(rules_folder, after)
    expired = {d.subject: d.message for d in found if d.code == "TOL-EXPIREE"}
    assert {tolerance.subject.text for tolerance in tolerances} == expired.keys()
    assert all(" ; elle excusait : " in message for message in expired.values())
    told = {(d.code, d.subject) for d in found}
    assert not {(tolerance.check.text, tolerance.subject.text) for tolerance in tolerances} & told
