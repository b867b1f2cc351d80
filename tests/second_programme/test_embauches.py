"""A request for each element of a list: rules written once, one decision per element, named by its key."""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from recevable.cli.app import run_code
from recevable.decision.model import Decision, RequestDecision, Verdict
from recevable.inference.engine import Engine
from recevable.pack.model import Result
from recevable.programme import InvalidDossier, InvalidPack, Programme, open_programme

HERE = Path(__file__).parent
PACK = HERE / "embauches"
TWO = HERE / "dossiers-embauches" / "deux.json"
DAY: Final = date(2024, 5, 31)
Data = dict[str, Any]
Decide = Callable[[Data], Decision]


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme(PACK)


@pytest.fixture
def two() -> Data:
    """Two hires: the first complete and judged, the second without its contract."""
    found: Data = json.loads(TWO.read_bytes())
    return found


@pytest.fixture
def decide(programme: Programme) -> Decide:
    return lambda data: programme.decide(programme.read(json.dumps(data).encode()), DAY)


def answer(word: str = "oui") -> dict[str, str]:
    return {"reponse": word, "auteur": "Agent", "motif": "Vu.", "le": "2024-05-10", "expire_le": "2030-01-01"}


def against(request: RequestDecision) -> set[tuple[str, str]]:
    return {(f.rule, f.cause) for f in request.findings if f.consequence is not None}


# --- one decision per element -----------------------------------------------------------------------------------------


def test_each_element_has_its_verdict_its_title_and_its_amount(decide: Decide, two: Data) -> None:
    first, second = decide(two).requests
    assert (first.label, first.title, first.place) == ("embauche:1", "Embauche de Camille Exemple", "embauches[0]")
    assert (first.verdict, first.provisional) == (Verdict.ACCEPT, False)
    assert first.payable is not None
    assert str(first.payable.value) == "800.00"
    assert (second.label, second.title, second.place) == ("embauche:2", "Embauche de Sacha Exemple", "embauches[1]")
    assert (second.verdict, second.provisional, second.payable) == (Verdict.COMPLETE, True, None)
    assert against(second) == {("CONTRAT", "absente")}


def test_a_request_is_found_by_its_name_and_key(decide: Decide, two: Data) -> None:
    decision = decide(two)
    assert decision.request("embauche", "2").key == "2"
    with pytest.raises(KeyError):
        decision.request("embauche", "3")
    with pytest.raises(KeyError):
        decision.request("embauche")


def test_one_element_may_be_asked_for_alone(programme: Programme, decide: Decide, two: Data) -> None:
    dossier = programme.read(json.dumps(two).encode())
    assert programme.requests_of(dossier) == ("embauche:1", "embauche:2")
    assert programme.request_names() == ("embauche", "embauche:CLÉ", "recouvrement")
    for rank, label in enumerate(programme.requests_of(dossier)):
        alone = programme.decide(dossier, DAY, [label])
        assert alone.requests == (decide(two).requests[rank],)
        # the answer about the other hire is of no concern here, and is not called wrong
        assert {line.label for line in alone.appraisals} == {f"POSTE:{rank + 1}"}
    both = programme.decide(dossier, DAY, ["embauche:2", "embauche:1"])
    assert both.requests == decide(two).requests
    assert programme.decide(dossier, DAY, ["embauche:1", "embauche"]).requests == both.requests


def test_an_answer_about_no_element_is_invalid_when_one_element_is_decided(programme: Programme, two: Data) -> None:
    two["appreciations"]["POSTE:9"] = answer()
    alone = programme.decide(programme.read(json.dumps(two).encode()), DAY, ["embauche:2"])
    assert {line.label: str(line.state) for line in alone.appraisals}["POSTE:9"] == "invalide"


def test_an_element_that_the_dossier_does_not_hold_is_decided_by_nothing(
    programme: Programme, two: Data, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = programme.decide(programme.read(json.dumps(two).encode()), DAY, ["embauche:9"])
    assert (alone.requests, alone.accepted) == ((), False)
    (line,) = programme.decide_many([json.dumps(two).encode()], DAY, ["embauche:9"])
    (fault,) = json.loads(line)["erreurs"]
    assert fault["message"] == "`dossiers.ndjson:1` ne contient pas `embauche:9`"
    assert fault["aide"] == "Demandes du dossier : `embauche:1`, `embauche:2`."
    asked = ["check", "--rules", str(PACK), "--au", "2024-05-31", str(TWO), "--demande"]
    assert run_code([*asked, "embauche:9"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "ne contient pas `embauche:9`" in shown.err
    assert "Demandes du dossier : `embauche:1`, `embauche:2`." in shown.err
    # what is there is decided, and what is not is still an error
    assert run_code([*asked, "embauche:9", "--demande", "embauche:1", "--format", "ndjson"]) == 2
    shown = capsys.readouterr()
    assert list(json.loads(shown.out.splitlines()[0])["demandes"]) == ["embauche:1"]


@pytest.mark.parametrize("label", ["embauche:", "embauches:1", "recouvrement:1", ":1"])
def test_a_label_that_names_no_request_is_refused(programme: Programme, two: Data, label: str) -> None:
    with pytest.raises(ValueError, match="no request is named"):
        programme.decide(programme.read(json.dumps(two).encode()), DAY, [label])
    assert run_code(["check", "--rules", str(PACK), str(TWO), "--demande", label]) == 2


def test_the_command_decides_one_element(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["check", "--rules", str(PACK), "--au", "2024-05-31", str(TWO), "--demande"]
    assert run_code([*asked, "embauche:1"]) == 0
    assert run_code([*asked, "embauche:2"]) == 1
    assert "embauche:1" not in capsys.readouterr().out.partition("Sacha")[2]
    checklist = ["checklist", "--rules", str(PACK), "--profil", "entreprise", "--demande", "embauche:1"]
    assert run_code(checklist) == 2
    assert "la liste est la même pour chaque élément ; demandez `embauche`" in capsys.readouterr().err


def test_no_element_is_decided_from_another(decide: Decide, two: Data) -> None:
    alone = copy.deepcopy(two)
    del alone["embauches"][0]
    second = decide(two).request("embauche", "2")
    moved = decide(alone).request("embauche", "2")
    assert (moved.place, moved.findings, moved.amounts) == ("embauches[0]", second.findings, second.amounts)


def test_the_order_of_the_elements_changes_no_decision(decide: Decide, two: Data) -> None:
    turned = {**two, "embauches": two["embauches"][::-1]}
    before = {one.label: (one.verdict, against(one)) for one in decide(two).requests}
    assert {one.label: (one.verdict, against(one)) for one in decide(turned).requests} == before


def test_what_is_missing_is_named_where_it_is(decide: Decide, two: Data) -> None:
    del two["embauches"][1]["mois"]
    two["embauches"][1]["primes"] = [{"versee": True}, {}]
    missing = {d.name for f in decide(two).request("embauche", "2").findings for d in f.missing}
    assert missing == {"embauches[1].mois", "embauches[1].primes[1].versee"}


def test_a_dossier_without_element_has_no_request_and_is_not_accepted(decide: Decide, two: Data) -> None:
    two["embauches"] = []
    decision = decide(two)
    assert (decision.requests, decision.accepted) == ((), False)


def test_an_element_is_evaluated_by_both_engines(
    programme: Programme, two: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    evaluate = Engine.evaluate

    def noted(self: Engine, slots: Any, *more: Any) -> Any:
        seen.append(slots)
        return evaluate(self, slots, *more)

    monkeypatch.setattr(Engine, "evaluate", noted)
    programme.decide(programme.read(json.dumps(two).encode()), DAY, ["embauche"])
    assert len(seen) == len(two["embauches"])


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, 1])
def test_an_element_without_a_key_of_its_own_is_a_fault_of_the_dossier(
    programme: Programme, two: Data, key: int | None
) -> None:
    two["embauches"][1] |= {"rang": key}
    if key is None:
        del two["embauches"][1]["rang"]
    with pytest.raises(InvalidDossier) as raised:
        programme.read(json.dumps(two, indent=1).encode())
    (fault,) = raised.value.diagnostics
    said = "« 1 » est déjà le `rang` de l'élément 0" if key else "`rang` manque"
    assert (fault.code, said in fault.message) == ("DOSSIER-SCHEMA", True)
    assert fault.span is not None
    assert fault.span.line > 20


def test_many_elements_keep_their_keys(decide: Decide, two: Data) -> None:
    model = two["embauches"][0]
    two["embauches"] = [{**model, "rang": rank} for rank in range(300)]
    assert [one.key for one in decide(two).requests] == [str(rank) for rank in range(300)]


# --- appraisals -------------------------------------------------------------------------------------------------------


def test_a_question_is_asked_and_answered_for_each_element(decide: Decide, two: Data) -> None:
    lines = {line.label: (str(line.state), line.requests) for line in decide(two).appraisals}
    assert lines == {"POSTE:1": ("consignee", ("embauche:1",)), "POSTE:2": ("ouverte", ("embauche:2",))}
    two["appreciations"]["POSTE:2"] = answer("non")
    decision = decide(two)
    assert ("POSTE", "non") in against(decision.request("embauche", "2"))
    assert decision.request("embauche", "1").verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    ("name", "said"), [("POSTE:9", "aucune demande n'a la clé « 9 »"), ("POSTE", "il faut la clé")]
)
def test_an_answer_about_no_element_is_told_and_does_nothing(decide: Decide, two: Data, name: str, said: str) -> None:
    before = [(one.verdict, one.provisional) for one in decide(two).requests]
    two["appreciations"][name] = answer()
    decision = decide(two)
    assert [(one.verdict, one.provisional) for one in decision.requests] == before
    (told,) = [line for line in decision.appraisals if not line.requests]
    assert (told.label, str(told.state), said in told.reason) == (name, "invalide", True)


# --- totals ----------------------------------------------------------------------------------------------------------


def recovered(decision: Decision) -> Any:
    (case,) = decision.recovery
    return case.amount.value, {datum.name for datum in case.missing}


def test_a_total_counts_only_what_is_finally_granted(decide: Decide, two: Data) -> None:
    two["depot"]["verse"] = "1000.00"
    two["embauches"][1]["mois"] = 5
    assert recovered(decide(two)) == (200, set())
    two["embauches"][1] |= {"mois": 6, "contrat": {"signe": True}}
    two["depot"]["verse"] = "1300.01"
    two["appreciations"]["POSTE:2"] = answer()
    assert str(recovered(decide(two))[0]) == "0.01"


@pytest.mark.parametrize("complete", [False, True])
def test_a_total_is_unknown_while_a_request_is_not_decided(decide: Decide, two: Data, *, complete: bool) -> None:
    two["depot"]["verse"] = "1000.00"
    if complete:  # and then it waits for a human
        two["embauches"][1]["contrat"] = {"signe": True}
    assert recovered(decide(two)) == (None, {"demandes.embauche[1].accorde"})


def test_a_total_asks_for_the_list_when_there_is_none(decide: Decide, two: Data) -> None:
    two["depot"]["verse"] = "1000.00"
    del two["embauches"]
    assert recovered(decide(two)) == (None, {"embauches"})


def test_a_dossier_cannot_say_what_is_decided(two: Data, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    _copy(
        pack, {"dossier.schema.json": lambda text: text.replace('"additionalProperties": false', '"$comment": ""', 1)}
    )
    open_ = open_programme(pack)
    two["depot"]["verse"] = "1000.00"
    forged = {"demandes": {"embauche": [{"accorde": "1000.00"}]}, "embauches[]": two["embauches"][0]}
    dossier = open_.read(json.dumps({**two, **forged}).encode())
    decision = open_.decide(dossier, DAY)
    assert recovered(decision) == (None, {"demandes.embauche[1].accorde"})
    assert against(decision.request("embauche", "2")) == {("CONTRAT", "absente")}


# --- removing a datum never improves an answer ------------------------------------------------------------------------


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        if isinstance(value, dict):
            yield (*path, key)
        yield from _paths(below, (*path, key))


def _without(data: Data, path: tuple[Any, ...]) -> Data:
    found = copy.deepcopy(data)
    holder: Any = found
    for part in path[:-1]:
        holder = holder[part]
    del holder[path[-1]]
    return found


def _random_dossier(draw: random.Random) -> Data:
    hires = [
        {
            "rang": rank,
            "salarie": f"Personne {rank}",
            "ne_le": draw.choice(["1990-01-01", "2001-03-04"]),
            "debut": "2024-04-01",
            "mois": draw.choice([3, 6, 12]),
            "temps": draw.choice(["0.50", "0.80"]),
            **draw.choice([{}, {"contrat": {"signe": True}}, {"contrat": {"signe": False}}]),
            **draw.choice([{}, {"primes": [{"versee": draw.random() < 0.5}]}]),
        }
        for rank in range(draw.randrange(4))
    ]
    records = {f"POSTE:{one['rang']}": answer(draw.choice(["oui", "non"])) for one in hires if draw.random() < 0.7}
    deposit = {"recu_le": "2024-05-02T10:00:00", "verse": draw.choice(["0.00", "800.00", "5000.00"])}
    return {
        "programme": "embauches", "employeur": {"statut": "entreprise"}, "depot": deposit, "embauches": hires,
        "appreciations": records,
    }  # fmt: skip


def test_removing_a_datum_never_improves_an_answer(programme: Programme, decide: Decide) -> None:
    draw, tried = random.Random(13), 0
    for _ in range(30):
        whole = _random_dossier(draw)
        before = decide(whole)
        for path in _paths(whole):
            # what names an element, or says that there is one, is not a datum about it
            if path[0] in ("programme", "embauches") and (len(path) == 1 or path[-1] == "rang"):
                continue
            after = decide(_without(whole, path))
            tried += 1
            for one in before.requests:
                then = after.request("embauche", one.key)
                # a rejection may become unknown, and nothing becomes accepted
                accepted = then.verdict is Verdict.ACCEPT and not then.provisional
                assert not accepted or (one.verdict is Verdict.ACCEPT and not one.provisional), path
                paid = then.payable.value if then.payable is not None else 0
                assert paid <= (one.payable.value if one.payable is not None else 0), path
    assert tried > 500


# --- the pack --------------------------------------------------------------------------------------------------------


def _copy(pack: Path, changes: dict[str, Callable[[str], str]]) -> None:
    for path in PACK.rglob("*.*"):
        name = path.relative_to(PACK).as_posix()
        text = path.read_text("utf-8")
        changed = changes[name](text) if name in changes else text
        assert (changed == text) is (name not in changes)
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        (pack / name).write_text(changed, "utf-8")


MANIFEST: Final = "programme.yaml"
HIRE: Final = "regles/embauche.yaml"
TOTAL: Final = "regles/total.yaml"
NESTED: Final = "listes:\n  embauches.primes: {titre: Prime, cle: versee}\n"
OTHER: Final = "  prime: {titre: Prime, pour_chaque: embauches, cle: salarie, reception: depot.recu_le}\n"
SLIPS: Final = [
    (
        MANIFEST,
        "pour_chaque: embauches",
        "pour_chaque: embauche",
        "PAQ-CHAMP",
        "`embauche` n'est pas un champ du schéma",
    ),
    (MANIFEST, "pour_chaque: embauches", "pour_chaque: depot", "PAQ-CHAMP", "`depot` n'est pas une liste d'objets"),
    (MANIFEST, "pour_chaque: embauches", "pour_chaque: depot.embauches", "PAQ-CHAMP", "n'est pas au premier niveau"),
    (MANIFEST, "cle: rang", "cle: rangs", "PAQ-CHAMP", "`rangs` n'est pas un champ du schéma"),
    (MANIFEST, "cle: rang", "cle: contrat", "PAQ-CHAMP", "`contrat` n'est pas un texte ou un entier"),
    (MANIFEST, "cle: rang", "cle: contrat.numero", "PAQ-CHAMP", "n'est pas au premier niveau de l'élément"),
    (
        MANIFEST,
        "demandes:\n",
        f"demandes:\n{OTHER}",
        "PAQ-DEMANDE",
        "`rang` n'est pas la clé que la demande `prime` donne",
    ),
    (
        MANIFEST,
        "    cle: rang\n",
        "    cle: rang\n    decision_implicite: {sens: rejet, delai: forfait, complement: suspend}\n",
        "PAQ-DEMANDE",
        "n'a pas de `decision_implicite`",
    ),
    (MANIFEST, "    cle: rang\n", "", "PAQ-CLE-MANQUANTE", "cle"),
    (MANIFEST, "    cle: rang\n", "    cle: rang\n    racine: depot\n", "PAQ-CLE-INCONNUE", "`pour_chaque`"),
    (
        MANIFEST,
        "    pour_chaque: embauches\n",
        "    racine: depot\n",
        "PAQ-CLE-INCONNUE",
        "`cle` va avec `pour_chaque`",
    ),
    (MANIFEST, "reception: depot.recu_le", "reception: demande.mois", "PAQ-CHAMP", "`demande.mois` n'est pas"),
    (MANIFEST, "{demande.salarie}", "{demande.salaire}", "EXP-NOM", "champ inconnu : `demande.salaire`"),
    (HIRE, "demande.mois >=", "demande.moi >=", "EXP-NOM", "champ inconnu : `demande.moi`"),
    (
        HIRE,
        "quand: demande.primes est present\n    condition: tous(p dans demande.primes, p.versee)",
        "pour_chaque: p dans demande.primes\n    condition: p.versee",
        "PAQ-CHAMP",
        "`demande.primes` est une liste dans chaque élément de `embauches`",
    ),
    (MANIFEST, "propose: aide\n", f"propose: aide\n{NESTED}", "PAQ-CHAMP", "`embauches.primes` est une liste dans"),
    (TOTAL, "condition: ", "pour_chaque: e dans embauches\n    condition: ", "PAQ-DEMANDE", "le recouvrement n'a pas"),
    (HIRE, "nom: aide", "nom: verdict", "PAQ-NOM", "`verdict` dit déjà ce qui est décidé"),
    (HIRE, "demande.mois >= duree_minimale", "certains(d dans demandes.embauche, d.aide > 0)", "PAQ-ORDRE", "une fois"),
    (TOTAL, "d.accorde", "d.acorde", "EXP-NOM", "champ inconnu : `d.acorde`"),
    (TOTAL, '"accepter"', '"completer"', "EXP-TYPE", "n'est pas une valeur possible"),
    (
        TOTAL,
        "indu: depot.verse >",
        'indu: reponse("POSTE") = "oui" et depot.verse >',
        "PAQ-DEMANDE",
        "une réponse pour",
    ),
]


@pytest.mark.parametrize(("file", "written", "slip", "code", "said"), SLIPS)
def test_a_slip_is_told_at_its_line(tmp_path: Path, file: str, written: str, slip: str, code: str, said: str) -> None:
    _copy(tmp_path, {file: lambda text: text.replace(written, slip, 1)})
    if "nom: verdict" in slip:  # the request proposes the amount under its new name
        manifest = tmp_path / MANIFEST
        manifest.write_text(manifest.read_text("utf-8").replace("propose: aide", "propose: verdict"), "utf-8")
    with pytest.raises(InvalidPack) as raised:
        open_programme(tmp_path)
    found = [d for d in raised.value.diagnostics if d.code == code]
    assert found, [(d.code, d.message) for d in raised.value.diagnostics]
    assert said in found[0].message, found[0].message
    assert found[0].span is not None
    assert found[0].span.file == file


def test_a_request_about_each_element_is_asked_for_no_root_when_its_list_cannot_be_read(tmp_path: Path) -> None:
    """The only fault is that of the schema: a request about a list never has a `racine`."""
    _copy(tmp_path, {"dossier.schema.json": lambda text: text.replace('"format": "taux"', '"format": 3', 1)})
    with pytest.raises(InvalidPack) as raised:
        open_programme(tmp_path)
    assert {d.code for d in raised.value.diagnostics} == {"PAQ-SCHEMA"}


def test_without_a_title_of_its_own_a_request_is_called_by_its_key(two: Data, tmp_path: Path) -> None:
    _copy(tmp_path, {MANIFEST: lambda text: re.sub(r"    intitule: .*\n", "", text)})
    programme = open_programme(tmp_path)
    decision = programme.decide(programme.read(json.dumps(two).encode()), DAY)
    assert [one.title for one in decision.requests] == ["Embauche 1", "Embauche 2"]


def test_the_json_of_an_element_says_which_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_code(["check", "--rules", str(PACK), "--au", "2024-05-31", "--format", "ndjson", str(TWO)]) == 1
    decision = json.loads(capsys.readouterr().out)
    second = decision["demandes"]["embauche:2"]
    assert list(decision["demandes"]) == ["embauche:1", "embauche:2"]
    assert [second[key] for key in ("demande", "cle", "place")] == ["embauche", "2", "embauches[1]"]
    assert [(line["regle"], line["cle"]) for line in decision["appreciations"]] == [("POSTE", "1"), ("POSTE", "2")]


def test_a_finding_on_an_element_is_shown_at_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    run_code(["check", "--rules", str(PACK), "--au", "2024-05-31", "--format", "github", str(TWO)])
    (told,) = [line for line in capsys.readouterr().out.splitlines() if "CONTRAT" in line]
    assert re.findall(r"line=(\d+)", told)[0] == "8"


def test_the_trace_writes_the_element_as_the_rules_do(programme: Programme, two: Data) -> None:
    decision = programme.decide(programme.read(json.dumps(two).encode()), DAY, trace=True)
    tests = [test.text for line in decision.request("embauche", "1").trace for test in line.tests]
    assert "demande.mois >= duree_minimale" in tests


def test_what_to_provide_is_listed_from_a_pack_that_was_prepared_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECEVABLE_CACHE", str(tmp_path))
    cold, warm = (
        [section.items for section in open_programme(PACK).checklist("entreprise", "embauche", DAY)] for _ in range(2)
    )
    assert cold == warm != []


def test_a_programme_may_have_one_kind_of_applicants_and_count_reception_in_days(
    two: Data, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of_a_day = '"recu_le": {"title": "Reçu le", "type": "string", "format": "date"}'
    of_an_instant = of_a_day.replace('"date"', '"instant"')
    _copy(
        tmp_path,
        {
            MANIFEST: lambda text: text.replace("profil: employeur.statut\n", ""),
            "dossier.schema.json": lambda text: text.replace(of_an_instant, of_a_day),
        },
    )
    two["depot"]["recu_le"] = "2024-05-02"
    programme = open_programme(tmp_path)
    decision = programme.decide(programme.read(json.dumps(two).encode()), DAY)
    assert [one.received for one in decision.requests] == [date(2024, 5, 2)] * 2
    assert decision.request("embauche", "1").verdict is Verdict.ACCEPT
    assert "reçue le 2 mai 2024\n" in programme.to_text(decision)
    assert json.loads(programme.to_json(decision))["demandes"]["embauche:1"]["recue_le"] == "2024-05-02"
    # before the first value of the parameters, on the day before
    two["depot"]["recu_le"] = "2023-12-31"
    early = programme.decide(programme.read(json.dumps(two).encode()), DAY)
    assert early.request("embauche", "1").verdict is Verdict.UNDECIDABLE
    assert programme.profiles() == ()
    assert [section.items for section in programme.checklist("", "embauche", DAY)]
    assert run_code(["checklist", "--rules", str(tmp_path), "--demande", "embauche"]) == 0
    assert "profil" not in capsys.readouterr().out
    assert run_code(["checklist", "--rules", str(tmp_path), "--demande", "embauche", "--profil", "entreprise"]) == 2
    replies = tmp_path.parent / "reponses.json"
    replies.write_text(json.dumps({"embauches[].mois": 3}), "utf-8")
    asked = ["simulate", "--rules", str(tmp_path), "--au", "2024-05-31", "--reponses", str(replies)]
    assert run_code(asked) == 1
    assert "REJET" in capsys.readouterr().out.upper()


def test_an_impact_compares_each_element_with_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    after = tmp_path / "apres"
    _copy(after, {"parametres.yaml": lambda text: text.replace('"1000.00"', '"1200.00"')})
    folder = str(TWO.parent)
    run_code(["impact", str(PACK), str(after), folder, "--au", "2024-05-31", "--format", "json"])
    ((requests),) = [one["demandes"] for one in json.loads(capsys.readouterr().out)["dossiers"]]
    assert {label: one["titre"] for label, one in requests.items()} == {
        "embauche:1": "Embauche de Camille Exemple",
        "embauche:2": "Embauche de Sacha Exemple",
    }


def test_a_known_dossier_names_each_request_by_its_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deux.json").write_bytes(TWO.read_bytes())
    expected = """titre: Deux embauches
au: "2024-05-31"
demandes:
  "embauche:1": {verdict: accepter, montants: {aide: "800.00"}}
  "embauche:2":
    verdict: completer
    provisoire: true
    constats: {CONTRAT: "non_satisfait:absente", POSTE: a_apprecier}
    reparation: possible
    montants: {aide: "500.00"}
    sous_reserve: {POSTE: [aide]}
a_apprecier: ["POSTE:2"]
appreciations: {"POSTE:1": consignee}
constats_recouvrement: {QUOTA: manquant}
recouvrement: []
"""
    for text, code in ((expected, 0), (expected.replace('"800.00"', '"801.00"'), 1)):
        (tmp_path / "deux.attendu.yaml").write_text(text, "utf-8")
        assert run_code(["test", str(PACK), "--dossiers", str(tmp_path), "--fail-level", "erreur"]) == code
    said = capsys.readouterr()
    assert "embauche:1" in said.out + said.err


# --- the text of each element -----------------------------------------------------------------------------------------


def test_each_element_follows_the_text_and_the_parameters_of_its_own_date(two: Data, tmp_path: Path) -> None:
    """The first hire began on 1 April, the second on the 15th; everything changed on the 10th."""
    pack = Path(shutil.copytree(PACK, tmp_path / "embauches"))
    forfait = "    type: montant\n    valeurs: ["
    new = ', {a_partir_du: "2024-04-10", valeur: "2000.00", source: "Délibération, art. 2"}]'
    for name, old, text in (
        ("parametres.yaml", forfait, "    type: montant\n    reference: demande.debut\n    valeurs: ["),
        ("parametres.yaml", 'art. 2"}]', f'art. 2"}}{new}'),
        ("programme.yaml", "montant_propose: aide\n", "montant_propose: aide\n    texte_applicable: demande.debut\n"),
        (
            "regles/embauche.yaml",
            "condition: demande.mois >= duree_minimale\n",
            'condition: demande.mois >= duree_minimale\n    en_vigueur: {du: "2024-04-10"}\n',
        ),
    ):
        path = pack / name
        before = path.read_text("utf-8")
        assert before.count(old) == 1, old
        path.write_text(before.replace(old, text), "utf-8")
    programme = open_programme(pack)
    first, second = programme.decide(programme.read(json.dumps(two).encode()), DAY).requests
    amounts = [request.proposed.value for request in (first, second) if request.proposed is not None]
    assert [str(amount) for amount in amounts] == ["800.00", "1000.00"]
    assert [next(f.result for f in one.findings if f.rule == "DUREE") for one in (first, second)] == [
        Result.NOT_APPLICABLE,
        Result.SATISFIED,
    ]
    assert [one.versions[0].day for one in (first, second)] == [date(2024, 4, 1), date(2024, 4, 15)]
