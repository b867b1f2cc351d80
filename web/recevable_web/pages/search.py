"""The search: what is looked for may be a name or a SIRET, so it is in no address and in no log.

It is sent by a form and kept in the session of the user, for the pages that follow.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

import recevable
from recevable_web.actions import preferences, selection
from recevable_web.actions.refused import Refused
from recevable_web.actions.selection import Selection
from recevable_web.pages.common import PAGE, asking, number, readable
from recevable_web.pages.parts import part
from recevable_web.pages.queue import COLUMNS, SHOWN, choices, table
from recevable_web.records import search

# What is kept in the session, and the most characters that are.
_ASKED: Final = "recherche"
_LONGEST: Final = 200


@require_http_methods(["GET", "POST"])
def recherche(request: HttpRequest) -> HttpResponse:
    """The form and, once it was sent, the dossiers that hold all of the words."""
    if request.method == "POST":
        if "effacer" in request.POST:
            request.session.pop(_ASKED, None)
        else:
            fields = {key: value[:_LONGEST] for key, value in request.POST.items() if key != "csrfmiddlewaretoken"}
            request.session[_ASKED] = fields
        return redirect("recherche")
    asked: dict[str, str] = request.session.get(_ASKED, {})
    words = search.words(asked.get("mots", ""))
    offered = choices(request)
    context = {"mots": asked.get("mots", ""), "choix": Selection(), "cherche": False, "faute": ""}
    try:
        context["choix"] = choix = selection.parsed({**asked, "onglet": ""})
        if asked and not words:
            raise Refused("MOTS", "Écrivez au moins un mot, une référence ou un SIRET.")
        if len(words) > search.MOST_ASKED:
            raise Refused("MOTS", f"Cherchez au plus {search.MOST_ASKED} mots à la fois.")
    except Refused as refused:
        context["faute"] = refused.message
    context["champs"] = part("file_champs", choix=context["choix"], **offered)
    if words and not context["faute"]:
        context |= _results(request, choix, words)
    return render(request, "guichet/recherche.html", context)


def _results(request: HttpRequest, asked: Selection, words: list[str]) -> dict[str, object]:
    actor, programmes = asking(request), readable(request)
    found, many = selection.found_by_words(actor, programmes, asked, list(dict.fromkeys(words)))
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(number(request.GET.get("page")), 1), pages)
    shown = [pk for _, pk in found[(page - 1) * PAGE : page * PAGE]]
    rows = selection.listed(programmes, shown)
    columns = [name for name in preferences.of(actor).columns if name in COLUMNS] or list(SHOWN)
    return {
        "cherche": True,
        "trop": many,
        "plafond": recevable.wording.number(search.MOST),
        "nombre": recevable.wording.count(len(found), "dossier trouvé", "dossiers trouvés"),
        "lignes": table(rows, columns, timezone.localdate(), "Dossiers trouvés", chosen=False) if rows else "",
        "precedente": page - 1 if page > 1 else None,
        "suivante": page + 1 if page < pages else None,
    }


urlpatterns = [path("recherche", recherche, name="recherche")]
