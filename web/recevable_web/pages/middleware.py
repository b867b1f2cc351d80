"""What every answer carries, and who may ask anything at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase

Next = Callable[[HttpRequest], HttpResponseBase]

# Nothing inline, nothing from elsewhere.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Pages that somebody who has not signed in may read.
OPEN: Final = ("/connexion", "/sante", "/pret", f"/{settings.STATIC_URL}".replace("//", "/"))


def security(following: Next) -> Next:
    """The headers of every answer; pages are nobody's to keep."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = following(request)
        # what was received from elsewhere is served under a stricter one of its own
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        if not request.path.startswith(OPEN[-1]):
            response["Cache-Control"] = "no-store"
        return response

    return answer


def signed_in(following: Next) -> Next:
    """Whoever has not signed in is sent to do so; an account that was closed is signed out."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated or request.path.startswith(OPEN):
            return following(request)
        if request.method == "GET":
            return redirect_to_login(request.get_full_path())
        return HttpResponse("Connectez-vous.", status=401, content_type="text/plain; charset=utf-8")

    return answer
