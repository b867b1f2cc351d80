"""An Arrow batch of dossiers in, one of their decisions out: the lines of `decide_many`, and typed columns."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow
import pytest

from recevable import decide_batch
from recevable.programme import Programme, open_programme

PACK = Path(__file__).parents[2] / "tests" / "second_programme"
DAY = date(2024, 5, 31)
NAMES = ("acceptee", "a-completer", "hors-delai", "revente-remboursee", "sans-demande", "deux-demandes")


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme(PACK / "prime-velo")


@pytest.fixture(scope="module")
def cells() -> list[str]:
    found = [json.dumps(json.loads((PACK / "dossiers" / f"{name}.json").read_bytes())) for name in NAMES]
    return [*found, '{"programme":', '{"a": 1, "a": 2}']


@pytest.mark.parametrize("type_", [pyarrow.string(), pyarrow.large_string(), pyarrow.binary()])
def test_the_decisions_are_the_lines_of_decide_many(programme: Programme, cells: list[str], type_: object) -> None:
    texts = [one.encode() for one in cells]
    given = texts if type_ == pyarrow.binary() else cells
    batch = pyarrow.record_batch({"dossier": pyarrow.array(given, type_)})
    found = decide_batch(programme, batch, DAY, name="lots.ndjson")
    assert [one.encode() for one in found["decision"].to_pylist()] == [
        *programme.decide_many(texts, DAY, name="lots.ndjson")
    ]


def test_a_row_says_in_columns_what_its_lines_say(programme: Programme, cells: list[str]) -> None:
    paid = 0
    for row in decide_batch(programme, pyarrow.record_batch({"dossier": cells}), DAY).to_pylist():
        whole, short = json.loads(row["decision"]), json.loads(row["resume"])
        assert row["dossier"] == whole["dossier"] == short["dossier"]
        if "erreurs" in whole:
            (line,) = row["lignes"]
            assert (line["nature"], line["erreur"]) == ("erreur", whole["erreurs"][0]["code"])
            assert row["acceptee"] is None
            continue
        assert row["acceptee"] == whole["acceptee"]
        del whole["dossier"]
        alone = programme.to_json(programme.decide(programme.read(cells[int(row["dossier"][6:]) - 1].encode()), DAY))
        assert row["sha256"] == hashlib.sha256(alone).hexdigest()
        requests = {line["nom"]: line for line in row["lignes"] if line["nature"] == "demande"}
        assert {name: line["verdict"] for name, line in requests.items()} == {
            name: one["verdict"] for name, one in whole["demandes"].items()
        }
        for name, line in requests.items():
            cents = short["demandes"][name]["centimes_proposes"]
            assert line["propose"] == (None if cents is None else Decimal(cents) / 100)
            paid += cents or 0
    assert paid > 0


def test_other_columns_are_kept_and_an_empty_cell_is_an_error_at_its_row(
    programme: Programme, cells: list[str]
) -> None:
    batch = pyarrow.record_batch({"id": [7, 8], "json": [None, cells[0]]})
    found = decide_batch(programme, batch, DAY, column="json", first=41, whole_decisions=False)
    assert found.schema.names == ["id", "dossier", "reference", "programme", "acceptee", "lignes", "sha256", "resume"]
    rows = found.to_pylist()
    assert [(row["id"], row["dossier"], row["acceptee"]) for row in rows] == [
        (7, "table:41", None),
        (8, "table:42", True),
    ]
    assert rows[0]["lignes"][0]["erreur"] == "ENTREE-VIDE"


def test_a_request_that_is_not_there_is_an_error_of_its_row(programme: Programme, cells: list[str]) -> None:
    (row,) = decide_batch(programme, pyarrow.record_batch({"dossier": [cells[4]]}), DAY, ["prime"]).to_pylist()
    assert row["lignes"][0]["erreur"] == "ENTREE-DEMANDE"


def test_an_empty_batch_gives_the_schema(programme: Programme, cells: list[str]) -> None:
    batch = pyarrow.record_batch({"id": [1], "dossier": cells[:1]})
    assert decide_batch(programme, batch.slice(0, 0), DAY).schema == decide_batch(programme, batch, DAY).schema


@pytest.mark.parametrize("columns", [{"autre": ["{}"]}, {"dossier": [1]}, {"dossier": ["{}"], "sha256": ["x"]}])
def test_a_batch_without_the_column_or_with_one_of_the_answer_is_refused(
    programme: Programme, columns: dict[str, list[object]]
) -> None:
    with pytest.raises(ValueError, match="the batch has "):
        decide_batch(programme, pyarrow.record_batch(columns), DAY)


def test_the_agreement_may_be_kept_by_sampling(programme: Programme, cells: list[str]) -> None:
    batch = pyarrow.record_batch({"dossier": cells})
    found = decide_batch(programme, batch, DAY, agreement="echantillon")["decision"].to_pylist()
    assert [one.encode() for one in found] == [
        *programme.decide_many((one.encode() for one in cells), DAY, agreement="echantillon", name="table")
    ]
    assert '"mode":"echantillon"' in found[0]
    with pytest.raises(ValueError, match="agreement"):
        # what a caller without a type checker may write, even for no row
        decide_batch(programme, batch.slice(0, 0), DAY, agreement="jamais")  # type: ignore[arg-type]  # tried


def test_a_word_for_a_list_of_requests_is_refused(programme: Programme, cells: list[str]) -> None:
    with pytest.raises(ValueError, match="give a list of"):
        decide_batch(programme, pyarrow.record_batch({"dossier": cells[:1]}), DAY, "prime")
