"""Rules of python-stdnum: the numbers of states whose check is documented there."""

from __future__ import annotations

from typing import Any


def _valid(module: Any, value: str) -> bool:
    return bool(module.is_valid(value))


def italy_codice_fiscale(value: str) -> bool:
    from stdnum.it import codicefiscale  # noqa: PLC0415 - each country is loaded when it is looked for

    return _valid(codicefiscale, value)


def france_tin(value: str) -> bool:
    from stdnum.fr import nif  # noqa: PLC0415 - as above

    return _valid(nif, value) and int(value) != 0


def germany_tax(value: str) -> bool:
    from stdnum.de import idnr  # noqa: PLC0415 - as above

    return _valid(idnr, value)


def argentina_cuit(value: str) -> bool:
    from stdnum.ar import cuit  # noqa: PLC0415 - as above

    return _valid(cuit, value)


def australia_tfn(value: str) -> bool:
    from stdnum.au import tfn  # noqa: PLC0415 - as above

    return _valid(tfn, value) and int(value) != 0


def brazil_cpf(value: str) -> bool:
    from stdnum.br import cpf  # noqa: PLC0415 - as above

    return _valid(cpf, value) and len(set(value)) > 1


def brazil_cnpj(value: str) -> bool:
    from stdnum.br import cnpj  # noqa: PLC0415 - as above

    return _valid(cnpj, value) and len(set(value)) > 1


def chile_rut(value: str) -> bool:
    from stdnum.cl import rut  # noqa: PLC0415 - as above

    return _valid(rut, value) and int(value[:-1]) != 0


def colombia_nit(value: str) -> bool:
    from stdnum.co import nit  # noqa: PLC0415 - as above

    return _valid(nit, value) and int(value) != 0


def mexico_curp(value: str) -> bool:
    from stdnum.mx import curp  # noqa: PLC0415 - as above

    return _valid(curp, value)


def mexico_rfc(value: str) -> bool:
    from stdnum.mx import rfc  # noqa: PLC0415 - as above

    return _valid(rfc, value)


def india_pan(value: str) -> bool:
    from stdnum.in_ import pan  # noqa: PLC0415 - as above

    return _valid(pan, value)


def uk_nhs(value: str) -> bool:
    from stdnum.gb import nhs  # noqa: PLC0415 - as above

    return _valid(nhs, value) and len(set(value)) > 1


def uk_utr(value: str) -> bool:
    from stdnum.gb import utr  # noqa: PLC0415 - as above

    return len(value) != 10 or (_valid(utr, value) and int(value) != 0)


def spain_cif(value: str) -> bool:
    from stdnum.es import cif  # noqa: PLC0415 - as above

    return _valid(cif, value)
