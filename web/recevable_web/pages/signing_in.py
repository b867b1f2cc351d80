"""Signing in and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from recevable_web.actions import rights
from recevable_web.pages.common import number
from recevable_web.records.models import Account, Role


@require_http_methods(["GET", "POST"])
def connexion(request: HttpRequest) -> HttpResponse:
    """The sign-in page of the demonstration: its accounts, each with its roles.  Real use needs a provider."""
    people = Account.objects.filter(is_active=True).order_by("name") if settings.DEMO else Account.objects.none()
    if request.method == "POST" and settings.DEMO:
        chosen = people.filter(pk=number(request.POST.get("compte"))).first()
        if chosen is not None:
            login(request, chosen, backend="django.contrib.auth.backends.ModelBackend")
            target = request.POST.get("suite", "")
            safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
            return redirect(target if safe else "file")
        messages.error(request, "Choisissez un compte.")
    listed = [(one, _roles(one)) for one in people]
    return render(request, "guichet/connexion.html", {"comptes": listed, "suite": request.GET.get("next", "")})


@require_POST
def deconnexion(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return redirect("connexion")


def _roles(one: Account) -> list[str]:
    held = rights.grants(one).values_list("role", "programme")
    return [f"{Role(role).label} ({programme})" for role, programme in held]


urlpatterns = [
    path("connexion", connexion, name="connexion"),
    path("deconnexion", deconnexion, name="deconnexion"),
]
