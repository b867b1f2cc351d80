"""The units of systemd: what systemd itself says of them, what they start, and what they may touch."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "web" / "systemd"
UNITS: Final = sorted(FOLDER.iterdir())
SERVICES: Final = [one for one in UNITS if one.suffix == ".service"]
HOME: Final = "/opt/recevable/bin"
# What a service of ours must not be able to do, and a value that says so.
HARDENED: Final = {
    "DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateTmp": "yes", "PrivateDevices": "yes", "CapabilityBoundingSet": "", "UMask": "0077",
}  # fmt: skip


def settings(unit: Path) -> dict[str, dict[str, list[str]]]:
    """The settings of a unit, by section; a line that is none is a fault."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    section = ""
    for line in unit.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if re.fullmatch(r"\[\w+\]", line):
            section = line[1:-1]
            continue
        name, sign, value = line.partition("=")
        assert section, f"{unit.name} : {line}"
        assert sign, f"{unit.name} : {line}"
        assert re.fullmatch(r"[A-Z]\w+", name), f"{unit.name} : {line}"
        found[section][name].append(value)
    return found


def test_there_is_one_for_each_process_that_the_guide_names() -> None:
    assert [one.name for one in UNITS] == [
        "recevable-guichet.service", "recevable-tete.service", "recevable-tete.timer", "recevable-worker.service",
    ]  # fmt: skip
    guide = (ROOT / "docs" / "deploiement.md").read_text("utf-8")
    assert all(f"`{one.name}`" in guide for one in UNITS)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda one: one.name)
def test_a_service_starts_what_is_installed_and_may_touch_nothing_else(unit: Path) -> None:
    found = settings(unit)["Service"]
    (start,) = found["ExecStart"]
    program, *words = start.split()
    assert program.startswith(f"{HOME}/")
    assert Path(sys.executable).with_name(Path(program).name).exists()
    for name, value in HARDENED.items():
        assert found[name] == [value], name
    assert "User" not in found
    # the settings are in a file that root alone reads, not in the unit, which everybody reads
    assert found["EnvironmentFile"] == ["/etc/recevable/guichet.env"]
    assert not re.search(r"SECRET|DATABASE_URL|PASSWORD", unit.read_text("utf-8"))
    if Path(program).name == "recevable-web":
        from django.core.management import get_commands

        assert words[0] in get_commands()
    else:
        assert words == ["--config", "python:recevable_web.gunicorn", "recevable_web.wsgi:application"]


def test_the_head_is_taken_each_day_even_after_a_night_off() -> None:
    timer = settings(FOLDER / "recevable-tete.timer")["Timer"]
    assert (timer["OnCalendar"], timer["Persistent"]) == (["daily"], ["yes"])


def test_systemd_reads_them_without_a_word(tmp_path: Path) -> None:
    """Where systemd is; the tests above read the files everywhere."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd here")
    for unit in UNITS:
        text = unit.read_text("utf-8").replace(HOME, str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(text, "utf-8")
    done = subprocess.run(
        [program, "verify", *sorted(map(str, tmp_path.iterdir()))], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
