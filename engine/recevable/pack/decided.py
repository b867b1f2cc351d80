"""What other rules may read of the requests made for the elements of a list: `d.verdict`, `d dans demandes.embauche`.

A value that may still change is unknown: the verdict of a request to complete, an amount subject to an open appraisal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from recevable.language.types import AMOUNT, TEXT, Kind, Type
from recevable.pack.model import Request, Rule

KEY: Final = "cle"
VERDICT: Final = "verdict"
# The proposed amount of a request that is finally accepted; zero for one that is rejected.
GRANTED: Final = "accorde"
MEMBERS: Final = (KEY, VERDICT, GRANTED)
FINAL: Final = ("accepter", "rejeter")


def members_decided(request: Request, rules: Iterable[Rule]) -> dict[str, Type]:
    """The members of each element of `demandes.embauche`: its amounts by name, key, verdict, granted amount."""
    found: dict[str, Type] = {}
    for rule in rules:
        defined = rule.defined
        if defined is not None and not defined.truth and request.name in rule.requests:
            found[defined.name.text] = Type(defined.type.kind, title=rule.title)
    found[KEY] = Type(TEXT.kind, title="Clé")
    found[VERDICT] = Type(Kind.TEXT, values=FINAL, title="Verdict")
    if request.amount:
        found[GRANTED] = Type(AMOUNT.kind, title="Montant accordé")
    return found
