"""Straight quotation marks and apostrophes become those of the language; code and attributes stay as they are."""

from time import process_time

import pytest

from sitegen.content.typography import typographic, typographic_parts, typographic_title


@pytest.mark.parametrize(
    ("lang", "written", "shown"),
    [
        ("en", "\"It's China's 'plan'\", he said", "“It’s China’s ‘plan’”, he said"),
        ("en", "the farmers' markets", "the farmers’ markets"),
        ("en-GB", '("Quote") – "again"', "(“Quote”) – “again”"),
        ("en", "\"'Nested' end\"", "“‘Nested’ end”"),
        ("en", "5'10\" and 3' 4\"", "5'10\" and 3' 4\""),
        ("en", 'an open " mark', 'an open " mark'),
        ("en", '"a < b" &amp; <code>', "“a < b” &amp; <code>"),
        ("fr", '"l\'Union"', "«\u202fl’Union\u202f»"),
        ("de", '"Plan"', "„Plan“"),
        ("ja", '"AI\'s" 政策', '"AI\'s" 政策'),
        ("ja", "0.5%程度、3％以上", "0.5%\u2060程\u2060度、3％\u2060以\u2060上"),
        ("en", "0.5%程度", "0.5%程度"),
        ("xx", "it's", "it's"),
    ],
)
def test_a_text(lang: str, written: str, shown: str) -> None:
    assert typographic(written, lang) == shown


def test_a_japanese_date_in_a_headline_stays_on_one_line() -> None:
    assert typographic_title("2026年12月1日から関税5%超に", "ja") == "2026年\u206012月\u20601日から関税5%\u2060超に"
    assert typographic_title("2026年度、7月に3年ぶり", "ja") == "2026年度、7月に3年ぶり"
    assert typographic_title("Summit on 3日 12月1日", "en") == "Summit on 3日 12月1日"


def test_html_around_links() -> None:
    before = '<p>&quot;<em>A</em>&quot; <a title="it\'s" href="'
    after = (
        "\">it's</a> <code>it's &quot;x&quot;</code></p>\n<pre tabindex=\"0\"><code>'y'</code></pre>\n"
        '<p>&quot;open</p>\n<div lang="ja">\n<p>&quot;x&quot;</p>\n</div>\n<p>&quot;z&quot;</p>\n'
    )
    assert typographic_parts((before, after), "en") == (
        before.replace("&quot;", "“", 1).replace("&quot;", "”"),
        after.replace("it's<", "it’s<", 1).replace("&quot;z&quot;", "“z”"),
    )


def test_many_marks_take_linear_time() -> None:
    def seconds(count: int) -> float:
        start = process_time()
        typographic("('a\" " * count, "en")
        return process_time() - start

    seconds(100)
    assert seconds(40_000) < 30 * seconds(4_000)
