"""How much a page takes: refused by what the browser announces, before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

# Bytes of a form, for a page that does not say otherwise.
USUAL: Final = 60_000_000

_View = TypeVar("_View", bound=Callable[..., object])


def taking(most: int) -> Callable[[_View], _View]:
    """A page that takes forms of so many bytes at most."""

    def mark(view: _View) -> _View:
        vars(view)["most_bytes"] = most
        return view

    return mark


class Bounded:
    """Refuses a form that is too large.  Must come before what reads forms: the token of a form is one."""

    def __init__(self, following: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._following = following

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing before the address is known."""
        return self._following(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        """Read no more than what is announced: a request that announces nothing has no content for Django."""
        announced = request.META.get("CONTENT_LENGTH") or "0"
        most = getattr(view, "most_bytes", USUAL)
        if announced.isascii() and announced.isdigit() and int(announced) <= most:
            return None
        help_ = f"Il dépasse {most // 1_000_000} Mo. Envoyez moins de fichiers à la fois, ou de plus petits."
        context = {"titre": "Cet envoi est trop lourd", "aide": help_}
        return render(request, "guichet/erreur.html", context, status=413)
