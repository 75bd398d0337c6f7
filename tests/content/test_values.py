"""Dates, languages, slugs, aliases, names and territories: tables of what is read as what."""

import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.config.loader import read_config
from sitegen.config.model import PERSPECTIVES, LocalizedText, Term, load_timezone
from sitegen.content.slugs import MAX_SLUG_BYTES, alias_problem, slug_problem, slugify, valid_slug
from sitegen.diagnostics import Diagnostics
from sitegen.util import cldr
from sitegen.util.dates import Instant, PartialDate, parse_partial_date
from sitegen.yaml_source.reader import fold_spaces, is_language
from tests.content.parsing import CONTENT_SCHEMA

TOKYO: Final = timezone(timedelta(hours=9))

# --- dates ------------------------------------------------------------------------------------------------------------

_DAY: Final = date(2026, 7, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-03", None),
        ("2026-07-03T09:00", Instant(2026, 7, 3, 9)),
        ("2026-07-03 09:00", Instant(2026, 7, 3, 9)),
        ("2026-07-03t09:00:30z", Instant(2026, 7, 3, 9, 0, 30, tzinfo=UTC)),
        ("2026-07-03T09:00Z", Instant(2026, 7, 3, 9, tzinfo=UTC)),
        ("2026-07-03T09:00+09:00", Instant(2026, 7, 3, 9, tzinfo=TOKYO)),
        ("2026-07-03T09:00+0900", Instant(2026, 7, 3, 9, tzinfo=TOKYO)),
        ("2026-07-03 09:00 +09:00", Instant(2026, 7, 3, 9, tzinfo=TOKYO)),
        ("2026-07-03T09:00-03:30", Instant(2026, 7, 3, 9, tzinfo=timezone(-timedelta(hours=3, minutes=30)))),
        ("2026-07-03T23:59:59-00:00", Instant(2026, 7, 3, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_dates_and_times(text: str, expected: Instant | None) -> None:
    assert parse_partial_date(text) == PartialDate(_DAY, expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-07",
        "2026-7-3",
        "03/07/2026",
        "3 July 2026",
        "2026年7月3日",
        "20260703",
        "2026-07-03T",
        "2026-07-03T09",
        "2026-07-03T9:00",
        "2026-07-03T09:00:00.5Z",
        "2026-07-03T09:00 JST",
        "2026-07-03T09:00+9",
        " 2026-07-03",
        "2026-07-03\n",
        "-2026-07-03",
        "12026-07-03",
        "２０２６-07-03",
        "２０２６-０７-０３T09:00",
        "2026-07-03T０９:00",
        "2026-07-03T09:00+０９:00",
        "2026-07-03T09:00\u3000+09:00",
        "２０２６-０７-０３",
        "2026-07-0３",
        "٢٠٢٦-٠٧-٠٣",
    ],
)
def test_other_forms_are_not_dates(text: str) -> None:
    assert parse_partial_date(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-02-30", "calendar"),
        ("2026-13-01", "calendar"),
        ("2026-00-10", "calendar"),
        ("2025-02-29", "calendar"),
        ("0000-01-01", "calendar"),
        ("2026-02-30T09:00", "calendar"),
        ("2026-07-03T24:00", "time of day"),
        ("2026-07-03T09:60", "time of day"),
        ("2026-07-03T23:59:60Z", "time of day"),
        ("2026-07-03T09:00+24:00", "time of day"),
        ("2026-07-03T09:00+99:99", "time of day"),
        ("2026-07-03T09:00+09:75", "time of day"),
    ],
)
def test_dates_and_times_that_do_not_exist(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_partial_date(text)


@given(
    st.datetimes(datetime(1000, 1, 1), datetime(9998, 12, 31)),  # noqa: DTZ001 - bounds
    st.none() | st.integers(-23 * 60, 23 * 60),
)
def test_a_partial_date_round_trips(moment: datetime, minutes: int | None) -> None:
    zone = None if minutes is None else timezone(timedelta(minutes=minutes))
    partial = PartialDate(moment.date(), Instant.of(moment.replace(microsecond=0, tzinfo=zone)))
    assert parse_partial_date(str(partial)) == partial
    assert parse_partial_date(str(PartialDate(moment.date()))) == PartialDate(moment.date())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-07-03", "2026-07-03T00:00:00+09:00"),
        ("2026-07-03T23:59", "2026-07-03T23:59:00+09:00"),
        ("2026-07-03T15:00Z", "2026-07-04T00:00:00+09:00"),
        ("2026-07-03T14:59:59Z", "2026-07-03T23:59:59+09:00"),
        ("2026-07-03T00:00+14:00", "2026-07-02T19:00:00+09:00"),
        ("2026-12-31T15:00Z", "2027-01-01T00:00:00+09:00"),
    ],
)
def test_instants_are_in_the_time_zone_of_the_site(text: str, shown: str) -> None:
    partial = parse_partial_date(text)
    assert partial is not None
    moment = partial.with_fixed_offset(CONTENT_SCHEMA.zone)
    assert moment.isoformat() == shown
    assert isinstance(moment.tzinfo, timezone)  # a fixed offset, the same on every machine


@pytest.mark.parametrize(("name", "offset"), [("Asia/Kolkata", "+05:53"), ("America/New_York", "-04:57")])
def test_an_offset_before_standard_time_has_no_seconds(name: str, offset: str) -> None:
    moment = PartialDate(date(1840, 5, 5)).with_fixed_offset(load_timezone(name))
    assert moment.isoformat() == f"1840-05-05T00:00:00{offset}"


# --- languages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tag",
    ["en", "ja", "fil", "zh-Hant", "zh-Hant-TW", "en-GB", "es-419", "sl-rozaj", "de-1996", "de-CH-1996", "EN", "no"],
)
def test_language_tags(tag: str) -> None:
    assert is_language(tag)


@pytest.mark.parametrize(
    "tag", ["", "e", "english", "en_GB", "en-", "-en", "en GB", "日本", "en\n", "x-private", "en-GB-GB", '"']
)
def test_no_language_tags(tag: str) -> None:
    assert not is_language(tag)


# --- slugs and aliases ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "slug",
    [
        "a",
        "7",
        "a-b-c",
        "007",
        "日本-2026",
        "ロシア",
        "がぎぐ",
        "naïve",
        "con-text",
        "com10",
        "हिन्दी",
        "ß",
        "a" * MAX_SLUG_BYTES,
    ],
)
def test_slugs(slug: str) -> None:
    assert slug_problem(slug) is None


@pytest.mark.parametrize(
    ("slug", "reason"),
    [
        ("", "empty"),
        ("a" * (MAX_SLUG_BYTES + 1), "longer"),
        ("日" * 41, "longer"),
        ("cafe\u0301", "NFC"),
        ("か\u3099", "NFC"),
        ("A", "upper-case letters"),
        ("Ä", "upper-case letters"),
        ("Ａ", "upper-case letters"),
        ("-a", "hyphen"),
        ("a-", "hyphen"),
        ("a--b", "hyphen"),
        ("-", "hyphen"),
        ("a b", "contains"),
        ("a_b", "contains"),
        ("a.b", "contains"),
        (".", "contains"),
        ("..", "contains"),
        ("a/b", "contains"),
        ("a\\b", "contains"),
        ("a\x00b", "contains"),
        ("a\nb", "contains"),
        ("a\u200bb", "contains"),
        ("a\u202eb", "contains"),
        ("a–b", "contains"),
        ("🇻🇳", "contains"),
        ("「日本」", "contains"),
        ("con", "Windows"),
        ("nul", "Windows"),
        ("com1", "Windows"),
        ("lpt9", "Windows"),
    ],
)
def test_what_is_no_slug(slug: str, reason: str) -> None:
    problem = slug_problem(slug)
    assert problem is not None
    assert reason in problem


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Vietnam speeds up its national databases", "vietnam-speeds-up-its-national-databases"),
        ("The rise and the fall of a plan", "rise-fall-plan"),
        ("The of and", "the-of-and"),
        ("It's Japan’s turn", "its-japans-turn"),
        ("Café naïve — Ünïcode", "cafe-naive-unicode"),
        ("5.6% growth (2026/27): yes!", "5-6-growth-2026-27-yes"),
        ("Ａ　ｆｕｌｌ ｗｉｄｔｈ", "full-width"),
        ("a b c one two three four five six seven eight nine", "b-c-one-two-three-four-five-six"),
        ("snake_case", "snake-case"),
        ("Đại hội Đảng và AI", "dai-hoi-dang-va-ai"),
        ("Tô Lâm: the plan to Án", "to-lam-plan-an"),
        ("“The” plan", "plan"),
        ("Łódź, Sørensen, Straße, Æsir, þing", "lodz-sorensen-strasse-aesir-thing"),
        ("日本の政策", ""),
        ("第７次計画、①案", ""),
        ("日本 Vietnam 合意", "vietnam"),
        ("AI基本法を施行", ""),
        ("한-베 공급망 협력 양해각서(MOU)", ""),
        ("第7次計画 (Strategic Energy Plan)", "7-strategic-energy-plan"),
        ("", ""),
        ("!!!", ""),
        ("CON", ""),
        ("../../etc/passwd", "etc-passwd"),
        ("x" * 100, "x" * 80),
    ],
)
def test_slugs_of_titles(title: str, slug: str) -> None:
    assert slugify(title) == slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("A b_c", "a-b-c"),
        ("日本 の政策", "日本-の政策"),
        ("..", ""),
        ("CON", ""),
        ("é" * 100, "é" * 60),
        ("a--b-", "a-b"),
    ],
)
def test_the_slug_that_is_most_like_a_name(name: str, slug: str) -> None:
    assert valid_slug(name) == slug


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("\u3000首脳会見\u3000\u3000経済対策を発表\u3000", "首脳会見\u3000経済対策を発表"),
        ("100\u00a0% of\u00a0 it", "100\u00a0% of\u00a0it"),
        (" a \t\n b ", "a b"),
        ("\u3000", ""),
    ],
)
def test_ideographic_and_no_break_spaces_stay(text: str, folded: str) -> None:
    assert fold_spaces(text) == folded


@given(st.text(max_size=120))
def test_what_a_title_becomes_is_a_slug_or_nothing(title: str) -> None:
    slug = slugify(title)
    assert slug == "" or slug_problem(slug) is None
    assert slugify(slug) in {slug, ""} or any(word in slug.split("-") for word in ("a", "the", "of"))


@given(st.text(max_size=40))
def test_two_slugs_never_meet_where_case_or_form_is_folded_by_lowering(text: str) -> None:
    if slug_problem(text) is None:
        assert unicodedata.normalize("NFC", text).lower() == text


@pytest.mark.parametrize(
    "alias",
    ["/old/", "/old", "/a/b/c/", "/old.html", "/2026/07/古い/", "/a.b/", "/A/", "/~a/", "/ja/CNAME/", "/.gitea/"],
)
def test_aliases(alias: str) -> None:
    assert alias_problem(alias) is None


@pytest.mark.parametrize(
    "alias",
    [
        "",
        "/",
        "//",
        "//a",
        "old/",
        "https://a/b",
        "/../a/",
        "/a/../b/",
        "/./a/",
        "/a//b/",
        "/a?b",
        "/a#b",
        "/a%2e",
        "/a\\b/",
        "/a b/",
        "/a\tb/",
        "/a\u3000b/",
        "/<a>/",
        '/"a"/',
        "/a|b/",
        "/a*/",
        "/c:/",
        "/a\x00/",
        "/a\x7f/",
        "/" + "a" * 241,
        "/" + "日" * 90 + "/",
        "/CNAME",
        "/cname/old/",
        "/ＣＮＡＭＥ/",
        "/_redirects",
        "/_Headers/",
        "/.nojekyll",
        "/_worker.js/",
        "/.sitegen",
        "/.Sitegen/manifest.json/",
        "/.sitegen.lock/",
        "/.git/",
        "/a/.GIT/b/",
        "/a/git~1/",
        "/a/.git./",
    ],
)
def test_what_is_no_alias(alias: str) -> None:
    assert alias_problem(alias) is not None


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "locale", "text", "language"),
    [
        ((("en", "Trade"), ("ja", "貿易")), "en", "Trade", "en"),
        ((("en", "Trade"), ("ja", "貿易")), "ja", "貿易", "ja"),
        ((("en", "Trade"), ("ja", "貿易")), "ja-JP", "貿易", "ja"),
        ((("en", "Trade"), ("en-GB", "Commerce")), "en-GB", "Commerce", "en-GB"),
        ((("en", "Trade"), ("ja", "貿易")), "fr", "Trade", "en"),
        ((("ja", "貿易"), ("en", "Trade")), "fr", "貿易", "ja"),
        ((("zh-Hant", "貿易"),), "zh", "貿易", "zh-Hant"),
        ((), "en", "", "en"),
    ],
)
def test_names_in_a_locale(texts: tuple[tuple[str, str], ...], locale: str, text: str, language: str) -> None:
    names = LocalizedText(texts)
    assert names.get(locale) == text
    assert names.language(locale) == language


@given(
    st.lists(
        st.tuples(st.sampled_from(["en", "en-GB", "ja", "zh-Hant", "fr"]), st.sampled_from(["", "a", "b"])), max_size=4
    ),
    st.sampled_from(["en", "en-GB", "en-US", "ja", "zh", "fr-CA", "de"]),
)
def test_the_language_of_a_name_is_that_of_the_text(texts: list[tuple[str, str]], locale: str) -> None:
    names = LocalizedText(tuple(dict(texts).items()))
    if text := names.get(locale):
        assert dict(names.texts)[names.language(locale)] == text


def test_labels_of_a_term() -> None:
    term = Term("trade", LocalizedText((("en", "Trade"), ("ja", "貿易"))), ("通商",))
    assert term.labels() == (("Trade", "en"), ("貿易", "ja"), ("通商", None))


def _perspectives(text: str) -> dict[str, Term]:
    diagnostics = Diagnostics()
    settings = read_config(
        f"title: T\nbase_url: https://a.example/\ntopics: {{t: T}}\nperspectives: {text}\n".encode(), diagnostics
    )
    assert settings is not None
    config = settings.config
    assert not diagnostics.errors, diagnostics.sorted()
    return {term.key: term for term in config.perspectives}


def test_perspectives_of_the_site_add_to_those_built_in() -> None:
    terms = _perspectives("{climate: {en: Climate, ja: 環境}, economic: {en: Economy, aliases: [Money]}}")
    assert list(terms) == [*(term.key for term in PERSPECTIVES), "climate"]
    assert terms["economic"].names.get("en") == "Economy"
    assert terms["economic"].names.get("ja") == "経済的影響"
    labels = {label for label, _ in terms["economic"].labels()}
    assert labels == {"Economy", "経済的影響", "Money", "Economic impact"}


def test_one_label_cannot_mean_two_perspectives() -> None:
    diagnostics = Diagnostics()
    read_config(
        b"title: T\nbase_url: https://a.example/\ntopics: {t: T}\n"
        b"perspectives: {climate: {en: Climate, aliases: [social  IMPACT]}}\n",
        diagnostics,
    )
    assert [item.code for item in diagnostics.sorted()] == ["ambiguous-label"]


# --- territories ------------------------------------------------------------------------------------------------------


def test_iso_codes() -> None:
    codes = cldr.iso_codes()
    assert len(codes) == 249  # ISO 3166-1, as of 2026
    assert list(codes) == sorted(set(codes))
    assert {"NO", "VN", "CN", "TW", "HK", "SS", "PS", "AQ"} <= set(codes)
    assert not {"EU", "UN", "XK", "ZZ", "UK", "AN", "SU"} & set(codes)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Vietnam", "VN"),
        ("VIET NAM", "VN"),
        ("ベトナム", "VN"),
        ("越南", "VN"),
        ("  South   Korea ", "KR"),
        ("韓国", "KR"),
        ("ｱﾒﾘｶ", "US"),
        ("Ｊａｐａｎ", "JP"),
        ("日本", "JP"),
        ("Côte d’Ivoire", "CI"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Norway", "NO"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
    ],
)
def test_names_of_countries(name: str, code: str) -> None:
    assert cldr.iso_names()[cldr.normalize_label(name)] == code


def test_every_code_has_names_and_a_flag() -> None:
    for code in cldr.iso_codes():
        for locale in ("en", "ja"):
            name = cldr.cldr_name(code, locale)
            assert name, code
            assert name != code
        letters = cldr.flag(code)
        assert len(letters) == 2
        assert cldr.country_from_flag(letters) == code


@pytest.mark.parametrize("code", ["", "A", "EU1", "ASEAN", "日本", "1A", "é1"])
def test_no_flag_for_other_codes(code: str) -> None:
    assert cldr.flag(code) == ""


@pytest.mark.parametrize(
    ("tag", "language"),
    [("ja", "ja"), ("ja-JP", "ja"), ("zh-Hant", "zh"), ("xx", "en"), ("en-ZZ", "en"), ("tlh", "en")],
)
def test_babel_locale(tag: str, language: str) -> None:
    assert cldr.babel_locale(tag).language == language


def test_aliases_alone_add_to_what_has_a_name_already() -> None:
    terms = _perspectives("{economic: {aliases: [Money]}}")
    assert terms["economic"].names.get("ja") == "経済的影響"
    assert terms["economic"].names.get("en") == "Economic impact"
    assert terms["economic"].aliases == ("Money",)
