"""The register of acts, and what probes ask."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Screen, at, press
from tests.e2e.watched import Watched


def _unsure(watched: Watched) -> None:
    """A purge that nobody confirmed; the demonstration has nothing old enough, so the form is made by hand."""
    watched.go("registre/conservation")
    watched.page.evaluate("""() => {
      const form = document.querySelector('header form').cloneNode(true);
      form.action = '';
      const table = Object.assign(document.createElement('input'), {name: 'table', value: 'actes', type: 'hidden'});
      form.append(table);
      document.querySelector('main').append(form);
      form.querySelector('button').textContent = 'Effacer';
    }""")
    press("Effacer")(watched)


SCREENS: Final = (
    Screen(
        names=("registre",),
        title="Registre des actes",
        role="auditeur",
        full=at("registre?verifier"),
        empty=at("registre?verifier"),
        error=at("registre?avant=1"),
    ),
    Screen(
        names=("conservation",),
        title="Conservation et purge",
        role="administrateur",
        full=at("registre/conservation"),
        empty=at("registre/conservation"),
        error=_unsure,
    ),
)
OTHERS: Final[Others] = {
    "exporter": "a file",
    "tete": "a file",
    "sante": "a line for probes",
    "pret": "a line for probes",
}
