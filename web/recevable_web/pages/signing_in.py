"""Signing in and out, and one's own account."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recevable_web.actions import accounts, rights
from recevable_web.pages import oidc
from recevable_web.pages.common import asking, number, public
from recevable_web.records.models import Account, Role
from recevable_web.records.sessions import digest


def local(request: HttpRequest) -> bool:
    """Whether accounts without a password may be opened: in the demonstration, from this machine, without a proxy."""
    if not settings.DEMO or "HTTP_X_FORWARDED_FOR" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@public
@require_http_methods(["GET", "HEAD", "POST"])
def connexion(request: HttpRequest) -> HttpResponseBase:
    """Sign in: at the identity provider, or by choosing an account of the demonstration."""
    people = Account.objects.filter(is_active=True, subject="").order_by("name")
    people = people if local(request) else people.none()
    if request.method == "POST":
        chosen = people.filter(pk=number(request.POST.get("compte"))).first()
        if chosen is not None:
            wanted = oidc.target(request, request.POST.get("suite", ""))
            request.session.flush()
            login(request, chosen, backend="django.contrib.auth.backends.ModelBackend")
            return redirect(wanted)
        messages.error(request, "Choisissez un compte.")
    listed = [(one, _roles(one)) for one in people]
    context = {
        "comptes": listed,
        "suite": request.POST.get("suite", request.GET.get("next", "")),
        "fournisseur": settings.OIDC["NAME"] if oidc.configured() else "",
    }
    return render(request, "guichet/connexion.html", context)


@require_POST
def deconnexion(request: HttpRequest) -> HttpResponseBase:
    """Sign out, at the identity provider too."""
    token = request.session.get(oidc.HINT)
    logout(request)
    there = oidc.leaving(token, request.build_absolute_uri(reverse("connexion"))) if token else ""
    # a form may only lead to a page of ours: this one leads to the provider
    return render(request, "guichet/deconnecte.html", {"suite": there}) if there else redirect("connexion")


@require_safe
def mon_compte(request: HttpRequest) -> HttpResponse:
    """One's own account: rights, and open sessions."""
    account = asking(request)
    here = digest(request.session.session_key or "")
    context = {
        "sessions": [(one, one.pk == here) for one in accounts.sessions(account)],
        "droits": [(one, accounts.period(one)) for one in rights.grants(account).order_by("programme", "role")],
    }
    return render(request, "guichet/mon_compte.html", context)


@require_POST
def fermer_session(request: HttpRequest) -> HttpResponse:
    """End one of one's own sessions, or all the others."""
    account = asking(request)
    here = digest(request.session.session_key or "")
    wanted = request.POST.get("session", "")
    keys = [one.pk for one in accounts.sessions(account) if one.pk != here and wanted in (one.pk, "autres")]
    ended = accounts.end_sessions(account, account, keys)
    if ended:
        messages.success(request, "Session fermée." if ended == 1 else f"{ended} sessions fermées.")
    else:
        messages.error(request, "Cette session était déjà fermée.")
    return redirect("mon-compte")


def _roles(one: Account) -> list[str]:
    held = rights.grants(one).values_list("role", "programme")
    return [f"{Role(role).label} ({programme})" for role, programme in held]


urlpatterns = [
    path("connexion", connexion, name="connexion"),
    path("deconnexion", deconnexion, name="deconnexion"),
    path("mon-compte", mon_compte, name="mon-compte"),
    path("mon-compte/sessions", fermer_session, name="fermer-session"),
    *oidc.urlpatterns,
]
