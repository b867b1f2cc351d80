"""The pages of errors: what happened and what to do, never what went wrong inside."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

# Title, and what to do.
WORDS: Final = {
    400: ("Cette demande ne peut pas être lue", "Revenez à la page d'avant et recommencez."),
    401: ("Votre session est fermée", "Connectez-vous de nouveau, puis recommencez : rien n'a été enregistré."),
    403: (
        "Cette demande est refusée",
        "Le jeton du formulaire a expiré, ou votre navigateur refuse les cookies. Revenez à la page d'avant, "
        "rechargez-la et recommencez : rien n'a été enregistré.",
    ),
    404: ("Cette page n'existe pas", "Elle a pu être déplacée, ou ne vous est pas ouverte."),
    405: (
        "Cette page ne s'ouvre pas ainsi",
        "Revenez à la page d'avant et servez-vous de ses liens et de ses boutons.",
    ),
    413: (
        "Ce que vous envoyez est trop grand",
        "Envoyez moins de fichiers à la fois, ou des fichiers plus petits : rien n'a été enregistré.",
    ),
    500: ("Le service a rencontré une erreur", "Rien n'a été enregistré. Réessayez plus tard."),
}
_TOO_LARGE: Final = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def page(request: HttpRequest, status: int, help_: str = "", title: str = "") -> HttpResponse:
    """The page of an error."""
    words = WORDS.get(status, WORDS[400])
    context = {"titre": title or words[0], "aide": help_ or words[1], "incident": ""}
    return render(request, "guichet/erreur.html", context, status=status)


def absente(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, the same for what does not exist and for what one may not see."""
    return page(request, 404)


def refusee(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return page(request, 403)


def sans_jeton(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, a form without its token."""
    return page(request, 403)


def malformee(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400; 413 when what was sent is too large."""
    return page(request, 413 if isinstance(exception, _TOO_LARGE) else 400)


def trop(request: HttpRequest, seconds: int) -> HttpResponse:
    """429: too much in too short a time, and when to come back."""
    minutes = -(-seconds // 60)
    when = f"dans {minutes} minutes" if minutes > 1 else "dans une minute"
    response = page(request, 429, f"Réessayez {when}. Rien n'a été enregistré.", "Vous avez fait trop de demandes")
    response["Retry-After"] = str(seconds)
    return response


def panne(request: HttpRequest) -> HttpResponse:
    """500: nothing of what went wrong, but a number by which the log finds it.  Asks nothing of the database."""
    title, help_ = WORDS[500]
    context = {"titre": title, "aide": help_, "incident": getattr(request, "number", "")}
    return HttpResponse(render_to_string("guichet/erreur.html", context), status=500)
