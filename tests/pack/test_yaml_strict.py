"""Strict YAML: what a text is, what is refused, and where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.bounds import lines_of

from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span
from recevable.pack.nodes import File, Mapping, Node, Scalar, to_data
from recevable.pack.source import MAX_BYTES
from recevable.pack.yaml_faults import PythonParser
from recevable.pack.yaml_strict import MAX_DEPTH, parse, read_alone

if TYPE_CHECKING:
    from tests.pack.conftest import Refusals


def node(text: str) -> Node:
    return parse(File("essai.yaml", text))[1]


def data(text: str) -> Any:
    return to_data(node(text))


def scalar(text: str, key: str) -> Scalar:
    root = node(text)
    assert isinstance(root, Mapping)
    found = root.entries[key]
    assert isinstance(found, Scalar)
    return found


# --- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["no", "yes", "on", "off", "Y", "oui", "non", "True", "FALSE", "12:30", "0o17", "017", "0x1F", "1e3", "1_000", "+5",
     "58.33", ".5", "-.inf", "NaN", "~", "null", "2023-07-31", "2023-07-31T14:00:00Z", "<<", "="],
)  # fmt: skip
def test_nothing_is_resolved_by_its_form(text: str) -> None:
    assert data(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("12", 12), ("-3", -3), ("true", True), ("false", False)])
def test_an_unquoted_integer_or_boolean_is_one(text: str, value: object) -> None:
    assert data(f"a: {text}")["a"] is value or data(f"a: {text}")["a"] == value
    assert type(data(f"a: {text}")["a"]) is type(value)


@pytest.mark.parametrize("text", ["12", "true", "-3"])
def test_a_quoted_integer_or_boolean_is_a_text(text: str) -> None:
    assert data(f"a: \"{text}\"\nb: '{text}'") == {"a": text, "b": text}


def test_an_integer_too_large_to_be_one_stays_a_text() -> None:
    assert data(f"a: {'9' * 19}") == {"a": "9" * 19}


def test_a_text_says_whether_it_was_quoted() -> None:
    assert not scalar("a: 58.33", "a").quoted
    assert scalar('a: "58.33"', "a").quoted


def test_a_windows_file_reads_like_another() -> None:
    assert data("a: x\r\nb:\r\n  - 1\r\n  - 2\r\n") == {"a": "x", "b": [1, 2]}


def test_a_byte_order_mark_is_not_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffcle: é".encode())
    file, root = read_alone(path, "a.yaml")
    assert to_data(root) == {"cle": "é"}
    assert isinstance(root, Mapping)
    assert root.keys["cle"].span == Span("a.yaml", 1, 1, 3)
    assert file.line(1) == "cle: é"


def test_a_document_may_start_with_its_mark() -> None:
    assert data("---\na: 1\n") == {"a": 1}


def test_a_comment_is_no_content() -> None:
    assert data("# tête\na: x # fin\n# pied\n") == {"a": "x"}


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("▸", "YAML-VIDE", "vide"),
        ("▸# rien que des mots\n", "YAML-VIDE", "vide"),
        ("▸---\n", "YAML-VIDE", "vide"),
        ("a: 1\n▸a: 2\n", "YAML-DOUBLON", "`a` figure déjà ligne 1"),
        ("a: {b: 1, ▸b: 2}\n", "YAML-DOUBLON", "`b` figure déjà ligne 1"),
        ("a: 1\n▸\"a\": 2\n", "YAML-DOUBLON", "`a` figure déjà ligne 1"),
        ("a: ▸&x 1\n", "YAML-ANCRE", "`&`"),
        ("▸&x a: 1\n", "YAML-ANCRE", "`&`"),
        ("a: ▸&x\n  b: 1\n", "YAML-ANCRE", "`&`"),
        ("a: ▸*x\n", "YAML-ANCRE", "`*`"),
        ("a: ▸!!str 1\n", "YAML-ETIQUETTE", "`!!str`"),
        ("a: ▸!secret 1\n", "YAML-ETIQUETTE", "`!secret`"),
        ("a: ▸!!python/object:os.system x\n", "YAML-ETIQUETTE", "`!!python/object:os.system`"),
        ("a: 1\n▸---\nb: 2\n", "YAML-DOCUMENTS", "plusieurs documents"),
        ("a: 1\n▸...\n", "YAML-DOCUMENTS", "`...`"),
        ("▸%YAML 1.2\n---\na: 1\n", "YAML-DIRECTIVE", "directive"),
        ("a:▸\t1\n", "YAML-TABULATION", "tabulation"),
        ("a: un▸\tmot\n", "YAML-TABULATION", "tabulation"),
        ('a: "un▸\tmot"\n', "YAML-TABULATION", "tabulation"),
        ("a:\n▸\u00a0 b: 1\n", "YAML-CARACTERE", "insécable"),
        ("a:\n ▸\u202f b: 1\n", "YAML-CARACTERE", "insécable"),
        ("a: x▸\u200by\n", "YAML-CARACTERE", "U+200B"),
        ("a: x▸\u202ey\n", "YAML-CARACTERE", "U+202E"),
        ("a: x▸\x07\n", "YAML-CARACTERE", "U+0007"),
        ("a: x▸\x00\n", "YAML-CARACTERE", "U+0000"),
        ("a: x▸\rb: y\n", "YAML-CARACTERE", "U+000D"),
        ("a: x▸\u2028b: y\n", "YAML-CARACTERE", "U+2028"),
        ("a: x▸\x85b: y\n", "YAML-CARACTERE", "U+0085"),
        ("a: x▸\ufeff\n", "YAML-CARACTERE", "U+FEFF"),
        ("? ▸[a]\n: b\n", "YAML-CLE", "mot simple"),
        ("▸{a: b}: c\n", "YAML-CLE", "mot simple"),
        ("a: {b: x, ▸c}\n", "YAML-CLE", "après `c`"),
        ("a: {b: ▸x, y z}\n", "YAML-VIRGULE", "texte `x, y z`"),
        ("a: {b: ▸58,33}\n", "YAML-VIRGULE", "nombre `58,33`"),
        ("a: ▸“x”\n", "YAML-GUILLEMET", "typographiques"),
        ('a: x▸"\n', "YAML-GUILLEMET", "seul"),
        ('- x▸"\n', "YAML-GUILLEMET", "seul"),
    ],
)  # fmt: skip
def test_what_is_not_plain_yaml_is_refused_at_its_place(refusals: Refusals, text: str, code: str, words: str) -> None:
    # two of them are cut by a comma and quoted: one slip is told
    if text.startswith("a: {b: x, "):
        text = text.replace("x,", '"x",')
    fault = refusals.only(text)
    assert fault.code == code
    assert words in fault.message


def test_each_duplicate_of_a_file_is_told(refusals: Refusals) -> None:
    assert [str(d.span) for d in refusals.of("a: 1\na: 2\nb: {c: 1, c: 2}\n")] == ["essai.yaml:2:1", "essai.yaml:3:11"]


def test_an_item_that_lost_its_dash_is_told_once(refusals: Refusals) -> None:
    fault = refusals.only("r:\n  - id: A\n    titre: x\n    ▸id: B\n    titre: y\n    source: z\n")
    assert "Écrivez `- id: …`" in fault.help


def test_quotes_that_are_part_of_a_text_are_left_alone() -> None:
    assert data("""a: x = "y"\nb: L'an « deux »\nc: 'dit "oui'\n""") == {
        "a": 'x = "y"',
        "b": "L'an « deux »",
        "c": 'dit "oui',
    }


# --- files ----------------------------------------------------------------------------------------------------------


def refusal_of_file(path: Path) -> Diagnostic:
    with pytest.raises(DiagnosticError) as caught:
        read_alone(path, "regles/a.yaml")
    assert len(caught.value.diagnostics) == 1
    return caught.value.diagnostics[0]


def test_a_latin1_file_is_shown_where_it_stops_being_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("titre: é\n".encode() + "état: échu\n".encode("latin-1"))
    fault = refusal_of_file(path)
    assert (fault.code, str(fault.span)) == ("YAML-ENCODAGE", "regles/a.yaml:2:1")
    assert "UTF-8" in fault.help


def test_the_column_of_a_wrong_byte_counts_characters(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("é: ".encode() + b"\xe9")
    assert str(refusal_of_file(path).span) == "regles/a.yaml:1:4"


def test_a_utf16_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: 1".encode("utf-16"))
    assert refusal_of_file(path).code == "YAML-ENCODAGE"


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a" * (MAX_BYTES + 1))
    assert refusal_of_file(path).code == "YAML-TAILLE"


def test_a_missing_file_is_told_in_french(tmp_path: Path) -> None:
    fault = refusal_of_file(tmp_path / "a.yaml")
    assert (fault.code, fault.message) == ("YAML-LECTURE", "`regles/a.yaml` n'existe pas")


def test_a_folder_in_the_place_of_a_file_is_told_in_french(tmp_path: Path) -> None:
    assert "est un répertoire" in refusal_of_file(tmp_path).message


@pytest.mark.parametrize(
    ("text", "words", "help"),
    [
        ("si:\n  suite▸:rejeter\n  message: non\n", "il manque une espace après `:`", "Écrivez `suite: rejeter`."),
        ("si:\n  suite ▸:rejeter\n  message: non\n", "il manque une espace après `:`", "Écrivez `suite: rejeter`."),
        ("si:\n  ▸suite rejeter\n  message: non\n", "il manque `:` après `suite`", "Écrivez `suite: rejeter` ; "),
        ("a:\n- id▸:X\n  titre: Y\n", "il manque une espace après `:`", "Écrivez `id: X`."),
        ("a:\n  si:\n  ▸suite: rejeter\n    message: non\n", "`suite` n'est pas à sa place", "`message` de la ligne 4"),
        ('a: ▸Reçue : trop tard."\n', "il manque le guillemet ouvrant", 'Écrivez `"Reçue : trop tard."`.'),
        ('a: Il l\'a dit ▸: "non" !\n', "se met entre guillemets", 'Écrivez `"Il l\'a dit : \\"non\\" !"`.'),
        (
            'a: "l\'an "▸un" !"\n',
            "ce texte vient après un guillemet fermant",
            "à l'intérieur, écrivez `\\\"` ou « … ».",
        ),
        ('a: "an "▸un" !"\n', "ce texte vient après un guillemet fermant", "entre guillemets simples."),
    ],
)
def test_what_to_write_can_be_written(refusals: Refusals, text: str, words: str, help: str) -> None:
    fault = refusals.only(text)
    assert fault.code == "YAML-SYNTAXE"
    assert words in fault.message
    assert help in fault.help


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "a:\n"])
def test_a_file_that_is_too_deep_is_refused_at_once(refusals: Refusals, opening: str) -> None:
    def work(depth: int) -> int:
        text = "".join(" " * level + opening for level in range(depth // 50)) if opening == "a:\n" else opening * depth

        def refuse() -> None:
            assert refusals.only(text).code == "YAML-PROFONDEUR"

        return sum(lines_of(refuse).values())

    work(10_000)
    # what lies deeper than the limit is not read
    assert work(100_000) < 2 * work(25_000)


def test_a_file_may_be_as_deep_as_the_limit() -> None:
    assert data("[" * MAX_DEPTH + "]" * MAX_DEPTH)


# --- places ---------------------------------------------------------------------------------------------------------


def test_lines_and_columns_count_characters_from_one() -> None:
    text = "été: 1\n😀: «é»\n"
    root = node(text)
    assert isinstance(root, Mapping)
    assert root.keys["😀"].span == Span("essai.yaml", 2, 1, 1)
    assert scalar(text, "😀").span == Span("essai.yaml", 2, 4, 3)


def test_a_text_of_several_lines_is_shown_up_to_the_end_of_its_first() -> None:
    assert scalar("a: un\n  deux\n", "a").span == Span("essai.yaml", 1, 4, 2)


def test_a_line_is_given_without_its_end() -> None:
    file = File("a", "un\r\ndeux\x0btrois\n")
    assert [file.line(n) for n in (0, 1, 2, 3, 4)] == ["", "un", "deux\x0btrois", "", ""]


# --- the parser's own refusals --------------------------------------------------------------------------------------

SYNTAX = [
    ("a: b\n ▸c: d\n", "Alignez `c` sur `a` de la ligne 1"),
    ("a:\n  b: 1\n ▸c: 2\n", "Alignez `c` sur `b` de la ligne 2 (2 espaces devant) ou sur `a` de la ligne 1"),
    ("a: b ▸: c\n", 'Écrivez `"b : c"`.'),
    ("a: {b: c▸: d}\n", "guillemets"),
    ('a: dit ▸: "oui"\n', "Écrivez `'dit : \"oui\"'`."),
    ('a: ▸"x\nb: y\n', 'Ajoutez `"`'),
    ("a: ▸'x\nb: y\n", "guillemets doubles"),
    ('▸"a: x\nb: y\n', 'Ajoutez `"`'),
    ('a: ▸"x\nb: "y"\n', 'Ajoutez `"`'),
    ('a: ▸"x\nb: "y : z"\nc: 1\n', 'Ajoutez `"`'),
    ("a: 'd▸'un'\n", "guillemets doubles"),
    ('a: "d" ▸un\n', "guillemets simples"),
    ('a: "d▸\\un"\n', "Doublez-la"),
    ('a: "▸\\x0g"\n', "Doublez-la"),
    ("a: ▸[b, c\nd: e\n", "Ajoutez `]`"),
    ("a: ▸{b: c\nd: e\n", "Ajoutez `}`"),
    ("a: ▸{b: c", "Ajoutez `}`"),
    ("a: [b▸}\n", "Écrivez `]`."),
    ("a: [b]▸]\n", "Supprimez-le."),
    ("a: [{b: c} ▸{d: e}]\n", "Séparez les éléments par `, `"),
    ("a: ▸[b] c\n", "Mettez tout le texte entre guillemets."),
    ("a: ▸[b] [c]\n", "Mettez tout le texte entre guillemets."),
    ("a: ▸>= 5\n", "Mettez tout le texte entre guillemets."),
    ("a: ▸| b\n", "Mettez tout le texte entre guillemets."),
    ("a: ▸@b\n", "Mettez tout le texte entre guillemets."),
    ("a: ▸`b`\n", "Mettez tout le texte entre guillemets."),
    ("a: ▸%b\n", "Mettez tout le texte entre guillemets."),
    ("a: ▸& b\n", "Mettez tout le texte entre guillemets."),
    ("a: ▸? b\n", "Mettez tout le texte entre guillemets."),
    ("a: ▸- b\n", "Allez à la ligne"),
    ("a: 1\n▸b\nc: 2\n", "Écrivez `b: …`"),
    ("a: 1\nb▸:2\nc: 3\n", "Écrivez `b: 2`."),
    ("# un\n▸deux\na: 1\n", "`# …`"),
    ("a: 1\nb: {c: d}\n▸[\n", "Ajoutez `]`"),
    ("a:\n  b: 1\n  c: 2\n ▸reste\n  d: 3\n", "décalez-la vers la droite"),
    ("a:\n  - b: 1\n  ▸-c: 1\n", "Écrivez `- c: 1`."),
    ('a:\n  -, {b: "1"▸, c: x}\n', "Vérifiez sur cette ligne et celle du dessus"),
    ("a: b\n ▸- c: d\n", "sous une clé sans valeur"),
    ("a: b\n▸- c\n", "sous une clé sans valeur"),
    ("- a\n▸b: c\n", "`- cle: …`"),
    ("a:\n  - b\n ▸- c\n", "Alignez ce tiret sur le tiret de la ligne 2 (2 espaces devant)."),
]


@pytest.mark.parametrize(("text", "help"), SYNTAX)
def test_what_the_parser_refuses_is_explained(refusals: Refusals, text: str, help: str) -> None:
    fault = refusals.only(text)
    assert fault.code == "YAML-SYNTAXE"
    assert help in fault.help


@pytest.mark.parametrize("text", [text.replace("▸", "") for text, _ in SYNTAX])
def test_the_explanation_does_not_depend_on_the_front_end(refusals: Refusals, text: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        parse(File("essai.yaml", text), PythonParser)
    assert list(caught.value.diagnostics) == list(refusals.of(text))


def test_a_very_long_word_is_cut_in_the_message(refusals: Refusals) -> None:
    fault = refusals.only(f"a: 1\n▸{'x' * 2_000}: 2\n")
    assert len(fault.message) < 100
