"""Check digits of identifiers, held against python-stdnum; where the two differ on purpose, the test says why."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import bic, iban, luhn
from stdnum.fr import siren, siret
from stdnum.iso7064 import mod_97_10

from recevable.language.identifiers import (
    check_digits,
    compact,
    compact_siret,
    full_bic,
    is_bic,
    is_iban,
    is_siren,
    is_siret,
    siren_of,
)

LA_POSTE = "356000000"

# Examples printed in the documentation of the registry and of banks.
IBANS = """
    FR7630006000011234567890189 FR1420041010050500013M02606 MC5811222000010123456789030 DE89370400440532013000
    GB29NWBK60161331926819 ES9121000418450200051332 IT60X0542811101000000123456 LU280019400644750000
    CH9300762011623852957 NL91ABNA0417164300 PT50000201231234567890154 IE29AIBK93115212345678 NO9386011117947
    MT84MALT011000012345MTLCAST001S AT611904300234573201 PL61109010140000071219812874 SE4550000000058398257466
    GR1601101250000000012300695 FI2112345600000785 BE68539007547034 BR9700360305000010009795493P1
""".split()  # fmt: skip

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=length, max_size=length)


def with_key(number: str) -> str:
    """A number followed by its Luhn digit."""
    return number + luhn.calc_check_digit(number)


SIRENS = digits(8).filter(lambda number: number != "00000000").map(with_key)
SIRETS = st.builds(lambda company, rank: with_key(company + rank), SIRENS, digits(4))


@st.composite
def mistyped(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> str:
    """A number in which one character was replaced by another digit."""
    number = draw(numbers)
    place = draw(st.integers(0, len(number) - 1))
    return number[:place] + draw(st.sampled_from([d for d in DIGITS if d != number[place]])) + number[place + 1 :]


# --- SIREN and SIRET ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("73282932000074", True),
        ("73282932000075", False),
        ("35600000000048", True),
        ("35600000009075", True),
        ("35600000049837", True),
        ("35600000049838", False),
        ("00000000000000", False),
        ("00000000000018", False),
        ("000 000 000 00000", False),
        ("", False),
        ("7328293200007", False),
        ("732829320000740", False),
        ("732 829 320 00074", True),
        (" 73282932000074 ", True),
        ("732\u00a0829\u202f320\u200900074", True),
        ("356 000 000 49837", True),
        ("732 829 320 00075", False),
        ("732 829 320 0074", False),
        ("732.829.320.00074", False),
        ("732-829-320-00074", False),
        ("73282932000O74", False),
        ("٧٣٢٨٢٩٣٢٠٠٠٠٧٤", False),
        ("73282932000074\n", False),
    ],
)
def test_a_siret_is_14_digits_with_both_keys(text: str, valid: bool) -> None:
    assert is_siret(text) is valid


@given(SIRENS | mistyped(SIRENS) | digits(9) | digits(8) | digits(10))
def test_a_siren_is_judged_as_the_oracle_does(text: str) -> None:
    """Ours refuses the SIREN of zeros, which nobody has; the oracle only looks at the key."""
    assert is_siren(text) == (siren.is_valid(text) and text != "000000000")


@given(SIRETS | mistyped(SIRETS) | digits(14) | digits(13) | digits(15))
def test_a_siret_is_judged_as_the_oracle_does(text: str) -> None:
    if not text.startswith(LA_POSTE):
        assert is_siret(text) == (siret.is_valid(text) and text[:9] != "000000000")


@given(SIRETS, st.lists(st.tuples(st.integers(0, 14), st.sampled_from(" \u00a0\u2007\u2009\u202f")), max_size=6))
def test_spaces_change_nothing_of_a_siret(text: str, spaces: list[tuple[int, str]]) -> None:
    written = text
    for place, space in spaces:
        written = written[:place] + space + written[place:]
    assert compact_siret(written) == text
    assert is_siret(written) == is_siret(text)
    assert siren_of(written) == siren_of(text)


@given(SIRETS)
def test_a_valid_siret_is_accepted(text: str) -> None:
    assert is_siret(text)


def test_a_right_key_of_the_whole_does_not_redeem_a_wrong_siren() -> None:
    text = with_key("1234567890001")
    assert not is_siren(text[:9])
    assert not is_siret(text)


@given(digits(5).map(lambda rank: LA_POSTE + rank))
def test_an_establishment_of_la_poste_has_either_key(text: str) -> None:
    """Ours also takes the Luhn key, which the oracle leaves to the head office.

    INSEE numbers the establishments of La Poste by the sum of digits, but the common controls accept both, and a
    right Luhn key is no reason to send a request back.
    """
    assert is_siret(text) == (siret.is_valid(text) or luhn.is_valid(text))


def test_an_establishment_of_la_poste_with_a_luhn_key_alone_is_accepted() -> None:
    text = next(
        n for n in (f"{LA_POSTE}{rank:05}" for rank in range(100)) if luhn.is_valid(n) and not siret.is_valid(n)
    )
    assert is_siret(text)


@given(SIRETS)
def test_the_siren_of_a_siret_is_that_of_the_oracle(text: str) -> None:
    assert siren_of(text) == siret.to_siren(text)


@given(mistyped(SIRETS) | digits(9) | digits(13) | st.text(max_size=20))
def test_what_is_no_siret_has_no_siren(text: str) -> None:
    """Two writings that are none would be one establishment's, or two's: nobody can tell."""
    if not is_siret(text):
        assert siren_of(text) is None


# --- IBAN ---------------------------------------------------------------------------------------------------------


def rib_key(bban: str) -> str:
    """The key of a French account by the other usual formula: 97 minus the remainder of the whole number."""
    letters = {
        letter: str(value)
        for value, group in enumerate(("AJ", "BKS", "CLT", "DMU", "ENV", "FOW", "GPX", "HQY", "IRZ"), 1)
        for letter in group
    }
    return f"{97 - int(''.join(letters.get(c, c) for c in bban) + '00') % 97:02}"


def french(bban: str, key: str) -> str:
    return f"FR{iban.calc_check_digits(f'FR00{bban}{key}')}{bban}{key}"


ACCOUNTS = st.builds(
    lambda bank, account: bank + account,
    digits(10),
    st.text(DIGITS + LETTERS, min_size=11, max_size=11),
)


@pytest.mark.parametrize("text", IBANS)
def test_a_documented_iban_is_accepted(text: str) -> None:
    assert is_iban(text)
    assert iban.is_valid(text, check_country=False)


@pytest.mark.parametrize(
    "text",
    [
        "FR76 3000 6000 0112 3456 7890 189",
        "fr7630006000011234567890189",
        "FR76\u00a03000\u00a06000\u202f0112\u20093456\u20077890 189",
    ],
)
def test_spaces_and_case_do_not_matter(text: str) -> None:
    assert is_iban(text)
    assert compact(text) == "FR7630006000011234567890189"


@given(st.text(DIGITS + LETTERS + " \u00a0\u202fıſéa", max_size=30))
def test_two_writings_that_become_equal_are_judged_alike(text: str) -> None:
    assert compact(compact(text)) == compact(text)
    assert is_iban(compact(text)) == is_iban(text)
    assert is_bic(full_bic(text)) == is_bic(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FR",
        "FR76",
        "7630006000011234567890189",
        "FR763000600001123456789018",
        "FR76300060000112345678901890",
        "FR7630006000011234567890188",
        "FR76-3000-6000-0112-3456-7890-189",
        "ſR7630006000011234567890189",
        "FR76３0006000011234567890189",
        "FR7630006000011234567890189\n",
    ],
)
def test_what_is_not_an_iban_is_refused(text: str) -> None:
    assert not is_iban(text)


@given(mistyped(st.sampled_from(IBANS)))
def test_one_wrong_digit_is_always_noticed(text: str) -> None:
    assert not is_iban(text)
    assert not iban.is_valid(text, check_country=False)


@given(st.sampled_from(IBANS), st.data())
def test_two_neighbours_exchanged_in_a_documented_iban_are_noticed(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(4, len(text) - 2))
    exchanged = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert is_iban(exchanged) == (exchanged == text)


@given(ACCOUNTS)
def test_a_french_account_with_its_two_keys_is_accepted(bban: str) -> None:
    text = french(bban, rib_key(bban))
    assert is_iban(text)
    assert iban.is_valid(text)


@pytest.mark.parametrize(("key", "beyond"), [("01", "98"), ("02", "99"), ("97", "00")])
def test_a_rib_key_is_between_1_and_97(key: str, beyond: str) -> None:
    bban = next(b for b in (f"{rank:021}" for rank in range(200)) if rib_key(b) == key)
    assert is_iban(french(bban, key))
    assert not is_iban(french(bban, beyond))


@given(ACCOUNTS, digits(2))
def test_a_french_account_needs_its_rib_key(bban: str, key: str) -> None:
    """Ours also checks the RIB key, which the oracle leaves out.

    The two digits before it depend on the whole, and can be right on a mistyped account: a transfer would come back.
    """
    text = french(bban, key)
    assert iban.is_valid(text)
    assert is_iban(text) == (key == rib_key(bban))


@given(st.sampled_from([text for text in IBANS if not text.startswith("FR")]), st.randoms())
def test_other_accounts_of_the_same_shape_are_accepted(model: str, random: Random) -> None:
    account = "".join(random.choice(DIGITS if c.isdigit() else LETTERS) for c in model[4:])
    text = f"{model[:2]}{iban.calc_check_digits(f'{model[:2]}00{account}')}{account}"
    assert iban.is_valid(text, check_country=False)
    assert is_iban(text)


@given(st.text("ABXZ", min_size=2, max_size=2), st.text(DIGITS + "AZ", min_size=5, max_size=32))
def test_other_countries_are_judged_by_shape_and_remainder_alone(country: str, rest: str) -> None:
    """Ours does not know the length and shape that each country gives its accounts; the oracle does.

    That table changes every year; the remainder finds 99 % of the other mistakes, and the bank the rest.
    """
    text = country + rest
    well_formed = rest[:2].isdigit() and 15 <= len(text) <= 34
    assert is_iban(text) == (well_formed and mod_97_10.is_valid(text[4:] + text[:4]))


def test_an_unknown_country_with_a_right_remainder_is_accepted() -> None:
    text = f"XX{iban.calc_check_digits('XX0012345678901')}12345678901"
    assert is_iban(text)
    assert not iban.is_valid(text)


# --- BIC ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["AGRIFRPP", "AGRIFRPP882", "BNPAFRPPXXX", "bnpafrpp", "BNPA FR PP XXX", "PSSTFRPPMAR"]
)
def test_a_bic_is_accepted_as_the_oracle_does(text: str) -> None:
    assert is_bic(text)
    assert bic.is_valid(text)


@pytest.mark.parametrize(
    "text",
    ["", "AGRI", "AGRIFRP", "AGRIFRPP8", "AGRIFRPP88", "AGRIFRPP8822", "AGR1FRPP", "AGRIF2PP", "AGRIFRP!"],
)
def test_what_is_not_a_bic_is_refused_as_the_oracle_does(text: str) -> None:
    assert not is_bic(text)
    assert not bic.is_valid(text)


def test_a_letter_that_only_looks_like_one_is_refused() -> None:
    """Ours reads ASCII only; the oracle puts the dotless i in capitals first, and takes it for an I."""
    text = "AGRıFRPP"
    assert not is_bic(text)
    assert bic.is_valid(text)


def test_the_two_writings_of_a_head_office_are_one_bic() -> None:
    assert full_bic("agri frpp") == full_bic("AGRIFRPPXXX") == full_bic("AGRIFRPP\u00a0XXX") == "AGRIFRPPXXX"
    assert full_bic("AGRIFRPP882") != full_bic("AGRIFRPP")
    assert full_bic("AGRI") == "AGRI"


@given(st.text("ABFRP128", min_size=7, max_size=12))
def test_a_bic_is_judged_as_the_oracle_does_but_for_its_country(text: str) -> None:
    """Ours takes any two letters for a country: the list of countries is not a matter of shape."""
    assert is_bic(text) == bic.is_valid(f"{text[:4]}FR{text[6:]}" if text[4:6].isalpha() else text)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("siret", "99991101900019", "99991101900018"),
        ("siren", "999911019", "999911018"),
        ("iban", "FR76 3000 6000 0112 3456 7890 189", "FR76 3000 6000 0112 3456 7890 188"),
        ("bic", "TESTFRPPXXX", "TESTFRPPXX"),
    ],
)
def test_the_check_of_a_kind_is_its_own(kind: str, good: str, bad: str) -> None:
    assert check_digits(kind, good)
    assert not check_digits(kind, bad)
    # nothing is known of other kinds
    assert check_digits("lisible", bad)
