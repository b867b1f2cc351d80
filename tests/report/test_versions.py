"""The version of the text that is shown is the one by which a request was judged: header, request and trace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from tests.report.conftest import SMALL

from recevable.decision.model import Decision
from recevable.dossier.dossier import load
from recevable.programme import open_programme
from recevable.report.layout import Page
from recevable.report.text import render

PARIS: Final = ZoneInfo("Europe/Paris")
TODAY: Final = date(2024, 6, 30)
SECOND: Final = '{version: "2024 bis", a_partir_du: "2024-06-01", source: "Délibération du 30 mai 2024"}'
BEFORE, AFTER = "2024-05-06T10:00:00+02:00", "2024-06-03T10:00:00+02:00"
OLD: Final = "version 2024 à la date de la réception (6 mai 2024)"
NEW: Final = "version 2024 bis à la date de la réception (3 juin 2024)"
DECIDED: Final = "version 2024 bis à la date de la décision (30 juin 2024)"

Judged = Callable[..., Decision]


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """The decision of 30 June by the small programme under two versions, on requests received on these days."""

    def decide(*, trace: bool = False, name: str = "deux-demandes", **received: str) -> Decision:
        pack = shutil.copytree(SMALL / "prime-velo", tmp_path / "prime-velo", dirs_exist_ok=True)
        manifest = pack / "programme.yaml"
        text = manifest.read_text("utf-8")
        if SECOND not in text:
            manifest.write_text(text.replace("documents:", f"  - {SECOND}\ndocuments:"), "utf-8")
        dossier: dict[str, Any] = json.loads((SMALL / "dossiers" / f"{name}.json").read_bytes())
        for request, day in received.items():
            dossier[request]["deposee_le"] = day
        programme = open_programme(pack)
        loaded = load(json.dumps(dossier).encode(), "d.json", programme.validator)
        return programme.decider.decide(loaded, TODAY, trace=trace)

    return decide


def page(decision: Decision) -> str:
    """What is printed, on one line: sentences are looked for wherever they are cut."""
    return " ".join(render(decision, PARIS, Page()).replace("\u00a0", " ").split())


def test_a_request_received_under_the_earlier_text_shows_it(judged: Judged) -> None:
    text = page(judged(prime=BEFORE, name="acceptee"))
    assert "Texte en vigueur au jour de la décision : version 2024 bis, depuis le 1er juin 2024" in text
    assert OLD in text
    assert "Texte en vigueur :" not in text


def test_where_all_is_judged_by_one_version_the_header_says_it_alone(judged: Judged) -> None:
    text = page(judged(prime=AFTER, name="acceptee"))
    assert "Texte en vigueur : version 2024 bis, depuis le 1er juin 2024" in text
    assert "Texte appliqué" not in text


def test_requests_judged_by_different_versions_show_each_its_own(judged: Judged) -> None:
    decision = judged(prime=BEFORE, adhesion=AFTER)
    text = page(decision)
    assert "Texte en vigueur au jour de la décision : version 2024 bis" in text
    prime, adhesion = text.split("ADHÉSION À L'ATELIER DE RÉPARATION")
    assert OLD in prime
    assert "version 2024 à la date" not in adhesion
    shown = {r.name: [(a.by_decision, a.version and a.version.version) for a in r.versions] for r in decision.requests}
    assert shown == {"prime": [(False, "2024")], "adhesion": [(True, "2024 bis")]}


@pytest.mark.parametrize(("received", "shown", "hidden"), [(BEFORE, OLD, NEW), (AFTER, NEW, OLD)])
def test_a_trace_always_says_by_which_version(judged: Judged, received: str, shown: str, hidden: str) -> None:
    text = page(judged(prime=received, name="acceptee", trace=True))
    head, trace = text.split("Trace : chaque règle, l'expression évaluée et les valeurs lues ", 1)
    assert trace.startswith("Texte appliqué : ")
    said = trace.partition(" FACTURE")[0]
    assert shown in said
    assert hidden not in said
    assert (shown in head) is (received == BEFORE)


def test_the_trace_of_the_recovery_says_the_version_of_the_decision(judged: Judged) -> None:
    text = page(judged(name="revente", trace=True))
    traces = text.split("Trace : chaque règle, l'expression évaluée et les valeurs lues ")
    assert traces[-1].startswith(f"Texte appliqué : {DECIDED}.")
