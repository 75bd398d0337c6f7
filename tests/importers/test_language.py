"""Which language an imported text is in."""

import pytest

from sitegen.importers.values.language import credible_language, detect_language, japanese_share, language_below

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


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("国务院近日印发人工智能产业发展规划。", "zh"),
        ("我們說，高雄港與「ソニー」的新碼頭已經啟用，貨櫃量將增加，政府希望吸引更多航商前來。", "zh"),
        ("政府は閣議で、华为への規制を決めた。", "ja"),
        ("東京都議会選挙結果", "ja"),
        ("한국과 베트남 정부는 AI 협력을 확대한다.", "ko"),
        ("คณะรัฐมนตรีเห็นชอบร่าง BRT", "th"),
        ("The 현대 (Hyundai) plant in Ulsan.", "en"),
        ("Nhân Dân đưa tin về luật mới.", "vi"),
        ("Nhan Dan of Hà Nội and Đà Nẵng reports on the law.", "en"),
    ],
)
def test_other_scripts(text: str, lang: str) -> None:
    assert detect_language(text, ("en", "ja")) == lang


@pytest.mark.parametrize(
    ("declared", "text", "lang"),
    [
        ("zh-CN", "国务院近日印发人工智能产业发展规划。", "zh-CN"),
        ("ja", "国务院近日印发人工智能产业发展规划。", ""),
        ("zh-TW", "東京都議会選挙結果", "zh-TW"),
        ("zh", "政府は閣議で決めた。", ""),
        ("en", "東京都議会選挙結果", ""),
        ("ko", "한국과 베트남", "ko"),
        ("ja", "<p>The ports of Haiphong and Kobe agreed on one form.</p>", ""),
        ("zh_CN", "The ports of Haiphong and Kobe agreed on one form.", ""),
        ("ja", "The ports of Haiphong and 神戸 agreed on one form.", "ja"),
        ("ja", "`The ports of Haiphong and Kobe agreed on one form.`", "ja"),
        ("vi", "Hai cảng thống nhất một mẫu tờ khai hải quan.", "vi"),
    ],
)
def test_declared_languages(declared: str, text: str, lang: str) -> None:
    assert credible_language(declared, text) == lang


def test_the_share_is_that_of_the_prose() -> None:
    assert japanese_share("港 `customs form` <https://example.org/customs>") == 1
    assert japanese_share("港 port") == 0.2
    assert japanese_share("port") == japanese_share("123") == 0


@pytest.mark.parametrize(
    ("label_lang", "text", "lang"),
    [
        ("en", "한국과 베트남 정부는 협력을 확대한다.", "ko"),
        ("en", "国务院近日印发人工智能产业发展规划。", "zh"),
        ("en", "両国の港は一つの書類を使うことで合意した。", "ja"),
        ("ja", "国务院近日印发人工智能产业发展规划。", "zh"),
        ("ja", "東京都議会選挙結果", "ja"),
        ("zh-Hant", "東京都議会選挙結果", "zh-Hant"),
        ("zh", "両国の港は一つの書類を使うことで合意した。", "ja"),
        ("uk", "Названия стран и городов.", "uk"),
        ("fr", _ENGLISH, "fr"),
        ("ja", _ENGLISH, "en"),
        (None, "한국과 베트남", "ko"),
    ],
)
def test_a_text_has_the_language_of_its_label_if_it_has_the_script(
    label_lang: str | None, text: str, lang: str
) -> None:
    assert language_below(label_lang, text, ("en", "ja")) == lang
