"""A programme through its public face: what it answers is what the command line prints, alone or shared."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET
from tests.bounds import HANG

import recevable
from recevable import InvalidDossier, InvalidPack, MemorySource, Programme, data, open_programme
from recevable.cli.app import run_code
from recevable.decision.payable import AboveMaximum
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import EngineDisagreement
from recevable.language.diagnostics import Diagnostic

ROOT = Path(__file__).parents[2]
FIXTURES = sorted((ROOT / "fixtures" / "af-ope-mss").glob("*.json"))
VELO = ROOT / "tests" / "second_programme" / "prime-velo"
DAY = date(2023, 9, 4)
ONE = ROOT / "fixtures" / "af-ope-mss" / "solde-cinq-defauts.json"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme("af-ope-mss")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """What the command prints, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> str:
        run_code(list(args))
        return capsys.readouterr().out

    return run


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return [b" ".join(path.read_bytes().split()) for path in FIXTURES]


def test_many_lines_are_answered_as_the_command_prints_them(
    programme: Programme, lines: list[bytes], command: Callable[..., str], tmp_path: Path
) -> None:
    wrong = [b'{"programme": "af-ope-mss"}', b"{", b"", b'{"programme": "inconnu", "operateur": {}}', b"   "]
    content = b"\n".join([*lines[:40], *wrong, *lines[40:80]]) + b"\n"
    (tmp_path / "dossiers.ndjson").write_bytes(content)
    rules = str(data.shipped("rules") / programme.name)
    printed = command("check", "--rules", rules, "--format", "ndjson", "--au", str(DAY), "dossiers.ndjson")
    answers = list(programme.decide_many(content.splitlines(), DAY))
    assert b"".join(answer + b"\n" for answer in answers).decode() == printed
    assert len(answers) == 83


def test_a_line_without_the_request_asked_for_is_answered_by_a_fault(programme: Programme, lines: list[bytes]) -> None:
    only = next(line for line in lines if b'"solde"' not in line)
    (answer,) = map(json.loads, programme.decide_many([only], DAY, ["solde"]))
    assert answer["erreurs"][0]["code"] == "ENTREE-DEMANDE"
    assert "`solde`" in answer["erreurs"][0]["message"]


def test_a_dossier_that_is_none_is_refused_with_its_place(programme: Programme) -> None:
    with pytest.raises(InvalidDossier) as raised:
        programme.read(b'{"programme": "af-ope-mss",\n "operateur": {"siret": 12}}', "recu.json")
    assert any(one.span is not None and str(one.span).startswith("recu.json:2") for one in raised.value.diagnostics)


@pytest.mark.parametrize("pack", ["nulle-part", Path("/nulle/part"), MemorySource({})])
def test_a_pack_that_is_none_is_refused(pack: Any) -> None:
    with pytest.raises(InvalidPack, match=r"programme\.yaml"):
        open_programme(pack)


def test_a_pack_in_memory_decides_as_the_folder_does() -> None:
    files = {p.relative_to(VELO).as_posix(): p.read_bytes() for p in VELO.rglob("*") if p.is_file()}
    one, other = open_programme(VELO, prepared=False), open_programme(MemorySource(files))
    assert other.folder is None
    assert one.folder == VELO
    content = sorted((VELO.parent / "dossiers").glob("*.json"))[0].read_bytes()
    assert one.to_json(one.decide(one.read(content), DAY)) == other.to_json(other.decide(other.read(content), DAY))


# --- verifying --------------------------------------------------------------------------------------------------------


def test_every_recorded_decision_is_found_again(programme: Programme) -> None:
    for path in FIXTURES[::10]:
        content = path.read_bytes()
        decision = json.loads(programme.to_json(programme.decide(programme.read(content, path.name), DAY, trace=True)))
        assert programme.verify(decision, content) == ()
        assert programme.verify(decision["recu"], content) == ()


def test_whatever_differs_from_what_was_recorded_is_told(programme: Programme) -> None:
    content = ONE.read_bytes()
    decision = json.loads(programme.to_json(programme.decide(programme.read(content, "d.json"), DAY)))
    decision["demandes"]["solde"]["verdict"] = "accepter"
    decision["recu"]["paquet_sha256"] = "0" * 64
    decision["ajoute"] = 1
    del decision["acceptee"]
    told = {one.pointer: (one.recorded, one.found) for one in programme.verify(decision, content)}
    assert told["/demandes/solde/verdict"] == ("accepter", "completer")
    assert told["/recu/paquet_sha256"][0] == "0" * 64
    assert told["/ajoute"] == (1, UNSET)
    assert told["/acceptee"] == (UNSET, False)
    assert len(told) == 4


def test_a_misspelt_programme_is_told_from_a_folder_without_rules(tmp_path: Path) -> None:
    with pytest.raises(InvalidPack) as misspelt:
        open_programme("af-ope-ms")
    (only,) = misspelt.value.diagnostics
    assert "`af-ope-mss`" in only.help
    with pytest.raises(InvalidPack) as empty:
        open_programme(str(tmp_path))
    assert "programme.yaml" in empty.value.diagnostics[0].help


def test_what_is_done_to_a_decision_changes_no_other(programme: Programme) -> None:
    dossier = programme.read(ONE.read_bytes())
    first = programme.decide(dossier, DAY)
    said = programme.to_text(first)
    assert isinstance(first.parties, dict)
    first.parties.clear()
    assert programme.to_text(programme.decide(dossier, DAY)) == said


def test_requests_may_be_given_one_by_one(programme: Programme) -> None:
    content = ONE.read_bytes()
    asked = programme.decide(programme.read(content), DAY, iter(["solde"]))
    assert [one.name for one in asked.requests] == ["solde"]
    lines = [json.dumps(json.loads(content)).encode()] * 2
    answers = [json.loads(line) for line in programme.decide_many(lines, DAY, iter(["solde"]))]
    assert [list(answer["demandes"]) for answer in answers] == [["solde"]] * 2


def test_another_dossier_than_the_recorded_one_is_told(programme: Programme) -> None:
    content = ONE.read_bytes()
    receipt = json.loads(programme.to_json(programme.decide(programme.read(content), DAY)))["recu"]
    (only,) = programme.verify(receipt, content + b"\n")
    assert only.pointer == "/dossier_sha256"


@pytest.mark.parametrize(
    "recorded",
    [{}, {"recu": {}}, {"date_de_decision": 12}, {"date_de_decision": "hier"}, [], None, "x", {"recu": []},
     {"recu": {"date_de_decision": "2023-09-04"}, "demandes": None}, {"demandes": {"a": 3}},
     {"recu": {"date_de_decision": "2023-09-04"}, "recouvrement": 3}],
)  # fmt: skip
def test_what_is_no_receipt_is_refused(programme: Programme, recorded: Any) -> None:
    with pytest.raises(ValueError, match="neither a decision nor a receipt"):
        programme.verify(recorded, ONE.read_bytes())


# --- words ------------------------------------------------------------------------------------------------------------


def test_text_is_what_the_command_prints(programme: Programme, command: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "d.json").write_bytes(ONE.read_bytes())
    decision = programme.decide(programme.read(ONE.read_bytes(), "d.json"), DAY)
    printed = command("check", "--au", str(DAY), "d.json").partition("\n")
    text = programme.to_text(decision).partition("\n")
    # the first line says what is known of the dossier: the command knows its file
    assert (printed[0].split("  ")[0], text[0].split("  ")[0]) == ("d.json", "Dossier sans référence")
    assert text[2] == printed[2]


def test_an_explanation_needs_a_trace(programme: Programme) -> None:
    dossier = programme.read(ONE.read_bytes(), "d.json")
    with pytest.raises(ValueError, match="trace=True"):
        programme.explain(programme.decide(dossier, DAY))
    said = programme.explain(programme.decide(dossier, DAY, trace=True))
    assert "→ non_satisfait" in said
    assert said != programme.to_text(programme.decide(dossier, DAY))


def test_a_checklist_is_asked_for_by_known_names(programme: Programme) -> None:
    profile = programme.profiles()[0]
    assert programme.checklist(profile, "enrolement", DAY)
    with pytest.raises(ValueError, match="'autre' is none of"):
        programme.checklist("autre", "enrolement", DAY)
    with pytest.raises(ValueError, match="'recouvrement' is none of enrolement, avance, solde"):
        programme.checklist(profile, "recouvrement", DAY)


def test_documents_are_the_fields_that_rules_ask_to_join(programme: Programme) -> None:
    """None holds another, none is a mere datum, and each rule that asks for a document finds it in one of them."""
    found = {field.path: field for field in programme.documents()}
    assert found["solde.pieces.facture_acquittee"].title == "Facture acquittée"
    assert "avance.pieces.formulaire.previsionnel.actuel" not in found
    assert "avance.decision.le" not in found
    assert not any(one != other and f"{one}.".startswith(f"{other}.") for one in found for other in found)
    velo = [field.path for field in open_programme(str(VELO)).documents()]
    assert velo == ["beneficiaire.justificatif_de_domicile", "prime.pieces.facture"]


def test_a_request_is_found_by_its_name(programme: Programme) -> None:
    decision = programme.decide(programme.read(ONE.read_bytes()), DAY, ["solde"])
    assert decision.request("solde").name == "solde"
    with pytest.raises(KeyError):
        decision.request("avance")
    with pytest.raises(KeyError):
        decision.request("solde", "2")


# --- shared -----------------------------------------------------------------------------------------------------------


def answers(programme: Programme, lines: list[bytes]) -> list[bytes]:
    return list(programme.decide_many(lines, DAY))


def test_eight_threads_on_one_programme_give_the_same_bytes_as_one(lines: list[bytes]) -> None:
    lines = lines[::3]
    expected = answers(open_programme("af-ope-mss"), lines)
    shared = open_programme("af-ope-mss")
    with ThreadPoolExecutor(8) as pool:
        # each from another start, so that all are cold at once on different dossiers
        turned = [lines[rank * 7 :] + lines[: rank * 7] for rank in range(8)]
        found = list(pool.map(lambda mine: answers(shared, mine), turned))
    # the names hold the number of the line
    plain = [json.loads(line) | {"dossier": ""} for line in expected]
    for rank, mine in enumerate(found):
        again = [json.loads(line) | {"dossier": ""} for line in mine]
        assert again[len(lines) - rank * 7 :] + again[: len(lines) - rank * 7] == plain


_SHARED: list[Any] = []


def _forked(rank: int) -> list[bytes]:
    programme, lines = _SHARED
    return answers(programme, lines[rank::4])


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("warm", [pytest.param(False, marks=pytest.mark.thorough), True])
def test_forked_processes_on_one_programme_give_the_same_bytes(lines: list[bytes], warm: bool) -> None:
    programme = open_programme("af-ope-mss")
    if warm:
        answers(programme, lines[:20])
    _SHARED[:] = [programme, lines]
    with multiprocessing.get_context("fork").Pool(4) as pool:
        found = pool.map(_forked, range(4))
    assert found == [answers(open_programme("af-ope-mss"), lines[rank::4]) for rank in range(4)]


def test_a_disagreement_of_the_engines_stops_many_lines(lines: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    programme = open_programme("af-ope-mss")
    first = next(iter(programme.decide_many(lines, DAY)))
    assert b"demandes" in first

    def disagree(*_: Any, **__: Any) -> None:
        raise EngineDisagreement("solde", "SOL-X", 1, 2)

    monkeypatch.setattr(programme, "decide", disagree)
    with pytest.raises(recevable.EngineDisagreement):
        list(programme.decide_many(lines, DAY))


@pytest.mark.parametrize(
    "error",
    [
        InvalidDossier([Diagnostic("JSON-VIDE", "le fichier est vide")]),
        InvalidPack([Diagnostic("PAQ-ABSENT", "rien")]),
        Contradiction("montant", ("A", "B"), (1, 2)),
        AboveMaximum("montant", "A", Decimal(2), "plafond", None),
        EngineDisagreement("solde", "A", 1, 2),
    ],
)
def test_another_process_may_receive_any_refusal(error: Exception) -> None:
    found = pickle.loads(pickle.dumps(error))
    assert (type(found), str(found), vars(found)) == (type(error), str(error), vars(error))


def test_a_trace_of_recovery_alone_is_found_again(programme: Programme) -> None:
    content = ONE.read_bytes()
    decision = programme.decide(programme.read(content), DAY, ["recouvrement"], trace=True)
    assert decision.recovery_trace
    assert programme.verify(json.loads(programme.to_json(decision)), content, ["recouvrement"]) == ()


def _decide_in_child(programme: Programme, lines: list[bytes], expected: list[bytes]) -> None:
    """Run in a forked process: exit code 0 when it decides as its parent does."""
    os._exit(0 if answers(programme, lines) == expected else 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("remembered", [pytest.param(0, marks=pytest.mark.thorough), 4096])
def test_a_process_forked_while_threads_decide_decides_too(lines: list[bytes], remembered: int) -> None:
    """The locks of other threads do not stay held in the child."""
    few = lines[:12]
    expected = answers(open_programme("af-ope-mss"), few)
    programme = open_programme("af-ope-mss", remembered=remembered)
    over = threading.Event()

    def decide_on() -> None:
        while not over.is_set():
            answers(programme, few)

    threads = [threading.Thread(target=decide_on) for _ in range(4)]
    for one in threads:
        one.start()
    try:
        for _ in range(6):
            child = os.fork()
            if child == 0:
                _decide_in_child(programme, few, expected)
            until = HANG * 10
            while os.waitpid(child, os.WNOHANG) == (0, 0):
                time.sleep(0.1)
                until -= 1
                if not until:
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
                    raise AssertionError("the child hangs")
    finally:
        over.set()
        for one in threads:
            one.join()


# --- what nobody may take for an acceptance ---------------------------------------------------------------------------


@pytest.mark.parametrize("requests", [["nope"], ["avance", "sold"], "avance et solde", "avance"])
def test_a_request_of_no_such_name_is_refused(programme: Programme, requests: Any) -> None:
    with pytest.raises(ValueError, match="no request is named"):
        programme.decide(programme.read(ONE.read_bytes()), DAY, requests)


def test_a_dossier_of_another_programme_is_refused(programme: Programme) -> None:
    other = open_programme(VELO, prepared=False)
    with pytest.raises(ValueError, match="a dossier of af-ope-mss"):
        other.decide(programme.read(ONE.read_bytes()), DAY)


@pytest.mark.parametrize("on", [None, "2023-09-04", datetime(2023, 9, 4, tzinfo=UTC)])
def test_a_day_is_a_date(programme: Programme, on: Any) -> None:
    with pytest.raises(TypeError, match="`on` is a date"):
        programme.decide(programme.read(ONE.read_bytes()), on)


def test_zero_requests_decided_are_no_acceptance(programme: Programme) -> None:
    data = {name: value for name, value in json.loads(ONE.read_bytes()).items() if name != "solde"}
    dossier = programme.read(json.dumps(data).encode())
    assert not programme.decide(dossier, DAY, ["solde"]).accepted
    # looking for undue payments alone, and finding none, is what was asked for
    assert programme.decide(dossier, DAY, ["recouvrement"]).accepted


@pytest.mark.parametrize("name", ["./regles/avance.yaml", "regles/../x.yaml", "../x.yaml"])
def test_a_name_that_leads_elsewhere_is_a_fault_of_a_pack_in_memory(programme: Programme, name: str) -> None:
    files = {**programme.files(), name: b"regles: []"}
    with pytest.raises(InvalidPack, match="n'est lu par rien"):
        open_programme(MemorySource(files))


@pytest.mark.parametrize("pack", [None, 3, b"regles"])
def test_a_pack_of_another_type_is_refused(pack: Any) -> None:
    with pytest.raises(TypeError, match="a pack is a folder"):
        open_programme(pack)


def test_a_decision_is_verified_as_the_bytes_that_were_written(programme: Programme) -> None:
    content = ONE.read_bytes()
    written = programme.to_json(programme.decide(programme.read(content), DAY))
    assert programme.verify(written, content) == ()
    (only,) = programme.verify(written.replace(b'"completer"', b'"accepter"', 1), content)
    assert (only.recorded, only.found) == ("accepter", "completer")


@pytest.mark.parametrize("requests", [[3], [None], [b"solde"], [["solde"]]])
def test_a_request_that_is_no_text_is_refused_as_an_unknown_one(programme: Programme, requests: Any) -> None:
    with pytest.raises(ValueError, match="no request is named"):
        programme.decide(programme.read(ONE.read_bytes()), DAY, requests)


@pytest.mark.parametrize(
    ("on", "requests", "error"),
    [(DAY, ["nulle"], ValueError), (DAY, "solde", ValueError), ("2023-09-04", [], TypeError)],
)
def test_many_lines_are_refused_at_once_when_nothing_can_be_decided(
    programme: Programme, on: Any, requests: Any, error: type[Exception]
) -> None:
    """Not at the first line that is a dossier, nor never when none is."""
    with pytest.raises(error):
        next(programme.decide_many([b"{}"], on, requests))


@pytest.mark.parametrize("content", ["", "{}", None, 3])
def test_a_dossier_is_read_from_bytes(programme: Programme, content: Any) -> None:
    with pytest.raises(TypeError, match="read from bytes"):
        programme.read(content)


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda programme: programme.decide({"programme": "x"}, DAY), "as `read` gives it, not as dict"),
        (lambda programme: next(programme.decide_many(b"{}", DAY)), "lines of bytes, not from bytes"),
        (lambda programme: next(programme.decide_many([7], DAY)), "not from int"),
        (lambda programme: next(programme.decide_many(["{}"], DAY)), "not from str"),
        (lambda _: recevable.MemorySource(None), "bytes by name, not NoneType"),  # type: ignore[arg-type]  # tried
        (lambda _: recevable.MemorySource({"programme.yaml": "a"}), "'programme.yaml' is str"),  # type: ignore[dict-item]  # tried
        (lambda _: recevable.MemorySource({3: b""}), "3 is bytes"),  # type: ignore[dict-item]  # tried
    ],
)
def test_what_is_of_another_type_is_refused_in_words(programme: Programme, use: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        use(programme)


@pytest.mark.parametrize("name", ["inconnu", "../rules", ""])
def test_only_a_shipped_programme_has_sample_dossiers(name: str) -> None:
    with pytest.raises(ValueError, match="no shipped programme"):
        recevable.sample_dossiers(name)
