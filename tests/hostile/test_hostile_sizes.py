"""Very large and very deep inputs: refused in bounded work and memory, and they keep no other dossier from its
decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.bounds import lines_of, out_of_proportion

from recevable.dossier.limits import MAX_BYTES

Check = Callable[..., Any]
# A small pack: what is read of it is not what is measured.
SMALL = Path(__file__).parents[1] / "second_programme" / "prime-velo"


def written(folder: Path, content: bytes, name: str = "grand.json") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_a_file_of_100_megabytes_is_refused_unread(tmp_path: Path, apart: Check) -> None:
    path = tmp_path / "grand.json"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    outcome = apart("check", str(path))
    assert outcome.code == 2
    assert outcome.err.startswith(
        f"{path}:1:1: erreur [JSON-TAILLE] 100000000 octets, au plus {MAX_BYTES} pour un dossier"
    )


def test_more_than_a_dossier_on_the_standard_input_is_refused(apart: Check) -> None:
    outcome = apart("check", "-", content=b'{"a": "' + b"a" * 40_000_000)
    assert outcome.code == 2
    assert "(entrée standard):1:1: erreur [JSON-TAILLE]" in outcome.err


@pytest.mark.parametrize("depth", [100, 997, 998, 999, 10_000, 300_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_depth_is_refused(tmp_path: Path, check: Check, opening: str, depth: int) -> None:
    closing = "]" if opening == "[" else "}"
    outcome = check(written(tmp_path, f"{opening * depth}1{closing * depth}".encode()))
    assert (outcome.code, outcome.out) == (2, "")
    assert "erreur [" in outcome.err


def test_depth_inside_a_good_dossier_is_refused(tmp_path: Path, check: Check, good: bytes) -> None:
    deep = b'"paiements": ' + b"[" * 10_000 + b"]" * 10_000 + b', "programme"'
    outcome = check(written(tmp_path, good.replace(b'"programme"', deep, 1)))
    assert outcome.code == 2
    assert "plus de 64 niveaux d'imbrication" in outcome.err


def test_a_text_of_a_megabyte_is_refused_without_being_repeated(tmp_path: Path, apart: Check, good: bytes) -> None:
    dossier = json.loads(good)
    dossier["operateur"]["raison_sociale"] = "é" * 500_000
    outcome = apart("check", written(tmp_path, json.dumps(dossier, ensure_ascii=False).encode()))
    assert outcome.code == 2
    assert "/operateur/raison_sociale : il faut au plus 500 caractères, il y en a 500000" in outcome.err
    assert len(outcome.err) < 2_000


HEAVY = {
    "quote": b'"' + b"a" * 1_900_000,
    "backslashes": b'"' + b"\\\\" * 900_000,
    "escapes": b'["' + b"\\u0022:" * 250_000 + b'"]',
    "braces": b"{" * 1_900_000,
    "nested": b'{"a":' * 380_000,
    "blanks": b" " * 1_900_000,
    "digits": b"1" * 1_900_000,
    "floats": b"[" + b"1.5," * 400_000 + b"1]",
    "duplicates": b"{" + b'"a":1,' * 300_000 + b'"a":1}',
    "halves": b'"\\ud83d' + b"\\ud83d" * 300_000,
}


@pytest.mark.thorough
@pytest.mark.parametrize("content", HEAVY.values(), ids=HEAVY)
def test_two_megabytes_of_anything_are_refused_with_few_words(tmp_path: Path, apart: Check, content: bytes) -> None:
    outcome = apart("check", written(tmp_path, content))
    assert outcome.code == 2
    assert "erreur [" in outcome.err
    assert len(outcome.err) < 12_000
    assert "Traceback" not in outcome.err


@pytest.mark.thorough
def test_a_hundred_thousand_keys_are_refused_with_few_words(tmp_path: Path, apart: Check, good: bytes) -> None:
    dossier = json.loads(good) | {f"cle{i}": i for i in range(100_000)}
    outcome = apart("check", written(tmp_path, json.dumps(dossier, separators=(",", ":")).encode()))
    assert outcome.code == 2
    assert "champ inconnu `cle0`" in outcome.err
    assert "et d'autres écarts au schéma" in outcome.err
    assert outcome.err.count("erreur [") <= 21


def test_a_list_of_a_hundred_thousand_items_is_refused_with_few_words(
    tmp_path: Path, apart: Check, good: bytes
) -> None:
    dossier = json.loads(good) | {"paiements": [1] * 100_000}
    outcome = apart("check", written(tmp_path, json.dumps(dossier, separators=(",", ":")).encode()))
    assert outcome.code == 2
    assert outcome.err.count("erreur [") <= 21


def test_a_megabyte_on_one_line_of_ndjson_keeps_no_other_line_from_its_decision(
    tmp_path: Path, check: Check, good: bytes
) -> None:
    dossier = json.loads(good)
    dossier["operateur"]["raison_sociale"] = "a" * 1_000_000
    lines = [good, json.dumps(dossier).encode(), good]
    path = written(tmp_path, b"\n".join(lines), "trois.ndjson")
    outcome = check("--format", "ndjson", path)
    assert outcome.code == 2
    names = [json.loads(line)["dossier"] for line in outcome.out.splitlines()]
    assert names == [f"{path}:1", f"{path}:2", f"{path}:3"]
    assert f"{path}:2:" in outcome.err
    assert len(outcome.err) < 2_000


def test_a_line_beyond_the_bound_is_skipped_and_the_next_ones_decided(
    tmp_path: Path, apart: Check, good: bytes
) -> None:
    endless = b"x" * (20 * MAX_BYTES)
    path = written(tmp_path, b"\n".join([good, endless, good, endless]), "lignes.ndjson")
    outcome = apart("check", "--au", "2023-09-04", "--format", "ndjson", path)
    assert outcome.code == 2
    lines = [json.loads(line) for line in outcome.out.splitlines()]
    assert [line.get("dossier") for line in lines] == [f"{path}:1", None, f"{path}:3", None]
    assert [f"{path}:{n}:1: erreur [JSON-TAILLE]" in outcome.err for n in (1, 2, 3, 4)] == [False, True, False, True]


@pytest.mark.parametrize("size", [MAX_BYTES - 1, MAX_BYTES, MAX_BYTES + 1, MAX_BYTES + 2, 2 * MAX_BYTES])
def test_a_line_around_the_bound_is_one_line(tmp_path: Path, check: Check, good: bytes, size: int) -> None:
    path = written(tmp_path, b"[" + b" " * (size - 2) + b"]\n" + good + b"\n", "bord.ndjson")
    outcome = check("--format", "ndjson", path)
    lines = [json.loads(line) for line in outcome.out.splitlines()]
    assert ["erreurs" in line for line in lines] == [True, False]
    assert lines[1]["dossier"] == f"{path}:2"
    assert ("JSON-TAILLE" in outcome.err) == (size > MAX_BYTES)


def test_bad_lines_among_good_ones_are_counted_and_the_others_decided(
    tmp_path: Path, check: Check, good: bytes
) -> None:
    bad = [b"{", b'{"programme": "af-ope-mss"}', b"\xff", b'{"a": 1, "a": 1}', b"null"]
    lines = [line for pair in zip(bad, [good] * 5, strict=True) for line in pair]
    path = written(tmp_path, b"\n\n".join(lines) + b"\n", "melange.ndjson")
    outcome = check("--format", "json", path)
    report = json.loads(outcome.out)
    assert outcome.code == 2
    assert [d["dossier"] for d in report["decisions"]] == [f"{path}:{n}" for n in (3, 7, 11, 15, 19)]
    assert [e["dossier"] for e in report["erreurs"]] == [f"{path}:{n}" for n in (1, 5, 9, 13, 17)]
    assert [e["erreurs"][0]["ligne"] for e in report["erreurs"]] == [1, 5, 9, 13, 17]
    assert report["bilan"]["illisibles"] == 5


def test_thousands_of_bad_lines_are_counted(tmp_path: Path, check: Check) -> None:
    outcome = check(written(tmp_path, b'{"a": 1}\n' * 3_000, "mauvais.ndjson"))
    assert outcome.code == 2
    assert "Bilan : 3\u202f000 dossiers, 3\u202f000 illisibles." in outcome.out


LARGER: dict[str, Callable[[int], bytes]] = {
    "bad lines": lambda size: b'{"a": 1}\n' * size,
    "keys": lambda size: json.dumps({f"cle{i}": i for i in range(20 * size)}).encode(),
    "items": lambda size: json.dumps({"paiements": [1] * 20 * size}).encode(),
    "levels": lambda size: b"[" * 1_000 * size,
    "blanks": lambda size: b" " * 1_000 * size,
    "duplicates": lambda size: b"{" + b'"a":1,' * 20 * size + b'"a":1}',
    "halves": lambda size: b'"\\ud83d' + b"\\ud83d" * 20 * size,
    "escapes": lambda size: b'["' + b"\\u0022:" * 20 * size + b'"]',
}


@pytest.mark.thorough
@pytest.mark.parametrize("content", LARGER.values(), ids=LARGER)
def test_four_times_as_much_is_not_more_than_four_times_the_work(
    tmp_path: Path, check: Check, content: Callable[[int], bytes]
) -> None:
    few, many = (written(tmp_path, content(size), f"{size}.ndjson") for size in (40, 160))
    # what is read or built on a first use only is no part of it
    assert check("--rules", str(SMALL), few).code == 2
    once, more = (lines_of(partial(check, "--rules", str(SMALL), path)) for path in (few, many))
    assert out_of_proportion(once, more, 4) == {}
