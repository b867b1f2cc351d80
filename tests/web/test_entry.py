"""Dossiers that are typed, part by part, and the facts that the agency adds: nothing guessed, nothing lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.conftest import DAY, FIXTURES, PROGRAMME, People, fixture
from tests.web.test_pages import browser, get, post

import recevable
from recevable_web import forms
from recevable_web.actions import dossiers, entry
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Dossier, DossierVersion, Entry, Event, Role

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
KNOWN = "solde-cinq-defauts"


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def begun(actor: Account, title: str = "Courrier 12") -> Entry:
    return entry.start(actor, PROGRAMME, title, "courrier", date(2023, 7, 18))


def typed(**texts: str) -> dict[str, str]:
    return {f"v:{name.replace('__', '.')}": text for name, text in texts.items()}


def words(response: Any) -> str:
    return str(response.content.decode().replace("&#x27;", "'"))


def test_a_whole_dossier_is_typed_again_and_decided_as_the_one_it_copies(instructor: Account) -> None:
    """Every part of a known dossier typed in French gives, through the pages, a dossier that is decided alike."""
    native = json.loads(fixture(KNOWN))
    programme = recevable.open_programme(PROGRAMME)
    form = entry.form_of(programme)
    texts = forms.texts_of(form, native)
    assert texts["paiements.0.montant"] == "8000,00"
    assert texts["solde.recue_le"] == "18/07/2023 11:00:00"
    client, held = browser(instructor), begun(instructor)
    for rank, section in enumerate(form.sections()):
        fields = {f"v:{key}": text for key, text in texts.items() if forms.below(key, section.path)}
        answer = post(client, f"/saisies/{held.pk}/parties/{section.path}", vue=rank + 1, suivant="oui", **fields)
        assert answer.status_code == 302, words(answer)
    assert "telle que" not in words(get(client, f"/saisies/{held.pk}"))
    answer = post(client, f"/saisies/{held.pk}/recevoir", vue=len(form.sections()) + 1)
    assert answer.status_code == 302
    dossier = Dossier.objects.get()
    version = dossiers.latest(dossier)
    assert dossiers.composed(version) == native
    assert (version.origin, version.author) == ("saisie", instructor)
    assert dossier.reference == "Courrier 12"
    told = [event.text for event in Event.objects.filter(dossier=dossier)]
    assert "Saisi d'après une demande arrivée le 18 juillet 2023 (courrier postal)." in told
    written = programme.decide(programme.read(fixture(KNOWN), dossier.reference), DAY)
    stored = json.loads(dossiers.decision(dossiers.evaluate(version, DAY)))
    assert stored["demandes"] == json.loads(programme.to_json(written))["demandes"]
    assert get(client, f"/saisies/{held.pk}").status_code == 302


def test_facts_are_shown_as_differences_then_recorded_beside_the_payload(instructor: Account) -> None:
    dossier = dossiers.receive(instructor, PROGRAMME, fixture(KNOWN), KNOWN)
    client = browser(instructor)
    address = f"/dossiers/{dossier.pk}/faits/solde"
    page = words(get(client, address))
    assert 'name="v:solde.recue_le"' in page
    assert 'name="v:solde.numero_dossier_avance"' not in page
    assert 'name="v:solde.pieces.guide_client_final.format"' in page
    # a piece that the applicant did not join has no state
    assert 'name="v:solde.pieces.capture_test.reussi"' not in page
    form = entry.facts_form(recevable.open_programme(PROGRAMME), dossiers.latest(dossier))
    texts = {f"v:{key}": text for key, text in forms.texts_of(form, json.loads(fixture(KNOWN))).items()}
    changed = {**texts, "v:solde.recue_le": "19/07/2023 11:00:00"}
    page = words(post(client, address, vue=dossier.version, voir="oui", **changed))
    assert "18 juillet 2023 à 11:00:00" in page
    assert "19 juillet 2023 à 11:00:00" in page
    assert DossierVersion.objects.count() == 1
    assert post(client, address, vue=dossier.version, enregistrer="oui", **changed).status_code == 302
    first, second = DossierVersion.objects.order_by("rank")
    assert bytes(first.payload) == bytes(second.payload)
    assert dossiers.composed(second)["solde"]["recue_le"] == "2023-07-19T11:00:00+02:00"
    assert second.origin == "faits"
    # what nobody touched is the same text
    kept = dossiers.composed(second)
    kept["solde"]["recue_le"] = json.loads(fixture(KNOWN))["solde"]["recue_le"]
    assert kept == json.loads(fixture(KNOWN))


@ONCE
def test_a_form_with_too_many_fields_is_refused_in_a_page(instructor: Account) -> None:
    held = begun(instructor)
    fields = {f"v:paiements.{rank}": "oui" for rank in range(1500)}
    answer = post(browser(instructor), f"/saisies/{held.pk}/parties/paiements", vue=1, **fields)
    assert answer.status_code == 413
    assert "Ce que vous envoyez est trop grand" in words(answer)


@ONCE
def test_faults_are_listed_and_said_beside_their_fields(instructor: Account) -> None:
    client, held = browser(instructor), begun(instructor)
    wrong = typed(operateur__siret="12345678901234", operateur__tva__taux="20", operateur__contact__courriel="x" * 300)
    page = words(post(client, f"/saisies/{held.pk}/parties/operateur", vue=1, ajouter="rien", **wrong))
    assert "2 points à corriger" in page
    assert '<a href="#f-operateur-tva-taux">Opérateur MSSanté › Régime de TVA › Taux de TVA</a>' in page
    assert "« 20 » n'est pas un taux. Par exemple 20 % ou 0,20." in page
    assert 'value="12345678901234"' in page
    assert "La clé de ce numéro SIRET ne se vérifie pas" in page
    assert Entry.objects.get().values["operateur.tva.taux"] == "20"
    summary = words(get(client, f"/saisies/{held.pk}"))
    assert "il faut au moins l'un de ces champs" in summary
    assert post(client, f"/saisies/{held.pk}/recevoir", vue=2).status_code == 422
    assert Dossier.objects.count() == 0


# --- what is typed, and what it means ---------------------------------------------------------------------------------

PARIS = ZoneInfo("Europe/Paris")
# Local times since 1970.
_MOMENTS = st.integers(0, 3_700_000_000).map(lambda past: datetime.fromtimestamp(past, UTC).replace(tzinfo=None))


def field(kind: str, **more: Any) -> recevable.Field:
    known: dict[str, Any] = {"choices": (), "bounds": {}, "supplied_by": (), "required": False, "format": ""}
    return recevable.Field("a", "A", "", kind, pointer="", **{**known, **more})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("montant", "8000", "8000.00"),
        ("montant", "8 000,00", "8000.00"),
        ("montant", "8\u202f000,5\u00a0€", "8000.50"),
        ("montant", "8000.05", "8000.05"),
        ("montant", "-12,30", "-12.30"),
        ("montant", "007", "7.00"),
        ("montant", "1.000", None),
        ("montant", "1,000", None),
        ("montant", "1.000,00", None),
        ("montant", "80 00", None),
        ("montant", "1e3", None),
        ("montant", "٣", None),
        ("montant", "1" * 13, None),
        ("montant", "12 euros", None),
        ("taux", "20 %", "0.20"),
        ("taux", "8,5 %", "0.085"),
        ("taux", "0,20", "0.20"),
        ("taux", "0.085", "0.085"),
        ("taux", "100 %", "1"),
        ("taux", "0", "0"),
        ("taux", "1", "1"),
        ("taux", "1,0", "1"),
        ("taux", "0,25%", "0.0025"),
        ("taux", "20", None),
        ("taux", "101 %", None),
        ("taux", "1,5", None),
        ("taux", "-1 %", None),
        ("taux", "0,00001", None),
        ("entier", "13 500", 13500),
        ("entier", "0", 0),
        ("entier", "-4", -4),
        ("entier", "1,5", None),
        ("entier", "1 2", None),
        ("entier", "9" * 19, None),
        ("entier", "²", None),
        ("entier", "0x1", None),
        ("date", "30/06/2023", "2023-06-30"),
        ("date", "30 juin 2023", "2023-06-30"),
        ("date", "2023-06-30", "2023-06-30"),
        ("date", "1er août 2023", "2023-08-01"),
        ("date", "1 Fevrier 2024", "2024-02-01"),
        ("date", "3.6.2023", "2023-06-03"),
        ("date", "31/06/2023", None),
        ("date", "29/02/2023", None),
        ("date", "06/30/2023", None),
        ("date", "30/06/23", None),
        ("date", "hier", None),
        ("date", "2023-6-30", None),
        ("instant", "26/07/2023 14:00:00", "2023-07-26T14:00:00+02:00"),
        ("instant", "26 juillet 2023 à 14:00:01", "2023-07-26T14:00:01+02:00"),
        ("instant", "15/01/2023 9h05m07s", "2023-01-15T09:05:07+01:00"),
        ("instant", "2023-07-26T14:00:00", "2023-07-26T14:00:00+02:00"),
        ("instant", "26/07/2023 12:00:00 Z", "2023-07-26T12:00:00Z"),
        ("instant", "26/07/2023 12:00:00 -04:00", "2023-07-26T12:00:00-04:00"),
        ("instant", "26/07/2023", None),
        ("instant", "26/07/2023 14:00", None),
        ("instant", "26/07/2023 25:00:00", None),
        ("instant", "26/03/2023 02:30:00", None),
        ("instant", "29/10/2023 02:30:00", None),
        ("instant", "29/10/2023 02:30:00 +01:00", "2023-10-29T02:30:00+01:00"),
        ("booleen", "oui", True),
        ("booleen", "non", False),
        ("booleen", "vrai", None),
        ("texte", "  a  ", "a"),
    ],
)
def test_what_is_typed_means_one_thing_or_is_refused(kind: str, text: str, value: Any) -> None:
    if value is not None:
        found = forms.typed(field(kind), text, PARIS)
        assert (found, type(found)) == (value, type(value))
        return
    with pytest.raises(ValueError, match="\n") as error:
        forms.typed(field(kind), text, PARIS)
    said, _, advice = str(error.value).partition("\n")
    assert said
    assert advice.endswith(".")
    assert "\n" not in advice


@pytest.mark.parametrize("kind", ["montant", "taux", "entier", "date", "instant", "booleen"])
@given(text=st.text(alphabet="0123456789 ,./:-+%€TZhoui\u00a0\u202fé", max_size=24))
def test_whatever_is_typed_is_a_value_that_the_schema_takes_or_a_fault(kind: str, text: str) -> None:
    pattern = {
        "montant": r"-?[0-9]{1,12}\.[0-9]{2}", "taux": r"0\.[0-9]{1,4}|0|1", "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "instant": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})",
        "entier": r"-?[0-9]+", "booleen": "True|False",
    }[kind]  # fmt: skip
    try:
        value = forms.typed(field(kind), text, PARIS)
    except ValueError:
        return
    assert re.fullmatch(pattern, str(value))
    # and it is shown as what reads again as itself
    assert forms.typed(field(kind), forms.shown(field(kind), value, PARIS), PARIS) == value


@given(moment=_MOMENTS, hours=st.integers(-12, 14))
def test_an_instant_is_shown_as_what_reads_again_as_itself(moment: datetime, hours: int) -> None:
    sign = "-" if hours < 0 else "+"
    value = f"{moment.replace(microsecond=0).isoformat()}{sign}{abs(hours):02d}:00"
    assert forms.typed(field("instant"), forms.shown(field("instant"), value, PARIS), PARIS) == value


def _written(programme: recevable.Programme, paths: list[Path]) -> None:
    form = entry.form_of(programme)
    documents = {one.path for one in programme.documents()}
    for path in paths:
        data = json.loads(path.read_bytes())
        data.pop("appreciations", None)
        texts = forms.texts_of(form, data)
        read, faults = forms.read(form, texts)
        known = {path for path in faults if "T" not in texts[path]}
        assert not known, (path.name, faults)
        # an instant without its offset takes that of the zone; the rest is the same
        assert len(list(forms.leaves(form, read))) + len(faults) == len(list(forms.leaves(form, data)))
        again = json.loads(json.dumps(data))
        if not faults and not any("T" in text and len(text) < 20 for text in texts.values()):
            assert read == again or path.stem.startswith("avance-recue-14000"), path.name
        for one in documents & set(texts):
            without = {key: text for key, text in texts.items() if key != one}
            assert one in forms.read(form, without)[1] or not any(key.startswith(f"{one}.") for key in without)


def test_every_known_dossier_is_typed_again_as_it_is() -> None:
    # one in four, which is enough for each field to be there
    _written(recevable.open_programme(PROGRAMME), sorted(FIXTURES.glob("*.json"))[::4])


def test_another_programme_has_its_form_without_a_line_of_code() -> None:
    second = Path(__file__).parents[1] / "second_programme"
    programme = recevable.open_programme(second / "prime-velo")
    assert entry.form_of(programme).sections()
    _written(programme, sorted((second / "dossiers").glob("*.json")))


def test_an_empty_text_is_never_a_no_nor_a_zero() -> None:
    form = entry.form_of(recevable.open_programme(PROGRAMME))
    texts = forms.texts_of(form, json.loads(fixture(KNOWN)))
    emptied = {key: text if text == forms.THERE and key not in ("a",) else "  " for key, text in texts.items()}
    data, faults = forms.read(form, emptied)
    assert faults == {}
    values = [value for _, one, value in forms.leaves(form, data) if not one.fields]
    # what reads `oui` may be a row, a piece or a yes: nothing else is left
    assert all(value is True or value == "af-ope-mss" for value in values)


# --- whose, when, and against whom ------------------------------------------------------------------------------------


def test_the_entry_of_another_person_or_programme_does_not_exist(people: People, instructor: Account) -> None:
    held = begun(instructor)
    for other in (people("ivan", Role.INSTRUCTOR), people("anne", Role.INSTRUCTOR, programme="prime-velo"),
                  people("vera", Role.VALIDATOR)):  # fmt: skip
        client = browser(other)
        for address in ("", "/parties/operateur"):
            assert get(client, f"/saisies/{held.pk}{address}").status_code == 404
        for address in ("/parties/operateur", "/recevoir", "/abandonner", "/champ"):
            assert post(client, f"/saisies/{held.pk}{address}", vue=1).status_code == 404
        with pytest.raises(Refused):
            entry.save(other, held, 1, {}, ["operateur"])
    assert "Courrier 12" not in words(get(browser(people("ivan")), "/saisies"))
    assert Entry.objects.get().version == 1
    # a right that was taken back is taken back at once
    instructor.grants.update(ends=date(2023, 1, 1))
    assert get(browser(instructor), f"/saisies/{held.pk}").status_code == 404


@ONCE
def test_nothing_is_typed_without_a_token(instructor: Account) -> None:
    held = begun(instructor)
    client = browser(instructor, enforce_csrf_checks=True)
    for address in (f"/saisies/{held.pk}/parties/operateur", f"/saisies/{held.pk}/recevoir", "/saisies", "/importer"):
        assert post(client, address, vue=1).status_code == 403
    assert Entry.objects.get().version == 1


def test_an_entry_saved_elsewhere_is_told_and_nothing_is_lost(instructor: Account) -> None:
    client, held = browser(instructor), begun(instructor)
    address = f"/saisies/{held.pk}/parties/operateur"
    assert (
        post(client, address, vue=1, enregistrer="oui", **typed(operateur__siret="99991101900019")).status_code == 302
    )
    answer = post(client, address, vue=1, enregistrer="oui", **typed(operateur__raison_sociale="Écrit ici"))
    page = words(answer)
    assert answer.status_code == 409
    assert "Cette saisie a été enregistrée ailleurs" in page
    assert 'value="Écrit ici"' in page
    assert "99991101900019" in page
    assert Entry.objects.get().values == {"operateur.siret": "99991101900019"}
    # pressed again, it is what was on the page that is kept
    assert 'name="vue" value="2"' in page
    assert (
        post(client, address, vue=2, enregistrer="oui", **typed(operateur__raison_sociale="Écrit ici")).status_code
        == 302
    )
    assert Entry.objects.get().values == {"operateur.raison_sociale": "Écrit ici"}


def test_an_entry_gives_one_dossier_and_then_is_over(instructor: Account) -> None:
    held = begun(instructor)
    form = entry.form_of(recevable.open_programme(PROGRAMME))
    Entry.objects.update(values=forms.texts_of(form, json.loads(fixture(KNOWN))))
    dossier = entry.receive(instructor, held, 1)
    for act in (lambda: entry.receive(instructor, held, 2), lambda: entry.save(instructor, held, 2, {}, []),
                lambda: entry.abandon(instructor, held, 2)):  # fmt: skip
        with pytest.raises(Refused, match="déjà enregistrée"):
            act()
    assert post(browser(instructor), f"/saisies/{held.pk}/recevoir", vue=2)["Location"] == f"/saisies/{held.pk}"
    assert Dossier.objects.get() == dossier
    # the same dossier typed twice is known
    again = begun(instructor, "Courrier 13")
    Entry.objects.filter(pk=again.pk).update(values=held.values or Entry.objects.get(pk=held.pk).values)
    client = browser(instructor)
    answer = post(client, f"/saisies/{again.pk}/recevoir", vue=1)
    assert answer.status_code == 302
    assert "Ce dossier est déjà reçu" in words(get(client, answer["Location"]))
    assert Entry.objects.get(pk=again.pk).dossier is None


@ONCE
def test_an_entry_that_is_given_up_holds_nothing_more(instructor: Account) -> None:
    client, held = browser(instructor), begun(instructor)
    entry.save(instructor, held, 1, {"operateur.siret": "1"}, ["operateur"])
    assert post(client, f"/saisies/{held.pk}/abandonner", vue=1).status_code == 302
    assert not Entry.objects.get().abandoned
    post(client, f"/saisies/{held.pk}/abandonner", vue=2)
    assert (Entry.objects.get().abandoned, Entry.objects.get().values) == (True, {})
    assert get(client, f"/saisies/{held.pk}").status_code == 404


@ONCE
@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Donnez un nom"),
        ({"titre": "x" * 121}, "120 caractères"),
        ({"titre": "a\u202eb"}, "lisibles"),
        ({"titre": "T"}, "comment la demande est arrivée"),
        ({"titre": "T", "voie": "pigeon"}, "comment la demande"),
        ({"titre": "T", "voie": "courrier"}, "quel jour"),
        ({"titre": "T", "voie": "courrier", "jour": "x"}, "pas une date"),
        ({"titre": "T", "voie": "courrier", "jour": "05/09/2023"}, "après aujourd'hui"),
        (
            {"titre": "T", "voie": "courrier", "jour": "01/09/2023", "programme": "prime-velo"},
            "instructeur du programme",
        ),
    ],
)
def test_an_entry_begins_with_how_and_when_the_request_came(
    instructor: Account, form: dict[str, str], said: str
) -> None:
    page = words(post(browser(instructor), "/saisies", **{"programme": PROGRAMME, **form}))
    assert said in page
    assert Entry.objects.count() == 0


@ONCE
def test_only_what_the_form_asks_is_kept(instructor: Account) -> None:
    held = begun(instructor)
    odd = {
        "v:operateur.inconnu": "x", "v:programme": "autre", "v:solde.numero_dossier_avance": "x",
        "operateur.siret": "x", "v:operateur.siret.x": "x",
        "v:operateur.raison_sociale": "AB" + "é" * 3000, "v:appreciations.X": "x",
        "v:__proto__": "x", "v:": "x", "v:operateur..": "x",
    }  # fmt: skip
    post(browser(instructor), f"/saisies/{held.pk}/parties/operateur", vue=1, enregistrer="oui", **odd)
    kept = Entry.objects.get().values
    assert list(kept) == ["operateur.raison_sociale"]
    assert kept["operateur.raison_sociale"].startswith("ABé")
    assert len(kept["operateur.raison_sociale"]) == forms.MOST_TEXT


@ONCE
def test_what_was_typed_is_shown_as_text(instructor: Account) -> None:
    held = begun(instructor, "<b>Courrier</b>")
    script = '"><script>alert(1)</script>'
    client = browser(instructor)
    page = words(post(client, f"/saisies/{held.pk}/parties/operateur", vue=1, ajouter="x",
                      **typed(operateur__siret=script, operateur__tva__taux=script)))  # fmt: skip
    live = words(post(client, f"/saisies/{held.pk}/champ", **typed(operateur__tva__taux=script)))
    for shown in (page, live, words(get(client, f"/saisies/{held.pk}")), words(get(client, "/saisies"))):
        assert "<script>alert" not in shown
        assert "<b>Courrier" not in shown


@ONCE
def test_a_field_is_verified_as_it_is_left_and_nothing_is_kept(instructor: Account) -> None:
    client, held = browser(instructor), begun(instructor)
    address = f"/saisies/{held.pk}/champ"
    assert "« 20 » n'est pas un taux. Par exemple 20 % ou 0,20." in words(
        post(client, address, **typed(operateur__tva__taux="20"))
    )
    assert words(post(client, address, **typed(operateur__tva__taux="20 %"))).strip() == ""
    assert "ne se vérifie pas" in words(post(client, address, **typed(operateur__siret="99991101900018")))
    assert post(client, address, **typed(operateur__inconnu="x")).status_code == 404
    assert post(client, address).status_code == 404
    assert post(client, address, **typed(operateur__siret="1", operateur__nature="x")).status_code == 404
    assert Entry.objects.get().values == {}


@ONCE
def test_rows_come_and_go_without_a_script(instructor: Account) -> None:
    client, held = browser(instructor), begun(instructor)
    address = f"/saisies/{held.pk}/parties/paiements"
    page = words(post(client, address, vue=1, ajouter="paiements"))
    assert "Paiement n° 1" in page
    first = {"v:paiements.0": "oui", "v:paiements.0.montant": "12"}
    page = words(post(client, address, vue=2, ajouter="paiements", **first))
    assert "Paiement n° 2" in page
    both = {**first, "v:paiements.1": "oui", "v:paiements.1.montant": "34"}
    page = words(post(client, address, vue=3, retirer="paiements.0", **both))
    assert "Paiement n° 2" not in page
    assert Entry.objects.get().values == {"paiements.1": "oui", "paiements.1.montant": "34"}
    data, _ = forms.read(entry.form_of(recevable.open_programme(PROGRAMME)), Entry.objects.get().values)
    assert data["paiements"] == [{"montant": "34.00"}]
    many = {f"v:paiements.{rank}": "oui" for rank in range(forms.MOST_ROWS)}
    post(client, address, vue=4, ajouter="paiements", **many)
    assert len(forms.rows(Entry.objects.get().values, "paiements")) == forms.MOST_ROWS


@ONCE
def test_pages_of_entries_ask_the_database_the_same_whatever_they_hold(instructor: Account) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    held = begun(instructor)
    dossier = dossiers.receive(instructor, PROGRAMME, fixture(KNOWN), KNOWN)
    for rank in range(30):
        begun(instructor, f"Courrier {rank}")
    client = browser(instructor)
    addresses = [
        "/saisies",
        f"/saisies/{held.pk}",
        f"/saisies/{held.pk}/parties/enrolement",
        f"/dossiers/{dossier.pk}/faits/solde",
    ]
    for address in addresses:
        get(client, address)
        with CaptureQueriesContext(connection) as found:
            assert get(client, address).status_code == 200
        assert len(found.captured_queries) <= 8, (address, [one["sql"][:80] for one in found.captured_queries])


# --- facts of the agency ----------------------------------------------------------------------------------------------


def facts(dossier: Dossier, section: str, **changed: str) -> dict[str, str]:
    """What the page of a section would send, with some texts changed."""
    version = dossiers.latest(dossier)
    form = entry.facts_form(recevable.open_programme(PROGRAMME), version)
    texts = forms.texts_of(form, dossiers.composed(version))
    sent = {key: text for key, text in texts.items() if forms.below(key, section)}
    return {**sent, **{name.replace("__", "."): text for name, text in changed.items()}}


def received(actor: Account, name: str = KNOWN) -> Dossier:
    return dossiers.receive(actor, PROGRAMME, fixture(name), name)


@ONCE
@pytest.mark.parametrize(
    "changed",
    [
        {"solde__numero_dossier_avance": "FAUX-1"},
        {"solde__pieces__capture_test__reussi": "oui"},
        {"solde__pieces__capture_test": "oui"},
        {"solde__contact_support_clients__courriel": "faux@exemple.example"},
    ],
)
def test_facts_never_touch_nor_add_what_the_applicant_gives(instructor: Account, changed: dict[str, str]) -> None:
    dossier = received(instructor)
    with pytest.raises(Refused, match="Rien n'a changé"):
        entry.record_facts(instructor, dossier, dossier.version, "solde", facts(dossier, "solde", **changed))
    assert DossierVersion.objects.count() == 1


def test_a_fact_is_taken_back_by_leaving_it_empty(instructor: Account) -> None:
    dossier = received(instructor)
    version = entry.record_facts(
        instructor,
        dossier,
        dossier.version,
        "enrolement",
        facts(dossier, "enrolement", enrolement__pieces__rib__lisible=""),
    )
    found = dossiers.composed(version)["enrolement"]["pieces"]["rib"]
    assert "lisible" not in found
    assert found["iban"]
    told = Event.objects.get(dossier=dossier, kind="faits").text
    assert (
        told
        == "Faits consignés : Demande d'enrôlement › Pièces de l'enrôlement › Relevé d'identité bancaire › Lisible."
    )


def test_rows_of_facts_keep_the_very_values_that_nobody_touched(instructor: Account) -> None:
    dossier = received(instructor)
    sent = facts(dossier, "paiements") | {
        "paiements.1": "oui",
        "paiements.1.montant": "1 500,5",
        "paiements.1.demande": "solde",
    }
    version = entry.record_facts(instructor, dossier, dossier.version, "paiements", sent)
    first, second = dossiers.composed(version)["paiements"]
    assert first == json.loads(fixture(KNOWN))["paiements"][0]
    assert second == {"demande": "solde", "montant": "1500.50"}
    # taken out again, the last one first: what is left is what was there
    dossier.refresh_from_db()
    left = {key: text for key, text in facts(dossier, "paiements").items() if not forms.below(key, "paiements.1")}
    again = entry.record_facts(instructor, dossier, dossier.version, "paiements", left)
    assert dossiers.composed(again)["paiements"] == [first]


def test_facts_on_a_dossier_that_moved_or_with_faults_record_nothing(
    people: People, instructor: Account, validator: Account
) -> None:
    dossier = received(instructor)
    address = f"/dossiers/{dossier.pk}/faits/solde"
    sent = {f"v:{key}": text for key, text in facts(dossier, "solde", solde__recue_le="19/07/2023 11:00:00").items()}
    entry.record_facts(instructor, dossier, dossier.version, "solde", facts(dossier, "solde", solde__voie="postale"))
    page = words(post(browser(instructor), address, vue=dossier.version, enregistrer="oui", **sent))
    assert "Ce dossier a changé depuis que vous l'avez ouvert" in page
    assert "19/07/2023 11:00:00" in page
    wrong = words(post(browser(instructor), address, vue=2, enregistrer="oui", **{**sent, "v:solde.recue_le": "hier"}))
    assert "« hier » n'est pas un jour et une heure" in wrong
    early = words(
        post(browser(instructor), address, vue=2, voir="oui", **{**sent, "v:solde.recue_le": "01/01/1023 10:00:00"})
    )
    assert "hors des années admises" in early
    assert DossierVersion.objects.count() == 2
    for other in (validator, people("anne", Role.INSTRUCTOR, programme="prime-velo")):
        assert get(browser(other), address).status_code == 404
        with pytest.raises(Refused):
            entry.record_facts(other, dossier, 2, "solde", facts(dossier, "solde", solde__voie="teleservice"))
    assert get(browser(instructor), f"/dossiers/{dossier.pk}/faits/operateur").status_code == 404
    assert get(browser(instructor), f"/dossiers/{dossier.pk}/faits").status_code == 302


@ONCE
def test_appraisals_are_untouched_by_facts(instructor: Account) -> None:
    dossier = received(instructor, "appreciation-consignee")
    before = dossiers.composed(dossiers.latest(dossier))
    changed = facts(dossier, "ans", ans__domaine_en_liste_blanche="non")
    version = entry.record_facts(instructor, dossier, dossier.version, "ans", changed)
    after = dossiers.composed(version)
    assert after["ans"].pop("domaine_en_liste_blanche") is False
    before["ans"].pop("domaine_en_liste_blanche", None)
    assert after == before
    assert before["appreciations"]


@ONCE
def test_no_part_of_facts_shows_a_field_of_the_applicant(instructor: Account) -> None:
    dossier = received(instructor)
    programme = recevable.open_programme(PROGRAMME)
    applicant = {one.path for top in programme.fields() for one in top.walk() if "demandeur" in one.supplied_by}
    client = browser(instructor)
    form = entry.facts_form(programme, dossiers.latest(dossier))
    asked = set()
    for section in form.sections():
        page = words(get(client, f"/dossiers/{dossier.pk}/faits/{section.path}"))
        asked |= set(re.findall(r'name="v:([^"]+)"', page))
    assert len(asked) > 60
    assert not {one for one in asked if re.sub(r"\.\d+", "[]", one) in applicant}
