"""Audit: who opened what and when, and what happened to accounts.  It reads, changes nothing, and is recorded too."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from recevable_web.actions import rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import PAGE, asking, day, number
from recevable_web.records.models import Access, Account, AccountEvent, Grant, Role


def _audited(request: HttpRequest) -> set[str]:
    found = rights.programmes(asking(request), [Role.AUDITOR])
    if not found:
        raise Http404
    return found


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Who opened what of the audited programmes, the last first; by account, dossier and days.

    Where the programme of a file was not written, those of people with a right in them count.
    """
    programmes = _audited(request)
    people = _people(programmes)
    unknown = Q(programme="", account__in=people)
    found = Access.objects.filter(Q(programme__in=programmes) | unknown).select_related("account", "dossier")
    who, what = number(request.GET.get("compte")), number(request.GET.get("dossier"))
    if who:
        found = found.filter(account=who)
    if what:
        found = found.filter(dossier=what)
    listed = _page(request, _between(request, found))
    _keep(request, programmes, "audit")
    return render(request, "guichet/audit.html", {**_context(request, listed), "comptes": people})


@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """What happened to the accounts that hold or held a right in the audited programmes, the last first."""
    programmes = _audited(request)
    people = _people(programmes)
    found = AccountEvent.objects.filter(account__in=people, programme__in=["", *programmes])
    found = found.select_related("account", "actor")
    who = number(request.GET.get("compte"))
    if who:
        found = found.filter(account=who)
    listed = _page(request, _between(request, found))
    _keep(request, programmes, "journal")
    return render(request, "guichet/journal.html", {**_context(request, listed), "comptes": people})


def _keep(request: HttpRequest, programmes: set[str], what: str) -> None:
    """That an audit was read, in each of its programmes."""
    actor = asking(request)
    Access.objects.bulk_create(Access(account=actor, programme=name, what=what) for name in sorted(programmes))


def _people(programmes: set[str]) -> QuerySet[Account]:
    """Those who hold or held a right in some programmes."""
    return Account.objects.filter(pk__in=Grant.objects.filter(programme__in=programmes).values("account")).order_by(
        "name", "pk"
    )


def _between(request: HttpRequest, found: QuerySet[Any]) -> QuerySet[Any]:
    """Those of some days, both included; what is no date is reported and left out."""
    for name, key, added in (("du", "at__gte", 0), ("au", "at__lt", 1)):
        try:
            given = day(request.GET.get(name, ""))
        except Refused as refused:
            messages.error(request, refused.message)
            continue
        if given is not None:
            found = found.filter(**{key: _midnight(given, added)})
    return found


def _midnight(given: date, added: int) -> datetime:
    """The beginning of a day, or of the next one, where the agency is."""
    # the first and last days have no instant in every zone
    given = max(given, date(1900, 1, 1))
    following = given + timedelta(days=added) if given < date.max else given
    return timezone.make_aware(datetime.combine(following, time.min))


def _page(request: HttpRequest, found: QuerySet[Any]) -> list[Any]:
    before = number(request.GET.get("avant"))
    if before:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[: PAGE + 1])


def _context(request: HttpRequest, listed: list[Any]) -> dict[str, Any]:
    kept = request.GET.copy()
    if len(listed) > PAGE:
        kept["avant"] = str(listed[PAGE - 1].pk)
    return {
        "lignes": listed[:PAGE],
        "suivante": kept.urlencode() if len(listed) > PAGE else "",
        "choisi": number(request.GET.get("compte")),
        "dossier": request.GET.get("dossier", ""),
        # a field of date holds a date or nothing
        "du": _shown(request, "du"),
        "au": _shown(request, "au"),
    }


def _shown(request: HttpRequest, name: str) -> str:
    try:
        found = day(request.GET.get(name, ""))
    except Refused:
        return ""
    return "" if found is None else found.isoformat()


urlpatterns = [
    path("audit", audit, name="audit"),
    path("audit/comptes", journal, name="journal"),
]
