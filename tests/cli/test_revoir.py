"""`recevable test --revoir`: failures by cause, and expected results rewritten with a reason, never unseen."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recevable.cli import exits

Command = Callable[..., Any]
SCENARIOS = """\
# Ce que la commune attend
scenarios:
  - titre: Facture absente
    base: acceptee
    au: "2024-05-31"
    changements: {prime.pieces.facture: absent}
    attendu:
      prime: {verdict: completer, regles: ["FACTURE:absente"], montants: {prime_accordee: "509.97"}}

  - titre: Vélo à peine plus cher   # la part compte
    base: acceptee
    au: "2024-05-31"
    changements: {velo.prix: "1200.00"}
    attendu:
      prime:
        verdict: accepter
        montants:
          prime_de_base: "360.00"   # trente pour cent
          prime_accordee: "510.00"
"""
EXAMPLE = """\
    source: Délibération, art. 2
    exemples:
      - {avec: {velo.prix: "100.00", prime.deposee_le: "2024-05-01T09:00:00+02:00"}, valeur: "30.00"}  # la part
"""


@pytest.fixture
def mine(pack: Path, dossier: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small pack whose trials pass, and as it was recorded, in `avant`."""
    monkeypatch.chdir(tmp_path)
    folder = Path(shutil.copytree(pack, "rules/prime-velo"))
    (folder / "scenarios" / "dossiers").mkdir(parents=True)
    shutil.copy(dossier("acceptee"), folder / "scenarios" / "dossiers")
    (folder / "scenarios" / "essais.yaml").write_text(SCENARIOS, "utf-8")
    rules = folder / "regles" / "montants.yaml"
    rules.write_text(rules.read_text("utf-8").replace("    source: Délibération, art. 2\n", EXAMPLE, 1), "utf-8")
    shutil.copytree(folder, "avant")
    return folder


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What is typed on the terminal."""

    def type_(*lines: str) -> None:
        terminal = io.StringIO("".join(f"{line}\n" for line in lines))
        monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys, "stdin", terminal)

    return type_


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{text.count(old)} × {old!r}"
    path.write_text(text.replace(old, new), "utf-8")


def lower(folder: Path) -> None:
    """The part of the commune falls to 29 %: amounts change, no verdict does."""
    edit(folder / "parametres.yaml", 'valeur: "0.30"', 'valeur: "0.29"')


def harden(folder: Path) -> None:
    """A missing invoice rejects: a verdict changes."""
    rules = folder / "regles" / "prime.yaml"
    edit(
        rules,
        'si_absente: {consequence: completer, message: "La facture',
        'si_absente: {consequence: rejeter, message: "La facture',
    )
    edit(rules, ', reparation: "Joindre la facture du vélo"}', "}")


def state(folder: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def revoir(recevable: Command, *more: str) -> Any:
    return recevable("test", "--revoir", "--depuis", "avant", *more, "rules/prime-velo")


ACCEPT_PART = ("--accepter", "part_de_la_commune", "--motif", "La part est de 29 %.")


def test_a_pack_whose_trials_pass_has_nothing_to_review(recevable: Command, mine: Path) -> None:
    outcome = revoir(recevable)
    assert (outcome.code, outcome.out) == (0, "rules/prime-velo : 5 essais réussis (3 exemples, 2 scénarios)\n")


def test_failures_of_one_cause_are_one_group_and_nothing_is_written(recevable: Command, mine: Path) -> None:
    lower(mine)
    before = state(mine)
    outcome = revoir(recevable)
    assert outcome.code == exits.NOT_ACCEPTED
    assert outcome.out.splitlines()[0] == "rules/prime-velo : 3 essais échouent, un groupe : part_de_la_commune."
    assert "[part_de_la_commune]  3 essais, une cause : paramètre part_de_la_commune" in outcome.out
    said = " ".join(outcome.out.split())
    assert "Part du prix prise en charge, du 1er janvier 2024 au 31 décembre 2024 : 30 % → 29 %" in said
    assert "`prime_accordee` de `prime` : attendu 510.00 → obtenu 498.00" in outcome.out
    assert "rules/prime-velo/regles/montants.yaml:11" in outcome.out
    assert "Rien n'est récrit" in outcome.out
    assert state(mine) == before


def test_a_group_is_accepted_with_a_reason_and_only_values_change(recevable: Command, mine: Path) -> None:
    lower(mine)
    outcome = revoir(recevable, *ACCEPT_PART)
    assert outcome.code == 0, outcome.out + outcome.err
    assert outcome.out.splitlines()[-1].startswith("3 résultats attendus récrits (")
    told = (mine / "scenarios" / "essais.yaml").read_text("utf-8")
    expected = SCENARIOS
    for old, new in (('"509.97"', '"497.97"'), ('"360.00"', '"348.00"'), ('"510.00"', '"498.00"')):
        expected = expected.replace(old, new)
    assert told == expected
    assert EXAMPLE.replace("30.00", "29.00") in (mine / "regles" / "montants.yaml").read_text("utf-8")
    journal = (mine / "JOURNAL.md").read_text("utf-8")
    assert "paramètre part_de_la_commune\n\nMotif : La part est de 29 %.\n" in journal
    assert "- scénario Vélo à peine plus cher : `prime_de_base` de `prime` : 360.00 → 348.00 ; " in journal
    assert recevable("test", "rules/prime-velo").code == 0


def test_a_verdict_is_never_accepted_with_others(recevable: Command, mine: Path) -> None:
    harden(mine)
    before = state(mine)
    outcome = revoir(recevable, "--accepter", "FACTURE", "--motif", "Le texte rejette.")
    assert outcome.code == exits.NOT_ACCEPTED
    assert (
        "1 essai change un verdict : il ne s'accepte que par son nom (--accepter « Facture absente »)." in outcome.out
    )
    assert state(mine) == before
    outcome = revoir(recevable, "--accepter", "Facture absente", "--motif", "Le texte rejette.")
    assert outcome.code == 0
    assert '{verdict: rejeter, regles: ["FACTURE:absente"]' in (mine / "scenarios" / "essais.yaml").read_text("utf-8")


def loosen(folder: Path) -> None:
    """The invoice may be left out: its rule can no longer answer `absente`."""
    edit(
        folder / "regles" / "prime.yaml",
        """    si_absente: {consequence: completer, message: "La facture du vélo manque.", \
reparation: "Joindre la facture du vélo"}
""",
        "    facultative: true\n",
    )


def test_an_answer_that_a_rule_gives_no_more_is_rewritten(recevable: Command, mine: Path) -> None:
    loosen(mine)
    assert "Si c'est une règle qui vient de changer, `recevable test --revoir` récrit" in recevable("test", mine).out
    outcome = revoir(recevable)
    assert "2 essais échouent, un groupe : FACTURE." in outcome.out
    assert "`FACTURE` : attendu non_satisfait:absente → obtenu sans_objet" in outcome.out
    assert "verdict de `prime` : attendu completer → obtenu accepter" in outcome.out
    accept = ("--accepter", "FACTURE [2]", "--accepter", "Facture absente", "--motif", "Elle n'est plus due.")
    assert revoir(recevable, *accept).code == 0
    assert "prime: {verdict: accepter, montants" in (mine / "scenarios" / "essais.yaml").read_text("utf-8")
    assert recevable("test", mine).code == 0


def test_a_rule_that_is_gone_is_rewritten_out_of_expectations(recevable: Command, mine: Path) -> None:
    rules = mine / "regles" / "prime.yaml"
    text = rules.read_text("utf-8")
    start, end = text.index("  - id: FACTURE"), text.index("  - id: DOMICILE")
    rules.write_text(text[:start] + text[end:], "utf-8")
    outcome = revoir(recevable, "--accepter", "Facture absente", "--motif", "Le texte ne la demande plus.")
    assert outcome.code == 0, outcome.out + outcome.err
    assert "FACTURE" not in (mine / "scenarios" / "essais.yaml").read_text("utf-8")
    assert recevable("test", mine).code == 0


def test_an_example_to_which_a_rule_no_longer_applies_expects_no_value(recevable: Command, mine: Path) -> None:
    rules = mine / "regles" / "montants.yaml"
    edit(rules, "    montant: min(velo.prix *", "    quand: velo.prix > 500\n    montant: min(velo.prix *")
    outcome = revoir(recevable, "--accepter", "PRIME-DE-BASE [1]", "--motif", "Rien sous 500 €.")
    assert outcome.code == 0, outcome.out + outcome.err
    assert '09:00:00+02:00"}, resultat: sans_objet}  # la part' in rules.read_text("utf-8")
    assert recevable("test", mine).code == 0


def test_an_answer_that_no_version_gives_is_still_a_fault(recevable: Command, mine: Path) -> None:
    edit(mine / "scenarios" / "essais.yaml", "FACTURE:absente", "FACTURE:disparue")
    outcome = revoir(recevable)
    assert outcome.code == exits.NOT_ACCEPTED
    assert "cause inconnue : `FACTURE:disparue`" in outcome.out


ADDED = """\
  - id: SOBRIETE
    titre: Usage sobre
    demandes: [prime]
    {}
    source: Délibération, art. 1
    exemples:
      - {{avec: {{}}, resultat: {}}}
"""
QUESTION = """appreciation: "Le vélo sert-il ?"
    reponses:
      oui: {resultat: satisfait}
      non: {consequence: rejeter, message: "Le vélo ne sert pas."}"""
REFUSAL = """condition: velo.prix < 1000
    si_faux: {consequence: rejeter, message: "Trop cher."}"""


def add(folder: Path, body: str, result: str) -> None:
    """A rule more."""
    rules = folder / "regles" / "prime.yaml"
    text = rules.read_text("utf-8").rstrip("\n") + "\n\n" + ADDED.format(body, result)
    rules.write_text(text, "utf-8")


def test_the_effect_of_a_new_rule_is_reviewed_as_a_whole(recevable: Command, mine: Path) -> None:
    add(mine, QUESTION, "a_apprecier")
    before = state(mine)
    outcome = revoir(recevable)
    assert "SOBRIETE:provisoire  2 essais : la décision devient provisoire" in outcome.out
    # what is alike is said once, below the trials that it is about
    assert outcome.out.count("`provisoire` de `prime` : attendu false → obtenu true") == 1
    assert "dans ces 2 essais :" not in outcome.out or outcome.out.count("change un verdict") == 2
    # by the name of the group, no verdict changes
    left = revoir(recevable, "--accepter", "SOBRIETE", "--motif", "Question nouvelle.")
    assert "2 essais changent un verdict, par l'effet de la règle ajoutée (--accepter SOBRIETE:provisoire)." in left.out
    assert state(mine) == before
    outcome = revoir(recevable, "--accepter", "SOBRIETE:provisoire", "--motif", "Question nouvelle.")
    assert outcome.code == 0, outcome.out + outcome.err
    assert "attendu false → obtenu true" in outcome.out
    assert (mine / "scenarios" / "essais.yaml").read_text("utf-8").count("provisoire: true") == 2
    assert recevable("test", mine).code == 0


def test_each_move_of_a_verdict_by_a_new_rule_has_its_own_name(recevable: Command, mine: Path) -> None:
    add(mine, REFUSAL, "manquant")
    outcome = revoir(recevable)
    assert "SOBRIETE:completer-rejeter  1 essai : de « compléter » à « rejeter »" in outcome.out
    assert "SOBRIETE:accepter-rejeter  1 essai : de « accepter » à « rejeter »" in outcome.out
    outcome = revoir(recevable, "--accepter", "SOBRIETE:accepter-rejeter", "--motif", "Trop cher.")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "verdict: completer" in (mine / "scenarios" / "essais.yaml").read_text("utf-8")


def test_the_effect_of_a_rule_that_changed_is_never_accepted_as_a_whole(recevable: Command, mine: Path) -> None:
    add(Path("avant"), QUESTION, "a_apprecier")
    add(mine, REFUSAL, "manquant")
    outcome = revoir(recevable, "--accepter", "SOBRIETE:accepter-rejeter", "--motif", "Trop cher.")
    assert outcome.code == exits.USAGE
    assert "n'est ni un groupe ni un essai qui échoue" in outcome.err


def test_an_effect_is_asked_about_on_a_terminal(recevable: Command, mine: Path, typed: Callable[..., None]) -> None:
    add(mine, QUESTION, "a_apprecier")
    before = state(mine)
    typed("n")
    assert revoir(recevable).code == exits.NOT_ACCEPTED
    assert state(mine) == before
    typed("u", "n", "q")
    assert revoir(recevable).code == exits.NOT_ACCEPTED
    assert state(mine) == before
    typed("o", "Question nouvelle.")
    assert revoir(recevable).code == 0


def test_two_causes_are_two_groups(recevable: Command, mine: Path) -> None:
    lower(mine)
    edit(mine / "regles" / "prime.yaml", "true}}, resultat: satisfait}", 'true}}, resultat: "non_satisfait:absente"}')
    outcome = revoir(recevable)
    assert outcome.out.startswith("rules/prime-velo : 4 essais échouent, 2 groupes : part_de_la_commune, essais.")


def test_what_fails_with_the_earlier_rules_too_is_told_apart(recevable: Command, mine: Path) -> None:
    for folder in (mine, Path("avant")):
        edit(folder / "scenarios" / "essais.yaml", '"360.00"', '"361.00"')
    outcome = revoir(recevable)
    assert "[essais]  1 essai, avec les règles d'avant aussi : c'est l'essai qui est à corriger" in outcome.out


def test_each_question_is_asked_on_a_terminal(recevable: Command, mine: Path, typed: Callable[..., None]) -> None:
    lower(mine)
    harden(mine)
    # the group of amounts, a letter that is none first and no reason first; then the verdict, left
    typed("x", "o", "", "La part est de 29 %.", "n", "n")
    outcome = revoir(recevable)
    assert outcome.code == exits.NOT_ACCEPTED
    assert "2 résultats attendus récrits" in outcome.out
    assert "verdict: completer" in (mine / "scenarios" / "essais.yaml").read_text("utf-8")
    typed("o", "Le texte rejette.")
    assert revoir(recevable).code == 0
    assert (mine / "JOURNAL.md").read_text("utf-8").count("Motif : ") == 2


def test_results_are_accepted_one_by_one_and_the_reason_is_offered_again(
    recevable: Command, mine: Path, typed: Callable[..., None]
) -> None:
    lower(mine)
    typed("u", "o", "La part est de 29 %.", "o", "", "n")
    outcome = revoir(recevable)
    assert outcome.code == exits.NOT_ACCEPTED
    journal = (mine / "JOURNAL.md").read_text("utf-8")
    # one heading for one cause, day and reason
    assert [journal.count(part) for part in ("\n## ", "Motif : La part est de 29 %.", "\n- ")] == [1, 1, 2]


@pytest.mark.parametrize("answers", [("q",), ("n",), ("u", "n", "q"), ()])
def test_what_is_refused_or_left_writes_nothing(
    recevable: Command, mine: Path, typed: Callable[..., None], answers: tuple[str, ...]
) -> None:
    lower(mine)
    before = state(mine)
    typed(*answers)
    assert revoir(recevable).code in (exits.NOT_ACCEPTED, exits.INTERRUPTED)
    assert state(mine) == before


def test_a_file_saved_meanwhile_is_left_and_nothing_is_half_written(
    recevable: Command, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recevable.cli import review
    from recevable.trials.review import written as whole

    lower(mine)

    def meanwhile(*words: Any) -> bytes:
        found = whole(*words)
        path = mine / "scenarios" / "essais.yaml"
        path.write_text(path.read_text("utf-8").rstrip("\n") + "\n# enregistré par un autre\n", "utf-8")
        return found

    monkeypatch.setattr(review, "written", meanwhile)
    before = {name: data for name, data in state(mine).items() if "essais" not in name}
    outcome = revoir(recevable, *ACCEPT_PART)
    assert outcome.code == exits.USAGE
    assert "a été changé entre-temps : rien n'est récrit" in outcome.err
    assert {name: data for name, data in state(mine).items() if "essais" not in name} == before
    assert "enregistré par un autre" in (mine / "scenarios" / "essais.yaml").read_text("utf-8")


def test_an_interruption_while_writing_leaves_every_file_as_it_was(
    recevable: Command, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recevable.cli import outputs

    lower(mine)
    before, whole, calls = state(mine), outputs._swapped, list[Path]()

    def interrupted(partial: Path, target: Path, content: bytes) -> bool:
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(partial, target, content)

    monkeypatch.setattr(outputs, "_swapped", interrupted)
    assert revoir(recevable, *ACCEPT_PART).code == exits.INTERRUPTED
    # the first file was written, then given its old bytes again
    assert len(calls) == 3
    assert state(mine) == before


def test_the_last_recorded_version_is_the_one_before(recevable: Command, mine: Path) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@exemple.fr"]
    for words in (["init", "-q"], ["add", "rules"], [*identity, "commit", "-q", "-m", "Règles"]):
        subprocess.run(["git", *words], check=True)
    lower(mine)
    outcome = recevable("test", "--revoir", "rules/prime-velo")
    assert "une cause : paramètre part_de_la_commune" in outcome.out


def test_without_an_earlier_version_failures_are_grouped_by_what_differs(recevable: Command, mine: Path) -> None:
    lower(mine)
    outcome = recevable("test", "--revoir", "rules/prime-velo")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "[PRIME-DE-BASE]  1 essai, cause inconnue, faute d'une version enregistrée à comparer" in outcome.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--accepter", "FACTURE"), "--accepter demande --motif"),
        (("--motif", "Parce que"), "--motif va avec --accepter"),
        (("--accepter", "part_de_la_comune", "--motif", "x"), "Vouliez-vous dire `part_de_la_commune` ?"),
        (("--format", "json"), "--revoir ne se montre qu'en texte"),
    ],
)
def test_wrong_usage_is_told(recevable: Command, mine: Path, words: tuple[str, ...], said: str) -> None:
    lower(mine)
    outcome = revoir(recevable, *words)
    assert outcome.code == exits.USAGE
    assert said in outcome.err


def test_an_earlier_pack_that_is_none_is_told(recevable: Command, mine: Path) -> None:
    outcome = recevable("test", "--revoir", "--depuis", "ailleurs", "rules/prime-velo")
    assert outcome.code == exits.USAGE
    assert "`ailleurs` ne désigne aucun paquet" in outcome.err


def test_the_options_of_a_review_go_with_it(recevable: Command, mine: Path) -> None:
    outcome = recevable("test", "--depuis", "avant")
    assert outcome.code == exits.USAGE
    assert "vont avec --revoir" in outcome.err
