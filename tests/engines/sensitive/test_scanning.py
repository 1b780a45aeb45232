"""Whole scans: where things stand in text, tables and records, whatever the engine of the first pass."""

import io
import random
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from casemate.contracts.sensitive import (
    Delimited,
    JsonLines,
    Layout,
    Leaf,
    Leaves,
    Limits,
    Lines,
    Opened,
    PageText,
    Problem,
    Prose,
    RecordBatch,
    TableBatch,
    TextBlock,
    Unit,
)
from casemate.engines.sensitive import AllowList, CustomIdentifier, Plan, ScanResult, compile_plan, scan, select
from casemate.engines.sensitive.texts import WINDOW

CARD = "4539578763621486"
SSN = "536-22-8741"
IDS = ("CREDIT_CARD_NUMBER", "CREDIT_CARD_NUMBER_(NO_KEYWORD)", "USA_SOCIAL_SECURITY_NUMBER", "DATE_OF_BIRTH", "PKCS")


class Given:
    """Readers that yield what they were given."""

    def __init__(self, *units: Unit) -> None:
        self._units = units

    def units(self, _stream: BinaryIO, _name: str, _limits: Limits) -> Iterator[Unit]:
        yield Opened("text/plain")
        yield from self._units


def scanned(plan: Plan, *units: Unit, samples: int = 0) -> ScanResult:
    return scan(io.BytesIO(), "x", plan, parsers=Given(*units), samples=samples)


def places(result: ScanResult) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for file in result.files:
        for each in file.detections:
            where = each.occurrences
            found[each.type] = [*where.cells, *where.lines, *where.pages, *where.records]
    return found


def blocks(data: bytes, layout: Layout, size: int = 1 << 16) -> list[TextBlock]:
    return [TextBlock(data[at : at + size], layout, first=at == 0) for at in range(0, len(data), size)]


@pytest.fixture(scope="module", params=["hyperscan", "re2", "re"])
def plan(request: pytest.FixtureRequest) -> Plan:
    return compile_plan(IDS, engine=request.param)


def test_text_gives_line_and_column_in_characters(plan: Plan) -> None:
    text = f"é è\n  ü ssn: {SSN}\n".encode()
    assert places(scanned(plan, *blocks(text, Lines()))) == {"USA_SOCIAL_SECURITY_NUMBER": [(2, 2, 10)]}


def test_text_in_cp1252_gives_columns_in_characters(plan: Plan) -> None:
    block = TextBlock(f"é è ssn: {SSN}".encode("cp1252"), Lines(), encoding="cp1252", first=True)
    assert places(scanned(plan, block)) == {"USA_SOCIAL_SECURITY_NUMBER": [(1, 1, 10)]}


def test_keyword_thirty_characters_away_counts_and_thirty_one_does_not(plan: Plan) -> None:
    near = b"ssn" + b"." * 30 + SSN.encode()
    far = b"ssn" + b"." * 31 + SSN.encode()
    assert places(scanned(plan, *blocks(near, Lines()))) == {"USA_SOCIAL_SECURITY_NUMBER": [(1, 1, 34)]}
    assert places(scanned(plan, *blocks(far, Lines()))) == {}


def test_distance_counts_characters_and_not_bytes(plan: Plan) -> None:
    text = ("ssn" + "é" * 30 + " " * 0 + SSN).encode()
    assert "USA_SOCIAL_SECURITY_NUMBER" in places(scanned(plan, *blocks(text, Lines())))


@pytest.mark.parametrize(
    "keyword", ["SSN", "customerSsn", "customerSSN", "social security", "social_security", "SOCIAL-SECURITY"]
)
def test_keyword_in_any_spelling_counts(plan: Plan, keyword: str) -> None:
    assert len(places(scanned(plan, *blocks(f"{keyword}={SSN}".encode(), Lines())))) == 1


def test_keyword_inside_a_word_does_not_count(plan: Plan) -> None:
    assert places(scanned(plan, *blocks(f"assnate {SSN}".encode(), Lines()))) == {}


def test_a_keyword_with_a_text_on_its_line_speaks_for_no_other_line(plan: Plan) -> None:
    text = f"order: 536228741\nssn: {SSN}\norder: 212458890\n".encode()
    assert places(scanned(plan, *blocks(text, Lines()))) == {"USA_SOCIAL_SECURITY_NUMBER": [(2, 2, 6)]}


def test_card_without_keyword_has_its_own_identifier(plan: Plan) -> None:
    found = places(
        scanned(plan, *blocks(f"nothing said {CARD}\n\n\n\n\n\n\n\n\n\n{'x' * 60}\ncard {CARD}".encode(), Lines()))
    )
    assert found == {"CREDIT_CARD_NUMBER": [(12, 12, 6)], "CREDIT_CARD_NUMBER_(NO_KEYWORD)": [(1, 1, 14)]}


def test_of_several_dates_near_a_keyword_the_nearest_counts(plan: Plan) -> None:
    text = b"seen 2020-01-02, dob: 1985-03-12, again 2021-03-04"
    assert places(scanned(plan, *blocks(text, Lines()))) == {"DATE_OF_BIRTH": [(1, 1, 23)]}


def test_text_of_many_lines_has_a_range(plan: Plan) -> None:
    body = "\n".join("MIIEpAIBAAKCAQEA7bq3kfS9uNnTz1mYx0cW2vR4hLpO8dEj6sGtUaQyHfKiXw" for _ in range(3))
    text = f"key:\n-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n".encode()
    assert places(scanned(plan, *blocks(text, Lines()))) == {"PKCS": [(2, 6, 1)]}


@pytest.mark.parametrize("size", [1, 7, 64, 5000])
def test_result_does_not_depend_on_where_blocks_are_cut(size: int) -> None:
    plan = compile_plan(IDS, engine="hyperscan")
    text = "".join(f"line {n} ssn {SSN} ü card {CARD}\n" for n in range(40)).encode()
    assert places(scanned(plan, *blocks(text, Lines(), size))) == places(scanned(plan, *blocks(text, Lines())))


def test_many_keywords_at_once_give_what_each_line_gives_alone() -> None:
    plan = compile_plan(select("ALL"), engine="hyperscan")
    rnd = random.Random(4)
    values = [
        SSN,
        CARD,
        "212458890",
        "1985-03-12",
        "(212) 736-5000",
        "943 476 5919",
        "12345678Z",
        "4111111111111111",
        "x",
    ]
    words = ["ssn", "card", "passport", "dob", "phone", "NHS", "nif", "driver license", "order"]
    lines = [f"{rnd.choice(words)}: {rnd.choice(values)} {rnd.choice(words)} {rnd.choice(values)}" for _ in range(400)]
    gap = b"\n" + b" " * 300 + b"\n"
    data = gap.join(line.encode() for line in lines)
    whole = [(data[start:end], rule) for start, end, rule in plan.matcher.text(data, plan.hits(data))]
    single = [
        (line.encode()[start:end], rule)
        for line in lines
        for start, end, rule in plan.matcher.text(line.encode(), plan.hits(line.encode()))
    ]
    assert whole == single
    assert len(whole) > 200


def test_text_longer_than_a_window_is_found_once_and_at_its_place() -> None:
    plan = compile_plan(IDS, engine="hyperscan")
    line = "x" * 99 + "\n"
    lines = [line] * (3 * WINDOW // 100)
    wanted = sorted({*range(10, len(lines), 1171), len(lines) - 1})
    for at in wanted:
        lines[at] = f"ssn {SSN}".ljust(99) + "\n"
    found = places(scanned(plan, *blocks("".join(lines).encode(), Lines(), 1 << 20)))
    assert found == {"USA_SOCIAL_SECURITY_NUMBER": [(at + 1, at + 1, 5) for at in wanted]}


def test_one_line_longer_than_a_window_has_the_right_columns() -> None:
    plan = compile_plan(IDS, engine="hyperscan")
    text = (b"y" * (WINDOW + 300_000)) + b" ssn " + SSN.encode() + b" " + b"y" * WINDOW + b" ssn " + SSN.encode()
    first = WINDOW + 300_000 + 6
    found = places(scanned(plan, *blocks(text, Lines(), 1 << 20)))
    assert found == {"USA_SOCIAL_SECURITY_NUMBER": [(1, 1, first), (1, 1, first + 11 + 1 + WINDOW + 5)]}


def test_column_whose_name_holds_a_keyword_is_read_whole(plan: Plan) -> None:
    data = f"id,customer_ssn,note\n1,{SSN},a\n2,536228741,b\n3,,c\n4,n/a,d\n".encode()
    layout = Delimited(",", columns=("id", "customer_ssn", "note"))
    assert places(scanned(plan, *blocks(data, layout))) == {
        "USA_SOCIAL_SECURITY_NUMBER": [(2, 2, "customer_ssn", None), (3, 2, "customer_ssn", None)]
    }


def test_keyword_counts_in_its_own_cell_and_not_in_the_next(plan: Plan) -> None:
    data = f"a,b\nssn {SSN},x\nssn,{SSN}\n".encode()
    assert places(scanned(plan, *blocks(data, Delimited(",", columns=("a", "b"))))) == {
        "USA_SOCIAL_SECURITY_NUMBER": [(2, 1, "a", None)]
    }


def test_quoted_cells_and_line_ends_in_them_keep_rows_and_columns(plan: Plan) -> None:
    data = f'a,b,ssn\n"x, y","two\nlines",{SSN}\n"say ""hi""",ssn {SSN},"{SSN}"\n'.encode()
    found = places(scanned(plan, *blocks(data, Delimited(",", columns=("a", "b", "ssn")))))
    assert found["USA_SOCIAL_SECURITY_NUMBER"] == [(2, 3, "ssn", None), (3, 2, "b", None), (3, 3, "ssn", None)]


def test_quoted_cells_without_line_ends_keep_rows_and_columns(plan: Plan) -> None:
    data = f'a;ssn\n"x; y";{SSN}\n"card {CARD}; z";"{SSN}"\n'.encode()
    found = places(scanned(plan, *blocks(data, Delimited(";", columns=("a", "ssn")))))
    assert found == {
        "CREDIT_CARD_NUMBER": [(3, 1, "a", None)],
        "USA_SOCIAL_SECURITY_NUMBER": [(2, 2, "ssn", None), (3, 2, "ssn", None)],
    }


def test_rows_longer_than_a_window_keep_their_numbers() -> None:
    plan = compile_plan(IDS, engine="hyperscan")
    rows = [f"{n},{'z' * 90}\n" for n in range(3 * WINDOW // 97)]
    for at in (5, 20_000, len(rows) - 1):
        rows[at] = f"1,card {CARD}\n"
    data = ("id,text\n" + "".join(rows)).encode()
    found = places(scanned(plan, *blocks(data, Delimited(",", columns=("id", "text")), 1 << 20)))
    assert found == {"CREDIT_CARD_NUMBER": [(at + 2, 2, "text", None) for at in (5, 20_000, len(rows) - 1)]}


def test_json_lines_give_record_and_path(plan: Plan) -> None:
    data = f'{{"a":1}}\n{{"person":{{"ssn":"{SSN}"}}}}\nno json ssn {SSN}\n{{"list":["x","card {CARD}"]}}\n'.encode()
    assert places(scanned(plan, *blocks(data, JsonLines()))) == {
        "CREDIT_CARD_NUMBER": [(3, "$.list[1]")],
        "USA_SOCIAL_SECURITY_NUMBER": [(3, 3, 13), (1, "$.person.ssn")],
    }


def test_names_on_the_path_count_as_keywords(plan: Plan) -> None:
    leaves = Leaves([Leaf(0, ("ssn", "value", 2), SSN), Leaf(4, ("other",), SSN), Leaf(5, ("it's",), f"ssn {SSN}")])
    assert places(scanned(plan, leaves)) == {"USA_SOCIAL_SECURITY_NUMBER": [(0, "$.ssn.value[2]"), (5, "$['it\\'s']")]}


def test_path_with_a_sensitive_name_is_left_out(plan: Plan) -> None:
    leaves = Leaves([Leaf(0, (f"ssn {SSN}", "ssn"), SSN)])
    assert places(scanned(plan, leaves)) == {"USA_SOCIAL_SECURITY_NUMBER": [(0, None)]}


def test_sheets_records_pages_and_prose_have_their_places(plan: Plan) -> None:
    result = scanned(
        plan,
        TableBatch(("id", "ssn"), [["1", None], [SSN, SSN]], first_row=2, sheet="People"),
        RecordBatch((("ssn",),), [[None, SSN]], first_record=10),
        PageText(7, f"card {CARD}"),
        Prose(f"ssn {SSN}"),
    )
    found = {each.type: each.occurrences for each in result.files[0].detections}
    ssn = found["USA_SOCIAL_SECURITY_NUMBER"]
    assert list(ssn.cells) == [(2, 2, "ssn", "People"), (3, 2, "ssn", "People")]
    assert list(ssn.records) == [(11, "$.ssn")]
    assert (ssn.unplaced, ssn.count) == (1, 4)
    assert list(found["CREDIT_CARD_NUMBER"].pages) == [7]


def test_packed_files_are_told_apart_and_problems_set_the_status(plan: Plan) -> None:
    inner = TextBlock(f"ssn {SSN}".encode(), Lines(), members=("a.txt",), first=True)
    problem = Problem("SKIPPED", "UNSUPPORTED_FILE_TYPE_EXCEPTION", "an image", members=("b.png",))
    result = scanned(plan, inner, problem)
    assert [(file.members, file.status) for file in result.files] == [
        ((), "COMPLETE"),
        (("a.txt",), "COMPLETE"),
        (("b.png",), "SKIPPED"),
    ]
    assert (result.status, result.reason) == ("PARTIAL", "ARCHIVE_CONTAINS_UNPROCESSED_FILES")


@pytest.mark.parametrize("seed", range(3))
def test_every_engine_of_the_first_pass_gives_the_same_hits(seed: int) -> None:
    rnd = random.Random(seed)
    words = [
        "ssn",
        "card",
        "Credit Card",
        "SOCIAL_SECURITY",
        "dob",
        SSN,
        CARD,
        "x",
        "é",
        "-",
        "\n",
        ",",
        "customerSSN",
        "1985-03-12",
    ]
    data = "".join(rnd.choice(words) + rnd.choice(["", " ", ": "]) for _ in range(600)).encode()
    hits = [compile_plan(IDS, engine=engine).hits(data) for engine in ("hyperscan", "re2", "re")]
    found = [
        list(compile_plan(IDS, engine=engine).matcher.text(data, each))
        for engine, each in zip(("hyperscan", "re2", "re"), hits, strict=True)
    ]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) > 5


def test_allow_lists_silence_words_in_any_case_and_patterns_in_full() -> None:
    words = AllowList.of_words(["", "  536-22-8741  "])
    regex = AllowList.of_regex("4539[0-9]{12}")
    text = blocks(f"ssn {SSN} card {CARD}\nssn 212-45-8890".encode(), Lines())
    assert places(scanned(compile_plan(IDS, allow=[words, regex]), *text)) == {
        "USA_SOCIAL_SECURITY_NUMBER": [(2, 2, 5)]
    }


def test_custom_identifier_is_found_in_text_cells_and_records() -> None:
    custom = CustomIdentifier("Employee", "E-[0-9]{4}", keywords=("employee",), maximum_match_distance=10)
    plan = compile_plan((), custom=[custom])
    data = b"employee: E-1234\nE-9999\nthe employee who is far away has number E-5555\n"
    assert places(scanned(plan, *blocks(data, Lines()))) == {"Employee": [(1, 1, 11)]}
    table = TableBatch(("Employee id", "b"), [["E-1", "E-4321"], ["E-1111", "employee E-2222"]], first_row=2)
    assert places(scanned(plan, table)) == {"Employee": [(3, 1, "Employee id", None), (3, 2, "b", None)]}
    assert scanned(plan, *blocks(data, Lines()), samples=1).files[0].detections[0].occurrences.samples == ["E-1234"]


def test_nothing_chosen_finds_nothing() -> None:
    assert places(scanned(compile_plan(select("NONE")), *blocks(f"ssn {SSN}".encode(), Lines()))) == {}


@pytest.mark.parametrize("layout", [Lines(), Delimited(",")])
def test_part_of_an_iban_is_nothing_less_though_ibans_are_not_chosen(layout: Layout) -> None:
    plan = compile_plan(["UK_ELECTORAL_ROLL_NUMBER"])
    assert not places(scanned(plan, *blocks(b"electoral roll: GB82 WEST 1234 5698 7654 32\n", layout)))
    for text in (b"electoral roll: WEST 1234\n", b"electoral roll: GB82 WEST 1234 5698 7654 33\n"):
        assert places(scanned(plan, *blocks(text, layout))).keys() == {"UK_ELECTORAL_ROLL_NUMBER"}


@pytest.mark.parametrize("end", ["ssn", "ssn:", "ssn: 536-22-8741", "ssn: 536-22-874", "customer ssn", ""])
def test_many_keywords_are_found_up_to_the_very_end_of_a_text(end: str) -> None:
    plan = compile_plan(IDS, engine="hyperscan")
    data = (f"ssn: {SSN}\n" * 200 + end).encode()
    found = list(plan.text(data))
    assert len(found) == 200 + end.endswith("8741")
    assert found == sorted(found)


@pytest.mark.parametrize(
    "text", ["rijbewijs.nummer=1234567890", "<b>K&oslash;rekort</b> nr. 12345678", "driver.license.number=A1234567"]
)
def test_keywords_are_read_with_points_between_words_and_with_entities(text: str) -> None:
    plan = compile_plan(["DENMARK_DRIVERS_LICENSE", "NETHERLANDS_DRIVERS_LICENSE", "DRIVERS_LICENSE"])
    assert len(plan.text(text.encode())) == 1


def test_keyword_with_a_text_on_its_line_speaks_for_no_text_on_another_line_of_any_rule() -> None:
    plan = compile_plan(["PHONE_NUMBER", "UK_PHONE_NUMBER"])
    both = b"refused: 415 867 2210\nDaytime telephone 07712 901122\n"
    assert [plan.key(rule) for _, _, rule in plan.text(both)] == ["UK_PHONE_NUMBER"]
    assert [plan.key(rule) for _, _, rule in plan.text(b"refused: 415 867 2210\nDaytime telephone\n")] == [
        "PHONE_NUMBER"
    ]


def test_path_is_given_unless_a_name_on_it_is_itself_sensitive() -> None:
    plan = compile_plan(["USA_SOCIAL_SECURITY_NUMBER", "CREDIT_CARD_NUMBER_(NO_KEYWORD)"], engine="hyperscan")
    data = b'{"line1": {"ssn": "536-22-8741"}, "%s": {"ssn": "219-16-3333"}}\n' % CARD.encode()
    result = scanned(plan, *blocks(data * 2, JsonLines()))
    (found,) = [each for each in result.files[0].detections if each.type == "USA_SOCIAL_SECURITY_NUMBER"]
    assert list(found.occurrences.records) == [(0, "$.line1.ssn"), (0, None), (1, "$.line1.ssn"), (1, None)]


def test_pages_are_scanned_together_and_each_keeps_its_number() -> None:
    plan = compile_plan(["USA_SOCIAL_SECURITY_NUMBER"], engine="hyperscan")
    pages = [PageText(number, f"page {number}\nssn {SSN}\nssn") for number in range(1, 60)]
    pages += [PageText(60, SSN), PageText(61, ""), PageText(62, f"\n\nssn: {SSN}\n")]
    result = scanned(plan, Opened("application/pdf"), *pages, samples=1)
    (found,) = result.files[0].detections
    assert list(found.occurrences.pages) == [*range(1, 60), 62]
    assert found.occurrences.samples == [SSN]


def test_prose_of_one_member_is_not_counted_for_the_next() -> None:
    plan = compile_plan(["USA_SOCIAL_SECURITY_NUMBER"], engine="hyperscan")
    units = [Prose(f"ssn {SSN}", (name,)) for name in ("a.docx", "b.docx", "a.docx")]
    result = scanned(plan, *units)
    counts = {each.members: each.detections[0].count for each in result.files if each.detections}
    assert counts == {("a.docx",): 2, ("b.docx",): 1}
