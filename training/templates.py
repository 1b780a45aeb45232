"""Places where names and addresses stand outside prose, and sentences around them in several languages.

{n} a full name, {g} a given name alone, {f} a family name alone, {o} an organisation, {c} a place, {a} an address, {d} a
date, {i} a number, {e} an e-mail address, {w} common words, {t} a technical word.
"""

from __future__ import annotations

NAMED = (
    "Name: {n}", "name: {n}", "Full name: {n}", "Customer: {n} ({i})", "Patient: {n}, born {d}", "Contact: {n}, {e}",
    "From: {n} <{e}>", "To: {n} <{e}>, {n} <{e}>", "Cc: {n} <{e}>", "Reply-To: \"{n}\" <{e}>", "{n} <{e}>", "  * {n} <{e}>",
    "Author: {n}", "Author: {n} <{e}>\nDate: {d}", "Copyright (c) {i} {n}", "Copyright (C) {i} {n} <{e}>", "Maintainer: {n} <{e}>",
    "Copyright {i}-{i}, {n} and {o}.", "Signed-off-by: {n} <{e}>", "Reviewed-by: {n} <{e}>", "Thanks to {n} and {n} for {w}.",
    "{n}\n{n}\n{n}\n{n}", "- {n}\n- {n}\n- {n}", "* {n} - {w}\n* {n} - {w}", "{n}, {n}, {n} and {n}", "{i}. {n}\n{i}. {n}",
    "Kind regards,\n{n}", "Best regards\n\n{n}\n{o}\n{i}", "Sincerely,\n{n}\nDirector, {o}", "Cheers,\n{n}", "Dear {n},\n{w} {w}.",
    "{\"name\": \"{n}\", \"id\": {i}}", "{\"firstName\": \"{g}\", \"lastName\": \"{f}\"}", "\"customer\": \"{n}\",", "<name>{n}</name>",
    "<td>{n}</td><td>{c}</td>", "name={n}; city={c}", "user=\"{n}\" action=login id={i}", "{i},{n},{e},{c}", "{i};{n};{c};{d}",
    "{n}\t{e}\t{c}", "| {n} | {o} | {c} |", "id,name,city\n{i},{n},{c}\n{i},{n},{c}\n{i},{n},{c}", "{d} {i} INFO user {n} logged in",
    "employee: {n}\nmanager: {n}\noffice: {c}", "Attendees: {n}, {n}, {n}", "Present: {n} ({o}), {n} ({o})", "Insured: {n}\nPolicy {i}",
    "{n} ({d})", "{n}, {i}", "Mr. {n}", "Dr. {n} and Prof. {n}", "Ms {n}, {o}", "Witness: {n}", "Claimant {n} v. {o}", "{n} v. {n}",
    "I spoke with {n} about {w} on {d}.", "My name is {n} and I live in {c}.", "{n} works at {o} in {c}.", "{n} of {o} said {w} {w}.",
    "Please send the {w} to {n} at {o}.", "{w} by {n}", "written by {n} and {n}", "(reported by {n}, {d})", "Patch by {n}.",
    "contributed by {n} and {n}.", "{n} joined {o} on {d} as {w} {w}.", "The account of {n} was closed.", "call {n} back re {w}",
    "{n} fixed {w} in {t}.", "Fix {t} {w}. Reported by {n}.", "    - {t}: {w} {w} ({n})", "Translation: {n}", "@author {n}",
    "Invoice for {n}\n{a}", "{n}\n{a}", "{n}, {a}", "Ship to:\n{n}\n{o}\n{a}", "{n} lives at {a}.", "Bill To: {n}, {a}",
    "hi {g}, {n} told me {w}", "spoke to {n} today", "{g} and {n} met {n} in {c}", "Meeting {n} / {n}", "Interview: {n} on {w}",
    "Monsieur {n} habite à {c}.", "Nom : {n}", "Le contrat de {n} a été signé le {d}.", "Cordialement,\n{n}", "Client : {n}, {a}",
    "Mme {n} travaille chez {o}.", "D'après {n}, le projet sera livré à {c}.", "L'auteur est {n}.", "Bonjour {n},",
    "Herr {n} wohnt in {c}.", "Name: {n}\nAnschrift: {a}", "Mit freundlichen Grüßen\n{n}", "Sehr geehrte Frau {n},", "{n} arbeitet bei {o}.",
    "Der Vertrag mit {n} wurde am {d} gekündigt.", "Laut {n} ist die Lieferung unterwegs.", "Geschäftsführer: {n}, {n}",
    "El señor {n} vive en {c}.", "Nombre: {n}", "Según {n}, el pago se hizo el {d}.", "Atentamente,\n{n}", "Doña {n} trabaja en {o}.",
    "La paciente {n} ingresó el {d}.", "Estimado {n}:", "Il signor {n} abita a {c}.", "Nome: {n}", "Cordiali saluti,\n{n}",
    "La dottoressa {n} lavora presso {o}.", "Secondo {n} la consegna è prevista il {d}.", "Gentile {n},", "Il cliente {n} ha pagato.",
    "O senhor {n} mora em {c}.", "Atenciosamente,\n{n}", "De heer {n} woont in {c}.", "Met vriendelijke groet,\n{n}",
    "Pan {n} mieszka w {c}.", "Hej {n},", "{n} bor i {c}.",
)

ADDRESSED = (
    "Address: {a}", "address: {a}", "{a}", "Our office is at {a}.", "Send it to {a} before {d}.", "Ship to: {a}", "Deliver to {a}, please.",
    "{o}, {a}", "{o}\n{a}", "{i},{n},\"{a}\",{e}", "{\"address\": \"{a}\"}", "<address>{a}</address>", "located at {a} since {i}",
    "He moved from {a} to {a}.", "The property at {a} was sold on {d}.", "Adresse : {a}", "Nous habitons {a}.", "Adresse: {a}",
    "Lieferanschrift: {a}", "Er wohnt in der {a}.", "Dirección: {a}", "Vive en {a}.", "Indirizzo: {a}", "Residente in {a}.",
    "Visit us: {a} | Tel {i}", "{a}\nTel. {i}", "Registered office: {a}. Company number {i}.", "The meeting takes place at {o}, {a}.",
)

PLAIN = (
    "{o} announced {w} on {d}.", "{o} and {o} in {c}", "{c}, {c} and {c}", "The {o} of {c}", "{w} {w} {w}", "{t}: {w} {w}",
    "{g} said {w}", "hello {g},", "{g} likes {w}", "University of {c}", "{c} {w} {i}", "Visit {c} in {d}", "{t} {i}: {w}",
    "{d} {i} ERROR {t} failed: {w} {w}", "id,product,city\n{i},{t},{c}\n{i},{t},{c}", "{\"city\": \"{c}\", \"company\": \"{o}\"}",
    "{o} v. {o}", "New {w} in {c}", "{c} Airport", "{f} Street, {c}", "{f} {w}", "the {f} method", "Lake {f} and Mount {f}", "{o} ({i})",
    "order {i} shipped to {c}", "total {i} items, {i} pieces", "{c} - {c}, {i} km", "License: {t} {i}", "Chapter {i}. {w} {w}",
    "Error code {i} in {c}", "{i} {c}", "Part number {i} {o}", "{i} {w} and {i} {w} in {c}", "Version {i} of {t}",
    "Die {o} in {c} hat {i} Mitarbeiter.", "La société {o} est basée à {c}.", "La empresa {o} de {c}", "L'azienda {o} di {c}",
    "{c} {d}", "From {c} to {c}", "Port of {c}", "{c} City Council", "{o} stock fell {i}%", "St. {g} Church, {c}", "{w}: {t} {t} {t}",
)

COMPANY_ENDINGS = (
    "Inc", "Inc.", "Ltd", "LLC", "GmbH", "Group", "& Co", "& Sons", "Bank", "Industries", "Partners", "Holdings", "Foundation",
    "University", "College", "Hospital", "Brothers", "Systems", "Software", "Technologies", "Motors", "Airlines", "S.A.", "S.p.A.",
    "AG", "Associates", "Records", "Museum", "Institute", "School", "Library", "Theatre", "Stadium", "Park", "Hotel", "News",
)

PRODUCTS = (
    "Windows Server", "Visual Studio", "Apache Kafka", "Amazon S3", "Google Chrome", "Red Hat", "Ubuntu Linux", "Mozilla Firefox",
    "Internet Explorer", "Microsoft Office", "Python", "PostgreSQL", "Android Studio", "Jenkins", "Debian GNU", "GNU Emacs", "Open MPI",
    "Galaxy Note", "PlayStation", "Xbox Live", "Star Wars", "Harry Potter", "Black Friday", "New Year", "World Cup", "General Public License",
    "Creative Commons", "Common Lisp", "Unicode Standard", "Free Software", "Source Code", "Table Of Contents", "Getting Started",
    "Release Notes", "Bug Fixes", "Terms Of Service", "Privacy Policy", "Account Number", "Credit Card", "First Name", "Last Name",
    "Date Of Birth", "Social Security", "Phone Number", "Order Status", "Customer Service", "Sales Manager", "Vice President",
    "Prime Minister", "Chief Executive", "Supreme Court", "United Nations", "European Union", "White House", "Middle East", "North Africa",
    "Key Management Service", "Access Key", "Security Group", "Hash Table", "Linked List", "Null Pointer", "Stack Trace", "Unit Test",
    "New Customer", "Gift Card", "Green Tea", "Orange Juice", "Golden Gate", "Silver Lake", "High School", "Good Morning", "Happy Birthday",
    "Santa Claus", "Mother Nature", "Big Data", "Machine Learning", "Data Science", "Blue Cross", "Red Cross", "Super Bowl", "Golden Retriever",
    "Alfa Romeo", "Mercedes Benz", "Rolls Royce", "Johnnie Walker", "Calvin Klein", "Ralph Lauren", "Jack Daniels", "Dolce Gabbana",
    "Merrill Lynch", "Morgan Stanley", "Wells Fargo", "Goldman Sachs", "Johnson Controls", "Ernst Young", "Martin Marietta",
)
