import pytest

from sitegen.importers.markup.markdown_text import plain_text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        (r"\*a\* **b** *c* ~~d~~ 5 * 3 ~5 \`e\` snake_case", "*a* b c d 5 * 3 ~5 `e` snake_case"),
        (r"[\[1\]](u) [a](b 'c') [d][e] ![f](g) h[^1] <https://a.b> <!-- i -->", "[1] a d h https://a.b"),
        (r"\&copy; &copy; `*a* <b>` ``c`d``", "&copy; © *a* <b> c`d"),
        ("a\\\nb\nc", "a b c"),
    ],
)
def test_plain_text_has_no_marks_but_all_characters(markdown: str, text: str) -> None:
    assert plain_text(markdown) == text
