"""What browsers refused because of the policy of the pages, written in the log without its addresses."""

from __future__ import annotations

import json
import logging
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from recevable_web.pages.common import public

_LOG = logging.getLogger(__name__)
_MOST_BYTES: Final = 10_000
_KINDS: Final = ("application/csp-report", "application/reports+json", "application/json")
# Directives are words of ours; anything else in their place is not written.
_DIRECTIVES: Final = frozenset(
    "default-src script-src script-src-elem script-src-attr style-src style-src-elem style-src-attr img-src font-src "
    "connect-src form-action frame-ancestors frame-src base-uri object-src media-src worker-src manifest-src".split()
)


@public
@csrf_exempt
@require_POST
def csp(request: HttpRequest) -> HttpResponse:
    """Write what was refused: the directive, and the site that it would have asked, nothing more of it."""
    if request.content_type not in _KINDS:
        return HttpResponse(status=415)
    try:
        given = json.loads(request.read(_MOST_BYTES))
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    for one in given if isinstance(given, list) else [given]:
        body = one.get("csp-report", one.get("body", {})) if isinstance(one, dict) else {}
        if isinstance(body, dict):
            _LOG.warning("policy violated", extra={"facts": _facts(body)})
    return HttpResponse(status=204)


def _facts(body: dict[str, Any]) -> dict[str, str]:
    directive = body.get("effective-directive") or body.get("effectiveDirective") or body.get("violated-directive")
    word = str(directive or "").split(" ")[0]
    blocked = str(body.get("blocked-uri") or body.get("blockedURL") or "")
    try:
        scheme = urlsplit(blocked).scheme
    except ValueError:
        scheme = ""
    known = scheme if scheme in ("http", "https", "data", "blob") else ("inline" if blocked == "inline" else "autre")
    return {"directive": word if word in _DIRECTIVES else "autre", "bloque": known}


urlpatterns = [path("csp", csp, name="csp")]
