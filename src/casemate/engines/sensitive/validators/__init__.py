"""What a text must satisfy beyond its pattern: check digits, calendars, numbering plans.

Each is a pure function from text to a truth value. A compact one is given the text without separators and in upper
case; the others get it as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from casemate.engines.sensitive.validators import checksums, credentials, dates, documented, finance, people, places


class Validator(NamedTuple):
    """A check, and the form in which it wants the text."""

    check: Callable[[str], bool]
    compact: bool


_COMPACT: Final = (
    checksums.machine_readable_digits,
    finance.card,
    finance.iban,
    finance.bban_france,
    finance.bban_spain,
    finance.bban_italy,
    finance.bban_germany,
    finance.not_uniform,
    dates.day_first,
    dates.year_first,
    dates.finnish_personal_number,
    dates.swedish_personal_number,
    people.us_ssn,
    people.us_itin,
    people.ca_sin,
    people.uk_nino,
    people.spain_dni,
    people.spain_nie,
    people.spain_ssn,
    people.germany_identity_card,
    people.india_aadhaar,
    people.france_nir,
    people.canada_health,
    people.us_dea,
    people.us_npi,
    people.vehicle,
    people.brazil_rg,
    people.health_claim,
    people.sube,
    people.indian_licence,
    people.uk_licence,
    documented.italy_codice_fiscale,
    documented.france_tin,
    documented.germany_tax,
    documented.argentina_cuit,
    documented.australia_tfn,
    documented.brazil_cpf,
    documented.brazil_cnpj,
    documented.chile_rut,
    documented.colombia_nit,
    documented.mexico_curp,
    documented.mexico_rfc,
    documented.india_pan,
    documented.uk_nhs,
    documented.uk_utr,
    documented.spain_cif,
)
_AS_IT_STANDS: Final = (
    credentials.aws_secret,
    credentials.random_token,
    credentials.json_web_token,
    credentials.basic_authorization,
    credentials.armored_key,
    dates.date,
    dates.expiration,
    places.coordinates,
    places.phone_nanp,
    places.phone_france,
    places.phone_germany,
    places.phone_italy,
    places.phone_spain,
    places.phone_uk,
    places.phone_brazil,
    places.device,
    places.cookie,
)
VALIDATORS: Final = {
    **{check.__name__: Validator(check, compact=True) for check in _COMPACT},
    **{check.__name__: Validator(check, compact=False) for check in _AS_IT_STANDS},
}
