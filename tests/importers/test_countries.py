import pytest

from sitegen.config.model import Config
from sitegen.importers.countries import CountryNames, Doubt, country_names, mentions


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
def test_known(names: CountryNames, line: str, codes: list[str]) -> None:
    found = mentions(line, names)
    assert [mention.code for mention in found] == codes
    assert {mention.doubt for mention in found} == {Doubt.NONE}


def test_flag_wins_over_another_name(names: CountryNames) -> None:
    (mention,) = mentions("🇻🇳Thailand", names)
    assert (mention.code, mention.doubt, mention.name_code) == ("VN", Doubt.OTHER_NAME, "TH")


def test_name_beside_flag_that_nobody_knows(names: CountryNames) -> None:
    (mention,) = mentions("🇻🇳Xứ Bắc", names)
    assert (mention.code, mention.doubt) == ("VN", Doubt.STRANGE_NAME)


@pytest.mark.parametrize("line", ["🇽🇰Kosovo", "Atlantis", "Kosovo", "\U0001f1fb"])
def test_unknown_stays_word_for_word(names: CountryNames, line: str) -> None:
    (mention,) = mentions(line, names)
    assert (mention.written, mention.code, mention.doubt) == (line, None, Doubt.UNKNOWN)


def test_empty_line_names_nothing(names: CountryNames) -> None:
    assert mentions(" 、, ", names) == ()
