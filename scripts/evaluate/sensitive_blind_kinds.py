"""What each managed data identifier looks like in documents: value maker, labels in prose, names of columns and keys.

Labels are those of real forms and files of the country (with abbreviations, plurals and English forms), written from
Macie's user guide and national practice, not from any list of Casemate. An identifier without labels needs no keyword.
"""

# ruff: noqa: E501, RUF001  a line for each identifier reads best whole, and Greek is Greek

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evaluate import sensitive_blind_forms as basic
from evaluate import sensitive_blind_values as made

if TYPE_CHECKING:
    from evaluate.sensitive_blind_forms import Maker


class Kind(NamedTuple):
    """One identifier: labels stand before a value in text, names head a column or are a key (words by spaces)."""

    identifier: str
    make: Maker
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    family: str = ""
    multiline: bool = False


def kind(identifier: str, make: Maker, labels: str = "", names: str = "", family: str = "") -> Kind:
    split = lambda text: tuple(part.strip() for part in text.split("|") if part.strip())  # noqa: E731 - one line, used twice
    return Kind(identifier, make, split(labels), split(names), family or identifier)


def licence(identifier: str, labels: str, names: str, *forms: str, make: Maker | None = None) -> Kind:
    return kind(identifier, make or basic.shaped(*forms), labels, names, "licence")


def iban_kind(country: str) -> Kind:
    return kind(f"{country}_BANK_ACCOUNT_NUMBER", basic.iban(country), "", "iban|account|bank account", "iban")


LICENCES = (
    licence("DRIVERS_LICENSE", "Driver's license|Drivers License #|Driver License No.|DL number|US driver's license number", "drivers license|driver license number|dl number", "A9999999", "A999-999-99-999-9", "A999-9999-9999"),
    licence("AUSTRALIA_DRIVERS_LICENSE", "NSW driver licence number|Australian driver's licence|Victorian licence no", "australia driver licence|au drivers licence number", "99999999", "999999999"),
    licence("AUSTRIA_DRIVERS_LICENSE", "Führerschein (Österreich)|Führerscheinnummer Republik Österreich|Austria driving licence", "austria drivers license|oesterreich fuehrerschein", "99999999"),
    licence("BELGIUM_DRIVERS_LICENSE", "Rijbewijsnummer|Permis de conduire n°|rijbewijs nr|Führerscheinnummer (Belgien)", "rijbewijs|belgium drivers license", "9999999999"),
    licence("BULGARIA_DRIVERS_LICENSE", "Свидетелство за управление на МПС|превозно средство, свидетелство №|Bulgarian driving licence", "bulgaria driving licence|свидетелство за управление на мпс", "999999999"),
    licence("CANADA_DRIVERS_LICENSE", "Ontario driver's licence|Canadian driver's license|permis de conduire (Québec)|BC driver's licence|Alberta driver's licence", "canada drivers licence|ontario driver licence", "A9999-99999-99999", "A9999-999999-99"),
    licence("CROATIA_DRIVERS_LICENSE", "Vozačka dozvola br.|broj vozačke dozvole", "vozacka dozvola|broj vozacke dozvole", "99999999"),
    licence("CYPRUS_DRIVERS_LICENSE", "άδεια οδήγησης|Cyprus driving licence|αρ. άδειας οδήγησης", "cyprus drivers license|άδεια οδήγησης", "999999999999"),
    licence("CZECHIA_DRIVERS_LICENSE", "Řidičský průkaz č.|číslo řidičského průkazu", "ridicsky prukaz|cislo ridicskeho prukazu", "AA 999999", "AA999999"),
    licence("DENMARK_DRIVERS_LICENSE", "Kørekort nr.|kørekortnummer", "korekort|kørekortnummer", "99999999"),
    licence("ESTONIA_DRIVERS_LICENSE", "Juhiloa number|juhiluba nr|juhilubade number", "juhiluba|juhiloa number", "AA999999"),
    licence("FINLAND_DRIVERS_LICENSE", "Ajokortin numero|ajokortti|körkort nr", "ajokortti|ajokortin numero", make=made.finnish_hetu),
    licence("FRANCE_DRIVERS_LICENSE", "Permis de conduire n°|numéro de permis de conduire|permis n°", "permis conduire|numero permis de conduire", "999999999999"),
    licence("GERMANY_DRIVERS_LICENSE", "Führerscheinnummer|Führerschein-Nr.|Fuehrerschein Nr", "fuehrerschein|führerscheinnummer", "B###RRE#I##", "J###HKM####"),
    licence("GREECE_DRIVERS_LICENSE", "Δίπλωμα οδήγησης|άδεια οδήγησης Αρ.|Adeia odigisis", "δεια οδήγησης|adeia odigisis", "999999999"),
    licence("HUNGARY_DRIVERS_LICENSE", "Vezetői engedély száma|jogosítvány|vezetői engedély", "vezetoi engedely|jogositvany", "AA999999"),
    licence("INDIA_DRIVERS_LICENSE", "Driving Licence No|DL No.|Indian driving license", "driving licence number|india dl number", make=made.indian_licence),
    licence("IRELAND_DRIVERS_LICENSE", "Ceadúnas tiomána|Irish driving licence|Ireland driver number", "ceadunas tiomana|ireland drivers licence", "999999999"),
    licence("ITALY_DRIVERS_LICENSE", "Patente di guida n.|numero patente|patente guida", "patente di guida|numero patente", "AA9999999A"),
    licence("LATVIA_DRIVERS_LICENSE", "Autovadītāja apliecība Nr.|vadītāja apliecība|autovadītāja apliecības numurs", "autovaditaja aplieciba|vaditaja apliecibas numurs", "AA999999", "AAA999999"),
    licence("LITHUANIA_DRIVERS_LICENSE", "Vairuotojo pažymėjimas|vairuotojo pažymėjimo Nr.", "vairuotojo pazymejimas|vairuotojo pazymejimo numeris", "99999999"),
    licence("LUXEMBOURG_DRIVERS_LICENSE", "Permis de conduire (Luxembourg)|Fahrerlaubnis Luxemburg|Luxembourg driving licence", "luxembourg drivers license|fahrerlaubnis", "999999"),
    licence("MALTA_DRIVERS_LICENSE", "Liċenzja tas-sewqan|Malta driving licence", "licenzja tas sewqan|malta drivers license", "AA 999 999", "99 999 999"),
    licence("NETHERLANDS_DRIVERS_LICENSE", "Rijbewijsnummer|rijbewijs nr.|Nederlands rijbewijs", "rijbewijsnummer|rijbewijs", "9999999999"),
    licence("POLAND_DRIVERS_LICENSE", "Prawo jazdy nr|numer prawa jazdy", "prawo jazdy|numer licencyjny", "99999/99/9999"),
    licence("PORTUGAL_DRIVERS_LICENSE", "Carta de condução n.º|número da carta de condução", "carta de conducao|numero carta conducao", "A-999999 9", "AA-999999 9"),
    licence("ROMANIA_DRIVERS_LICENSE", "Permis de conducere nr.|numărul permisului de conducere", "permis de conducere|numarul permisului de conducere", "A99999999"),
    licence("SLOVAKIA_DRIVERS_LICENSE", "Vodičský preukaz č.|číslo vodičského preukazu", "vodicsky preukaz|cislo vodicskeho preukazu", "A9999999", "AA999999"),
    licence("SLOVENIA_DRIVERS_LICENSE", "Vozniško dovoljenje št.|številka vozniškega dovoljenja", "voznisko dovoljenje|stevilka vozniskega dovoljenja", "999999999"),
    licence("SPAIN_DRIVERS_LICENSE", "Permiso de conducir nº|carnet de conducir|número de permiso de conducción", "permiso de conducir|carnet conducir", make=made.dni),
    licence("SWEDEN_DRIVERS_LICENSE", "Körkortsnummer|körkort nr", "korkort|körkortsnummer", make=made.personnummer),
    licence("UK_DRIVERS_LICENSE", "UK driving licence number|Driver number|DVLA driving licence no.|Driving licence", "driving licence number|uk drivers licence", make=made.uk_licence),
)  # fmt: skip

CREDENTIALS = (
    kind("AWS_CREDENTIALS", basic.aws_secret, "aws_secret_access_key|AWS secret key|Secret access key|SecretAccessKey", "aws secret access key|secret access key|credentials"),
    kind("GCP_API_KEY", lambda rng: "AIza" + basic.token(rng, basic.string.ascii_letters + basic.DIGITS + "-_", 35), "Google API key|GOOGLE_API_KEY|X-Goog-Api-Key|GCP api key", "google api key|gcp api key|gcp key"),
    kind("HTTP_BASIC_AUTH_HEADER", basic.basic_auth, "", "request header|raw"),
    kind("JSON_WEB_TOKEN", basic.jwt, "", "token|jwt"),
    kind("STRIPE_CREDENTIALS", lambda rng: rng.choice(["sk_live_", "rk_live_"]) + basic.token(rng, basic.string.ascii_letters + basic.DIGITS, rng.choice([24, 99])), "", "stripe key|payment secret"),
    kind("OPENSSH_PRIVATE_KEY", basic.private_key("OPENSSH PRIVATE KEY"))._replace(multiline=True),
    kind("PGP_PRIVATE_KEY", basic.private_key("PGP PRIVATE KEY BLOCK"))._replace(multiline=True),
    kind("PKCS", basic.private_key("RSA PRIVATE KEY"))._replace(multiline=True),
    kind("PUTTY_PRIVATE_KEY", basic.putty)._replace(multiline=True),
    kind("HTTP_COOKIE", basic.cookie, "", "header line|raw request"),
)  # fmt: skip

FINANCIAL = (
    kind("BANK_ACCOUNT_NUMBER", basic.shaped("9999999999", "999999999999"), "Bank account number|Checking account|Account No.|bank acct #|Savings account number", "account number|bank account|checking account number"),
    kind("CREDIT_CARD_NUMBER", basic.card, "Credit card|Card number|VISA|Card No.|Debit card|cc#|MasterCard", "card number|credit card|cc number|payment card", "card"),
    kind("CREDIT_CARD_NUMBER_(NO_KEYWORD)", basic.card, "", "value|reference", "card"),
    kind("CREDIT_CARD_EXPIRATION", basic.expiration, "Expiration date|Expiry|Exp date|valid thru, expiry", "expiration date|expiry|exp date"),
    kind("CREDIT_CARD_MAGNETIC_STRIPE", basic.magnetic_stripe, "Card data|Magstripe|swipe|card track 1", "magstripe|card data|card swipe", "card"),
    kind("CREDIT_CARD_SECURITY_CODE", basic.shaped("999"), "CVV|CVC|Card security code|CVV2|card verification value", "cvv|cvc2|card security code"),
    kind("FRANCE_BANK_ACCOUNT_NUMBER", basic.iban("FRANCE"), "", "iban|compte", "iban"),
    *(iban_kind(country) for country in basic.IBAN_FORMS if country != "FRANCE"),
)  # fmt: skip

HEALTH = (
    kind("US_DRUG_ENFORCEMENT_AGENCY_NUMBER", made.dea, "DEA number|DEA #|DEA registration|DEA no.", "dea number|dea registration"),
    kind("USA_HEALTH_INSURANCE_CLAIM_NUMBER", lambda rng: made.ssn(rng).replace(" ", "-") + rng.choice("AB"), "Health Insurance Claim Number|HICN|HIC number|HIC no.", "hicn|health insurance claim number", "ssn"),
    kind("CANADA_HEALTH_NUMBER", made.canadian_health, "Health card number|Canadian healthcare number|PHN|MSP number|personal health number", "health card number|phn|msp number"),
    kind("EUROPEAN_HEALTH_INSURANCE_CARD_NUMBER", made.ehic, "European Health Insurance Card|EHIC number|EHIC|tarjeta sanitaria europea|Gesundheitskarte EHIC|CEAM n°", "ehic number|ehic|european health insurance card", "ehic"),
    kind("FINLAND_EUROPEAN_HEALTH_INSURANCE_NUMBER", lambda rng: "80246" + basic.digits(rng, 15), "Eurooppalainen sairaanhoitokortti|Finland EHIC|sairausvakuutuskortti|FinEHIC", "finland ehic number|sairaanhoitokortti", "ehic"),
    kind("FRANCE_HEALTH_INSURANCE_NUMBER", made.insee, "Carte Vitale|carte d'assuré social|numéro de carte vitale|insurance card (France)", "carte vitale|carte d assure social", "insee"),
    kind("UK_NHS_NUMBER", made.nhs, "NHS number|NHS No.|national health service number|NHS no", "nhs number|nhs no"),
    kind("USA_MEDICARE_BENEFICIARY_IDENTIFIER", made.mbi, "Medicare Beneficiary Identifier|MBI|Medicare beneficiary number|Medicare beneficiary #", "mbi|medicare beneficiary id"),
    kind("USA_HEALTHCARE_PROCEDURE_CODE", basic.shaped("J####", "G####", "E####"), "HCPCS|HCPCS code|Healthcare Common Procedure Coding System|current procedural terminology", "hcpcs|hcpcs code"),
    kind("USA_NATIONAL_DRUG_CODE", basic.shaped("99999-9999-99", "9999-9999-99", "99999-999-99"), "NDC|National Drug Code|NDC #", "ndc|national drug code"),
    kind("USA_NATIONAL_PROVIDER_IDENTIFIER", made.npi, "NPI|National Provider Identifier|N.P.I.|national provider ID|NPI number", "npi|national provider id|npi number"),
    kind("MEDICAL_DEVICE_UDI", made.udi, "UDI|Device identifier|unique device identifier|GS1 UDI", "udi|device identifier|unique device id"),
)  # fmt: skip

PERSONAL = (
    kind("NAME", made.full_name, "", "full name|customer|name|contact person"),
    kind("ADDRESS", made.address, "", "address|shipping address|street address"),
    kind("DATE_OF_BIRTH", basic.birth_date, "Date of birth|DOB|Birthday|D.O.B.|Birth date|born, date of birth", "date of birth|dob|birth date|birthday"),
    kind("LATITUDE_LONGITUDE", made.coordinates, "Coordinates|GPS|lat/long|Location (lat, long)|position, coordinates", "coordinates|lat long|gps"),
    kind("UK_ELECTORAL_ROLL_NUMBER", basic.shaped("AA9999", "AA99"), "Electoral roll number|Electoral number|electoral roll no.", "electoral roll number|electoral number"),
    kind("BRAZIL_CEP_CODE", basic.shaped("99999-999", "99.999-999"), "CEP|código de endereçamento postal|Código postal (CEP)", "cep|codigo postal|código de endereçamento postal"),
    kind("ARGENTINA_DNI_NUMBER", made.thousands(8_000_000, 45_000_000), "DNI|Documento Nacional de Identidad|D.N.I. Nº|DNI número", "dni|numero dni argentina|documento nacional de identidad", "ar"),
    kind("BRAZIL_RG_NUMBER", made.brazil_rg, "RG|Registro Geral|carteira de identidade|documento de identidade RG", "rg|cedula de identidade|numero rg"),
    kind("CHILE_RUT_NUMBER", made.rut, "RUT|RUN|Rol Único Tributario|R.U.T.|Rol Unico Nacional", "rut|run|rol unico tributario"),
    kind("COLOMBIA_CITIZENSHIP_CARD_NUMBER", made.thousands(1_000_000_000, 1_199_999_999), "Cédula de ciudadanía|C.C. No.|cédula|documento de identificación", "cedula de ciudadania|cedula|numero cedula", "co"),
    kind("FRANCE_NATIONAL_IDENTIFICATION_NUMBER", made.insee, "Numéro de sécurité sociale|N° sécurité sociale|numéro INSEE|NIR, sécurité sociale|code insee", "numero insee|code sécurité sociale|numéro sécurité sociale", "insee"),
    kind("GERMANY_NATIONAL_IDENTIFICATION_NUMBER", made.german_serial("LTY"), "Personalausweis|Ausweisnummer|Personalausweisnummer|Ausweis-Nr.|ID-Nummer Ausweis", "personalausweisnummer|ausweisnummer|personalausweis", "de"),
    kind("ITALY_NATIONAL_IDENTIFICATION_NUMBER", made.codice_fiscale, "Codice fiscale|C.F., codice fiscale|codice fiscal|cod. fiscale|codice fiscale dell'assistito", "codice fiscale|codice_fiscale dipendente"),
    kind("INDIA_AADHAAR_NUMBER", made.aadhaar, "Aadhaar|Aadhaar No.|UID (Aadhaar)|Aadhar number", "aadhaar|aadhaar number|uid aadhaar"),
    kind("MEXICO_CURP_NUMBER", made.curp, "CURP|Clave Única de Registro de Población|clave unica", "curp|clave curp"),
    kind("SPAIN_DNI_NUMBER", made.dni, "DNI|Documento Nacional de Identidad|D.N.I.|DNI nº|documento nacional", "dni|numero de dni|documento nacional de identidad", "es"),
    kind("UK_NATIONAL_INSURANCE_NUMBER", made.nino, "National Insurance number|NI number|NINO|National Insurance No.|NI No.", "national insurance number|nino|ni number"),
    kind("CANADA_PASSPORT_NUMBER", basic.shaped("AA999999"), "Passport number (Canada)|Canadian passport|passeport n° (Canada)|numéro de passeport canadien", "canada passport number|passport number", "passport"),
    kind("FRANCE_PASSPORT_NUMBER", basic.shaped("99AA99999"), "Numéro de passeport|Passeport n°|passeport français", "numero passeport|passeport", "passport"),
    kind("GERMANY_PASSPORT_NUMBER", made.german_serial("CFGHJK"), "Reisepass|Reisepassnummer|Reisepass-Nr.|Passnummer, Reisepass", "reisepassnummer|reisepass|reisepass nummer", "passport"),
    kind("ITALY_PASSPORT_NUMBER", basic.shaped("AA9999999", "YA9999999"), "Passaporto n.|Numero di passaporto|passaporto italiano", "passaporto|numero passaporto", "passport"),
    kind("SPAIN_PASSPORT_NUMBER", basic.shaped("AAA999999", "PAA999999"), "Pasaporte|Número de pasaporte|libreta de pasaporte|nº pasaporte", "pasaporte|numero pasaporte|número de pasaporte", "passport"),
    kind("UK_PASSPORT_NUMBER", basic.shaped("999999999"), "UK passport number|British passport no.|Passport number, United Kingdom", "uk passport number|passport number", "passport"),
    kind("USA_PASSPORT_NUMBER", basic.shaped("999999999", "A99999999"), "US passport number|Passport #|United States passport no", "us passport number|passport number|passport", "passport"),
    kind("CANADA_NATIONAL_IDENTIFICATION_NUMBER", basic.shaped("AA9999999", "AA9999999999"), "Permanent resident card number|PR card number|carte de résident permanent|PR card no.", "permanent resident number|pr card number"),
    kind("ARGENTINA_TARJETA_SUBE", made.sube, "Tarjeta SUBE|SUBE|número de tarjeta SUBE", "tarjeta sube|sube"),
    kind("CANADA_SOCIAL_INSURANCE_NUMBER", made.sin, "Social Insurance Number|SIN|Canadian SIN|S.I.N.|numéro d'assurance sociale", "sin|social insurance number|canadian id sin"),
    kind("SPAIN_SOCIAL_SECURITY_NUMBER", made.spain_ssn, "Número de la Seguridad Social|NSS|nº seguridad social|número seguridad social", "numero seguridad social|nss|número de la seguridad social"),
    kind("USA_SOCIAL_SECURITY_NUMBER", made.ssn, "SSN|Social Security Number|Social Security No.|SSN#|soc sec", "ssn|social security number|employee ssn", "ssn"),
    kind("ARGENTINA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER", made.cuit("20", "23", "27"), "CUIL|CUIT|Clave Única de Identificación Tributaria|C.U.I.L.", "cuil|cuit|numero cuil", "ar"),
    kind("ARGENTINA_ORGANIZATION_TAX_IDENTIFICATION_NUMBER", made.cuit("30", "33"), "CUIT|C.U.I.T.|CUIT de la empresa|Clave Única de Identificación Tributaria", "cuit|cuit empresa", "ar"),
    kind("AUSTRALIA_TAX_FILE_NUMBER", made.tfn, "Tax file number|TFN|Tax File No.", "tfn|tax file number"),
    kind("BRAZIL_CNPJ_NUMBER", made.cnpj, "CNPJ|Cadastro Nacional da Pessoa Jurídica|CNPJ nº|C.N.P.J.", "cnpj|numero cnpj|cnpj fornecedor"),
    kind("BRAZIL_CPF_NUMBER", made.cpf, "CPF|Cadastro de Pessoas Físicas|CPF nº|C.P.F.", "cpf|numero cpf|cpf cliente"),
    kind("COLOMBIA_INDIVIDUAL_NIT_NUMBER", made.nit("1234567"), "NIT|Número de Identificación Tributaria|N.I.T.", "nit|numero nit|nit persona natural", "co"),
    kind("COLOMBIA_ORGANIZATION_NIT_NUMBER", made.nit("89"), "NIT|NIT de la empresa|Número de Identificación Tributaria", "nit|nit empresa", "co"),
    kind("FRANCE_TAX_IDENTIFICATION_NUMBER", made.france_tax, "Numéro fiscal|numéro d'identification fiscale|numéro fiscal de référence|NIF, numéro fiscal|SPI, numéro fiscal", "numero fiscal|numero identification fiscale|spi"),
    kind("GERMANY_TAX_IDENTIFICATION_NUMBER", made.german_tax, "Steuer-ID|Steueridentifikationsnummer|Steuer-IdNr.|Identifikationsnummer (Steuer)|steuerliche Identifikationsnummer", "steuer id|steueridentifikationsnummer|steuernummer", "detax"),
    kind("INDIA_PERMANENT_ACCOUNT_NUMBER", made.pan, "PAN|Permanent Account Number|PAN card|e-PAN", "pan number|pan|permanent account number"),
    kind("MEXICO_INDIVIDUAL_RFC_NUMBER", made.rfc(4), "RFC|Registro Federal de Contribuyentes|R.F.C.|RFC persona física", "rfc|clave rfc", "rfc"),
    kind("MEXICO_ORGANIZATION_RFC_NUMBER", made.rfc(3), "RFC|Registro Federal de Contribuyentes|RFC de la empresa|R.F.C.", "rfc|rfc empresa", "rfc"),
    kind("SPAIN_NIE_NUMBER", made.nie, "NIE|Número de Identidad de Extranjero|N.I.E.|NIE nº", "nie|numero nie|numero de identificacion de extranjero", "es"),
    kind("SPAIN_NIF_NUMBER", made.dni, "NIF|Número de identificación fiscal|N.I.F.|NIF nº", "nif|numero nif", "es"),
    kind("SPAIN_TAX_IDENTIFICATION_NUMBER", made.cif, "CIF|C.I.F.|código de identificación fiscal|CIF número", "cif|numero cif", "es"),
    kind("UK_TAX_IDENTIFICATION_NUMBER", made.utr, "UTR|Unique Taxpayer Reference|UTR number|unique tax reference|tax reference UTR", "utr|unique taxpayer reference|utr number"),
    kind("USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER", made.itin, "ITIN|Individual Taxpayer Identification Number|I.T.I.N.|taxpayer identification number", "itin|individual taxpayer id"),
    kind("VEHICLE_IDENTIFICATION_NUMBER", made.vin, "VIN|Vehicle Identification Number|Fahrgestellnummer|Fahrzeug-Identifizierungsnummer|VIN #|numéro d'identification du véhicule", "vin|vehicle identification number|fahrgestellnummer"),
    kind("PHONE_NUMBER", basic.shaped("(212) 736-####", "415-867-####", "+1 312 642 ####", "646.234.####"), "Phone|Telephone|Cell|Mobile phone|Tel.|Fax", "phone|phone number|mobile number|telephone", "phone"),
    kind("BRAZIL_PHONE_NUMBER", basic.shaped("+55 11 98765-####", "(11) 98765-####", "(21) 2345-####"), "Telefone|Celular|Cel.|Tel. residencial, telefone", "telefone|celular", "phone"),
    kind("FRANCE_PHONE_NUMBER", basic.shaped("+33 6 12 34 ## ##", "06 12 34 ## ##", "01.42.68.##.##"), "Téléphone|Tél.|Numéro de portable|téléphone fixe", "numero de telephone|telephone|tel portable", "phone"),
    kind("GERMANY_PHONE_NUMBER", basic.shaped("+49 30 9018####", "0171 2345###", "+49 171 2345###", "089 321####"), "Telefon|Handy|Mobilnummer|Telefonnummer|Tel. (Festnetz), Telefon", "telefonnummer|handynummer|mobilnummer", "phone"),
    kind("ITALY_PHONE_NUMBER", basic.shaped("+39 06 6988 ####", "347 123 ####", "+39 347 123####", "02 7252 ####"), "Telefono|Cellulare|Cell.|recapito telefonico, telefono", "telefono|cellulare|numero di telefono", "phone"),
    kind("SPAIN_PHONE_NUMBER", basic.shaped("+34 612 34 ## ##", "612 345 ###", "91 123 ## ##"), "Teléfono|Móvil|Teléfono móvil|tfno, teléfono", "telefono|movil|numero de telefono", "phone"),
    kind("UK_PHONE_NUMBER", basic.shaped("+44 20 7946 ####", "07712 90####", "020 7946 ####", "+44 7712 90####"), "Phone number|Mobile|Telephone number|Tel no", "phone number|mobile|telephone", "phone"),
)  # fmt: skip

KINDS = CREDENTIALS + FINANCIAL + HEALTH + LICENCES + PERSONAL
