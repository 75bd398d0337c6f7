"""Files in which a rule of texts finds something, and similar ones in which it does not."""

from typing import Final, NamedTuple

from sitegen.content.placeholders import SAMPLE
from tests.docs.test_diagnostics import CATALOGUE

JAPANESE: Final = "両国の港は一つの通関書類を使うことで合意した。これまで船主は十一種類の書類に記入していた。" * 2
ENGLISH: Final = (
    "The ports of the two countries have agreed on a form that officers read by machine from autumn on. " * 2
)


class Case(NamedTuple):
    """The lines of the front matter and the text of an article."""

    front: dict[str, str]
    body: str


def case(body: str = "Vietnam and China agreed.", **front: str) -> Case:
    """Return a case: the text, and changes of the front matter."""
    return Case(front, f"{body}\n")


FIRES: Final[dict[str, Case]] = {
    "summary-repeated": case(
        "Vietnam and China have agreed on one form. More.", summary="Vietnam and China have agreed on one form."
    ),
    "missing-alt": case("Vietnam and China.\n\n![](port.png)"),
    "machine-unreviewed": case(generated="{summary: ai}"),
}
"""Cases that the catalogue cannot show, because they need a file or two keys. The others are its examples."""

ALSO_FIRES: Final[tuple[tuple[str, Case], ...]] = (
    ("open-todo", case("- TODO\n- one")),
    ("open-todo", case("- one\n  - TODO: two\n    - three")),
    ("empty-section", case("Text.\n\n## Next\n\n## More\n\n- ## One")),
    ("empty-section", case("Text.\n\n---\n\n## Next\n\n## More\n\nText.\n\n---\n\n## Last")),
    ("unclosed-code", case("- one\n\n  ~~~ text\n  code\n\nText.")),
    ("unclosed-code", case("> ```\n> code\n\nText.")),
    ("unclosed-code", case("Text.\n\n````\ncode\n```\n\n    ````")),
    ("unclosed-code", case("Text.\n\n```")),
    ("mixed-quotes", case('The "first" form.\n\n> A quotation.\n\nThe “second”.')),
    ("joined-lines", case("①　港は\n広がる。\n②　税は下がる。", lang="ja")),
    ("joined-lines", case("港:\n・広がる。\n・下がる。", lang="ja")),
    ("joined-lines", case("\u3000港は広がる。\n\u3000税は下がる。", lang="ja")),
    ("joined-lines", case("１．日時\n令和8年11月24日\n\n２．場所\n経済産業省", lang="ja")),
    ("joined-lines", case("第一条\nこの法律は、港を定める。\n第二条\n港は広がる。", lang="ja")),
    ("joined-lines", case("> ・広がる。\n> ・下がる。", lang="ja")),
    ("joined-lines", case("- 港:\n  ・広がる。\n  ・下がる。", lang="ja")),
    ("indented-text", case("Text.\n\n    港は広がる。", lang="ja")),
    ("divided-word", case("> They signed the agree-\n> ment.")),
    ("private-character", case("Text.", summary="'\uf0b7 Ports'")),
    ("three-dots", case("Ports... => and so on ...")),
    ("wrong-dash", case("At 9 am - the morning - they agreed.")),
    ("mixed-width", case("港は？ 船は? 税は？", lang="ja")),
    ("mixed-width", case("港, 船.", lang="ja")),
    ("unclosed-bracket", case('Ports (and [cranes]({{< ref "x" >}} "Cranes").')),
    ("wrong-dash", case("[https://a.example/b](https://a.example/b 'c') one -- and more")),
)
"""Further cases of rules that find something, next to similar ones of `CALM`."""

CALM: Final[dict[str, tuple[Case, ...]]] = {
    "long-summary": (case(summary="Vietnam and China have agreed on one form for all of their ports."),),
    "summary-repeated": (
        case("They have agreed.", summary="They have agreed on one form for all ports."),
        case(
            "Vietnam and China have agreed on one form. More.",
            summary="Vietnam and China have agreed on one form.",
            imported=f"{{name: a.json, format: ghost, at: 2026-07-05, sha256: {'0' * 64}, digest: {'0' * 64}}}",
        ),
    ),
    "sample-article": (case(summary=f"'{SAMPLE}'", draft="true"),),
    "language-mismatch": (
        case(f"{ENGLISH}\n\n## 経済的影響\n\n{JAPANESE}\n\n## Notes {{lang=ja}}\n\n{JAPANESE}"),
        case("A form for 東京 and 大阪, and for Hà Nội and Đà Nẵng."),
        case(
            "第二版を公開しました。次のファイルを取得してください。\n\n" + "- release archive and checksums\n" * 9,
            lang="ja",
        ),
    ),
    "country-not-named": (
        case("Exporters in Hanoi and Chinese officers agreed."),
        case("🇻🇳 and 🇨🇳 agreed."),
        case("合意した。", lang="ja", countries="[JP]"),
    ),
    "flag-disagrees": (case("🇻🇳 Vietnam and 🇨🇳 China, 🇹🇭 Thailand. 🇯🇵 Tokyo."),),
    "date-too-old": (case(date="1900-01-01"),),
    "empty-section": (
        case("## Steps\n\n### First\n\nText.\n\n## Table\n\n| a |\n| --- |\n\n## Code\n\n    code\n\n## List\n\n- one"),
        case("Text.\n\n---\n\n### Break\n\n---\n\n## More\n\nText."),
        case("## Next\n\n*   ## One\n\n    - two"),
        case("Title\n=====\n\nText."),
        case("# Policy\n\n# Version 2\n\nText.\n\n## 1.1 [Reserved]\n\n## 1.2\n\nText."),
        case("## First of all, be quick.\n\n## Then be right!"),
        case("Text.\n\n###### In *Hanoi, Vietnam*\n\n---\n\n###### In *Kunming, China*"),
    ),
    "unclosed-code": (
        case("```\n```\n\n~~~~ yaml\n```\n~~~~~~\n\n- ```\n  code\n\n  ```\n\n> ```\n> code\n> ```"),
        case("Text.\n\n```\ncode\n\n\n   ```  \n\n"),
        case("Write ``` or ~~~ before code.\n\n    ```"),
    ),
    "machine-unmarked": (
        case("AI-generated summary.", generated="{text: ai}", reviewed="{by: A. Editor}"),
        case("The law is about pictures that are generated by AI."),
    ),
    "machine-unreviewed": (
        case(generated="{summary: ai}", reviewed="{by: A. Editor}"),
        case(generated="{text: human}"),
    ),
    "open-todo": (
        case("The list of todos, `TODO` as code, “TBD” and the “TODO” list. Five tests, one FIXME, the date TBD."),
        case("- TODO\n  - one\n  - two\n\n1. TODO\n   - three"),
        case("[A TODO app](https://a.example/) and [【要確認】港](https://a.example/).\n\n## TODO\n\nA."),
    ),
    "missing-alt": (case("![A port](port.png) and `![](x.png)`"),),
    "mixed-quotes": (
        case('The "first" and the "second".'),
        case('“One” and {{< ref "x" >}} "Two") and “three”.'),
        case('“One” and \\<li class="x"> “two”.'),
        case('The "first".\n\n> “A quotation.” It’s one.\n\nThe "second".'),
        case("5' 3\" and “two”."),
    ),
    "double-space": (
        case("One.\nTwo, `a  b`\n\n| a  | b |\n| --- | --- |\n| c   | d |"),
        case("Break  \nhere. Total   15    20 and 10%  20"),
    ),
    "indented-text": (
        case("```\n\tA sentence of five words here.\n```\n\n    x = call(one, two, three)"),
        case("- a\n\n    A sentence of an item of a list."),
    ),
    "divided-word": (
        case("Short-\nand long-term, from 9-\n10 am, COVID-\n19, the A-\nLine -\nand `a-\nb`.\n\n- a -\n  b"),
    ),
    "private-character": (case("Text with ① and 😀, \u2060 and 𠮷.", summary="• Ports"),),
    "joined-lines": (
        case("・港\n\n・税\n\n① 船", lang="ja"),
        case("・港  \n・税\\\n・船", lang="ja"),
        case("港は\n・と呼ぶ。\n※2026年", lang="ja"),
        case("■ 港\n\n港が広がる。\n\n※ この港は、\n南にある。\n\n港は\n第一条の規定により広がる。", lang="ja"),
        case("```\n・a\n・b\n```"),
    ),
    "three-dots": (
        case('One… two. See `a...b` and https://example.org/a...b and ../c. The “...” and the "...".'),
        case("From a.txt...b.txt, `a`...`d`, and `splice` => ... at the end."),
    ),
    "wrong-dash": (
        case("Two – three, well-known, 3 - 2, 2019-2020.\n\n- a list\n- `a -- b`"),
        case("From 9:30 AM - 6 PM, 2 p.m. - 3 p.m."),
        case('[https://a.example/b](https://a.example/b "港 -- 省")'),
        case("データとコンピューター"),
        case("[Ports -- The ministry [1]](https://example.org/) and [港 - 省](https://example.org/)"),
        case("港の合意 - 省", lang="ja"),
    ),
    "mixed-width": (
        case("2026年に港は3つになった。", lang="ja"),
        case("２０２６年に港は３つになった。", lang="ja"),
        case("API、3つ。", lang="ja"),
        case("The bank is called 日本銀行.\n\nIts names are 日本銀行, 日銀."),
        case("港: 船: 税は? 値は：十。", lang="ja"),
        case("港: 船は? 税は?\n\n> 港, 船. １つ。\n\n10。", lang="ja"),
    ),
    "unclosed-bracket": (
        case("The ports (all eleven) agreed: 1) one, 2) two. :-)"),
        case("「一つ」と（二つ）"),
        case("「一つ目の段落。\n\n二つ目の段落。」"),
        case("The ports \\(all eleven) agreed :') (at last ;-) (indeed :))"),
        case("All [(the ports](https://example.org/) and the ships) agreed."),
        case('[Ports]({{< ref "x" >}} "Ports") and ([cranes]({{< ref "y" >}})).'),
        case("例) [ports (`a`)](https://example.org/)\n\n港(笑 の合意"),
        case("(It says “first) and 1) a (b), 2) c.\n\n**3)** d\n\n“A) e (Equation 4) f”"),
    ),
}


def example(code: str) -> Case | None:
    """Return the example of the catalogue as a case; None if a test cannot run it."""
    entry = CATALOGUE[code]
    match entry["in"]:
        case "checked text":
            return case(entry["example"])
        case "checked front matter":
            key, _, value = entry["example"].strip().partition(": ")
            return case(**{key: value})
    return None


def firing_cases() -> dict[str, Case]:
    """Return the case of each rule of texts by its code."""
    found = {code: example(code) for code in CATALOGUE if CATALOGUE[code]["in"].startswith("checked")}
    return {code: item for code, item in found.items() if item is not None} | FIRES
