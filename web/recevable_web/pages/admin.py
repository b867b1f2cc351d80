"""Administration: accounts, who is given which right, sessions.  It opens no dossier and decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from recevable_web.actions import accounts, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import PAGE, asking, day, number
from recevable_web.records.models import Account, Grant, Role

STATES: Final = {"ouverts": "Ouverts", "fermes": "Fermés", "sans-droit": "Ouverts, sans aucun droit"}


def _administered(request: HttpRequest) -> list[str]:
    """The programmes that the user administers; without one these pages do not exist."""
    found = sorted(rights.programmes(asking(request), [Role.ADMINISTRATOR]))
    if not found:
        raise Http404
    return found


def _account(request: HttpRequest, pk: int) -> Account:
    _administered(request)
    found = Account.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
def administration(request: HttpRequest) -> HttpResponse:
    """The accounts by name, a page after a key, by state and by role held today."""
    programmes = _administered(request)
    state, role = request.GET.get("etat", "ouverts"), request.GET.get("role", "")
    if state not in STATES or (role and role not in Role.values):
        raise Http404
    found = Account.objects.filter(is_active=state != "fermes")
    today = timezone.localdate()
    held = Grant.objects.filter(revoked_at__isnull=True).filter(Q(ends__isnull=True) | Q(ends__gte=today))
    if state == "sans-droit":
        found = found.exclude(pk__in=held.values("account"))
    if role:
        found = found.filter(pk__in=held.filter(role=role, programme__in=programmes).values("account"))
    listed = list(_after(found, number(request.GET.get("apres")))[: PAGE + 1])
    rights_of: dict[int, list[Grant]] = {}
    for one in held.filter(account__in=listed[:PAGE], programme__in=programmes).order_by("programme", "role"):
        rights_of.setdefault(one.account_id, []).append(one)
    context = {
        "lignes": [(one, rights_of.get(one.pk, [])) for one in listed[:PAGE]],
        "suivante": listed[PAGE - 1].pk if len(listed) > PAGE else None,
        "etats": STATES, "etat": state, "roles": Role.choices, "role": role,
    }  # fmt: skip
    return render(request, "guichet/administration.html", context)


def _after(found: QuerySet[Account], key: int) -> QuerySet[Account]:
    """Accounts by name; those after an account, named by its number so that the address holds no name."""
    last = Account.objects.filter(pk=key).first() if key else None
    if last is not None:
        found = found.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    return found.order_by("name", "pk")


@require_safe
def compte(request: HttpRequest, pk: int) -> HttpResponse:
    """An account: its rights, past and to come, its sessions, what happened to it."""
    return _shown(request, _account(request, pk))


def _shown(request: HttpRequest, account: Account, refused: Refused | None = None, form: str = "") -> HttpResponse:
    """The page of an account; after a refusal, with what was typed and what is to be mended."""
    programmes, today = _administered(request), timezone.localdate()
    grants = account.grants.select_related("granted_by", "revoked_by").filter(programme__in=programmes)
    context = {
        "compte": account,
        "moi": asking(request).pk == account.pk,
        "droits": [
            (one, accounts.period(one), _standing(one), f"retirer-{one.pk}")
            for one in grants.order_by("-starts", "-id")
        ],
        "sessions": accounts.sessions(account),
        "faits": account.events.filter(programme__in=["", *programmes]).select_related("actor").order_by("-id")[:PAGE],
        "roles": Role.choices,
        "programmes": programmes,
        "aujourdhui": today,
        "refus": refused,
        "formulaire": form,
        "saisie": _typed(request) if refused is not None else {},
    }
    return render(request, "guichet/compte.html", context, status=200 if refused is None else 422)


def _typed(request: HttpRequest) -> dict[str, str]:
    """What was typed; a field of date holds a date or nothing."""
    found = {name: str(value) for name, value in request.POST.items()}
    for name in ("debut", "fin"):
        try:
            day(found.get(name, ""))
        except Refused:
            found[name] = ""
    return found


def _standing(held: Grant) -> str:
    """The state of a right today: it holds, will, has ended or was taken back."""
    today = timezone.localdate()
    if held.revoked_at is not None:
        return "retire"
    if held.ends is not None and held.ends < today:
        return "termine"
    return "a_venir" if held.starts > today else "en_cours"


def _doing(request: HttpRequest, account: Account, form: str, act: Callable[[], str]) -> HttpResponse:
    """Do something to an account and show it again; refused, the form stays as it was typed."""
    try:
        done = act()
    except Refused as refused:
        return _shown(request, account, refused, form)
    messages.success(request, done)
    return redirect("compte", pk=account.pk)


@require_POST
def accorder(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a right."""
    account, form = _account(request, pk), request.POST

    def act() -> str:
        starts, ends = day(form.get("debut", "")), day(form.get("fin", ""))
        if starts is None:
            raise Refused("DEBUT", "Donnez le premier jour du droit.", "debut")
        accounts.grant(
            asking(request), account, form.get("role", ""), form.get("programme", ""), starts, ends,
            form.get("motif", ""),
        )  # fmt: skip
        return "Le droit est donné et inscrit au registre."

    return _doing(request, account, "accorder", act)


@require_POST
def retirer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a right back, at once or after a day."""
    programmes = _administered(request)
    held = Grant.objects.select_related("account").filter(pk=pk, programme__in=programmes).first()
    if held is None:
        raise Http404
    form = request.POST

    def act() -> str:
        accounts.revoke(asking(request), held, form.get("motif", ""), day(form.get("fin", "")))
        return "Le retrait est inscrit au registre."

    return _doing(request, held.account, f"retirer-{pk}", act)


@require_POST
def fermer(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account, or open it again."""
    account, reason = _account(request, pk), request.POST.get("motif", "")

    def act() -> str:
        if account.is_active:
            accounts.close(asking(request), account, reason)
            return "Le compte est fermé, et ses sessions avec lui."
        accounts.reopen(asking(request), account, reason)
        return "Le compte est rouvert."

    return _doing(request, account, "fermer", act)


@require_POST
def corriger(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the capacity or the address of an account."""
    account, form = _account(request, pk), request.POST

    def act() -> str:
        accounts.correct(asking(request), account, form.get("qualite", ""), form.get("adresse", ""))
        return "Le compte est corrigé."

    return _doing(request, account, "corriger", act)


@require_POST
def deconnecter(request: HttpRequest, pk: int) -> HttpResponse:
    """End every session of an account."""
    account = _account(request, pk)

    def act() -> str:
        accounts.end_sessions(asking(request), account)
        return "Toutes les sessions de ce compte sont fermées."

    return _doing(request, account, "sessions", act)


urlpatterns: list[Any] = [
    path("administration", administration, name="administration"),
    path("administration/comptes/<int:pk>", compte, name="compte"),
    path("administration/comptes/<int:pk>/droits", accorder, name="accorder"),
    path("administration/comptes/<int:pk>/fermer", fermer, name="fermer"),
    path("administration/comptes/<int:pk>/corriger", corriger, name="corriger"),
    path("administration/comptes/<int:pk>/sessions", deconnecter, name="deconnecter"),
    path("administration/droits/<int:pk>/retirer", retirer, name="retirer-droit"),
]
