"""The day of the checks is that of the programme: past midnight in its zone, before midnight where the machine is."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

import pytest

from recevable.lint import run
from recevable.pack import model
from recevable.pack.source import FolderSource, OverlaidSource

PACK = Path(__file__).parents[1] / "second_programme" / "prime-velo"
NAME = "parametres.yaml"


class _Clock(datetime):
    """Half past midnight in Paris, on 1 December."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> _Clock:
        found = datetime(2026, 11, 30, 23, 30, tzinfo=UTC).astimezone(tz)
        return cls.fromtimestamp(found.timestamp(), tz)


@pytest.mark.parametrize(("checked", "told"), [("2026-12-01", False), ("2026-12-02", True)])
def test_a_value_checked_today_in_the_zone_of_the_programme_is_not_to_come(
    monkeypatch: pytest.MonkeyPatch, checked: str, told: bool
) -> None:
    monkeypatch.setattr(model, "datetime", _Clock)
    text = (PACK / NAME).read_text("utf-8")
    first = next(line for line in text.splitlines() if "verifie_le:" in line)
    changed = text.replace(first, f'{first.partition("verifie_le:")[0]}verifie_le: "{checked}"', 1)
    pack = OverlaidSource(FolderSource(PACK), {NAME: changed.encode()})
    assert ("PAR-VERIFIE" in {one.code for one in run.lint(pack)}) is told
    # a day that is given is that of the checks
    assert "PAR-VERIFIE" in {one.code for one in run.lint(pack, date(2026, 11, 30))}
