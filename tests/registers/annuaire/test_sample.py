"""An invented extraction is of the true shape, the same for the same seed, and holds what its summary says."""

from __future__ import annotations

import json
import statistics
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from recevable.registers.annuaire.counting import count_extraction
from recevable.registers.annuaire.errors import EvidenceError
from recevable.registers.annuaire.extraction import HEADER
from recevable.registers.annuaire.growth import compare, snapshot
from recevable.registers.annuaire.proving import prove
from recevable.registers.annuaire.sample import Sample, write_sample
from recevable.registers.annuaire.whitelist import read_white_list

if TYPE_CHECKING:
    from pathlib import Path


def luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 - position % 2) for position, digit in enumerate(digits[-2::-1])]
    return (sum(number - 9 if number > 9 else number for number in doubled) + int(digits[-1])) % 10 == 0


def test_the_same_seed_gives_the_same_extraction_and_another_seed_another(tmp_path: Path) -> None:
    one, same, other = (
        write_sample(tmp_path / name, lines=1000, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.extraction.read_bytes() == same.extraction.read_bytes()
    assert one.contents == same.contents
    assert read_white_list(one.white_list).domains == read_white_list(same.white_list).domains
    assert one.extraction.read_bytes() != other.extraction.read_bytes()


def test_the_list_is_signed_by_the_certificate_beside_it(sample: Sample) -> None:
    assert read_white_list(sample.white_list, sample.certificate).signature == "verifiee"


def test_the_list_is_of_the_true_shape(sample: Sample) -> None:
    known = read_white_list(sample.white_list, sample.certificate)
    assert known.set_aside == {}
    assert len(known.domains) == sample.contents["domaines_de_la_liste"] == 300
    assert len(known.operators) == sample.contents["operateurs"] == 21
    contested = [domain for domain, operators in known.domains.items() if len(operators) > 1]
    assert len(contested) == sample.contents["domaines_sous_plusieurs_operateurs"] == 24
    assert known.entries > len(known.domains) * 1.2
    assert {one[0] for one in known.operators} == {"1", "3"}


def test_identifiers_are_well_formed_and_nobody_s(sample: Sample) -> None:
    for identifier in read_white_list(sample.white_list).operators:
        if identifier.startswith("3"):
            assert luhn(identifier[1:])
            assert luhn(identifier[1:10])
            assert identifier[1:3] == "00"
        else:
            assert identifier[1:3] == "99"


def test_domains_are_of_the_true_sizes_and_nobody_s(sample: Sample) -> None:
    tally, _ = count_extraction(sample.extraction)
    sizes: Counter[str] = Counter()
    for counted in tally.boxes.values():
        sizes.update(counted)
    assert all(domain.endswith(".example") for domain in sizes)
    assert statistics.median(sizes.values()) < 15
    assert max(sizes.values()) > 30_000 / 20


def test_lines_have_the_true_number_of_columns_and_types(sample: Sample) -> None:
    lines = sample.extraction.read_text(encoding="utf-8", errors="replace").splitlines()
    assert lines[0] == HEADER
    assert len(lines) == 30_001
    kinds = Counter(line.split("|")[0] for line in lines[1:] if line.count("|") == 30)
    assert kinds["PER"] > kinds["ORG"] > kinds["CAB"] > 0
    assert kinds["APP"] == 0


def test_the_summary_beside_it_is_the_one_returned(sample: Sample) -> None:
    assert json.loads((sample.extraction.parent / "contenu.json").read_text(encoding="utf-8")) == sample.contents


def test_application_boxes_are_listed_on_request(tmp_path: Path) -> None:
    tally, _ = count_extraction(write_sample(tmp_path, lines=2000, applications=True).extraction)
    assert sum(tally.boxes["APP"].values()) > 10


def test_an_archive_holds_the_same_text(tmp_path: Path) -> None:
    plain = write_sample(tmp_path / "a", lines=500)
    packed = write_sample(tmp_path / "b", lines=500, archive=True)
    with zipfile.ZipFile(packed.extraction) as archive:
        assert archive.read(plain.extraction.name) == plain.extraction.read_bytes()
    again = write_sample(tmp_path / "c", lines=500, archive=True)
    assert again.extraction.read_bytes() == packed.extraction.read_bytes()


def test_inflated_operators_are_those_that_a_comparison_signals(tmp_path: Path) -> None:
    old = write_sample(tmp_path / "a", lines=30_000, domains=400, operators=40, seed=4)
    new = write_sample(tmp_path / "b", lines=32_000, domains=400, operators=40, seed=4, anomalies=2)
    growth = compare(*(snapshot(prove(one.extraction, new.white_list), "x") for one in (old, new)))
    assert sorted(one.operator for one in growth.signals) == new.contents["operateurs_gonfles"]


@pytest.mark.parametrize("lines", [200, 201, 999])
def test_the_smallest_samples_hold_everything(tmp_path: Path, lines: int) -> None:
    sample = write_sample(tmp_path, lines=lines)
    tally, _ = count_extraction(sample.extraction)
    assert tally.lines == lines
    assert {one.cause: one.number for one in tally.rejections} == sample.contents["rejets"]
    assert tally.addresses == sample.contents["adresses_distinctes"]
    assert tally.repeated == sample.contents["adresses_sur_plusieurs_lignes"]


def test_one_operator_is_enough(tmp_path: Path) -> None:
    sample = write_sample(tmp_path, lines=500, operators=1)
    assert len(read_white_list(sample.white_list).operators) == 1


def test_too_few_lines_for_the_domains_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="ne suffisent pas"):
        write_sample(tmp_path, lines=200, domains=1000)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_bytes(b"")
    with pytest.raises(EvidenceError, match="Choisir un dossier"):
        write_sample(tmp_path / "fichier" / "dedans", lines=200)
