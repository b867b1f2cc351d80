"""What an extraction is counted as, and that the fast count agrees with a slow and obvious one, line for line."""

from __future__ import annotations

import re
import zipfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.registers.annuaire import counting
from recevable.registers.annuaire.counting import Tally, count_extraction
from recevable.registers.annuaire.errors import EvidenceError
from recevable.registers.annuaire.extraction import HEADER

if TYPE_CHECKING:
    from tests.registers.annuaire.conftest import Bench

    from recevable.registers.annuaire.sample import Sample

REST = "|" * 29


def line(kind: str, address: str) -> str:
    return f"{kind}|{address}{REST}"


def count(bench: Bench, *lines: str) -> Tally:
    return count_extraction(bench.extraction(lines))[0]


def test_each_address_is_counted_once_by_type_and_domain(bench: Bench) -> None:
    tally = count(
        bench,
        line("PER", "a@x.example"),
        line("PER", "b@x.example"),
        line("ORG", "c@x.example"),
        line("PER", "a@y.example"),
    )
    assert tally.boxes == {"PER": {"x.example": 2, "y.example": 1}, "ORG": {"x.example": 1}}
    assert (tally.lines, tally.kept, tally.rejected, tally.addresses, tally.repeated) == (4, 4, 0, 4, 0)


def test_an_address_on_several_lines_is_counted_once_whatever_its_case(bench: Bench) -> None:
    tally = count(bench, line("PER", "a@x.example"), line("PER", "A@X.EXAMPLE"), line("PER", "a@X.example"))
    assert tally.boxes == {"PER": {"x.example": 1}}
    assert (tally.lines, tally.kept, tally.addresses, tally.repeated) == (3, 3, 1, 1)


def test_an_address_under_two_types_is_in_no_count(bench: Bench) -> None:
    tally = count(bench, line("PER", "a@x.example"), line("ORG", "a@x.example"), line("PER", "b@x.example"))
    assert tally.boxes == {"PER": {"x.example": 1}, "ORG": {}}
    assert tally.conflicting == {"x.example": 1}
    assert (tally.addresses, tally.repeated) == (2, 1)


def test_a_type_is_taken_as_written(bench: Bench) -> None:
    tally = count(bench, line("PER", "a@x.example"), line("per", "b@x.example"), line("CAB", "c@x.example"))
    assert set(tally.boxes) == {"PER", "per", "CAB"}


def test_application_boxes_are_known_only_when_a_line_lists_one(bench: Bench) -> None:
    assert not count(bench, line("PER", "a@x.example")).applications_known
    assert count(bench, line("PER", "a@x.example"), line("APP", "b@x.example")).applications_known


def test_a_rejected_application_line_does_not_make_them_known(bench: Bench) -> None:
    assert not count(bench, line("PER", "a@x.example"), line("APP", "")).applications_known


@pytest.mark.parametrize(
    ("bad", "cause"),
    [
        ("", "ligne_vide"),
        ("   ", "ligne_vide"),
        ("PER|a@x.example" + "|" * 28, "colonnes_manquantes"),
        ("PER|a@x.example" + "|" * 30, "colonnes_en_trop"),
        ("PER", "colonnes_manquantes"),
        (line("", "a@x.example"), "type_vide"),
        (line("PER", ""), "adresse_vide"),
        (line("PER", "a.x.example"), "adresse_sans_arobase"),
        (line("PER", "a@@x.example"), "adresse_invalide"),
        (line("PER", "a@b@x.example"), "adresse_invalide"),
        (line("PER", "@x.example"), "adresse_invalide"),
        (line("PER", "a@"), "adresse_invalide"),
        (line("PER", "a b@x.example"), "adresse_invalide"),
        (line("PER", " a@x.example"), "adresse_invalide"),
        (line("PER", "<a@x.example>"), "adresse_invalide"),
        (line("PER", "é@x.example"), "adresse_invalide"),
    ],
)
def test_a_bad_line_is_rejected_with_its_reason_and_its_number(bench: Bench, bad: str, cause: str) -> None:
    tally = count(bench, line("PER", "z@x.example"), bad, line("PER", "y@x.example"))
    (rejection,) = tally.rejections
    assert (rejection.cause, rejection.number, rejection.first_lines) == (cause, 1, (3,))
    assert tally.boxes == {"PER": {"x.example": 2}}
    assert (tally.lines, tally.kept) == (3, 2)


def test_a_line_whose_bytes_are_not_utf8_is_rejected_even_if_its_address_is_sound(bench: Bench) -> None:
    content = (HEADER + "\n" + line("PER", "a@x.example") + "\n").encode()
    bad = f"PER|b@x.example|é{'|' * 28}\n".encode("latin-1")
    tally, _ = count_extraction(bench.file("e.txt", content + bad))
    assert [(one.cause, one.first_lines) for one in tally.rejections] == [("octets_illisibles", (3,))]
    assert tally.addresses == 1


def test_the_two_halves_of_a_line_cut_in_two_are_rejected_and_nothing_else_moves(bench: Bench) -> None:
    whole = line("PER", "a@x.example")
    tally = count(bench, line("PER", "z@x.example"), whole[:20], whole[20:], line("PER", "y@x.example"))
    assert [(one.cause, one.first_lines) for one in tally.rejections] == [("colonnes_manquantes", (3, 4))]
    assert tally.boxes == {"PER": {"x.example": 2}}


def test_a_missing_and_an_extra_column_in_one_block_do_not_make_up_for_each_other(bench: Bench) -> None:
    tally = count(bench, line("PER", "a@x.example")[:-1], line("PER", "b@x.example") + "|", line("PER", "c@x.example"))
    assert {one.cause: one.first_lines for one in tally.rejections} == {
        "colonnes_manquantes": (2,),
        "colonnes_en_trop": (3,),
    }
    assert tally.addresses == 1


def test_only_the_first_line_numbers_of_a_reason_are_kept(bench: Bench) -> None:
    (rejection,) = count(bench, *[line("PER", "")] * 12, line("PER", "a@x.example")).rejections
    assert (rejection.number, rejection.first_lines) == (12, (2, 3, 4, 5, 6))


def test_an_extraction_without_a_line_is_refused(bench: Bench) -> None:
    with pytest.raises(EvidenceError, match="aucune ligne après l'en-tête"):
        count(bench)


def test_an_extraction_without_a_readable_line_is_refused_with_the_reasons(bench: Bench) -> None:
    with pytest.raises(EvidenceError, match=r"aucune ligne ne peut être lue \(type_vide : 2, adresse_vide : 1\)"):
        count(bench, line("", "a@x.example"), line("PER", ""), line("", ""))


def test_a_first_column_that_does_not_hold_types_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_TYPES", 10)
    assert len(count(bench, *[line(f"T{number}", "a@x.example") for number in range(10)]).boxes) == 10
    with pytest.raises(EvidenceError, match="plus de 10 types"):
        count(bench, *[line(f"T{number}", "a@x.example") for number in range(11)])


def test_a_sample_is_counted_as_what_was_put_in_it(sample: Sample) -> None:
    tally, _ = count_extraction(sample.extraction)
    contents = sample.contents
    assert tally.lines == contents["lignes"]
    assert tally.addresses == contents["adresses_distinctes"]
    assert tally.repeated == contents["adresses_sur_plusieurs_lignes"]
    assert sum(tally.conflicting.values()) == contents["types_contradictoires"]
    assert {one.cause: one.number for one in tally.rejections} == contents["rejets"]
    assert set(tally.boxes) == {"PER", "ORG", "CAB"}


class Naive(NamedTuple):
    """The same count as anyone would first write it."""

    lines: int
    rejected: dict[str, list[int]]
    types: dict[str, set[str]]
    times: Counter[str]


def count_naively(text: bytes) -> Naive:
    pieces = text.split(b"\n")
    if not pieces[-1]:
        pieces.pop()
    rejected: dict[str, list[int]] = defaultdict(list)
    types: dict[str, set[str]] = defaultdict(set)
    times: Counter[str] = Counter()
    for number, piece in enumerate(pieces[1:], start=2):
        columns = piece.split(b"|")
        if len(columns) == 1 and not piece.strip():
            rejected["ligne_vide"].append(number)
            continue
        if len(columns) != 31:
            rejected["colonnes_en_trop" if len(columns) > 31 else "colonnes_manquantes"].append(number)
            continue
        try:
            kind, address, *_ = piece.decode("utf-8").split("|")
        except UnicodeDecodeError:
            rejected["octets_illisibles"].append(number)
            continue
        if kind == "":
            rejected["type_vide"].append(number)
        elif address == "":
            rejected["adresse_vide"].append(number)
        elif "@" not in address:
            rejected["adresse_sans_arobase"].append(number)
        elif not re.fullmatch(r"[\w.!#$%&'*+/=?^`{}~-]+@[\w.!#$%&'*+/=?^`{}~-]+", address, re.ASCII):
            rejected["adresse_invalide"].append(number)
        else:
            types[address.lower()].add(kind)
            times[address.lower()] += 1
    return Naive(len(pieces) - 1, rejected, types, times)


def assert_agrees(tally: Tally, text: bytes) -> None:
    naive = count_naively(text)
    assert tally.lines == naive.lines
    assert {one.cause: list(one.first_lines) for one in tally.rejections} == naive.rejected
    assert {one.cause: one.number for one in tally.rejections} == {
        cause: len(lines) for cause, lines in naive.rejected.items()
    }
    assert tally.kept == naive.times.total()
    assert tally.addresses == len(naive.types)
    assert tally.repeated == sum(times > 1 for times in naive.times.values())
    boxes: dict[str, Counter[str]] = {kind: Counter() for kinds in naive.types.values() for kind in kinds}
    conflicting: Counter[str] = Counter()
    for address, kinds in naive.types.items():
        domain = address.split("@")[1]
        if len(kinds) > 1:
            conflicting[domain] += 1
        else:
            boxes[next(iter(kinds))][domain] += 1
    assert tally.boxes == boxes
    assert tally.conflicting == conflicting


def test_the_count_of_a_sample_agrees_with_a_naive_one_line_for_line(sample: Sample) -> None:
    tally, _ = count_extraction(sample.extraction, lines_kept=10**9)
    assert_agrees(tally, sample.extraction.read_bytes())


kinds = st.sampled_from(["PER", "ORG", "APP", "CAB", "per", "", " "])
halves = st.sampled_from(["a", "b.c", "A", "x.example", "X.Example", "y.example", "", "a b", "é", "ſ", "K", "a'|"])
addresses = st.builds("{}{}{}".format, halves, st.sampled_from(["@", "@", "@", "", "@@"]), halves)
fillers = st.sampled_from(["", "Médecin", "\r", "\x00", "\u2028", "@", "\x85", "é|", "|"])


@st.composite
def some_lines(draw: st.DrawFn) -> bytes:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from([b"", b" ", b"\r", b"|", b"PER|a@x.example", b"\xff", b"|" * 30, b"\xef\xbb\xbf"]))
    if draw(st.booleans()):
        return f"PER|{draw(st.integers(0, 40))}@x.example{REST}".encode()
    columns = draw(st.sampled_from([31, 31, 31, 31, 30, 32, 2]))
    text = "|".join([draw(kinds), draw(addresses), draw(fillers), *[""] * (columns - 3)]).encode()
    return draw(st.sampled_from([text, text, text, text + b"\r", text.replace("é".encode(), b"\xe9")]))


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(some_lines(), min_size=1, max_size=60),
    header_end=st.sampled_from([b"\n", b"\r\n"]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    ended=st.booleans(),
    block=st.sampled_from([1, 7, 64, 500, 1 << 16]),
    archive=st.booleans(),
)
def test_the_count_of_any_file_agrees_with_a_naive_one_line_for_line(
    tmp_path: Path, lines: list[bytes], header_end: bytes, mark: bytes, ended: bool, block: int, archive: bool
) -> None:
    text = mark + HEADER.encode() + header_end + b"\n".join(lines) + (b"\n" if ended else b"")
    path = tmp_path / "extraction"
    if archive:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
            container.writestr("extraction.txt", text)
    else:
        path.write_bytes(text)
    naive = count_naively(text)
    if not naive.times:
        with pytest.raises(EvidenceError, match="aucune ligne"):
            count_extraction(path, block=block)
        return
    tally, facts = count_extraction(path, block=block, lines_kept=10**9)
    assert_agrees(tally, text)
    pieces = text.split(b"\n")[1:]
    whole = list(pieces[:-1])
    assert tally.windows_ends == sum(piece.endswith(b"\r") for piece in whole)
    assert tally.unix_ends == len(whole) - tally.windows_ends
    assert facts.last_line_ended == text.endswith(b"\n")
    assert facts.text_size == len(text)
