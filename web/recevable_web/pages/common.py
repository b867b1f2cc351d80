"""What every page shares: who asks, what they may open, what came of an action, what a form holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

import recevable
from recevable_web.actions import payment_files, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import READERS, Account, Dossier, Role
from recevable_web.records.sessions import SessionStore

# How many rows a page shows.
PAGE: Final = 25


_View = TypeVar("_View", bound=Callable[..., object])


def public(view: _View) -> _View:
    """A page that somebody who has not signed in may read."""
    view.public = True  # type: ignore[attr-defined]
    return view


def asking(request: HttpRequest) -> Account:
    """Who asks; the middleware lets nobody else through."""
    assert isinstance(request.user, Account)
    return request.user


def held(request: HttpRequest) -> Mapping[str, frozenset[str]]:
    """The roles of the user, by programme: read from the database once a request, with the session."""
    known: dict[str, frozenset[str]] | None = vars(request).get("held")
    if known is None:
        known = {}
        actor, session = asking(request), request.session
        kept = session.grants if isinstance(session, SessionStore) and session.account == actor else rights.held(actor)
        for programme, role in kept:
            known[programme] = known.get(programme, frozenset()) | {role}
        vars(request)["held"] = known
    return known


def readable(request: HttpRequest) -> list[str]:
    """The programmes whose dossiers the user may open."""
    return [programme for programme, roles in held(request).items() if roles & set(READERS)]


def holding(request: HttpRequest, *roles: Role) -> set[str]:
    """The programmes in which the user holds one of some roles."""
    return {programme for programme, kept in held(request).items() if kept & set(roles)}


def seen(request: HttpRequest, pk: int) -> Dossier:
    """A dossier that the user may open; for the others there is none."""
    found = Dossier.objects.filter(pk=pk, programme__in=readable(request)).first()
    if found is None:
        raise Http404
    return found


def acting(request: HttpRequest, pk: int, act: Callable[[Dossier], str], then: str = "dossier") -> HttpResponse:
    """Do something to a dossier, say what came of it, and show the dossier again, or another page of it."""
    found = seen(request, pk)
    attempt(request, lambda: act(found))
    return redirect(then, pk=pk)


def attempt(request: HttpRequest, act: Callable[[], str]) -> None:
    """Do something, and say what came of it on the next page: what `act` returns, or why it is refused."""
    try:
        messages.success(request, act())
    except Refused as refused:
        messages.error(request, refused.message)
    except recevable.InvalidDossier as error:
        messages.error(request, error.diagnostics[0].message)


def number(text: str | None) -> int:
    """A whole number of a form or an address; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def day(text: str) -> date | None:
    """A day of a form, None when it is left empty; Refused when it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("DATE", f"« {text[:20]} » n'est pas une date.") from None


def cents(text: str) -> int:
    """The cents of a sum in euros that a person typed; Refused when it is none."""
    given = "".join(text.replace("€", "").split())
    if given and not given.strip("0,."):
        return 0
    found = payment_files.parsed_cents(given)
    if found is None:
        raise Refused("SOMME", f"« {text[:20]} » n'est pas une somme en euros, comme 8 000,00.")
    return found
