"""Which row of a table names its columns."""

from __future__ import annotations

import pytest

from casemate.engines.sensitive.formats.delimited import sniff

ROWS = "4711,Ann Lee,536-22-8741,Leeds\n4712,Bo Chan,219-16-3333,York\n4713,Cy Dahl,301-44-1234,Bath\n"
NAMES = "id,customer,ssn,city\n"


def header(text: str) -> tuple[int, tuple[str, ...]] | None:
    """Row of the header from 1, and its names."""
    layout = sniff(text.encode(), named=True)
    assert layout is not None
    return (layout.header, layout.columns) if layout.columns else None


@pytest.mark.parametrize(
    "above",
    [
        "Quarterly report,Sales department,Internal,Second edition\n",
        "Report,Department,Owner,Status\n",
        "Report,2026-11-24,Dept,7\n",
        "Export,Sales,Leeds,Draft\nGenerated,Anna Berger,Leeds,Checked\n",
        "Customer,Customer,Person,Place\n",
        "Bericht,Abteilung,Vertraulich,Entwurf\n\n",
        "",
    ],
)
def test_rows_as_wide_as_the_table_may_stand_above_its_header(above: str) -> None:
    assert header(above + NAMES + ROWS) == (above.count("\n") + 1, ("id", "customer", "ssn", "city"))


def test_units_below_the_header_are_not_taken_for_it() -> None:
    text = "name,weight,height,city\ntext,kg,cm,text\nAnn,61,170,Leeds\nBo,72,181,York\nCy,80,190,Bath\n"
    assert header(text) == (1, ("name", "weight", "height", "city"))


@pytest.mark.parametrize(
    "text",
    [
        ROWS,
        "4710,none,unknown,none\n" + ROWS,
        ROWS.replace("4712", "none"),
        "4710,Ann,536-22-8741,x\nvoid,none,none,none\n" + ROWS,
    ],
)
def test_values_alone_have_no_header(text: str) -> None:
    assert header(text) is None


def test_first_of_several_rows_of_words_names_the_columns() -> None:
    text = "status,state,colour\nopen,texas,red\nclosed,ohio,blue\nopen,utah,green\n"
    assert header(text) == (1, ("status", "state", "colour"))
