"""Which language an imported text is in."""

import pytest

from sitegen.importers.values.language import detect_language, japanese_share

_ENGLISH = "The ports of the two countries have agreed on a form that officers read by machine."


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "両国の港は一つの書類を使うことで合意した。"),
        ("Customs form", "npmとGitHubでcustoms-formを公開した。Issueがあれば報告してください。"),
        ("Form", "新しい版です。\n\n" + "- https://example.org/releases/download/customs-form.tar.gz\n" * 20),
        ("Form", "使い方は次のとおり。\n\n```js\n" + "const form = require('customs-form');\n" * 20 + "```\n"),
        ("港のニュース", "今月の話題です。\n\n" + f"- {_ENGLISH[:30]}\n" * 5),
    ],
)
def test_japanese_with_terms_code_and_addresses(title: str, text: str) -> None:
    assert detect_language(text, ("en", "ja"), title) == "ja"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", ""),
        ("Form", _ENGLISH),
        ("Form", f"{_ENGLISH} The name of the port is 神戸 (こうべ)."),
        ("港", _ENGLISH * 5),
    ],
)
def test_other_texts_have_the_first_locale(title: str, text: str) -> None:
    assert detect_language(text, ("fr",), title) == "fr"
    assert detect_language(text, ("ja",), title) == "en"


def test_the_share_is_that_of_the_prose() -> None:
    assert japanese_share("港 `customs form` <https://example.org/customs>") == 1
    assert japanese_share("港 port") == 0.2
    assert japanese_share("port") == japanese_share("123") == 0
