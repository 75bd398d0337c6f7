import pytest

from sitegen.config.model import Config
from sitegen.diagnostics import closest_match
from sitegen.importers.values.countries import CountryNames, country_names, match_countries
from sitegen.util.cldr import cldr_name, iso_codes


@pytest.fixture(scope="module")
def names(config: Config) -> CountryNames:
    return country_names(config)


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("🇻🇳Vietnam🇨🇳China", ["VN", "CN"]),
        ("🇻🇳 ベトナム 🇨🇳 中国", ["VN", "CN"]),
        ("🇻🇳🇨🇳", ["VN", "CN"]),
        ("Vietnam, China", ["VN", "CN"]),
        ("ベトナム、中国", ["VN", "CN"]),
        ("ベトナム・中国", ["VN", "CN"]),
        ("VIETNAM / ｃｈｉｎａ", ["VN", "CN"]),
        ("アンティグア・バーブーダ・中国", ["AG", "CN"]),
        ("Trinidad and Tobago, the Philippines", ["TT", "PH"]),
        ("NO, US", ["NO", "US"]),
        ("ASEAN（東南アジア諸国連合）、EU", ["ASEAN", "EU"]),
        ("🇻🇳Vietnam, Laos🇪🇺European Union", ["VN", "LA", "EU"]),
    ],
)
def test_known_countries(names: CountryNames, line: str, codes: list[str]) -> None:
    matches = match_countries(line, names)
    assert [match.code for match in matches] == codes
    assert {match.issue for match in matches} == {""}


def test_flag_wins_over_another_name(names: CountryNames) -> None:
    (match,) = match_countries("🇻🇳Thailand", names)
    assert (match.code, match.issue, match.name_code) == ("VN", "country-disagrees", "TH")


@pytest.mark.parametrize("line", ["🇻🇳베트남🇯🇵일본", "🇻🇳Việt Nam, 🇯🇵Nhật Bản", "🇻🇳เวียดนาม 🇯🇵ญี่ปุ่น", "🇻🇳Vietnam🇯🇵Jepang"])
def test_names_in_other_languages_after_flags(names: CountryNames, line: str) -> None:
    assert [(match.code, match.issue) for match in match_countries(line, names)] == [("VN", ""), ("JP", "")]


def test_unknown_name_after_flag(names: CountryNames) -> None:
    (match,) = match_countries("🇻🇳Xứ Bắc", names)
    assert (match.code, match.issue) == ("VN", "unknown-country-name")


@pytest.mark.parametrize("line", ["🇽🇰Kosovo", "Atlantis", "Kosovo", "\U0001f1fb"])
def test_unknown_country_is_kept_verbatim(names: CountryNames, line: str) -> None:
    (match,) = match_countries(line, names)
    assert (match.written, match.code, match.issue) == (line, None, "unknown-country")


def test_separators_alone_are_not_countries(names: CountryNames) -> None:
    assert match_countries(" 、, ", names) == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        *((name, None) for name in ("ASEAN", "SAARC", "NATO", "UAE", "Kurdistan", "Scotland", "Asia")),
        ("Vietnm", "Vietnam"),
        ("Phillipines", "Philippines"),
        ("シンガポル", "シンガポール"),
    ],
)
def test_suggestions_are_similar(written: str, expected: str | None) -> None:
    codes = iso_codes()
    names = [cldr_name(code, language) or code for code in codes for language in ("en", "ja")]
    assert closest_match(written, names) == expected
    assert closest_match("ASAEN", [*codes, "ASEAN"]) == "ASEAN"
