"""What every answer carries, who may ask anything at all and how often, and what the log says of it."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.functional import SimpleLazyObject

from recevable_web.actions import limits
from recevable_web.pages import errors, logs
from recevable_web.records.models import Account
from recevable_web.records.sessions import SessionStore

Next = Callable[[HttpRequest], HttpResponseBase]

# Nothing inline, nothing from elsewhere; what a browser refuses is reported to us.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /csp; report-to csp"
)
_STATIC: Final = f"/{settings.STATIC_URL.strip('/')}/"
_DENIED: Final = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
    "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
# What answers carry when a page has not set it itself.
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "Reporting-Endpoints": 'csp="/csp"',
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _DENIED),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}

# The addresses that are counted, by method: names of `urls.py`.
LIMITED: Final[Mapping[tuple[str, str], limits.Limit]] = {
    ("GET", "fournisseur"): limits.SIGN_IN,
    ("GET", "retour"): limits.SIGN_IN,
    ("POST", "connexion"): limits.SIGN_IN,
    ("POST", "importer"): limits.IMPORT,
    ("GET", "exporter"): limits.EXPORT,
    ("POST", "exports"): limits.EXPORT,
    ("POST", "donnees"): limits.EXPORT,
    ("GET", "export-fichier"): limits.EXPORT,
    ("GET", "statistiques-csv"): limits.EXPORT,
    ("POST", "reevaluations"): limits.EXPORT,
    ("POST", "recherche"): limits.SEARCH,
    ("POST", "csp"): limits.REPORT,
    ("GET", "demandeurs"): limits.PUBLIC,
    ("GET", "page_publique"): limits.PUBLIC,
    ("GET", "simuler"): limits.PUBLIC,
    ("POST", "simuler"): limits.PUBLIC,
}

_ZERO: Final = "\x00"
# The largest key of a row: SQLite takes no larger number in a question.
_MOST_KEY: Final = 2**63 - 1
_LOG = logging.getLogger(f"{__package__}.requests")


def security(following: Next) -> Next:
    """The headers of every answer; pages are nobody's to keep.  What a page set itself (a viewer) stays."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        started, number = time.perf_counter(), uuid.uuid4().hex
        request.number = number  # type: ignore[attr-defined]
        response = following(request)
        if response.status_code == 405 and isinstance(response, HttpResponse) and not response.content:
            allowed = response["Allow"]
            response = errors.page(request, 405)
            response["Allow"] = allowed
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        if not request.path.startswith(_STATIC):
            response.setdefault("Cache-Control", "no-store")
            # the account is not asked for here: a log needs no query
            spent = round((time.perf_counter() - started) * 1000)
            facts = {**logs.of(request), "statut": response.status_code, "ms": spent}
            _LOG.info("request", extra={"facts": facts})
        response["X-Request-Id"] = number
        return response

    return answer


class Authenticated(AuthenticationMiddleware):
    """Whose session it is, as the query of the session read it; Django looks further at whatever is not as usual."""

    def process_request(self, request: HttpRequest) -> None:
        """Nothing is read before somebody asks for the account."""
        super().process_request(request)
        # the type says an account; a proxy of one stands for it, so that pages that ask nobody read nothing
        request.user = SimpleLazyObject(lambda: _account(request))  # type: ignore[assignment]


def _account(request: HttpRequest) -> Account | AnonymousUser:
    session = request.session
    # reads the session
    kept = session.get(auth.SESSION_KEY)
    account = session.account if isinstance(session, SessionStore) else None
    if account is None or not account.is_active or kept != str(account.pk):
        return auth.get_user(request)
    usual = session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    if usual and constant_time_compare(session.get(auth.HASH_SESSION_KEY, ""), account.get_session_auth_hash()):
        return account
    return auth.get_user(request)


class SignedIn:
    """Ask visitors to sign in, but for public pages; and let nobody ask too often for what costs."""

    def __init__(self, following: Next) -> None:
        self._following = following

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing before the address is known."""
        return self._following(request)

    def process_view(
        self, request: HttpRequest, view: Any, _: Any, kwargs: Mapping[str, Any]
    ) -> HttpResponseBase | None:
        """Let a user who has signed in through, and everybody to public pages."""
        # a public page asks nothing of the session: it is the same for all
        public = bool(getattr(view, "public", False))
        if not (public or request.user.is_authenticated):
            if request.method in ("GET", "HEAD"):
                return redirect_to_login(request.get_full_path())
            return errors.page(request, 401)
        wait = _wait(request, public)
        if wait:
            return errors.trop(request, wait)
        if any(isinstance(one, int) and one > _MOST_KEY for one in kwargs.values()):
            return errors.page(request, 404)
        # no text that people write holds it, and PostgreSQL stores none that does
        return errors.page(request, 400) if any(_ZERO in one for one in _texts(request)) else None


def _texts(request: HttpRequest) -> Iterator[str]:
    """All that was sent as text: in the address, and in a form."""
    yield request.path_info
    for given in (request.GET, request.POST):
        for name, values in given.lists():
            yield name
            yield from values


def _wait(request: HttpRequest, public: bool) -> int:
    """How long the user must wait, in seconds; 0 when they need not."""
    name = request.resolver_match.url_name if request.resolver_match is not None else None
    method = "GET" if request.method == "HEAD" else request.method or ""
    limit = LIMITED.get((method, name or ""))
    if limit is None or not settings.LIMITS:
        return 0
    known = not public and request.user.is_authenticated
    who = f"compte-{request.user.pk}" if known else f"adresse-{_address(request)}"
    return limits.take(limit, who)


def _address(request: HttpRequest) -> str:
    """Where somebody unknown asks from, as a digest: a proxy of ours adds the address that it saw at the end."""
    seen = [one.strip() for one in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()]
    count = settings.PROXIES
    found = seen[-count] if 0 < count <= len(seen) else request.META.get("REMOTE_ADDR", "")
    return salted_hmac("recevable.limits", found).hexdigest()[:32]
