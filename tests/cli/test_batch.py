"""`recevable batch`: the bytes of `check`, from one process or many, interrupted or not; a file whole or absent."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator
from datetime import date
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import Any

import click
import pyarrow
import pytest
from pyarrow import parquet
from tests.bounds import HANG

from recevable.cli.batch import command as verb
from recevable.cli.batch.journal import Journal
from recevable.cli.batch.workers import Died, shared
from recevable.cli.check import DossierRun
from recevable.outputs.batch.page import progress
from recevable.programme import open_programme

Command = Callable[..., Any]
Line = Callable[[str], bytes]
NAMES = ("acceptee", "a-completer", "hors-delai", "association", "sans-revenu", "revente-remboursee", "sans-demande")
DAY = "2024-05-31"


@pytest.fixture
def many(tmp_path: Path, line: Line, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Dossiers of all kinds on lines, some of which cannot be read; blocks are small."""
    monkeypatch.setattr(verb, "DOSSIERS", 5)
    found = [line(NAMES[rank % len(NAMES)]) for rank in range(23)]
    found[3] = b'{"programme":'
    found[11] = b""
    found[12] = b'{"a": 1, "a": 2}'
    path = tmp_path / "lots.ndjson"
    path.write_bytes(b"\n".join(found) + b"\n")
    return path


@pytest.fixture
def batch(recevable: Command, pack: Path) -> Command:
    """`recevable batch` with the small pack, on a fixed day."""
    return lambda *args: recevable("batch", "--rules", pack, "--au", DAY, *args)


@pytest.fixture
def expected(check: Command, many: Path) -> bytes:
    """What `check` writes."""
    found: bytes = check(many, "--format", "ndjson").out.encode()
    assert found.count(b"\n") == 22
    return found


def folder_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.en-cours")


def test_the_bytes_and_the_code_are_those_of_check(
    batch: Command, check: Command, many: Path, expected: bytes, tmp_path: Path
) -> None:
    out = tmp_path / "decisions.ndjson"
    outcome = batch(many, "--out", out)
    assert out.read_bytes() == expected
    assert outcome.code == check(many, "--format", "ndjson").code == 2
    assert f"{many}:4 : JSON-SYNTAXE : " in outcome.err
    assert f"{many}:13 : JSON-SYNTAXE : " in outcome.err
    assert not folder_of(out).exists()


def test_several_processes_write_the_same_bytes(batch: Command, many: Path, expected: bytes, tmp_path: Path) -> None:
    out = tmp_path / "decisions.ndjson"
    assert batch(many, "--out", out, "--jobs", 2).code == 2
    assert out.read_bytes() == expected


def test_files_folders_and_requests_are_those_of_check(
    batch: Command, check: Command, dossier: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "dossiers"
    folder.mkdir()
    for name in ("revente", "acceptee"):
        shutil.copy(dossier(name), folder)
    args = (folder, dossier("deux-demandes"), "--demande", "prime")
    out = tmp_path / "decisions.ndjson"
    outcome = batch(*args, "--out", out)
    again = check(*args, "--format", "ndjson")
    assert (out.read_text("utf-8"), outcome.code) == (again.out, again.code)


def test_an_accepted_run_is_a_success(batch: Command, dossier: Callable[[str], Path], tmp_path: Path) -> None:
    out = tmp_path / "decisions.ndjson"
    outcome = batch(dossier("acceptee"), "--out", out)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Bilan : 1 dossier, 1 accepté.\n\nVerdicts\n")


def test_an_input_is_never_replaced(batch: Command, many: Path) -> None:
    before = many.read_bytes()
    outcome = batch(many, "--out", many)
    assert outcome.code == 2
    assert "est une entrée, il serait remplacé" in outcome.err
    assert many.read_bytes() == before


def test_processes_that_die_end_the_run_and_keep_what_is_decided(
    batch: Command, many: Path, expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "decisions.ndjson"
    real = shared

    def dying(*args: Any, **options: Any) -> Generator[Any, None, None]:
        yield from islice(real(*args, **options), 2)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(verb, "shared", dying)
        outcome = batch(many, "--out", out)
    assert outcome.code == 4
    assert "10 dossiers décidés sont gardés" in outcome.err
    assert not out.exists()
    assert batch(many, "--out", out, "--resume").code == 2
    assert out.read_bytes() == expected


def test_a_process_that_finds_other_rules_decides_nothing(pack: Path) -> None:
    with pytest.raises(click.UsageError, match="ne sont pas ceux du début"):
        verb._worker(pack, (), date.fromisoformat(DAY), False, "jamais", "toujours", {"moteur": "", "paquets": {}})


def test_an_unknown_request_is_wrong_usage_and_leaves_nothing(batch: Command, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "decisions.ndjson"
    outcome = batch(many, "--out", out, "--demande", "soldes")
    assert outcome.code == 2
    assert "`soldes` n'est pas une demande" in outcome.err
    assert not out.exists()
    assert not folder_of(out).exists()


def test_the_first_faults_are_shown_and_the_others_counted(batch: Command, tmp_path: Path) -> None:
    path = tmp_path / "fautes.ndjson"
    path.write_bytes(b"{\n" * 30)
    outcome = batch(path, "--out", tmp_path / "d.ndjson")
    *shown, last = outcome.err.splitlines()
    assert [line.split(" : ")[:2] for line in shown] == [[f"{path}:{n}", "JSON-SYNTAXE"] for n in range(1, 21)]
    assert last == f"… et 10 autres erreurs, à leur place dans `{tmp_path / 'd.ndjson'}`."
    assert (tmp_path / "d.ndjson").read_bytes().count(b"\n") == 30


def test_progress_says_the_rate_and_what_remains() -> None:
    assert progress(12_000, 1_234.4, None) == "12\u202f000 dossiers, 1\u202f234/s"
    assert progress(1, 0.6, 42.2) == "1 dossier, 1/s, encore 42 s"
    assert progress(2, 30, 190) == "2 dossiers, 30/s, encore 3 min"


# --- formats ----------------------------------------------------------------------------------------------------------


def test_a_short_line_has_the_digest_of_the_whole_decision(
    batch: Command, check: Command, many: Path, pack: Path, tmp_path: Path
) -> None:
    out = tmp_path / "courtes.ndjson"
    batch(many, "--out", out, "--format", "resume")
    assert check(many, "--format", "resume").out == out.read_text("utf-8")
    programme = open_programme(pack)
    inputs = dict(enumerate(many.read_bytes().splitlines(), start=1))
    seen = 0
    for short in map(json.loads, out.read_bytes().splitlines()):
        if "erreurs" in short:
            continue
        number = int(short["dossier"].rpartition(":")[2])
        decision = programme.decide(programme.read(inputs[number]), date.fromisoformat(DAY))
        whole = json.loads(programme.to_json(decision))
        assert short["sha256"] == hashlib.sha256(programme.to_json(decision)).hexdigest()
        assert short["acceptee"] == whole["acceptee"]
        for label, request in short["demandes"].items():
            told = whole["demandes"][label]
            assert (request["verdict"], request["provisoire"]) == (told["verdict"], told["provisoire"])
            proposed = told["montant_propose"]
            assert request["centimes_proposes"] == (proposed and int(proposed["valeur"].replace(".", "")))
            against = [f["regle"] for f in told["constats"] if f["consequence"] in ("rejeter", "completer")]
            assert set(against) <= {one["regle"] for one in request["regles"]}
            assert bool(request["regles"]) == (request["verdict"] != "accepter" or request["provisoire"])
        seen += len(short["demandes"])
    assert seen >= 15


def test_a_table_says_what_the_short_lines_say(batch: Command, many: Path, tmp_path: Path) -> None:
    short, table = tmp_path / "courtes.ndjson", tmp_path / "table.parquet"
    batch(many, "--out", short, "--format", "resume")
    assert batch(many, "--out", table, "--format", "parquet").code == 2
    rows = parquet.read_table(table).to_pylist()
    lines = [json.loads(one) for one in short.read_bytes().splitlines()]
    expected_verdicts = [
        (one["dossier"], name, request["verdict"]) for one in lines for name, request in one.get("demandes", {}).items()
    ]
    assert [(r["dossier"], r["nom"], r["verdict"]) for r in rows if r["nature"] == "demande"] == expected_verdicts
    faults = [(one["dossier"], one["erreurs"][0]["code"]) for one in lines if "erreurs" in one]
    assert [(r["dossier"], r["erreur"]) for r in rows if r["nature"] == "erreur"] == faults
    paid = sum(r["propose"] or 0 for r in rows if r["nature"] == "demande")
    assert paid * 100 == sum(q["centimes_proposes"] or 0 for one in lines for q in one.get("demandes", {}).values())
    assert paid > 0


@pytest.mark.parametrize("packed", ["lots.ndjson.gz", "lots.ndjson.zst", "lots.parquet"])
def test_packed_dossiers_get_the_decisions_of_plain_ones(
    batch: Command, many: Path, expected: bytes, tmp_path: Path, packed: str
) -> None:
    path, content = tmp_path / "autre" / packed, many.read_bytes()
    path.parent.mkdir()
    if packed.endswith(".gz"):
        path.write_bytes(gzip.compress(content))
    elif packed.endswith(".zst"):
        with pyarrow.CompressedOutputStream(path, "zstd") as stream:
            stream.write(content)
    else:
        # an empty cell keeps the number of the row
        cells = [one.decode() or None for one in content.splitlines()]
        parquet.write_table(pyarrow.table({"rang": list(range(len(cells))), "dossier": cells}), path)
    out = tmp_path / "decisions.ndjson"
    batch(path, "--out", out)
    found = [json.loads(one) for one in out.read_bytes().replace(bytes(path), bytes(many)).splitlines()]
    if packed.endswith(".parquet"):
        empty = [one for one in found if one["dossier"] is None]
        assert [(one["erreurs"][0]["code"], one["erreurs"][0]["ligne"]) for one in empty] == [("ENTREE-VIDE", 12)]
        found = [one for one in found if one["dossier"] is not None]
    assert found == [json.loads(one) for one in expected.splitlines()]


@pytest.mark.parametrize("packed", ["lots.ndjson.gz", "lots.ndjson.zst", "lots.parquet"])
def test_a_damaged_file_is_an_error_after_what_can_be_read(
    batch: Command, dossier: Callable[[str], Path], many: Path, tmp_path: Path, packed: str
) -> None:
    path = tmp_path / packed
    whole = gzip.compress(many.read_bytes() * 40) if packed.endswith(".gz") else b"\x28\xb5\x2f\xfdPAR1" * 9
    path.write_bytes(whole[: len(whole) // 2])
    out = tmp_path / "decisions.ndjson"
    outcome = batch(path, dossier("acceptee"), "--out", out)
    found = [json.loads(one) for one in out.read_bytes().splitlines()]
    faults = [one for one in found if one["dossier"] is None]
    assert [one["erreurs"][0]["code"] for one in faults] == ["ENTREE-LECTURE"]
    assert f"`{path}`" in faults[0]["erreurs"][0]["message"]
    assert (outcome.code, found[-1]["acceptee"]) == (2, True)


def test_a_table_without_a_column_of_dossiers_is_an_error(batch: Command, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    parquet.write_table(pyarrow.table({"a": ["{}"], "b": ["{}"]}), path)
    outcome = batch(path, "--out", tmp_path / "d.ndjson")
    assert outcome.code == 2
    assert "n'est pas une table de dossiers lisible" in outcome.err


# --- the summary ------------------------------------------------------------------------------------------------------


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_summary_counts_what_the_lines_say(batch: Command, many: Path, expected: bytes, tmp_path: Path) -> None:
    for name in ("bilan.json", "bilan.html", "bilan.txt"):
        outcome = batch(many, "--out", tmp_path / "d.ndjson", "--bilan", tmp_path / name)
    lines = [json.loads(one) for one in expected.splitlines()]
    decided = [one for one in lines if "erreurs" not in one]
    found = json.loads((tmp_path / "bilan.json").read_bytes())
    assert found["dossiers"] == len(lines) == found["acceptes"] + found["non_acceptes"] + found["illisibles"]
    assert found["acceptes"] == sum(one["acceptee"] for one in decided)
    requests = [request for one in decided for request in one["demandes"].values()]
    assert found["demandes"]["prime"] == Counter(request["verdict"] for request in requests)
    results = Counter(
        (finding["regle"], finding["resultat"])
        for request in requests
        for finding in request["constats"]
        if finding["resultat"] not in ("satisfait", "sans_objet")
    )
    told = {(rule, what): n for rule, one in found["regles"].items() for what, n in one.items() if what != "titre"}
    assert {key: told[key] for key in results} == results
    lacking = Counter(
        name
        for one in decided
        for name in {datum["nom"] for r in one["demandes"].values() for f in r["constats"] for datum in f["manquants"]}
    )
    assert {name: one["dossiers"] for name, one in found["manquants"].items()} == lacking
    assert (tmp_path / "bilan.txt").read_text("utf-8") == outcome.out
    page = _Texts()
    page.feed((tmp_path / "bilan.html").read_text("utf-8"))
    assert "script" not in page.tags
    assert page.tags.count("rect") == len(found["demandes"]["prime"])
    assert {"prime", "accepter", *found["regles"]} <= set(page.texts)


def test_a_hostile_name_is_a_text_in_the_page(batch: Command, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "<script>a&b.ndjson"
    batch(many, "--out", out, "--bilan", tmp_path / "bilan.html")
    assert "<script>" not in (tmp_path / "bilan.html").read_text("utf-8")


# --- interrupted ------------------------------------------------------------------------------------------------------


@pytest.fixture
def states(batch: Command, many: Path, expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folder of a run after each block, as a machine that stops would leave it."""
    out, found = tmp_path / "decisions.ndjson", list[Path]()
    real = Journal.add

    def add(self: Journal, *args: Any) -> None:
        real(self, *args)
        found.append(Path(shutil.copytree(self.folder, tmp_path / f"etat-{len(found)}")))

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", add)
        batch(many, "--out", out)
    assert out.read_bytes() == expected
    out.unlink()
    assert len(found) == 5
    return found


def test_a_run_cut_at_any_byte_is_gone_on_with(
    batch: Command, many: Path, expected: bytes, states: list[Path], tmp_path: Path
) -> None:
    out, rng = tmp_path / "decisions.ndjson", random.Random(16)
    whole = states[-1]
    sizes = {name: (whole / name).stat().st_size for name in ("journal", "sortie")}
    cuts = [{"journal": rng.randrange(sizes["journal"]), "sortie": sizes["sortie"]} for _ in range(8)]
    cuts += [{"journal": sizes["journal"], "sortie": rng.randrange(sizes["sortie"])} for _ in range(4)]
    cuts += [{"journal": 0, "sortie": 0}, {"journal": 0, "sortie": sizes["sortie"]}, sizes]
    for cut in cuts:
        shutil.copytree(whole, folder_of(out))
        for name, size in cut.items():
            os.truncate(folder_of(out) / name, size)
        assert batch(many, "--out", out, "--resume").code == 2, cut
        assert out.read_bytes() == expected, cut
        assert not folder_of(out).exists()
        out.unlink()


def test_what_was_decided_is_not_decided_again(
    batch: Command, many: Path, expected: bytes, states: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, decided = tmp_path / "decisions.ndjson", list[object]()
    real = DossierRun.one

    def one(self: DossierRun, content: Any) -> None:
        decided.append(content)
        real(self, content)

    monkeypatch.setattr(DossierRun, "one", one)
    batch(many, "--out", tmp_path / "autre", "--bilan", tmp_path / "entier.json")
    decided.clear()
    states[2].rename(folder_of(out))
    outcome = batch(many, "--out", out, "--resume", "--bilan", tmp_path / "repris.json")
    assert out.read_bytes() == expected
    assert len(decided) == 22 - 15
    assert (tmp_path / "repris.json").read_bytes() == (tmp_path / "entier.json").read_bytes()
    assert outcome.out.startswith("Bilan : 22 dossiers, ")


def test_the_journal_says_each_title_once(states: list[Path]) -> None:
    lines = (states[-1] / "journal").read_bytes().splitlines()
    titles = [set(json.loads(line)["bilan"]["titles"]) for line in lines[1:]]
    assert len(titles) == 5
    assert sum(map(len, titles)) == len(set.union(*titles)) > 3


def test_the_end_may_be_interrupted_too(
    batch: Command, many: Path, expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the file has its name, and between that and the end of the folder."""
    for place, there in (("replace", False), ("rmtree", True)):
        out = tmp_path / f"{place}.ndjson"

        def stop(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Path if place == "replace" else shutil, place, stop)
            assert batch(many, "--out", out).code == 130
        assert out.exists() is there
        assert folder_of(out).exists()
        assert batch(many, "--out", out, "--resume").code == 2
        assert out.read_bytes() == expected
        assert not folder_of(out).exists()


def test_a_full_disk_leaves_no_file_and_what_it_holds_is_kept(
    batch: Command, many: Path, expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, calls = tmp_path / "decisions.ndjson", [0]
    real = os.fsync

    def full(descriptor: int) -> None:
        calls[0] += 1
        if calls[0] == 6:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        outcome = batch(many, "--out", out)
    assert outcome.code == 4
    assert "il n'y a plus de place" in outcome.err
    assert "reprenez avec --resume" in outcome.err
    assert not out.exists()
    assert batch(many, "--out", out, "--resume").code == 2
    assert out.read_bytes() == expected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda many, pack: many.write_bytes(many.read_bytes().replace(b'{"a"', b'{"b"', 1)), "n'est plus celle"),
        (lambda many, pack: many.write_bytes(many.read_bytes()[:40]), "n'est plus celle"),
        (lambda many, pack: (pack / "note.yaml").write_text("# une note\n"), "PAQ-FICHIER"),
        (lambda many, pack: _noted(pack / "regles" / "prime.yaml"), "le même traitement (paquets)"),
    ],
    ids=["input", "cut", "invalid", "rules"],
)
def test_another_run_is_not_gone_on_with(
    recevable: Command,
    many: Path,
    pack: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, Path], object],
    said: str,
) -> None:
    own = Path(shutil.copytree(pack, tmp_path / "prime-velo"))
    out = tmp_path / "decisions.ndjson"
    args = ("batch", many, "--out", out, "--rules", own, "--au", DAY)
    _interrupted(recevable, args, monkeypatch)
    change(many, own)
    outcome = recevable(*args, "--resume")
    assert outcome.code == (3 if said == "PAQ-FICHIER" else 2)
    assert said in outcome.err
    assert not out.exists()
    assert folder_of(out).exists()


def _noted(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"# une note\n")


def _interrupted(
    recevable: Command, args: tuple[object, ...], monkeypatch: pytest.MonkeyPatch, blocks: int = 3
) -> None:
    """A run stopped by Ctrl-C after some blocks."""
    real, done = Journal.add, [0]

    def add(self: Journal, *more: Any) -> None:
        real(self, *more)
        done[0] += 1
        if done[0] == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", add)
        outcome = recevable(*args)
    assert outcome.code == 130
    assert "15 dossiers décidés sont gardés ; reprenez avec --resume." in outcome.err


def test_an_interrupted_run_is_never_begun_again_by_mistake(
    recevable: Command, batch: Command, many: Path, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "decisions.ndjson"
    _interrupted(recevable, ("batch", many, "--out", out, "--rules", pack, "--au", DAY), monkeypatch)
    outcome = batch(many, "--out", out)
    assert outcome.code == 2
    assert "un traitement interrompu est dans" in outcome.err
    assert (
        "ce n'est plus le même traitement (format)" in batch(many, "--out", out, "--resume", "--format", "resume").err
    )


def test_the_day_of_a_run_is_that_of_its_beginning(
    recevable: Command, batch: Command, many: Path, pack: Path, expected: bytes, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    out = tmp_path / "decisions.ndjson"
    _interrupted(recevable, ("batch", many, "--out", out, "--rules", pack, "--au", DAY), monkeypatch)
    assert recevable("batch", many, "--out", out, "--rules", pack, "--resume").code == 2
    assert out.read_bytes() == expected


def test_two_runs_never_write_the_same_file(batch: Command, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "decisions.ndjson"
    other = Journal(out, resume=False)
    outcome = batch(many, "--out", out, "--resume")
    assert outcome.code == 2
    assert "un autre traitement écrit déjà" in outcome.err
    other.abandon()
    assert not folder_of(out).exists()


@pytest.mark.thorough
def test_a_run_killed_at_any_moment_is_gone_on_with(
    many: Path, pack: Path, tmp_path: Path, run_environment: Callable[..., dict[str, str]]
) -> None:
    """`RECEVABLE_KILLS` is how many runs are killed: few here, many in a night."""
    # dossiers enough for several blocks of the true size
    many.write_bytes(many.read_bytes() * 40)
    args = [sys.executable, "-m", "recevable", "batch", str(many), "--rules", str(pack), "--au", DAY, "--jobs", "2"]
    env = run_environment(RECEVABLE_CACHE=str(tmp_path / "cache"))
    subprocess.run([*args, "--out", str(tmp_path / "a")], env=env, check=False, capture_output=True, timeout=HANG)
    rng, out = random.Random(), tmp_path / "b"
    for _ in range(int(os.environ.get("RECEVABLE_KILLS", "2"))):
        with subprocess.Popen([*args, "--out", str(out), "--resume"], env=env, stdout=-3, stderr=-3) as run:
            journal, goal = folder_of(out) / "journal", rng.randrange(6_000)
            while run.poll() is None and not (journal.exists() and journal.stat().st_size >= goal):
                time.sleep(rng.uniform(0, 0.05))
            run.send_signal(rng.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)))
            run.wait(HANG)
        assert not out.exists() or out.read_bytes() == (tmp_path / "a").read_bytes()
    again = [*args, "--out", str(out), "--resume"]
    done = subprocess.run(again, env=env, check=False, timeout=HANG, stdout=-3, stderr=-3)
    assert done.returncode == 2
    assert out.read_bytes() == (tmp_path / "a").read_bytes()
    assert not folder_of(out).exists()


def test_by_sampling_the_bytes_are_those_of_check_and_the_receipt_says_so(
    batch: Command, check: Command, many: Path, expected: bytes, tmp_path: Path
) -> None:
    out = tmp_path / "decisions.ndjson"
    for jobs in (1, 2):
        batch(many, "--out", out, "--accord", "echantillon", "--jobs", jobs)
        assert out.read_bytes() == check(many, "--format", "ndjson", "--accord", "echantillon").out.encode()
    found = [json.loads(line) for line in out.read_bytes().splitlines()]
    kept = [one["recu"].pop("accord") for one in found if "recu" in one]
    assert kept
    assert all(one.keys() == {"mode", "un_sur", "tire"} for one in kept)
    plain = [json.loads(line) for line in expected.splitlines()]
    assert all(one["recu"].pop("accord") == {"mode": "toujours"} for one in plain if "recu" in one)
    assert found == plain
    text = check(many, "--accord", "echantillon").out
    assert " ".join(text.split()).count("accord par échantillon, un dossier sur 64") == len(kept)
    assert "échantillon" not in check(many).out


def test_an_interrupted_run_is_not_gone_on_with_another_agreement(
    batch: Command, many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "decisions.ndjson"
    one, done = DossierRun.one, list[Any]()

    def interrupted(self: DossierRun, content: Any) -> None:
        if len(done) == 7:
            raise KeyboardInterrupt
        done.append(content)
        one(self, content)

    monkeypatch.setattr(DossierRun, "one", interrupted)
    batch(many, "--out", out)
    monkeypatch.setattr(DossierRun, "one", one)
    outcome = batch(many, "--out", out, "--resume", "--accord", "echantillon")
    assert outcome.code == 2
    assert "accord" in outcome.err
