"""An editor knows a kind that is added in one module and one block of schema: keys, help, faults."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types as lsp
from tests.kinds import quota

import recevable

if TYPE_CHECKING:
    from tests.editor.conftest import Session

RULE = """\
regles:
  - id: QUOTA-PRIX
    titre: Prix du vélo dans la limite
    demandes: [prime]
    quota: {de: velo.prix, au_plus: plafond * 10}
    si_depasse: {consequence: completer, message: "Trop cher."}
    source: Délibération, art. 2
"""


@pytest.fixture
def with_quota(monkeypatch: pytest.MonkeyPatch, make_session: type[Session]) -> Iterator[Session]:
    """A session with a command that knows the kind."""
    root = str(Path(recevable.__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])]))
    loop = asyncio.new_event_loop()
    found = make_session(loop)
    found.start([lsp.PositionEncodingKind.Utf16], quota.__file__, "lsp")
    yield found
    found.stop()
    loop.close()


def test_its_keys_are_proposed_explained_and_checked(with_quota: Session, pack: Path) -> None:
    session = with_quota
    uri = session.open(pack / "regles" / "quota.yaml", RULE)
    assert "quota" in session.completion(uri, "    quo")
    assert "Un nombre qui ne doit pas en dépasser un autre." in session.hover(uri, "quo")
    assert "**Plafond de la prime**" in session.hover(uri, "plaf")
    assert {"velo.prix", "plafond"} <= session.completion(uri, "au_plus: ").keys()
    session.write(uri, RULE.replace("plafond", "plafon"))
    session.until(lambda told: [one.code for one in told.get(uri, [])] == ["EXP-NOM"])
