"""The operator is read out of a distinguished name in all the ways the list writes them, and never guessed."""

from __future__ import annotations

import pytest

from recevable.registers.annuaire.distinguished_name import kind_of, operator_asked, operator_in

SIRET = "300012340600019"
FINESS = "1990000016"


@pytest.mark.parametrize(
    "name",
    [
        f"CN=mss.example,OU={SIRET},O=OPERATEUR EXEMPLE,ST=Exemple (99),C=FR",
        f"CN=mss.example, OU={SIRET}, O=OPERATEUR EXEMPLE, C=FR",
        f"CN=mss.example , OU = {SIRET} ,C=FR",
        f"CN=mss.example,OU={SIRET},L=EXEMPLE,C=FR",
        f'CN=mss.example,O="OPERATEUR, EXEMPLE",OU={SIRET},C=FR',
        f'CN=mss.example,OU="{SIRET}",C=FR',
        f"CN=mss.example,O=OPERATEUR\\, EXEMPLE,OU={SIRET}",
        f'CN=mss.example,O=OPERATEUR \\"EXEMPLE,OU={SIRET}',
        f"CN=mss.example,OU={SIRET}\u00a0,O=OPERATEUR\u00a0EXEMPLE",
        f"CN=mss.example,OU=3 {SIRET[1:]},O=X",
        f"ou={SIRET}",
        f"2.5.4.11={SIRET},CN=x",
        f"CN=mss.example+OU={SIRET},C=FR",
        f"CN=mss.example;OU={SIRET};C=FR",
        f"C=FR,O=OPERATEUR,OU=MESSAGERIE,OU={SIRET},CN=x",
        f"CN=x,OU={SIRET},OU={SIRET}",
        f'CN=x,OU={SIRET},O="OPERATEUR AU NOM COUPE',
    ],
)
def test_the_identifier_is_found(name: str) -> None:
    assert operator_in(name) == SIRET


@pytest.mark.parametrize("finess", ["1990000016", "12A0000016", "12B0000016"])
def test_a_finess_number_is_an_identifier_too(finess: str) -> None:
    assert operator_in(f"CN=x,OU={finess},C=FR") == finess


@pytest.mark.parametrize(
    "name",
    [
        "",
        "CN=mss.example,O=OPERATEUR,C=FR",
        f"CN=mss.example,OU={SIRET},OU={FINESS},C=FR",
        f"CN=mss.example,O=OU {SIRET},C=FR",
        f'CN="x,OU={SIRET}",C=FR',
        f'CN=x,O="OPERATEUR AU NOM COUPE,OU={SIRET}',
        f"CN=x\\,OU={SIRET}",
        f"CN=x,OU={SIRET[:-1]}",
        f"CN=x,OU={SIRET}0",
        "CN=x,OU=200012340600019",
        "CN=x,OU=12C0000016",
        "CN=x,OU=19900000١6",
        "CN=x,NOU=" + SIRET,
        "n'importe quoi",
        "=",
        ",,,",
        "OU=",
        "OU=\\",
    ],
)
def test_a_name_without_one_identifier_gives_none(name: str) -> None:
    assert operator_in(name) is None


@pytest.mark.parametrize(
    ("asked", "identifier"),
    [
        (SIRET, SIRET),
        (SIRET[1:], SIRET),
        ("000 123 406 00019", SIRET),
        (FINESS, FINESS),
        ("990000016", FINESS),
        ("2a0000016", "12A0000016"),
    ],
)
def test_a_person_may_give_the_number_alone(asked: str, identifier: str) -> None:
    assert operator_asked(asked) == identifier


@pytest.mark.parametrize("asked", ["", "39", "3", "operateur", "30001234560001X", "1234567890123"])
def test_what_is_not_a_number_of_an_operator_is_not_understood(asked: str) -> None:
    assert operator_asked(asked) is None


def test_the_first_digit_tells_the_kind() -> None:
    assert (kind_of(SIRET), kind_of(FINESS)) == ("siret", "finess")
