"""After any sequence of changes, the site that grew step by step is the site that one clean build gives."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sitegen.builder import BuildRequest, BuildResult, BuildSession, build
from sitegen.builder.cache import CACHE
from tests.project import BARE, EVERY_PAGE, NOW, SITE, Project, feed_labels, lasting, tree

SLUGS = st.sampled_from(["alpha", "beta", "gamma", "delta"])
COUNTRIES = st.sampled_from(["[VN]", "[VN, CN]", "[JP, VN, CN]", "[]"])
TOPICS = st.sampled_from(["[trade]", "[energy]", "[energy, trade]"])
DAYS = st.sampled_from(["2026-05-31", "2026-06-01", "2026-07-03", "2026-11-23"])
BODIES = st.sampled_from(
    [
        "Text.\n",
        "Another text.\n",
        "Other.\n\n## 経済的影響\n\n影響。\n",
        "[alpha](alpha.md)\n",
        "[t](/topics/trade/)\n",
    ]
)


class Editing(RuleBasedStateMachine):
    """An editor, a theme author and a careless machine at work on one digest."""

    site = SITE

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.project = Project(self.folder / "digest")
        self.project.write(self.site)
        (self.project.root / "content").mkdir()
        for name, content in BARE.items():
            self.project.file(f"themes/bare/{name}", content)
        self.now = NOW
        self.session = BuildSession()
        self.before: dict[str, tuple[int, int, int]] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(slug=SLUGS, countries=COUNTRIES, topics=TOPICS, date=DAYS, body=BODIES, draft=st.booleans())
    def write(self, slug: str, countries: str, topics: str, date: str, body: str, *, draft: bool) -> None:
        values = {"countries": countries, "topics": topics, "date": date, "body": body}
        self.project.article(slug, **values, **({"draft": "true"} if draft else {}))

    @rule(slug=SLUGS, title=st.sampled_from(["A title", "Another", "題名"]))
    def retitle(self, slug: str, title: str) -> None:
        self.project.article(slug, title=title, date="2026-06-15")

    @rule(slug=SLUGS)
    def delete(self, slug: str) -> None:
        (self.project.root / f"content/articles/2026/07/{slug}.md").unlink(missing_ok=True)

    @rule(slug=SLUGS, other=SLUGS)
    def rename(self, slug: str, other: str) -> None:
        file = self.project.root / f"content/articles/2026/07/{slug}.md"
        if file.exists():
            file.replace(file.with_name(f"{other}.md"))

    @rule(title=st.sampled_from(["Test digest", "Renamed"]), locales=st.sampled_from(["[en]", "[en, ja]", "[ja]"]))
    def configure(self, title: str, locales: str) -> None:
        text = self.site.split("-- site.yaml --\n")[1]
        text = text.replace("Test digest", title).replace("locales: [en]", f"locales: {locales}")
        self.project.file("site.yaml", text)

    @rule(mark=st.sampled_from(["", "<!-- a -->", "<p>{{ label('count', 2) }}</p>"]))
    def edit_template(self, mark: str) -> None:
        name = "templates/base.html"
        self.project.file(f"themes/bare/{name}", BARE[name].replace("<body>", f"<body>{mark}"))

    @rule(colour=st.sampled_from(["red", "blue"]))
    def edit_stylesheet(self, colour: str) -> None:
        self.project.file("themes/bare/static/site.css", f"body {{ color: {colour} }}\n")

    @rule(word=st.sampled_from(["article", "piece"]))
    def edit_word(self, word: str) -> None:
        words = f'count: {{one: "1 {word}", other: "{{count}} {word}s"}}\n' + feed_labels("en")
        self.project.file("themes/bare/locale/en.yaml", words)

    @rule(days=st.sampled_from([-180, -1, 1, 30]))
    def let_time_pass(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(what=st.sampled_from(["cache", "manifest", "output"]))
    def lose(self, what: str) -> None:
        output = self.project.root / "output"
        if what == "output":
            shutil.rmtree(output, ignore_errors=True)
        elif what == "cache":
            (output / CACHE).unlink(missing_ok=True)

    @rule()
    def forget_what_changed(self) -> None:
        self.before = {}

    @rule(number=st.integers(0, 1000), how=st.sampled_from(["edit", "delete"]))
    def alter(self, number: int, how: str) -> None:
        files = sorted(file for file in (self.project.root / "output/site").rglob("*") if file.is_file())
        if files and how == "edit":
            files[number % len(files)].write_bytes(b"altered")
        elif files:
            files[number % len(files)].unlink()

    @invariant()
    def incremental_equals_clean(self) -> None:
        incremental = self.project.build(now=self.now)
        clean = build(BuildRequest(self.project.root, self.now, output=self.folder / "clean", jobs=1, allow_empty=True))
        assert (incremental.ok, lasting(incremental)) == (clean.ok, lasting(clean))
        if incremental.ok:
            assert self.project.tree() == tree(clean.site)
            assert self.project.build(now=self.now).counts.written == ()
        self.session_equals_clean(clean)
        shutil.rmtree(self.folder / "clean", ignore_errors=True)

    def session_equals_clean(self, clean: BuildResult) -> None:
        """Build in a session that is given the changed paths: its site is the same."""
        sources = self.sources()
        known, changed = bool(self.before), {path for path, _ in sources.items() ^ self.before.items()}
        self.session.touch(frozenset(changed) if known else frozenset())
        request = BuildRequest(self.project.root, self.now, output=self.folder / "kept", jobs=1, allow_empty=True)
        kept = build(request, session=self.session)
        self.before = sources
        assert (kept.ok, lasting(kept)) == (clean.ok, lasting(clean))
        if kept.ok:
            assert tree(kept.site) == tree(clean.site)

    def sources(self) -> dict[str, tuple[int, int, int]]:
        """Return a stamp of every source by its path in the project."""
        root, found = self.project.root, {}
        for file in (root / "site.yaml", *(root / "content").rglob("*.md"), *(root / "themes").rglob("*.*")):
            status = file.stat()
            found[file.relative_to(root).as_posix()] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return found


VALUES = st.sampled_from(
    [
        *(("draft", "true"), ("expire", "2026-11-30"), ("publish", "2026-11-23"), ("updated", "2026-11-24")),
        *(("importance", "5"), ("summary", "Another summary."), ("lang", "ja"), ("aliases", "[/old/]")),
        ("source", "{name: 日本経済新聞, url: 'https://paper.example/', lang: ja}"),
        ("corrections", "[{at: 2026-11-22, text: A number.}, {at: 2026-11-25, text: A name.}]"),
        ("upcoming", "[{at: 2026-11-24, text: A vote}, {at: 2027-01, text: 協議}]"),
        ("generated", "{summary: ai, analysis: ai}"),
        ("reviewed", "{by: A Person, at: 2026-11-24}"),
        ("follows", "/articles/2026/07/alpha.md"),
        ("follows", "/articles/2026/07/beta.md"),
    ]
)
OTHERS = st.sampled_from(
    [
        (
            "content/pages/about.md",
            "---\nlang: en\ntitle: About\nsummary: S\n---\nSee [alpha](/articles/2026/07/alpha.md).\n",
        ),
        ("content/pages/about.md", "---\nlang: ja\ntitle: 概要\nsummary: S\n---\n本文。\n"),
        ("content/pages/about.ja.md", "---\ntitle: 概要\nsummary: 要約\n---\n本文。\n"),
        ("content/editions/2026-07-03.md", "---\nlang: en\ntitle: Today\n---\nThe same words.\n"),
        ("content/editions/2026-06-01.md", "---\nlang: en\n---\nThe same words.\n"),
        ("content/issues/2026-w27.md", "---\nlang: en\ntitle: A week\n---\nThe same words.\n"),
        ("content/calendar.yaml", "- {at: 2026-11-26, text: {en: A day, ja: 日}, topic: trade, added: 2026-11-20}\n"),
        ("content/calendar.yaml", "- {at: 2026-11-24, text: A month, countries: [VN], added: 2026-11-23}\n"),
    ]
)


class EditingEverything(Editing):
    """The same with the default theme, the search, and all that an article and the files next to it can have."""

    site = f"{SITE.replace('bare', 'default').replace('search: false', 'edition: {}')}{EVERY_PAGE}\n"

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, dict[str, str]] = {}
        days = {"alpha": "2026-05-31", "beta": "2026-07-02", "gamma": "2026-07-03", "delta": "2026-11-22"}
        for slug, date in days.items():
            self.values[slug] = {"date": date}
            self.project.article(slug, date=date, countries="[JP, VN]", body="Text.\n\n## 経済的影響\n\n影響。\n")

    @rule(slug=SLUGS, value=VALUES, is_kept=st.booleans())
    def change_value(self, slug: str, value: tuple[str, str], *, is_kept: bool) -> None:
        kept = self.values[slug]
        kept.pop(value[0], None)
        self.project.article(slug, **kept | dict([value]))
        if is_kept:
            kept[value[0]] = value[1]

    @rule(slug=SLUGS, body=BODIES, title=st.sampled_from(["題名", "別の題"]))
    def translate(self, slug: str, body: str, title: str) -> None:
        if not (self.project.root / f"content/articles/2026/07/{slug}.md").exists():
            return
        lang = "en" if "lang" in self.values[slug] else "ja"
        text = f"---\nid: {slug.ljust(8, '0')}\ntitle: {title}\nsummary: 要約。\n---\n\n{body}"
        self.project.file(f"content/articles/2026/07/{slug}.{lang}.md", text)

    @rule(slug=SLUGS, is_whole=st.booleans())
    def delete_translations(self, slug: str, *, is_whole: bool) -> None:
        if is_whole:
            self.delete(slug)
        for file in (self.project.root / "content/articles/2026/07").glob(f"{slug}.*.md"):
            file.unlink()

    @rule(other=OTHERS)
    def write_other(self, other: tuple[str, str]) -> None:
        if other[0] != "content/pages/about.ja.md" or (self.project.root / "content/pages/about.md").exists():
            self.project.file(*other)

    @rule(other=OTHERS)
    def delete_other(self, other: tuple[str, str]) -> None:
        (self.project.root / other[0]).unlink(missing_ok=True)


class TestEditing(Editing.TestCase):  # type: ignore[valid-type,misc]  # made as it runs
    settings = settings(max_examples=4, stateful_step_count=12, deadline=None, derandomize=True)


@pytest.mark.slow
class TestEditingAtLength(Editing.TestCase):  # type: ignore[valid-type,misc]
    settings = settings(max_examples=60, stateful_step_count=30, deadline=None, derandomize=True)


@pytest.mark.slow
class TestEditingEverything(EditingEverything.TestCase):  # type: ignore[valid-type,misc]
    settings = settings(max_examples=20, stateful_step_count=30, deadline=None, derandomize=True)
