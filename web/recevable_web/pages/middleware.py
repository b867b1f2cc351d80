"""What every answer carries, and who may ask anything at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase

Next = Callable[[HttpRequest], HttpResponseBase]

# Nothing inline, nothing from elsewhere.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def security(following: Next) -> Next:
    """The headers of every answer; pages are nobody's to keep."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = following(request)
        # what was received from elsewhere is served under a stricter one of its own
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            response["Cache-Control"] = "no-store"
        return response

    return answer


class SignedIn:
    """Whoever has not signed in is sent to do so, but for public pages; an account that was closed is signed out."""

    def __init__(self, following: Next) -> None:
        self._following = following

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing before the address is known."""
        return self._following(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponseBase | None:
        """Let whoever has signed in through, and everybody to public pages."""
        if request.user.is_authenticated or getattr(view, "public", False):
            return None
        if request.method in ("GET", "HEAD"):
            return redirect_to_login(request.get_full_path())
        return HttpResponse("Connectez-vous.", status=401, content_type="text/plain; charset=utf-8")
