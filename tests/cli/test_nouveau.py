"""`recevable nouveau`: what each kind of change writes is right at once, and nothing is written otherwise."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Command, Outcome

from recevable import data
from recevable.cli import nouveau, outputs
from recevable.cli.app import run_code
from recevable.cli.outputs import write_together
from recevable.drafts.desk import Desk
from recevable.drafts.facts import given
from recevable.drafts.kinds import datum
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.pack.yaml_strict import cut

NAMED = ("--nom", "aide-velo", "--titre", "Aide au vélo : achat", "--document", "Arrêté", "--section", "art. 2")
OPENING = ("--document-titre", "Arrêté du 3 janvier 2024", "--ouverture", "2024-02-01")
PROGRAMME = (*NAMED, *OPENING, "--fin-de-depot", "31/12/2024 23:59:59")
TEXT = ("--source", "Arrêté art. 2", "--resume", "Le texte le demande.")
PIECE = ("--demande", "aide", "--titre", "Facture d'achat", "--nom", "facture", "--source", "Arrêté art. 2")
QUESTION = ("--demande", "aide", "--id", "APP-USAGE", "--titre", "Usage du vélo", "--question", "Sert-il au travail ?")
FORFAIT = """
  forfait:
    titre: Forfait
    type: montant
    reference: decision
    valeurs: [{a_partir_du: "2024-02-01", valeur: "100.00", source: "Arrêté art. 2"}]
    jusqu_au: ouvert
    verifie_le: "2026-01-01"
"""
REPLIES = ("--reponse", "oui : satisfait", "--reponse", "non : rejeter : Le vélo ne sert pas au travail.")


@pytest.fixture
def project(recevable: Command, tmp_path: Path) -> Path:
    """A project with the pack that `nouveau programme` makes."""
    made = recevable("nouveau", "programme", *PROGRAMME, tmp_path)
    assert (made.code, made.err) == (0, "")
    return tmp_path


@pytest.fixture
def pack(project: Path) -> Path:
    return project / "rules" / "aide-velo"


@pytest.fixture
def new(recevable: Command, pack: Path) -> Command:
    """`recevable nouveau` on the pack of the project."""
    return lambda kind, *args: recevable("nouveau", kind, *args, pack)


@pytest.fixture
def sound(recevable: Command, project: Path) -> Callable[[], None]:
    """Check that the pack passes lint, tests and coverage, as `make packs` runs them."""

    def check() -> None:
        for verb in (("lint",), ("test", "--fail-level", "avertissement"), ("coverage", "--seuil", "97")):
            outcome = recevable(*verb, project / "rules")
            assert outcome.code == 0, outcome.out + outcome.err

    return check


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def recorded(project: Path) -> Path:
    """The pack of a project, kept as it is now."""
    for name in ("rules", "schemas"):
        shutil.copytree(project / name, project / "avant" / name)
    return project / "avant" / "rules" / "aide-velo"


def rule(pack: Path, identifier: str) -> str:
    """A rule as its file writes it."""
    for path in sorted((pack / "regles").glob("*.yaml")):
        for part in path.read_text("utf-8").split("\n  - id: ")[1:]:
            if part.startswith(f"{identifier}\n"):
                return part
    raise KeyError(identifier)


# --- each kind ------------------------------------------------------------------------------------------------------


def test_a_new_programme_is_sound(sound: Callable[[], None]) -> None:
    sound()


def test_a_piece_that_is_due_from_a_day_is_sound(new: Command, pack: Path, sound: Callable[[], None]) -> None:
    assert new("piece", *PIECE, "--a-partir-du", "1er juin 2024").code == 0
    written = rule(pack, "DEL-FACTURE")
    assert 'en_vigueur: {du: "2024-06-01"}' in written
    # the last second without it, the first with it
    assert '{aide.recue_le: "2024-05-31T23:59:59+02:00"}, resultat: sans_objet' in written
    assert '{aide.recue_le: "2024-06-01T00:00:00+02:00"}, resultat: "non_satisfait:absente"' in written
    assert "verdict: completer" in (pack / "scenarios" / "facture.yaml").read_text("utf-8")
    sound()


def test_a_piece_that_was_always_due_tells_the_dossiers_that_lack_it(
    new: Command, recevable: Command, pack: Path
) -> None:
    assert new("piece", *PIECE).code == 0
    failed = recevable("test", pack)
    assert failed.code == 1
    assert "`DEL-FACTURE` pour `aide`" in failed.out


def test_a_field_is_declared_as_its_siblings(new: Command, project: Path) -> None:
    new("piece", *PIECE)
    schema = (project / "schemas" / "aide-velo" / "dossier.schema.json").read_text("utf-8")
    assert json.loads(schema)["properties"]["aide"]["properties"]["pieces"]["properties"]["facture"] == {
        "title": "Facture d'achat",
        "description": "Facture d'achat (Arrêté art. 2).",
        "type": "object",
        "additionalProperties": False,
        "properties": {},
    }
    assert json.dumps(json.loads(schema), ensure_ascii=False, indent=2) + "\n" == schema


def test_an_appraisal_has_an_example_of_each_answer(new: Command, recevable: Command, pack: Path) -> None:
    told = new("appreciation", *QUESTION, *REPLIES, *TEXT, "--quand", "aide.recue_le >= 2024-06-01T00:00:00")
    assert told.code == 0, told.out + told.err
    written = rule(pack, "APP-USAGE")
    for result in ("satisfait", '"non_satisfait:non"', "a_apprecier", "sans_objet"):
        assert f"resultat: {result}}}" in written
    scenarios = (pack / "scenarios" / "app-usage.yaml").read_text("utf-8")
    assert ["provisoire: true" in scenarios, 'verdict: rejeter, regles: ["APP-USAGE:non"]' in scenarios] == [True, True]
    assert recevable("lint", "--fail-level", "avertissement", pack).code == 0
    assert recevable("test", "-k", "Usage", pack).code == recevable("test", "-k", "APP-USAGE", pack).code == 0


def test_an_appraisal_may_begin_on_a_day(new: Command, recevable: Command, pack: Path) -> None:
    told = new("appreciation", *QUESTION, *REPLIES, *TEXT, "--a-partir-du", "2024-06-01")
    assert told.code == 0, told.out + told.err
    written = rule(pack, "APP-USAGE")
    assert 'en_vigueur: {du: "2024-06-01"}' in written
    assert '{avec: {aide.recue_le: "2024-06-01T00:00:00+02:00"}, resultat: a_apprecier}' in written
    assert '{avec: {aide.recue_le: "2024-05-31T23:59:59+02:00"}, resultat: sans_objet}' in written
    scenarios = (pack / "scenarios" / "app-usage.yaml").read_text("utf-8")
    assert scenarios.count('aide.recue_le: "2024-06-01T12:00:00+02:00"') == 3
    assert recevable("lint", "--fail-level", "avertissement", pack).code == 0
    assert recevable("test", "-k", "Usage", pack).code == recevable("test", "-k", "APP-USAGE", pack).code == 0


def test_no_example_of_an_appraisal_is_written_twice(new: Command, pack: Path) -> None:
    new("appreciation", *QUESTION, *REPLIES, *TEXT, "--quand", "aide.recue_le est present")
    written = rule(pack, "APP-USAGE").splitlines()
    examples = [line for line in written if "{avec:" in line]
    assert len(examples) == len(set(examples)) == 4


def test_an_appraisal_goes_where_rules_of_its_subject_are(new: Command, pack: Path) -> None:
    elsewhere = pack / "regles" / "autre.yaml"
    (own,) = (pack / "regles").glob("*.yaml")
    elsewhere.write_text(own.read_text("utf-8").replace("DEL-", "APP-"), "utf-8")
    assert new("appreciation", *QUESTION, *REPLIES, *TEXT).code == 0
    assert "APP-USAGE" in elsewhere.read_text("utf-8")
    new("appreciation", *QUESTION[:2], "--id", "APP-AUTRE", *QUESTION[4:], *REPLIES, *TEXT, "--fichier", own.name)
    assert "APP-AUTRE" in own.read_text("utf-8")
    told = new("appreciation", *QUESTION[:2], "--id", "APP-TIERS", *QUESTION[4:], *REPLIES, *TEXT, "--fichier", "aucun")
    assert told.code == 2
    assert "n'est pas un fichier de règles du paquet" in told.err


def test_what_is_not_known_yet_is_reported_until_it_is_decided(new: Command, recevable: Command, pack: Path) -> None:
    told = new("piece", *PIECE[:-2], "--source", "?", "--message", "?", "--a-partir-du", "2024-06-01")
    assert told.code == 1
    linted = recevable("lint", pack)
    assert linted.code == 1
    assert linted.out.count("erreur [DEC-A-DECIDER]") == 4
    assert "il reste à décider : la source" in linted.out
    assert "il reste à décider : ce que lit le demandeur" in linted.out


@pytest.mark.parametrize(
    ("case", "example"),
    [
        ("aide.recue_le > limite_de_depot", ()),
        ("demandeur.nom est present", ("--exemple", "demandeur.nom = Demandeur ; aide.recue_le = 2024-05-01T10:00:00")),
    ],
)
def test_an_undue_payment_is_shown_with_and_without(
    new: Command, recevable: Command, pack: Path, case: str, example: tuple[str, ...]
) -> None:
    path = pack / "parametres.yaml"
    path.write_text(path.read_text("utf-8") + FORFAIT, "utf-8")
    said = ("--modalite", "obligatoire", "--assiette", "exact", "--etape", "a_instruire : À examiner.")
    named = ("--id", "REC-TARD", "--titre", "Trop tard", "--cas", case, "--montant", "forfait")
    told = new("indu", *named, *said, *TEXT, *example)
    assert told.code == 0, told.out + told.err
    assert 'resultat: "a_apprecier:a_instruire"' in rule(pack, "REC-TARD")
    scenario = (pack / "scenarios" / "rec-tard.yaml").read_text("utf-8")
    assert "recouvrement: [{regle: REC-TARD, etape: a_instruire, modalite: obligatoire" in scenario
    assert recevable("test", "-k", "REC-TARD", pack).code == 0


def test_an_amount_is_computed_by_the_engine(new: Command, recevable: Command, pack: Path) -> None:
    told = new("montant", "--demande", "aide", "--id", "MON-UN", "--nom", "prime", "--titre", "Prime",
               "--calcul", "si aide.recue_le <= limite_de_depot alors 100.005 sinon 50.00", *TEXT,
               "--exemple", "aide.recue_le = 2024-05-01T10:00:00+02:00")  # fmt: skip
    assert 'valeur: "100.01"' in rule(pack, "MON-UN"), told.out + told.err
    assert "valeur: manquant" in rule(pack, "MON-UN")
    assert "MON-UN, exemple 1 : 100.01" in told.out
    assert recevable("test", "-k", "MON-UN", pack).code == 0


def test_an_amount_that_a_condition_limits_is_shown_without_it(
    new: Command, recevable: Command, pack: Path, sound: Callable[[], None]
) -> None:
    told = new("montant", "--demande", "aide", "--id", "MON-UN", "--nom", "prime", "--titre", "Prime",
               "--calcul", "100.00", "--quand", "aide.recue_le >= 2024-06-01T00:00:00", *TEXT)  # fmt: skip
    assert told.code in (0, 1), told.out + told.err
    written = rule(pack, "MON-UN")
    assert "quand: aide.recue_le >= 2024-06-01T00:00:00" in written
    assert 'valeur: "100.00"' in written
    # what a rule that does not apply answers is no value
    assert "resultat: sans_objet}" in written
    assert "valeur: sans_objet" not in written
    assert recevable("test", "-k", "MON-UN", pack).code == 0


DATUM = (
    "--voisine",
    "aide.recue_le",
    "--nom",
    "postee_le",
    "--titre",
    "Envoi postal",
    "--source",
    "Arrêté art. 2",
)


def test_a_datum_is_declared_as_its_neighbour_and_given_to_the_known_dossiers(
    new: Command, recevable: Command, project: Path, sound: Callable[[], None]
) -> None:
    told = new("donnee", *DATUM, "--essais", "2024-05-01T10:00:00+02:00")
    assert told.code == 0, told.out + told.err
    schema = json.loads((project / "schemas" / "aide-velo" / "dossier.schema.json").read_text("utf-8"))
    fields = schema["properties"]["aide"]["properties"]
    assert fields["postee_le"] == fields["recue_le"] | {
        "title": "Envoi postal", "description": "Envoi postal (Arrêté art. 2)."
    }  # fmt: skip
    known = json.loads((project / "fixtures" / "aide-velo" / "complete.json").read_text("utf-8"))
    assert known["aide"]["postee_le"] == "2024-05-01T10:00:00+02:00"
    assert "dans 0 essai et 1 dossier connu qui donnent" in told.out
    assert "`aide.postee_le` ne sert encore à rien" in told.out
    sound()


def test_a_datum_without_a_value_stays_unknown_in_the_trials(new: Command, project: Path) -> None:
    known = project / "fixtures" / "aide-velo" / "complete.json"
    before = known.read_bytes()
    told = new("donnee", *DATUM)
    assert told.code == 0, told.out + told.err
    assert "inconnue dans les essais" in told.out
    assert known.read_bytes() == before


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"--nom": "recue_le"}, "le champ `aide.recue_le` existe déjà"),
        ({"--voisine": "aide.recu_le"}, "Vouliez-vous dire `aide.recue_le` ?"),
        ({"--nom": "Postée le"}, "n'est pas un nom de champ"),
        ({"--essais": "1 ; 2"}, "Donnez-en une seule"),
        ({"--essais": "jamais"}, "`aide.postee_le` ne peut pas valoir"),
    ],
)
def test_a_datum_that_does_not_fit_is_refused(
    new: Command, project: Path, changed: dict[str, str], message: str
) -> None:
    before = files(project)
    given = {**dict(zip(DATUM[::2], DATUM[1::2], strict=True)), **changed}
    told = new("donnee", *(one for pair in given.items() for one in pair))
    assert told.code in (2, 3)
    assert message in told.err + told.out
    assert files(project) == before


BOXES = ["a.b.un", "a.b.deux", "a.b.trois"]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("{a.b: {un: 1, deux: 2}}", (("a.b",), "neuf")),
        ("{a: {b: {un: 1, trois: 2}}}", (("a", "b"), "neuf")),
        ("{a.b.un: 1, a.b.deux: 2}", ((), "a.b.neuf")),
        ("{a.b.un: 1}", None),
        ("{a.b: {un: 1, autre: 2}}", None),
        ("{a.b: {un: 1, deux: 2, neuf: 3}}", None),
        ("{}", None),
    ],
)
def test_a_datum_goes_where_its_neighbours_are_given_together(given: str, place: object) -> None:
    node = cut("", given.encode())[1]
    assert isinstance(node, YamlMapping)
    assert datum._where(node, BOXES, "a.b.neuf") == place


def test_a_date_is_put_off_and_both_sides_are_shown(new: Command, recevable: Command, pack: Path) -> None:
    at = ("--parametre", "limite_de_depot", "--a-partir-du", "2024-12-01", "--source", "Arrêté art. 2")
    told = new("report-de-date", *at, "--valeur", "15/01/2025 23:59:59")
    assert told.code == 0, told.out + told.err
    assert "`limite_de_depot` se lit à cette date : le jour de la décision" in told.out
    text = (pack / "parametres.yaml").read_text("utf-8")
    assert text.count('- {a_partir_du: "2024-12-01", valeur: "2025-01-15T23:59:59", source: "Arrêté art. 2"}\n') == 1
    scenarios = (pack / "scenarios" / "limite_de_depot.yaml").read_text("utf-8")
    assert '"2025-01-15T23:59:59+01:00"\n    attendu:\n      aide: {verdict: accepter}' in scenarios
    assert '"2025-01-16T00:00:00+01:00"\n    attendu:\n      aide: {verdict: rejeter' in scenarios
    assert recevable("test", "-k", "Fin de dépôt", pack).code == 0


def test_the_effect_of_a_new_piece_is_named_after_its_rule(
    new: Command, recevable: Command, project: Path, pack: Path
) -> None:
    before = recorded(project)
    new("piece", *PIECE)
    told = recevable("test", "--revoir", "--depuis", before, pack).out
    assert "un groupe : DEL-FACTURE." in " ".join(told.split())
    assert "DEL-FACTURE:accepter-completer  1 essai : de « accepter » à « compléter »" in told


def test_a_date_that_moves_leaves_no_outcome_to_show_by_hand(
    new: Command, recevable: Command, project: Path, pack: Path, sound: Callable[[], None]
) -> None:
    before = recorded(project)
    scenario = pack / "scenarios" / "depot.yaml"
    titled = "Déposée après le 31 décembre"
    scenario.write_text(scenario.read_text("utf-8").replace("Demande reçue une seconde trop tard", titled), "utf-8")
    at = ("--parametre", "limite_de_depot", "--a-partir-du", "2024-06-01", "--source", "Arrêté art. 2")
    assert new("report-de-date", *at, "--valeur", "15/01/2025 23:59:59").code == 0
    review = ("test", "--revoir", "--depuis", before, pack)
    told = " ".join(recevable(*review).out.split())
    assert 'exemple ajouté, à la nouvelle date : {avec: {aide.recue_le: "2025-01-16T00:00:00+01:00"}' in told
    assert f"titre à relire, il écrit l'ancienne valeur de limite_de_depot : « {titled} »" in told
    outcome = recevable(*review, "--accepter", "DEL-DEPOT [2]", "--accepter", titled, "--motif", "Report")
    assert outcome.code == 0, outcome.out + outcome.err
    written = rule(pack, "DEL-DEPOT")
    assert written.count('resultat: "non_satisfait:depasse"') == 1
    assert "un exemple est ajouté à la nouvelle date" in (pack / "JOURNAL.md").read_text("utf-8")
    sound()
    # nothing more is added once nothing fails
    assert recevable(*review).code == 0
    assert rule(pack, "DEL-DEPOT") == written


def test_a_date_that_reads_two_ways_is_not_guessed(new: Command, pack: Path) -> None:
    at = ("--parametre", "limite_de_depot", "--a-partir-du", "2024-12-01", "--source", "Arrêté art. 2")
    before = files(pack)
    told = new("report-de-date", *at, "--valeur", "01/04/2025 23:59:59")
    assert told.code == 2
    assert "peut se lire de deux façons. Écrivez l'année en tête : `2025-04-01T23:59:59` ?" in " ".join(
        told.err.split()
    )
    assert files(pack) == before


def test_a_choice_of_the_pack_cites_what_it_likes(new: Command, pack: Path) -> None:
    path = pack / "parametres.yaml"
    chosen = FORFAIT.replace("    type: montant\n", "    type: montant\n    defaut_maison: true\n")
    path.write_text(path.read_text("utf-8") + chosen, "utf-8")
    at = ("--parametre", "forfait", "--a-partir-du", "2024-06-01", "--valeur", "1 200,5 €")
    told = new("valeur", *at, "--source", "Usage de la maison")
    assert told.code == 0, told.out + told.err
    assert '{a_partir_du: "2024-06-01", valeur: "1200.50", source: "Usage de la maison"}' in path.read_text("utf-8")


def test_the_date_at_which_a_parameter_is_read_is_not_said_otherwise_than_it_is(new: Command, pack: Path) -> None:
    path = pack / "parametres.yaml"
    path.write_text(path.read_text("utf-8") + FORFAIT, "utf-8")
    before = path.read_text("utf-8")
    at = ("--parametre", "forfait", "--a-partir-du", "2024-06-01", "--valeur", "1200.50", "--source", "Arrêté art. 2")
    told = new("valeur", *at, "--reference", "reception")
    assert (told.code, told.out) == (2, "")
    assert "le paquet dit déjà à quelle date se lit `forfait` : `decision`" in told.err
    assert path.read_text("utf-8") == before
    assert new("valeur", *at, "--reference", "decision").code == 0


@pytest.mark.parametrize(
    ("start", "value", "message"),
    [
        ("2024-02-01", "2025-01-15T00:00:00", "a déjà une valeur à partir du 2024-02-01"),
        ("2023-02-01", "2025-01-15T00:00:00", "commence le 2024-02-01"),
        ("2024-12-01", "05/06/2025 10:00", "peut se lire de deux façons"),
        ("2024-12-32", "2025-01-15T00:00:00", "n'est pas une date"),
        ("05/06/2024", "2025-01-15T00:00:00", "Écrivez l'année en tête : `2024-06-05` ?"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(new: Command, pack: Path, start: str, value: str, message: str) -> None:
    before = files(pack)
    told = new(
        "valeur",
        "--parametre",
        "limite_de_depot",
        "--a-partir-du",
        start,
        "--valeur",
        value,
        "--source",
        "Arrêté art. 2",
    )
    assert told.code == 2
    assert message in told.err
    assert files(pack) == before


def test_a_repealed_rule_stays_for_the_requests_of_before(new: Command, pack: Path, sound: Callable[[], None]) -> None:
    new("piece", *PIECE, "--a-partir-du", "2024-06-01")
    told = new("abrogation", "--regle", "DEL-FACTURE", "--jusqu-au", "2024-08-31")
    assert told.code == 0, told.out + told.err
    written = rule(pack, "DEL-FACTURE")
    assert 'en_vigueur: {du: "2024-06-01", jusqu_au: "2024-08-31"}' in written
    assert '{aide.recue_le: "2024-09-01T00:00:00+02:00"}, resultat: sans_objet' in written
    sound()


def test_an_example_of_a_day_after_the_repeal_is_moved_before_it(new: Command, pack: Path) -> None:
    path = next((pack / "regles").glob("*.yaml"))
    text = path.read_text("utf-8")
    assert 'aide.recue_le: "2024-12-31T23:59:59+01:00"' in text
    told = new("abrogation", "--regle", "DEL-DEPOT", "--jusqu-au", "2024-11-30")
    written = rule(pack, "DEL-DEPOT")
    assert '{avec: {aide.recue_le: "2024-12-31T23:59:59+01:00"}, resultat: sans_objet}' in written, told.out + told.err
    assert '{avec: {aide.recue_le: "2024-11-30T23:59:59+01:00"}, resultat: satisfait}' in written


def test_a_piece_is_named_as_the_other_pieces_are(new: Command, pack: Path) -> None:
    new("piece", *PIECE, "--id", "PIE-FACTURE")
    for rank in (1, 2, 3):
        reply = ("--reponse", "oui : satisfait", "--reponse", f"non : rejeter : Non, {rank}.")
        identity = (
            "--demande",
            "aide",
            "--id",
            f"VEN-{rank}",
            "--titre",
            f"Vente {rank}",
            "--question",
            f"Et {rank} ?",
        )
        new("appreciation", *identity, *reply, *TEXT)
    new("piece", "--demande", "aide", "--titre", "Relevé bancaire", "--nom", "rib", "--source", "Arrêté art. 2")
    assert "titre: Relevé bancaire" in rule(pack, "PIE-RIB")


def test_what_other_rules_compute_is_given_as_such(new: Command, pack: Path) -> None:
    first = ("montant", "--demande", "aide", "--id", "MON-UN", "--nom", "un", "--titre", "Un", "--calcul", "100.00")
    new(*first, *TEXT)
    desk = Desk(pack)
    assert given(desk, "aide", "un * 2") == {"un": "1000.00"}
    # a moment has no plain value
    assert given(desk, "aide", "si aide.recue_le >= 2024-06-01T00:00:00 alors un sinon un * 2") == {}


def test_a_case_that_nothing_shows_asks_for_an_example(recevable: Command, tmp_path: Path) -> None:
    name = "reconditionneurs"
    for part in ("rules", "schemas"):
        shutil.copytree(data.shipped(part) / name, tmp_path / part / name)
    told = recevable(
        "nouveau", "indu", tmp_path / "rules" / name, "--id", "REC-DOUBLE", "--titre", "Deux fois", "--cas",
        'paiements est present et nombre(p dans paiements, p.demande = "aide") > 1', "--montant",
        "somme(p dans paiements, p.montant)", "--modalite", "obligatoire", "--assiette", "exact",
        "--source", "Décret, Contrôle", "--resume", "Les sommes payées deux fois sont reversées.",
    )  # fmt: skip
    assert told.code == 1, told.out + told.err
    assert "aucune donnée n'a été trouvée qui établisse le cas : donnez-en avec `--exemple`" in told.out


def test_a_rule_is_repealed_once(new: Command) -> None:
    assert new("abrogation", "--regle", "DEL-DEPOT", "--jusqu-au", "2024-08-31").code in (0, 1)
    again = new("abrogation", "--regle", "DEL-DEPOT", "--jusqu-au", "2024-09-30")
    assert (again.code, "n'est déjà plus en vigueur" in again.err) == (2, True)


def test_a_transition_keeps_the_old_rule_and_marks_the_new_one(
    new: Command, recevable: Command, pack: Path, sound: Callable[[], None]
) -> None:
    # a document required from the first day, and joined to the known dossier
    new("piece", *PIECE, "--a-partir-du", "2024-02-02")
    # the scenario of the second day shows a request without it
    told = new("transition", "--regle", "DEL-DEPOT", "--a-partir-du", "2024-06-01")
    assert told.code == 1
    assert 'en_vigueur: {jusqu_au: "2024-05-31"}' in rule(pack, "DEL-DEPOT")
    copy = rule(pack, "DEL-DEPOT-2024")
    assert 'en_vigueur: {du: "2024-06-01"}' in copy
    assert "# À DÉCIDER : ce qui change pour les demandes reçues à partir du 1er juin 2024" in copy
    assert "DEC-A-DECIDER" in recevable("lint", pack).out


@pytest.mark.parametrize(
    "change",
    [
        ("transition", "--regle", "MON-UN", "--a-partir-du", "2024-06-01"),
        ("abrogation", "--regle", "MON-UN", "--jusqu-au", "2024-05-31"),
    ],
)
def test_a_rule_that_reads_a_number_that_has_days_keeps_its_answer(
    new: Command, recevable: Command, pack: Path, change: tuple[str, ...]
) -> None:
    for name, calculation in (("un", "100.00"), ("deux", "un * 2")):
        new("montant", "--demande", "aide", "--id", f"MON-{name.upper()}", "--nom", name, "--titre", f"Prime {name}",
            "--calcul", calculation, *TEXT)  # fmt: skip
    told = new(*change)
    assert "en_vigueur" in rule(pack, "MON-UN"), told.out + told.err
    written = rule(pack, "MON-DEUX")
    assert '{avec: {aide.recue_le: "2024-05-31T23:59:59+02:00"}, valeur: "200.00"}' in written
    assert recevable("test", "-k", "MON-DEUX", pack).code == 0


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2024-06-01", "n'entre en vigueur que le 2024-06-01"),
        ("2024-09-01", "n'est plus en vigueur après le 2024-08-31"),
        (
            "2024-07-01",
            ', écrivez `en_vigueur: {du: "2024-06-01", jusqu_au: "2024-06-30"}` ; sous `DEL-FACTURE`, copiez la règle '
            'avec `id: DEL-FACTURE-2024` et `en_vigueur: {du: "2024-07-01", jusqu_au: "2024-08-31"}`',
        ),
    ],
)
def test_a_transition_inside_the_days_of_a_rule_says_what_to_write(
    new: Command, pack: Path, start: str, said: str
) -> None:
    new("piece", *PIECE, "--a-partir-du", "2024-06-01")
    new("abrogation", "--regle", "DEL-FACTURE", "--jusqu-au", "2024-08-31")
    before = files(pack)
    told = new("transition", "--regle", "DEL-FACTURE", "--a-partir-du", start)
    assert told.code == 2
    assert said in " ".join(told.err.split())
    assert files(pack) == before


@pytest.mark.parametrize("start", ["", "2024-08-01"])
def test_a_piece_becomes_optional(
    new: Command, recevable: Command, pack: Path, sound: Callable[[], None], start: str
) -> None:
    new("piece", *PIECE)
    known = pack.parents[1] / "fixtures" / "aide-velo" / "complete.json"
    dossier = json.loads(known.read_bytes())
    dossier["aide"]["pieces"] = {"facture": {}}
    known.write_text(json.dumps(dossier), "utf-8")
    (pack / "scenarios" / "facture.yaml").unlink(missing_ok=True)
    told = new("facultative", "--regle", "DEL-FACTURE", "--a-partir-du", start)
    assert told.code == 0, told.out + told.err
    changed = rule(pack, "DEL-FACTURE-2024" if start else "DEL-FACTURE")
    assert "facultative: true" in changed
    assert "si_absente" not in changed
    assert "non_satisfait" not in changed
    scenario = (pack / "scenarios" / "facultative-del-facture.yaml").read_text("utf-8")
    assert "aide.pieces.facture: absent" in scenario
    assert "verdict: accepter" in scenario
    sound()


@pytest.mark.parametrize(
    "expected", ["- liste\n", "au: hier\ndemandes: {}\n", 'au: "2024-02-01"\ndemandes: [aide]\n', "au: [\n"]
)
def test_a_known_dossier_that_cannot_be_read_is_no_base(new: Command, pack: Path, expected: str) -> None:
    known = pack.parents[1] / "fixtures" / "aide-velo" / "complete.attendu.yaml"
    known.write_text(expected, "utf-8")
    told = new("piece", *PIECE)
    assert told.code == 0, told.out + told.err
    assert "aucun scénario : aucun dossier connu n'a de demande `aide` acceptée, d'où partir" in told.out
    assert rule(pack, "DEL-FACTURE")


# --- refusals -------------------------------------------------------------------------------------------------------

REFUSED = [
    ("piece", (*PIECE[:-1], "art. 9"), "ne cite aucune section"),
    ("piece", ("--demande", "solde"), "n'est pas une demande"),
    ("piece", ("--demande", "aide", "--titre", "x", "--nom", "Facture"), "Écrivez `facture`"),
    ("piece", (*PIECE, "--id", "DEL-DEPOT"), "la règle `DEL-DEPOT` existe déjà"),
    ("piece", (*PIECE, "--id", "delai"), "n'est pas un identifiant"),
    ("piece", PIECE[:4], "il manque l'option `--nom`"),
    ("appreciation", (*QUESTION, "--reponse", "oui : satisfait", *TEXT), "au moins deux réponses"),
    ("appreciation", (*QUESTION, "--reponse", "oui : peut-être"), "n'a pas d'effet connu"),
    ("appreciation", (*QUESTION, "--reponse", "non : rejeter"), "n'a pas de message"),
    ("appreciation", (*QUESTION, *REPLIES, *TEXT, "--quand", "aide.recu_le est present"), "champ inconnu"),
    ("montant", ("--demande", "aide", "--id", "M", "--nom", "limite_de_depot"), "désigne déjà autre chose"),
    ("montant", ("--demande", "aide", "--id", "M", "--nom", "m", "--titre", "m", "--calcul", "1 +"), "attendu"),
    ("indu", ("--id", "R", "--titre", "r", "--cas", "1"), "`booleen` attendu"),
    ("indu", ("--id", "R", "--titre", "r", "--cas", "vrai", "--montant", "1.00"), "`montant` attendu"),
    ("abrogation", ("--regle", "DEL-DEPOTS"), "Vouliez-vous dire `DEL-DEPOT`"),
    ("facultative", ("--regle", "DEL-DEPOT"), "n'est pas une règle qui exige une pièce"),
    ("report-de-date", ("--parametre", "limite_de_depo"), "Vouliez-vous dire `limite_de_depot`"),
]


@pytest.mark.parametrize(("kind", "args", "message"), REFUSED)
def test_an_answer_that_does_not_fit_is_refused(
    new: Command, project: Path, kind: str, args: tuple[str, ...], message: str
) -> None:
    before = files(project)
    told = new(kind, *args)
    assert (told.code, told.out) == (2, "")
    assert message in told.err
    assert files(project) == before


def test_a_name_that_exists_is_refused(new: Command, recevable: Command, project: Path) -> None:
    new("piece", *PIECE)
    before = files(project)
    for again, message in (
        (new("piece", *PIECE), "le champ `aide.pieces.facture` existe déjà"),
        (recevable("nouveau", "programme", *PROGRAMME, project), "`rules/aide-velo` existe déjà"),
    ):
        assert again.code == 2
        assert message in again.err
    assert files(project) == before


def test_a_pack_that_cannot_be_read_is_left_alone(new: Command, pack: Path) -> None:
    path = pack / "regles" / "depot.yaml"
    path.write_text(path.read_text("utf-8").replace("delai:", "delay:"), "utf-8")
    before = files(pack)
    told = new("piece", *PIECE)
    assert told.code == 3
    assert "regles/depot.yaml:" in told.err
    assert files(pack) == before


@pytest.mark.parametrize(("args", "message"), [((), "il manque un verbe"), (("pice",), "`nouveau pice` n'existe pas")])
def test_a_kind_is_asked_for(recevable: Command, args: tuple[str, ...], message: str) -> None:
    told = recevable("nouveau", *args)
    assert told.code == 2
    assert message in told.err


# --- the terminal ---------------------------------------------------------------------------------------------------


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Type lines on a terminal, one for each question."""

    def typed(*lines: str) -> None:
        left: Iterator[str] = iter(lines)
        monkeypatch.setattr(nouveau, "_interactive", lambda: True)
        monkeypatch.setattr("builtins.input", lambda _prompt: next(left))

    return typed


def test_each_question_is_asked_until_its_answer_fits(new: Command, pack: Path, typing: Callable[..., None]) -> None:
    typing("aid", "aide", "Facture", "Facture!", "facture", "Arrêté", "Arrêté art. 2", "", "", "?", "", "")
    told = new("piece")
    assert told.code == 1, told.err
    assert "Vouliez-vous dire `aide` ?" in told.err
    assert "Entrée : Joindre la pièce « Facture »" in told.err
    assert "À DÉCIDER : ce que lit le demandeur" in rule(pack, "DEL-FACTURE")


def test_several_answers_end_with_an_empty_line(new: Command, pack: Path, typing: Callable[..., None]) -> None:
    typing("oui : satisfait", "non", "non : rejeter : Non.", "", "", "", "")
    told = new("appreciation", *QUESTION, *TEXT)
    assert told.code == 0, told.err
    assert "n'a pas d'effet connu" in told.err
    assert 'message: "Non."' in rule(pack, "APP-USAGE")


def test_an_interrupted_conversation_writes_nothing(
    new: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(nouveau, "_interactive", lambda: True)
    monkeypatch.setattr("builtins.input", stop)
    before = files(project)
    assert new("piece", "--demande", "aide").code == 130
    assert files(project) == before


# --- all files or none ----------------------------------------------------------------------------------------------


@pytest.fixture
def wanted(tmp_path: Path) -> dict[Path, tuple[bytes | None, bytes]]:
    (tmp_path / "a").write_bytes(b"1")
    return {tmp_path / "a": (b"1", b"2"), tmp_path / "deep" / "er" / "b": (None, b"3"), tmp_path / "c": (None, b"4")}


Wanted = dict[Path, tuple[bytes | None, bytes]]


def test_all_files_are_written(wanted: Wanted) -> None:
    assert write_together(wanted, "nouveau") is None
    assert [path.read_bytes() for path in wanted] == [b"2", b"3", b"4"]


@pytest.mark.parametrize("name", ["a", "c"])
def test_a_file_that_changed_meanwhile_stops_them_all(wanted: Wanted, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"meanwhile")
    before = files(tmp_path)
    assert write_together(wanted, "nouveau") == tmp_path / name
    assert files(tmp_path) == before
    assert not (tmp_path / "deep").exists()


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_a_disk_that_fails_leaves_all_as_it_was(
    wanted: Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before, real = files(tmp_path), outputs._put

    def failing(source: Path, target: Path) -> bool:
        if target.name == name and not source.name.endswith(".avant"):
            raise OSError(28, "no space left")
        return real(source, target)

    monkeypatch.setattr(outputs, "_put", failing)
    with pytest.raises(click.UsageError, match="ne peut pas être écrit"):
        write_together(wanted, "nouveau")
    assert files(tmp_path) == before
    assert not (tmp_path / "deep").exists()


def test_an_interruption_waits_until_all_are_written(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    real = outputs._put

    def interrupting(source: Path, target: Path) -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        return real(source, target)

    monkeypatch.setattr(outputs, "_put", interrupting)
    # a job in the background may have been started with interruptions ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            write_together(wanted, "nouveau")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert [path.read_bytes() for path in wanted] == [b"2", b"3", b"4"]


def test_a_help_page_says_every_question(recevable: Command) -> None:
    page: Outcome = recevable("nouveau", "piece", "--help")
    for option in ("--demande", "--titre", "--nom", "--source", "--resume", "--a-partir-du", "--message", "--id"):
        assert option in page.out
    assert run_code(["nouveau", "--help"]) == 0
