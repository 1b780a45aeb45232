"""Files as other systems write them, for a second blind measurement: exports, forms, configurations, letters.

`{{IDENTIFIER}}` stands for a value of it, `{{~kind}}` for a look-alike, `{{=word}}` for filler. The texts were written
from the look of such files in each country and from Macie's guide, before anybody measured on them and without reading
the identifiers. The name of each ends with how its file is read.
"""

# ruff: noqa: E501  forms read best whole

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "hr_austria.yaml": """# Personalakte, Export {{~iso time}}
mitarbeiter:
  - personalnummer: {{~part number}}
    führerschein:
      land: AT
      fuehrerscheinnummer_oesterreich: {{AUSTRIA_DRIVERS_LICENSE}}
    reisepass: {{GERMANY_PASSPORT_NUMBER}}
    steuer-id: {{GERMANY_TAX_IDENTIFICATION_NUMBER}}
    telefon_mobil: {{GERMANY_PHONE_NUMBER}}
    geburtsdatum: {{DATE_OF_BIRTH}}
    iban: {{DENMARK_BANK_ACCOUNT_NUMBER}}
  - personalnummer: {{~part number}}
    personalausweis_nr: {{GERMANY_NATIONAL_IDENTIFICATION_NUMBER}}
    bankverbindung: {{LIECHTENSTEIN_BANK_ACCOUNT_NUMBER}}
    eingetreten: {{~plain date}}
    laptop: {{~mac}}
    build: {{~version}}
""",
    "fleet_poland.ini": """; flota, kopia {{~plain date}}
[kierowca.1]
prawo_jazdy = {{POLAND_DRIVERS_LICENSE}}
rachunek = {{POLAND_BANK_ACCOUNT_NUMBER}}
vin = {{VEHICLE_IDENTIFICATION_NUMBER}}
rejestracja = {{~sku}}
[kierowca.2]
numer prawa jazdy = {{POLAND_DRIVERS_LICENSE}}
rachunek = {{SLOVAKIA_BANK_ACCOUNT_NUMBER}}
numer VIN = {{VEHICLE_IDENTIFICATION_NUMBER}}
przebieg = {{~bytes}}
[serwer]
host = {{~ipv4}}
sha256 = {{~sha256}}
""",
    "deploy.env": """# staging
APP_VERSION={{~version}}
AWS_ACCESS_KEY_ID={{~access key id}}
AWS_SECRET_ACCESS_KEY={{AWS_CREDENTIALS}}
STRIPE_SECRET={{STRIPE_CREDENTIALS}}
GOOGLE_API_KEY={{GCP_API_KEY}}
SESSION_JWT={{JSON_WEB_TOKEN}}
GIT_SHA={{~sha1}}
TRACE={{~uuid}}
IMAGE_DIGEST=sha256:{{~sha256}}
DEMO_SECRET_ACCESS_KEY={{~EXAMPLE key}}
""",
    "dump.sql": """-- MySQL dump, {{~iso time}}
CREATE TABLE `cliente` (`id` int, `rut` varchar(12), `celular` varchar(20));
INSERT INTO `pagos` VALUES ({{~bytes}},'tarjeta SUBE {{ARGENTINA_TARJETA_SUBE}}','{{~uuid}}');
INSERT INTO `personas` VALUES (1,'CUIL {{ARGENTINA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER}}','DNI {{ARGENTINA_DNI_NUMBER}}');
INSERT INTO `empresas` VALUES (2,'CUIT: {{ARGENTINA_ORGANIZATION_TAX_IDENTIFICATION_NUMBER}}','{{~sku}}');
INSERT INTO `personas_cl` VALUES (3,'RUT {{CHILE_RUT_NUMBER}}','{{~unix time}}');
INSERT INTO `personas_co` VALUES (4,'cédula de ciudadanía {{COLOMBIA_CITIZENSHIP_CARD_NUMBER}}','{{~md5}}');
INSERT INTO `empresas_co` VALUES (5,'NIT {{COLOMBIA_ORGANIZATION_NIT_NUMBER}}','{{~ean}}');
INSERT INTO `personas_mx` VALUES (6,'CURP: {{MEXICO_CURP_NUMBER}}','RFC: {{MEXICO_INDIVIDUAL_RFC_NUMBER}}');
INSERT INTO `empresas_mx` VALUES (7,'RFC {{MEXICO_ORGANIZATION_RFC_NUMBER}}',{{~money}});
""",
    "clinic.xml": """<?xml version="1.0" encoding="UTF-8"?>
<patients exported="{{~iso time}}" batch="{{~uuid}}">
  <patient>
    <NhsNumber>{{UK_NHS_NUMBER}}</NhsNumber>
    <DateOfBirth>{{DATE_OF_BIRTH}}</DateOfBirth>
    <NationalInsuranceNumber>{{UK_NATIONAL_INSURANCE_NUMBER}}</NationalInsuranceNumber>
    <mobile phone="{{UK_PHONE_NUMBER}}"/>
    <ward>{{~part number}}</ward>
  </patient>
  <patient country="US">
    <id type="MBI">{{USA_MEDICARE_BENEFICIARY_IDENTIFIER}}</id>
    <provider><npi>{{USA_NATIONAL_PROVIDER_IDENTIFIER}}</npi><deaNumber>{{US_DRUG_ENFORCEMENT_AGENCY_NUMBER}}</deaNumber></provider>
    <drug ndc="{{USA_NATIONAL_DRUG_CODE}}"/>
    <device udi="{{MEDICAL_DEVICE_UDI}}"/>
    <procedure hcpcs="{{USA_HEALTHCARE_PROCEDURE_CODE}}"/>
    <invoice>{{~invoice}}</invoice>
  </patient>
</patients>
""",
    "directory.ldif": """dn: uid=akowalski,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
entryUUID: {{~uuid}}
telephoneNumber: {{PHONE_NUMBER}}
mobile: {{PHONE_NUMBER}}
socialSecurityNumber: {{USA_SOCIAL_SECURITY_NUMBER}}
employeeNumber: {{~order number}}
modifyTimestamp: {{~unix time}}

dn: uid=blefebvre,ou=people,dc=example,dc=test
entryUUID: {{~uuid}}
telephoneNumber: {{FRANCE_PHONE_NUMBER}}
passportNumber: {{USA_PASSPORT_NUMBER}}
driversLicenseNumber: {{DRIVERS_LICENSE}}
""",
    "letter_fr.cp1252": """Lyon, le {{~plain date}}

Objet : votre dossier {{~invoice}}

Madame, Monsieur,

Nous avons bien reçu copie de votre passeport n° {{FRANCE_PASSPORT_NUMBER}} et de votre permis de conduire n° {{FRANCE_DRIVERS_LICENSE}}.
Votre numéro de sécurité sociale {{FRANCE_NATIONAL_IDENTIFICATION_NUMBER}} figure sur le contrat.
Numéro fiscal : {{FRANCE_TAX_IDENTIFICATION_NUMBER}}.
Merci de virer le solde sur le compte {{FRANCE_BANK_ACCOUNT_NUMBER}}, référence {{~parcel number}}.
Carte européenne d'assurance maladie : {{EUROPEAN_HEALTH_INSURANCE_CARD_NUMBER}}
Vous pouvez nous joindre au {{FRANCE_PHONE_NUMBER}} (téléphone).
Facture {{~invoice}}, article {{~sku}}, montant {{~money}}.
""",
    "scheda_it.utf16": """Scheda anagrafica
Codice fiscale\t{{ITALY_NATIONAL_IDENTIFICATION_NUMBER}}
Patente di guida n.\t{{ITALY_DRIVERS_LICENSE}}
Passaporto numero\t{{ITALY_PASSPORT_NUMBER}}
IBAN\t{{ITALY_BANK_ACCOUNT_NUMBER}}
IBAN della filiale\t{{SAN_MARINO_BANK_ACCOUNT_NUMBER}}
Cellulare\t{{ITALY_PHONE_NUMBER}}
Data di nascita\t{{DATE_OF_BIRTH}}
Pratica\t{{~part number}}
Protocollo\t{{~order number}}
Ultimo accesso\t{{~iso time}}
""",
    "expediente_es.html": """<html><body><h1>Expediente {{~part number}}</h1>
<table>
<tr><th>DNI</th><td>{{SPAIN_DNI_NUMBER}}</td></tr>
<tr><th>NIE</th><td>{{SPAIN_NIE_NUMBER}}</td></tr>
<tr><th>CIF</th><td>{{SPAIN_TAX_IDENTIFICATION_NUMBER}}</td></tr>
<tr><th>N&ordm; Seguridad Social</th><td>{{SPAIN_SOCIAL_SECURITY_NUMBER}}</td></tr>
<tr><th>Pasaporte</th><td>{{SPAIN_PASSPORT_NUMBER}}</td></tr>
<tr><th>IBAN</th><td>{{SPAIN_BANK_ACCOUNT_NUMBER}}</td></tr>
<tr><th>M&oacute;vil</th><td>{{SPAIN_PHONE_NUMBER}}</td></tr>
<tr><th>Referencia</th><td>{{~uuid}}</td></tr>
<tr><th>Importe</th><td>{{~money}}</td></tr>
<tr><th>Hora</th><td>{{~iso time}}</td></tr>
</table></body></html>
""",
    "nordic.md": """# Onboarding, Nordics

| Land | Dokument | Nummer |
|---|---|---|
| DK | kørekort nr. | {{DENMARK_DRIVERS_LICENSE}} |
| SE | körkort | {{SWEDEN_DRIVERS_LICENSE}} |
| FI | ajokortti | {{FINLAND_DRIVERS_LICENSE}} |
| FI | IBAN | {{FINLAND_BANK_ACCOUNT_NUMBER}} |
| IS | IBAN | {{ICELAND_BANK_ACCOUNT_NUMBER}} |
| FO | IBAN | {{FAROE_ISLANDS_BANK_ACCOUNT_NUMBER}} |
| GL | IBAN | {{GREENLAND_BANK_ACCOUNT_NUMBER}} |
| SE | IBAN | {{SWEDEN_BANK_ACCOUNT_NUMBER}} |
| - | order | {{~order number}} |
| - | host | {{~ipv6}} |

Eurooppalainen sairaanhoitokortti: {{FINLAND_EUROPEAN_HEALTH_INSURANCE_NUMBER}}
Released {{~version}} at {{~iso time}}.
""",
    "baltic.properties": """# {{~iso time}}
ee.juhiloa.number={{ESTONIA_DRIVERS_LICENSE}}
ee.iban={{ESTONIA_BANK_ACCOUNT_NUMBER}}
lt.vairuotojo_pazymejimas={{LITHUANIA_DRIVERS_LICENSE}}
lt.iban={{LITHUANIA_BANK_ACCOUNT_NUMBER}}
lv.vaditaja_aplieciba={{LATVIA_DRIVERS_LICENSE}}
queue.depth={{~bytes}}
queue.id={{~uuid}}
node.mac={{~mac}}
ua.iban={{UKRAINE_BANK_ACCOUNT_NUMBER}}
ge.iban={{GEORGIA_BANK_ACCOUNT_NUMBER}}
""",
    "balkan.log": """{{~iso time}} INFO import of {{~uuid}} begins
{{~iso time}} DEBUG row 1 vozačka dozvola={{CROATIA_DRIVERS_LICENSE}} iban={{CROATIA_BANK_ACCOUNT_NUMBER}}
{{~iso time}} DEBUG row 2 vozniško dovoljenje={{SLOVENIA_DRIVERS_LICENSE}} iban={{SLOVENIA_BANK_ACCOUNT_NUMBER}}
{{~iso time}} DEBUG row 3 iban={{SERBIA_BANK_ACCOUNT_NUMBER}} from {{~ipv4}}
{{~iso time}} DEBUG row 4 iban={{MONTENEGRO_BANK_ACCOUNT_NUMBER}} etag={{~md5}}
{{~iso time}} DEBUG row 5 iban={{BOSNIA_AND_HERZEGOVINA_BANK_ACCOUNT_NUMBER}} parcel={{~ups tracking}}
{{~iso time}} DEBUG row 6 iban={{NORTH_MACEDONIA_BANK_ACCOUNT_NUMBER}} took {{~bytes}} ns
{{~iso time}} DEBUG row 7 iban={{KOSOVO_BANK_ACCOUNT_NUMBER}}
{{~iso time}} DEBUG row 8 iban={{ALBANIA_BANK_ACCOUNT_NUMBER}}
{{~iso time}} WARN row 9 iban={{~broken iban}} refused: checksum
{{~iso time}} INFO commit {{~sha1}}
""",
    "east.txt": """Dosar {{~part number}}
Permis de conducere nr. {{ROMANIA_DRIVERS_LICENSE}}
Vezetői engedély száma: {{HUNGARY_DRIVERS_LICENSE}}
Bankszámla: {{HUNGARY_BANK_ACCOUNT_NUMBER}}
Číslo řidičského průkazu: {{CZECHIA_DRIVERS_LICENSE}}
Účet: {{CZECH_REPUBLIC_BANK_ACCOUNT_NUMBER}}
Vodičský preukaz: {{SLOVAKIA_DRIVERS_LICENSE}}
Свидетелство за управление на МПС: {{BULGARIA_DRIVERS_LICENSE}}
Сметка: {{BULGARIA_BANK_ACCOUNT_NUMBER}}
Άδεια οδήγησης: {{GREECE_DRIVERS_LICENSE}}
Λογαριασμός: {{GREECE_BANK_ACCOUNT_NUMBER}}
Λογαριασμός: {{CYPRUS_BANK_ACCOUNT_NUMBER}}
ISBN {{~isbn}}, rev. {{~version}}
""",
    "benelux.vcf": """BEGIN:VCARD
VERSION:4.0
UID:urn:uuid:{{~uuid}}
X-RIJBEWIJSNUMMER:{{NETHERLANDS_DRIVERS_LICENSE}}
X-IBAN:{{NETHERLANDS_BANK_ACCOUNT_NUMBER}}
REV:{{~iso time}}
END:VCARD
BEGIN:VCARD
VERSION:4.0
UID:urn:uuid:{{~uuid}}
NOTE:Belgium driving licence {{BELGIUM_DRIVERS_LICENSE}}
X-IBAN:{{MONACO_BANK_ACCOUNT_NUMBER}}
X-IBAN-2:{{ANDORRA_BANK_ACCOUNT_NUMBER}}
X-IBAN-3:{{SWITZERLAND_BANK_ACCOUNT_NUMBER}}
END:VCARD
""",
    "iberia.txt": """Ficha de cliente {{~order number}}

  Carta de condução n.º    : {{PORTUGAL_DRIVERS_LICENSE}}
  IBAN                     : {{PORTUGAL_BANK_ACCOUNT_NUMBER}}
  Permiso de conducir      : {{SPAIN_DRIVERS_LICENSE}}
  NIF                      : {{SPAIN_NIF_NUMBER}}
  Fecha de nacimiento      : {{DATE_OF_BIRTH}}
  Valor                    : {{~money}}
  Código                   : {{~ean}}
""",
    "brasil.txt": """Cadastro {{~uuid}}
CPF: {{BRAZIL_CPF_NUMBER}}   RG: {{BRAZIL_RG_NUMBER}}
CNPJ da loja: {{BRAZIL_CNPJ_NUMBER}}
CEP {{BRAZIL_CEP_CODE}}
Celular {{BRAZIL_PHONE_NUMBER}}
Conta (IBAN): {{BRAZIL_BANK_ACCOUNT_NUMBER}}
CPF recusado: {{~broken cpf}}
Pedido {{~order number}} enviado {{~iso time}}, rastreio {{~ups tracking}}
""",
    "india.chat": """[09:01] priya: aadhaar no is {{INDIA_AADHAAR_NUMBER}}
[09:01] arun: and the PAN card? {{INDIA_PERMANENT_ACCOUNT_NUMBER}}
[09:02] priya: driving licence no {{INDIA_DRIVERS_LICENSE}}
[09:03] arun: ticket {{~order number}}, build {{~version}}
[09:03] priya: this aadhaar failed: {{~broken aadhaar}}
[09:04] arun: box at {{~ipv4}} says {{~sha1}}
""",
    "down_under.txt": """Tax File Number    {{AUSTRALIA_TAX_FILE_NUMBER}}
Queensland driver licence   {{AUSTRALIA_DRIVERS_LICENSE}}
Asset              {{~sku}}
Consignment        {{~parcel number}}
TFN (spouse)       {{AUSTRALIA_TAX_FILE_NUMBER}}
Lodged             {{~plain date}}
""",
    "canada.txt": """Employee file / Dossier de l'employé

Social Insurance Number / Numéro d'assurance sociale: {{CANADA_SOCIAL_INSURANCE_NUMBER}}
Ontario driver's licence: {{CANADA_DRIVERS_LICENSE}}
Canadian passport: {{CANADA_PASSPORT_NUMBER}}
Health card number: {{CANADA_HEALTH_NUMBER}}
Permanent resident card number: {{CANADA_NATIONAL_IDENTIFICATION_NUMBER}}
Tel. {{PHONE_NUMBER}}
Locker {{~part number}}, badge {{~order number}}
""",
    "court.txt": """IN THE MATTER OF ESTATE NO. {{~order number}}

The decedent, whose social security number was {{USA_SOCIAL_SECURITY_NUMBER}}, held a checking account
number {{BANK_ACCOUNT_NUMBER}} and a Visa card {{CREDIT_CARD_NUMBER}} (expiration date {{CREDIT_CARD_EXPIRATION}}, CVV {{CREDIT_CARD_SECURITY_CODE}}).
His passport, US passport number {{USA_PASSPORT_NUMBER}}, was surrendered. The ITIN of the executor is {{USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER}}.
The vehicle (VIN {{VEHICLE_IDENTIFICATION_NUMBER}}) was last seen at coordinates {{LATITUDE_LONGITUDE}}.
Medicare claim: HICN {{USA_HEALTH_INSURANCE_CLAIM_NUMBER}}.
Docket filed {{~plain date}}; exhibit {{~sku}}; fee {{~money}}; a specimen SSN such as {{~impossible ssn}} proves nothing.
""",
    "uk_gov.txt": """SA302 request

Unique Taxpayer Reference: {{UK_TAX_IDENTIFICATION_NUMBER}}
NI number: {{UK_NATIONAL_INSURANCE_NUMBER}}
British passport no. {{UK_PASSPORT_NUMBER}}
DVLA driver number {{UK_DRIVERS_LICENSE}}
Electoral roll number {{UK_ELECTORAL_ROLL_NUMBER}}
Sort code and account as IBAN: {{UK_BANK_ACCOUNT_NUMBER}}
Irish branch: {{IRELAND_BANK_ACCOUNT_NUMBER}}
Jersey ref {{~invoice}}
NHS no. refused: {{~broken nhs}}
Daytime telephone {{UK_PHONE_NUMBER}}
""",
    "emirates.txt": """Wire instructions ({{~iso time}})
Beneficiary IBAN {{UNITED_ARAB_EMIRATES_BANK_ACCOUNT_NUMBER}}
Correspondent {{JORDAN_BANK_ACCOUNT_NUMBER}}
Alternative {{EGYPT_BANK_ACCOUNT_NUMBER}} or {{TUNISIA_BANK_ACCOUNT_NUMBER}}
Branch Istanbul {{TURKIYE_BANK_ACCOUNT_NUMBER}}
Branch Nouakchott {{MAURITANIA_BANK_ACCOUNT_NUMBER}}
Branch Port Louis {{MAURITIUS_BANK_ACCOUNT_NUMBER}}
Branch Dakar {{SENEGAL_BANK_ACCOUNT_NUMBER}}
Branch Dili {{TIMOR_LESTE_BANK_ACCOUNT_NUMBER}}
Branch Tortola {{VIRGIN_ISLANDS_BANK_ACCOUNT_NUMBER}}
Branch San José {{COSTA_RICA_BANK_ACCOUNT_NUMBER}}
Branch Santo Domingo {{DOMINICAN_REPUBLIC_BANK_ACCOUNT_NUMBER}}
Branch Valletta {{MALTA_BANK_ACCOUNT_NUMBER}}
UETR {{~uuid}}, amount {{~money}}
""",
    "proxy.log": """{{~ipv4}} - - "GET /v1/items HTTP/1.1" 200 {{~bytes}}
Authorization: Basic {{=cut}}
{{HTTP_BASIC_AUTH_HEADER}}
x-request-id: {{~uuid}}
token={{JSON_WEB_TOKEN}}
etag: "{{~md5}}"
card={{CREDIT_CARD_NUMBER}} amount={{~money}}
card={{~broken card}} amount={{~money}}
card={{~test card}} amount={{~money}}
""",
}

TABLES: Final[dict[str, str]] = {
    "payroll.csv;": """Gehaltsliste;Abteilung Nord;vertraulich;Entwurf;Stand Mai
Nr;Name der Bank;IBAN;Steuer-ID;Mobilnummer
{{~part number}};{{=word}};{{GERMANY_BANK_ACCOUNT_NUMBER}};{{GERMANY_TAX_IDENTIFICATION_NUMBER}};{{GERMANY_PHONE_NUMBER}}
{{~part number}};{{=word}};{{GERMANY_BANK_ACCOUNT_NUMBER}};{{GERMANY_TAX_IDENTIFICATION_NUMBER}};{{GERMANY_PHONE_NUMBER}}
{{~part number}};{{=word}};{{GERMANY_BANK_ACCOUNT_NUMBER}};{{GERMANY_TAX_IDENTIFICATION_NUMBER}};{{GERMANY_PHONE_NUMBER}}
""",
    "members.tsv\t": """member_id\tnational_insurance_no\tnhs_no\tdob\tmobile_phone\tlast_seen
{{~uuid}}\t{{UK_NATIONAL_INSURANCE_NUMBER}}\t{{UK_NHS_NUMBER}}\t{{DATE_OF_BIRTH}}\t{{UK_PHONE_NUMBER}}\t{{~iso time}}
{{~uuid}}\t{{UK_NATIONAL_INSURANCE_NUMBER}}\t{{UK_NHS_NUMBER}}\t{{DATE_OF_BIRTH}}\t{{UK_PHONE_NUMBER}}\t{{~iso time}}
{{~uuid}}\t{{UK_NATIONAL_INSURANCE_NUMBER}}\t{{UK_NHS_NUMBER}}\t{{DATE_OF_BIRTH}}\t{{UK_PHONE_NUMBER}}\t{{~iso time}}
""",
    "drivers.xlsx,": """Ref,Prawo jazdy nr,Rijbewijs nummer,Patente guida,Körkortsnummer,Odometer
{{~sku}},{{POLAND_DRIVERS_LICENSE}},{{NETHERLANDS_DRIVERS_LICENSE}},{{ITALY_DRIVERS_LICENSE}},{{SWEDEN_DRIVERS_LICENSE}},{{~bytes}}
{{~sku}},{{POLAND_DRIVERS_LICENSE}},{{NETHERLANDS_DRIVERS_LICENSE}},{{ITALY_DRIVERS_LICENSE}},{{SWEDEN_DRIVERS_LICENSE}},{{~bytes}}
{{~sku}},{{POLAND_DRIVERS_LICENSE}},{{NETHERLANDS_DRIVERS_LICENSE}},{{ITALY_DRIVERS_LICENSE}},{{SWEDEN_DRIVERS_LICENSE}},{{~bytes}}
""",
    "latam.ods,": """pedido,CURP,RFC,CPF,RUT,cédula,importe
{{~order number}},{{MEXICO_CURP_NUMBER}},{{MEXICO_INDIVIDUAL_RFC_NUMBER}},{{BRAZIL_CPF_NUMBER}},{{CHILE_RUT_NUMBER}},{{COLOMBIA_CITIZENSHIP_CARD_NUMBER}},{{~bytes}}
{{~order number}},{{MEXICO_CURP_NUMBER}},{{MEXICO_INDIVIDUAL_RFC_NUMBER}},{{BRAZIL_CPF_NUMBER}},{{CHILE_RUT_NUMBER}},{{COLOMBIA_CITIZENSHIP_CARD_NUMBER}},{{~bytes}}
{{~order number}},{{MEXICO_CURP_NUMBER}},{{MEXICO_INDIVIDUAL_RFC_NUMBER}},{{BRAZIL_CPF_NUMBER}},{{CHILE_RUT_NUMBER}},{{COLOMBIA_CITIZENSHIP_CARD_NUMBER}},{{~bytes}}
""",
    "claims.orc,": """claim,hicn,npi,ndc,patient_phone,tax_payer_itin
{{~uuid}},{{USA_HEALTH_INSURANCE_CLAIM_NUMBER}},{{USA_NATIONAL_PROVIDER_IDENTIFIER}},{{USA_NATIONAL_DRUG_CODE}},{{PHONE_NUMBER}},{{USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER}}
{{~uuid}},{{USA_HEALTH_INSURANCE_CLAIM_NUMBER}},{{USA_NATIONAL_PROVIDER_IDENTIFIER}},{{USA_NATIONAL_DRUG_CODE}},{{PHONE_NUMBER}},{{USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER}}
{{~uuid}},{{USA_HEALTH_INSURANCE_CLAIM_NUMBER}},{{USA_NATIONAL_PROVIDER_IDENTIFIER}},{{USA_NATIONAL_DRUG_CODE}},{{PHONE_NUMBER}},{{USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER}}
""",
    "accounts.avro,": """key,numero_de_la_seguridad_social,nie,telefono_movil,etag
{{~uuid}},{{SPAIN_SOCIAL_SECURITY_NUMBER}},{{SPAIN_NIE_NUMBER}},{{SPAIN_PHONE_NUMBER}},{{~md5}}
{{~uuid}},{{SPAIN_SOCIAL_SECURITY_NUMBER}},{{SPAIN_NIE_NUMBER}},{{SPAIN_PHONE_NUMBER}},{{~md5}}
{{~uuid}},{{SPAIN_SOCIAL_SECURITY_NUMBER}},{{SPAIN_NIE_NUMBER}},{{SPAIN_PHONE_NUMBER}},{{~md5}}
""",
    "orders.jsonl,": """orderId,billing.cardNumber,billing.cvv,billing.expirationDate,buyer.ssn,trace
{{~order number}},{{CREDIT_CARD_NUMBER}},{{CREDIT_CARD_SECURITY_CODE}},{{CREDIT_CARD_EXPIRATION}},{{USA_SOCIAL_SECURITY_NUMBER}},{{~uuid}}
{{~order number}},{{CREDIT_CARD_NUMBER}},{{CREDIT_CARD_SECURITY_CODE}},{{CREDIT_CARD_EXPIRATION}},{{USA_SOCIAL_SECURITY_NUMBER}},{{~uuid}}
{{~order number}},{{CREDIT_CARD_NUMBER}},{{CREDIT_CARD_SECURITY_CODE}},{{CREDIT_CARD_EXPIRATION}},{{USA_SOCIAL_SECURITY_NUMBER}},{{~uuid}}
""",
}
