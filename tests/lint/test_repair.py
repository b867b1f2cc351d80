"""`--fix` makes the repairs that are certain, and nothing else."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.language.calendar import parse_instant
from recevable.language.diagnostics import Severity
from recevable.lint.repair import repaired
from recevable.lint.run import lint
from recevable.pack.hints import certain, day, instant, number

BASE = Path(__file__).parent / "base"
TODAY = date(2026, 12, 1)
PARIS = ZoneInfo("Europe/Paris")
# What is right, what a person writes instead: each is repaired to what was right.
SLIPS = [
    ("parametres.yaml", 'valeur: "800.00"', 'valeur: "800,00"'),
    ("parametres.yaml", 'valeur: "800.00"', "valeur: 800.00"),
    ("parametres.yaml", 'a_partir_du: "2024-01-01", valeur: "800', 'a_partir_du: 01/01/2024, valeur: "800'),
    ("parametres.yaml", 'verifie_le: "2026-11-26"\n  fin', 'verifie_le: 26 novembre 2026\n  fin'),
    ("parametres.yaml", 'valeur: "2029-12-31T23:59:59"', 'valeur: "31/12/2029 23:59:59"'),
    ("parametres.yaml", "    titre: Montant", "    Titre: Montant"),
    ("regles/base.yaml", "    exigences: [REQ-3]", "    éxigences: [REQ-3]"),
    ("regles/base.yaml", "consequence: rejeter, message: \"Demande", "consequence: Rejeter, message: \"Demande"),
    ("regles/base.yaml", "demandeur.profil: association}, valeur", "demandeur.profil: Association}, valeur"),
    ("regles/base.yaml", 'prix: "800.01"', 'prix: "800,01"'),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "paquet"))


def slipped(folder: Path, *slips: tuple[str, str, str]) -> None:
    for name, right, wrong in slips:
        text = (folder / name).read_bytes().decode()
        assert text.count(right) >= 1, right
        (folder / name).write_bytes(text.replace(right, wrong, 1).encode())


def test_the_pack_that_is_slipped_in_is_right(folder: Path) -> None:
    assert lint(folder, TODAY) == []
    assert repaired(folder, TODAY).files == {}


@pytest.mark.parametrize("slip", SLIPS, ids=[wrong for _, _, wrong in SLIPS])
def test_what_is_certain_becomes_what_it_was(folder: Path, slip: tuple[str, str, str]) -> None:
    name = slip[0]
    right = (folder / name).read_bytes()
    slipped(folder, slip)
    assert lint(folder, TODAY) != []
    found = repaired(folder, TODAY)
    assert (dict(found.files), found.left, len(found.done)) == ({name: right}, (), 1)


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(slips=st.lists(st.sampled_from(SLIPS[2:]), unique=True), mark=st.booleans(), crlf=st.booleans())
def test_any_number_of_slips_is_repaired_and_the_rest_of_the_bytes_is_kept(
    tmp_path_factory: pytest.TempPathFactory, slips: list[tuple[str, str, str]], mark: bool, crlf: bool
) -> None:
    folder = Path(shutil.copytree(BASE, tmp_path_factory.mktemp("p") / "paquet"))
    for name in ("parametres.yaml", "regles/base.yaml"):
        data = (folder / name).read_bytes()
        data = data.replace(b"\n", b"\r\n") if crlf else data
        (folder / name).write_bytes((b"\xef\xbb\xbf" if mark else b"") + data)
    right = {name: (folder / name).read_bytes() for name in ("parametres.yaml", "regles/base.yaml")}
    before = len(lint(folder, TODAY))
    slipped(folder, *((n, r.replace("\n", "\r\n" if crlf else "\n"), w.replace("\n", "\r\n" if crlf else "\n"))
                      for n, r, w in slips))  # fmt: skip
    found = repaired(folder, TODAY)
    assert len(found.left) == before
    assert {name: found.files.get(name, (folder / name).read_bytes()) for name in right} == right
    for name, data in found.files.items():
        (folder / name).write_bytes(data)
    assert repaired(folder, TODAY).files == {}  # a second time changes nothing


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        # 5 June or 6 May, 2.5 or 2500: nobody knows
        ("parametres.yaml", '"2024-01-01", valeur: "800', '05/06/2024, valeur: "800'),
        ("parametres.yaml", 'valeur: "800.00"', 'valeur: "2,500"'),
        # a word that is close to another may be another
        ("regles/base.yaml", "    titre: Demande déposée", "    titer: Demande déposée"),
        ("regles/base.yaml", "condition: non est_association", "condition: non est_asociation"),
    ],
)
def test_what_is_not_certain_is_left_to_a_person(folder: Path, name: str, right: str, wrong: str) -> None:
    slipped(folder, (name, right, wrong))
    found = repaired(folder, TODAY)
    assert found.files == {}
    assert found.left[0].severity is Severity.ERROR
    assert found.left[0].help


def test_a_file_that_a_link_leads_out_of_the_pack_to_is_left_alone(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "ailleurs.yaml"
    shutil.move(folder / "parametres.yaml", outside)
    (folder / "parametres.yaml").symlink_to(outside)
    outside.write_text(outside.read_text("utf-8").replace('"800.00"', '"800,00"'), "utf-8")
    found = repaired(folder, TODAY)
    assert (dict(found.files), found.done) == ({}, ())
    (left,) = found.left
    assert (left.code, left.fix) == ("YAML-LECTURE", None)
    assert "lien vers l'extérieur" in left.message


@pytest.mark.parametrize(
    ("written", "meant", "sure"),
    [
        ("31/07/2023", day("31/07/2023"), True),
        ("07/07/2023", day("07/07/2023"), True),
        ("05/06/2023", day("05/06/2023"), False),
        ("5 juin 2023", day("5 juin 2023"), True),
        ("2023/06/05", day("2023/06/05"), True),
        ("27/07/2023 14:00", instant("27/07/2023 14:00"), True),
        ("800,00", number("800,00"), True),
        ("6 666,67", number("6 666,67"), True),
        ("2,500", number("2,500"), False),
        ("2.500", number("2.500"), False),
    ],
)
def test_a_date_or_a_number_that_can_be_read_twice_is_not_certain(written: str, meant: str, sure: bool) -> None:
    assert meant
    assert certain(written, meant) == (meant if sure else "")


@pytest.mark.parametrize(
    ("written", "readings"),
    [
        ("2023-10-29T02:30:00", ("2023-10-29T02:30:00+01:00", "2023-10-29T02:30:00+02:00")),
        ("2023-03-26T02:30:00", ("2023-03-26T03:30:00+02:00",)),
    ],
)
def test_an_hour_that_the_clocks_repeat_or_skip_is_left_to_a_person_who_is_told_what_to_write(
    folder: Path, written: str, readings: tuple[str, ...]
) -> None:
    slipped(folder, ("parametres.yaml", 'valeur: "2029-12-31T23:59:59"', f'valeur: "{written}"'))
    found = repaired(folder, TODAY)
    (left,) = found.left
    assert (found.done, left.fix) == ((), None)
    assert all(reading in left.message for reading in readings)
    assert written not in left.help
    for reading in readings:
        parse_instant(reading, PARIS)


def test_a_repair_that_writes_what_is_written_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slipped(folder, SLIPS[0])
    written = '"800,00"'
    monkeypatch.setattr("recevable.pack.hints.number", lambda _: written.strip('"'))
    found = repaired(folder, TODAY)
    assert (found.done, dict(found.files)) == ((), {})
    assert [one.fix for one in found.left] == [None]
