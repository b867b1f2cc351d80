"""The chain of acts: whole, it verifies; altered anywhere, the place is told; erased contents are said by an act."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.cli.app import run_code
from recevable.ledger import GENESIS, PURGE, Entry, Head, export, heads, sealed, verify, written_head

Act = tuple[Entry, bytes | None]


def chain(*contents: str, kinds: dict[int, str] | None = None) -> list[Act]:
    acts: list[Act] = []
    for rank, content in enumerate(contents, start=1):
        previous = acts[-1][0] if acts else None
        kind = (kinds or {}).get(rank, "decision")
        entry = sealed(previous, kind, f"D-{rank}", "2026-11-29T09:00:00Z", "a@x", "b@x", content.encode(), keys="1")
        acts.append((entry, content.encode()))
    return acts


def lines(acts: list[Act]) -> list[bytes]:
    return list(export(acts))


def told(found: list[bytes], head: str = "", recorded: Iterable[Head] = ()) -> list[tuple[int, str]]:
    return [(fault.rank, fault.message) for fault in verify(found, head, recorded).faults]


def head_of(acts: list[Act], rank: int) -> Head:
    """The head that was recorded when the act of a rank was the last one."""
    return Head(f"2026-11-{rank + 1:02d}T23:00:00Z", rank, acts[rank - 1][0].digest if rank else GENESIS)


TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=6)


@given(TEXTS)
def test_a_chain_verifies_and_gives_its_head(contents: list[str]) -> None:
    acts = chain(*contents)
    found = verify(lines(acts))
    assert found.faults == ()
    assert found.acts == len(contents)
    assert found.head == (acts[-1][0].digest if acts else GENESIS)
    assert verify(lines(acts), found.head).faults == ()


@given(TEXTS.filter(bool), st.data())
def test_a_member_of_an_act_that_is_altered_is_told_at_its_rank(contents: list[str], data: st.DataObject) -> None:
    found = lines(chain(*contents))
    rank = data.draw(st.integers(1, len(contents)))
    act: dict[str, Any] = json.loads(found[rank])
    name = data.draw(st.sampled_from(sorted(act)))
    act[name] = act[name] + 1 if isinstance(act[name], int) else f"{act[name]}x"
    found[rank] = json.dumps(act).encode() + b"\n"
    faults = told(found)
    assert faults
    assert faults[0][0] in (rank, rank + 1)


@given(TEXTS.filter(lambda texts: len(texts) > 1), st.data())
def test_an_act_that_is_missing_added_or_moved_is_told(contents: list[str], data: st.DataObject) -> None:
    found = lines(chain(*contents))
    rank = data.draw(st.integers(1, len(contents)))
    without = found[:rank] + found[rank + 1 :]
    twice = found[: rank + 1] + found[rank:]
    other = data.draw(st.integers(1, len(contents)).filter(lambda one: one != rank))
    moved = found.copy()
    moved[rank], moved[other] = moved[other], moved[rank]
    for altered in (without, twice, moved):
        assert told(altered)


def test_a_chain_made_again_is_only_seen_with_its_head() -> None:
    one, other = lines(chain("a", "b")), lines(chain("a", "c"))
    assert told(other) == []
    assert "tête" in told(other, verify(one).head)[0][1]
    shorter = lines(chain("a"))
    assert told(shorter) == []
    assert told(shorter, verify(one).head)


@given(TEXTS, st.data())
def test_heads_kept_day_after_day_are_those_of_the_chain(contents: list[str], data: st.DataObject) -> None:
    acts = chain(*contents)
    days = data.draw(st.lists(st.integers(0, len(contents))))
    assert told(lines(acts), recorded=[head_of(acts, rank) for rank in days]) == []


@given(TEXTS.filter(bool), st.data())
def test_heads_show_a_chain_that_was_cut_at_its_end_or_made_again(contents: list[str], data: st.DataObject) -> None:
    acts = chain(*contents)
    rank = data.draw(st.integers(1, len(contents)))
    kept = [head_of(acts, rank)]
    cut = lines(acts[: rank - 1])
    assert told(cut) == []
    assert told(cut, recorded=kept) == [
        (0, f"la tête conservée le {kept[0].instant} est celle de l'acte {rank}, qui manque à l'export")
    ]
    again = lines(chain(*contents[: rank - 1], f"{contents[rank - 1]}x", *contents[rank:]))
    assert told(again) == []
    assert told(again, recorded=kept) == [
        (rank, f"ce n'est pas celui dont la tête a été conservée le {kept[0].instant}")
    ]


def test_a_member_that_is_written_twice_is_told() -> None:
    """A reader that keeps the first of two would show another act than the one that is verified."""
    found = lines(chain("a", "b"))
    found[1] = found[1].replace(b'{"rang":1', b'{"contenu":"faux","rang":1')
    assert told(found) == [(1, "sa ligne n'est pas celle d'un export : un membre y est peut-être écrit deux fois")]


def test_a_purge_erases_only_what_was_before_it() -> None:
    acts = chain("a", json.dumps({"rangs": [3]}), "c", kinds={2: PURGE})
    acts[2] = (acts[2][0], None)
    assert told(lines(acts)) == [(2, "l'acte de purge dit effacer un acte qui ne le précède pas")]


def test_a_content_that_is_no_text_is_one_that_was_altered() -> None:
    acts = chain("a", "b")
    acts[1] = (acts[1][0], b"\xff\xfe")
    assert told(lines(acts)) == [(2, "son contenu a été modifié")]


def test_a_file_of_heads_is_read_back() -> None:
    acts = chain("a", "b")
    kept = [head_of(acts, rank) for rank in (0, 1, 2)]
    assert heads(written_head(one) for one in kept) == kept
    for wrong in (b"", b"{}", b'{"rang": 1}', b"\xff", b'{"instant":"x","rang":"1","tete":"x"}'):
        with pytest.raises(ValueError, match="ligne 2 : ce n'est pas une tête"):
            heads([written_head(kept[0]), wrong])
    with pytest.raises(ValueError, match="aucune tête"):
        heads([])


def test_an_export_that_is_cut_or_goes_on_is_told() -> None:
    found = lines(chain("a", "b"))
    assert "s'arrête avant sa dernière ligne" in told(found[:-1])[0][1]
    assert "après la fin" in told([*found, found[1]])[0][1]
    assert "ce n'est pas un export de registre" in told([])[0][1] or "s'arrête" in told([])[0][1]


@pytest.mark.parametrize("line", [b"", b"{}", b"\xff\xfe", b"[1]", b'{"format": "autre"}', b'{"rang": 1}'])
def test_whatever_a_line_holds_is_told_and_nothing_breaks(line: bytes) -> None:
    found = lines(chain("a", "b"))
    for rank in range(3):
        assert told([*found[:rank], line, *found[rank + 1 :]])


def test_an_erased_content_is_said_by_a_purge() -> None:
    acts = chain("a", "b", json.dumps({"rangs": [1], "motif": "durée de conservation"}), kinds={3: PURGE})
    acts[0] = (acts[0][0], None)
    found = verify(lines(acts))
    assert (found.faults, found.erased) == ((), 1)
    acts[1] = (acts[1][0], None)
    assert told(lines(acts)) == [(2, "son contenu manque, et aucun acte de purge ne le dit")]
    whole = chain("a", json.dumps({"rangs": [1, 9]}), kinds={2: PURGE})
    assert [rank for rank, _ in told(lines(whole))] == [2, 1, 9]
    assert "ne dit pas quels rangs" in told(lines(chain("rien", kinds={1: PURGE})))[0][1]


def test_the_digest_is_of_a_documented_form() -> None:
    """Whoever verifies without this software must find the same: SHA-256 of a JSON list, UTF-8, no spaces."""
    import hashlib

    (entry, _), *_ = chain("é")
    members = [
        "recevable/registre/1", 1, "decision", "D-1", "1", "2026-11-29T09:00:00Z", "a@x", "b@x",
        hashlib.sha256("é".encode()).hexdigest(), "0" * 64,
    ]  # fmt: skip
    written = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    assert entry.digest == hashlib.sha256(written).hexdigest()


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*args: str | Path) -> tuple[int, str]:
        code = run_code(["verify-register", *map(str, args)])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


def test_the_command_verifies_an_export(command: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    acts = chain("a", "b")
    file = tmp_path / "registre.ndjson"
    file.write_bytes(b"".join(lines(acts)))
    head = acts[-1][0].digest
    assert command(file) == (0, f"2 actes vérifiés ; tête {head}.\nLa chaîne est intacte.\n")
    assert command(file, "--tete", head.upper())[0] == 0
    code, printed = command(file, "--tete", "0" * 64)
    assert code == 1
    assert "Export : la tête n'est pas celle qui était attendue" in printed


def test_the_command_tells_what_was_altered(command: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    file = tmp_path / "registre.ndjson"
    file.write_bytes(b"".join(lines(chain(*"abc"))).replace(b'"objet":"D-2"', b'"objet":"D-9"'))
    code, printed = command(file)
    assert code == 1
    assert printed.startswith("Acte 2 : il a été modifié après avoir été scellé.\n")
    assert printed.endswith("La chaîne n'est pas intacte.\n")


def test_the_command_compares_the_heads_that_were_kept(command: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    acts = chain(*"abc")
    whole, cut, kept = tmp_path / "entier.ndjson", tmp_path / "tronque.ndjson", tmp_path / "tetes.ndjson"
    whole.write_bytes(b"".join(lines(acts)))
    cut.write_bytes(b"".join(lines(acts[:1])))
    kept.write_bytes(b"".join(written_head(head_of(acts, rank)) for rank in (0, 1, 3)))
    code, printed = command(whole, "--tetes", kept)
    assert code == 0
    assert "3 têtes conservées comparées.\nLa chaîne est intacte.\n" in printed
    assert command(cut)[0] == 0
    code, printed = command(cut, "--tetes", kept)
    assert code == 1
    assert "est celle de l'acte 3, qui manque à l'export" in printed
    for wrong in (tmp_path / "absent", tmp_path, whole):
        assert command(whole, "--tetes", wrong)[0] == 2


def test_the_command_refuses_what_it_cannot_read(command: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    assert command(tmp_path / "absent")[0] == 2
    assert command(tmp_path)[0] == 2
