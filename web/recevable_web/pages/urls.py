"""The addresses: those of each part.  None holds a name, a reference or any other personal datum."""

from __future__ import annotations

from recevable_web.pages import (
    admin,
    audit,
    batches,
    controls,
    dashboard,
    dossier,
    entry,
    exports,
    health,
    importing,
    information,
    letters,
    payments,
    personal,
    pieces,
    procedures,
    public,
    queue,
    register,
    reports,
    rules,
    search,
    sending,
    signing_in,
    statistics,
    versions,
)

urlpatterns = [
    *queue.urlpatterns,
    *search.urlpatterns,
    *signing_in.urlpatterns,
    *importing.urlpatterns,
    *entry.urlpatterns,
    *dossier.urlpatterns,
    *payments.urlpatterns,
    *procedures.urlpatterns,
    *pieces.urlpatterns,
    *letters.urlpatterns,
    *sending.urlpatterns,
    *versions.urlpatterns,
    *controls.urlpatterns,
    *register.urlpatterns,
    *personal.urlpatterns,
    *admin.urlpatterns,
    *audit.urlpatterns,
    *rules.urlpatterns,
    *batches.urlpatterns,
    *statistics.urlpatterns,
    *dashboard.urlpatterns,
    *exports.urlpatterns,
    *information.urlpatterns,
    *reports.urlpatterns,
    *public.urlpatterns,
    *health.urlpatterns,
]
handler400 = "recevable_web.pages.errors.malformee"
handler403 = "recevable_web.pages.errors.refusee"
handler404 = "recevable_web.pages.errors.absente"
handler500 = "recevable_web.pages.errors.panne"
