"""Errors of article files: encoding, names, links."""

import os
from collections.abc import Callable
from socket import AF_UNIX, socket

import pytest

from sitegen.diagnostics import ExternalError
from tests.diagnostics.cases import VALID, BuiltDigest, Expected, X
from tests.project import Project, article, codes, only

ARTICLE = article().encode()
CONFLICT = "<<<<<<< HEAD\nOne\n=======\nTwo\n>>>>>>> other\n"

BYTES: dict[str, tuple[bytes, Expected]] = {
    "not UTF-8": (article(title="caf").encode().replace(b"caf", b"caf\xe9"), Expected("not-utf-8", 3, 11, "0xe9")),
    "not UTF-8 behind Japanese": (
        article(title="日本語X").encode().replace("語X".encode(), "語".encode() + b"\xff"),
        Expected("not-utf-8", 3, 11, "byte 0xff is not UTF-8"),
    ),
    "half a character at the end": (ARTICLE + "語".encode()[:2], Expected("not-utf-8", 14, 1, "0xe8")),
    "UTF-16": (article().encode("utf-16-le"), Expected("no-front-matter", 1, 1, "no front matter")),
    "UTF-16 with its mark": (article().encode("utf-16"), Expected("not-utf-8", 1, 1, "byte 0xff is not UTF-8")),
    "Shift JIS": (
        article(title="日本").encode("shift-jis"),
        Expected("not-utf-8", 3, 8, "byte 0x93 is not UTF-8"),
    ),
    "NUL": (article(body="a\0b\n").encode(), Expected("control-character", 13, 2, "U+0000")),
    "NUL behind Japanese": (article(title="日本\0").encode(), Expected("control-character", 3, 10, "U+0000")),
    "terminal escape": (article(body="\x1b[31mred\n").encode(), Expected("control-character", 13, 1, "U+001B")),
    "form feed": (article(body="Text\n\f\n").encode(), Expected("control-character", 14, 1, "U+000C")),
    "C1 control": (article(body="a\x85b\n").encode(), Expected("control-character", 13, 2, "U+0085")),
    "line separator": (article(body="a\u2028b\n").encode(), Expected("control-character", 13, 2, "U+2028")),
    "no character": (article(body="\ufffe\n").encode(), Expected("control-character", 13, 1, "U+FFFE")),
    "conflict of git in the text": (
        article(body=f"Text\n{CONFLICT}").encode(),
        Expected("merge-conflict", 14, 1, "git"),
    ),
    "conflict of git in the front matter": (
        ARTICLE.replace(b"---\n", f"---\n{CONFLICT}".encode(), 1).replace(b"\n", b"\r\n"),
        Expected("merge-conflict", 2, 1, "git"),
    ),
    "CRLF, and a mistake": (
        article(importance="6").replace("\n", "\r\n").encode(),
        Expected("out-of-range", 8, 13, "'6'; expected"),
    ),
    "CRLF, and a dead link": (
        article(body="One\ntwo\n[x](no.md)\n").replace("\n", "\r\n").encode(),
        Expected("dead-link", 15, 5, "no.md"),
    ),
    "byte order mark, and a mistake": (
        b"\xef\xbb\xbf" + article(id="X").encode(),
        Expected("bad-id", 2, 5, "'X'"),
    ),
}
BYTES["UTF-16"] = (article().encode("utf-16-le"), Expected("control-character", 1, 2, "U+0000"))


@pytest.mark.parametrize(("data", "expect"), BYTES.values(), ids=BYTES)
def test_invalid_bytes(digest: BuiltDigest, data: bytes, expect: Expected) -> None:
    digest.project.file(X, data)
    result = digest.assert_rejected()
    expect.matches(result.diagnostics[0])
    assert {item.code for item in result.diagnostics} == {expect.code}


FINE = {
    "byte order mark": b"\xef\xbb\xbf" + ARTICLE,
    "CRLF": ARTICLE.replace(b"\n", b"\r\n"),
    "CR alone": ARTICLE.replace(b"\n", b"\r"),
    "blanks behind the fences": ARTICLE.replace(b"---\n", b"---  \n"),
    "no newline at the end": ARTICLE.rstrip(),
    "emoji and Japanese": article(title="🇻🇳 日本語 👩‍👩‍👧", body="絵文字 🎌\n").encode(),
}


@pytest.mark.parametrize("data", FINE.values(), ids=FINE)
def test_valid_bytes(digest: BuiltDigest, data: bytes) -> None:
    digest.project.file(X, data)
    digest.assert_accepted()
    assert "<h1>" in digest.project.page("articles/x/index.html")


def _folder(project: Project) -> None:
    (project.root / X).mkdir()


def _folder_with_article(project: Project) -> None:
    project.file(f"{X}/inner.md", article())


def _outside(project: Project) -> None:
    secret = project.root.parent / "secret.md"
    secret.write_text(article(), encoding="utf-8")
    (project.root / X).symlink_to(secret)


def _outside_by_steps(project: Project) -> None:
    secret = project.root.parent / "secret.md"
    secret.write_text(article(), encoding="utf-8")
    (project.root / "content" / "step").symlink_to("../../secret.md")
    (project.root / X).symlink_to("../../../step")


def _folder_outside(project: Project) -> None:
    outside = project.root.parent / "elsewhere"
    outside.mkdir()
    (outside / "x.md").write_text(article(), encoding="utf-8")
    (project.root / "content/articles/2026/08").symlink_to(outside)


def _dead(project: Project) -> None:
    (project.root / X).symlink_to("gone.md")


def _to_itself(project: Project) -> None:
    (project.root / X).symlink_to("x.md")


def _to_each_other(project: Project) -> None:
    (project.root / X).symlink_to("y.md")
    (project.root / "content/articles/2026/07/y.md").symlink_to("x.md")


def _loop(project: Project) -> None:
    (project.root / "content/articles/2026/07/up").symlink_to("..")


def _pipe(project: Project) -> None:
    os.mkfifo(project.root / X)


def _large(project: Project) -> None:
    project.file(X, article() + "a" * (2 * 1024 * 1024))


STEP = "content/step"
PLACES: dict[str, tuple[Callable[[Project], None], list[tuple[str, str, str]]]] = {
    "a folder": (_folder, [("not-a-file", X, "a folder is named like an article; expected a file")]),
    "a folder with an article": (_folder_with_article, [("not-a-file", X, "expected a file")]),
    "a link out": (_outside, [("symlink-outside", X, "out of the folder content/")]),
    "a link out, by steps": (
        _outside_by_steps,
        [("symlink-outside", X, "out of the folder content/"), ("symlink-outside", STEP, "out of the folder content/")],
    ),
    "a folder outside": (
        _folder_outside,
        [("symlink-outside", "content/articles/2026/08", "out of the folder content/")],
    ),
    "a dead link": (_dead, [("dead-symlink", X, "broken or circular symbolic link")]),
    "a link to itself": (_to_itself, [("dead-symlink", X, "circular")]),
    "two links to each other": (
        _to_each_other,
        [("dead-symlink", X, "circular"), ("dead-symlink", "content/articles/2026/07/y.md", "circular")],
    ),
    "a folder in itself": (_loop, [("symlink-loop", "content/articles/2026/07/up", "a folder above it")]),
    "a pipe": (_pipe, [("not-a-file", X, "expected a regular file or a folder")]),
    "over 2 MiB": (_large, [("file-too-large", X, "expected at most 2,097,152")]),
}


@pytest.mark.parametrize(("make", "expected"), PLACES.values(), ids=PLACES)
def test_a_file_that_is_none(
    digest: BuiltDigest, make: Callable[[Project], None], expected: list[tuple[str, str, str]]
) -> None:
    make(digest.project)
    found = digest.assert_rejected().diagnostics
    assert [(item.code, item.location.path) for item in found] == [(code, path) for code, path, _ in expected]
    assert all(message in item.message for item, (_, _, message) in zip(found, expected, strict=True))


def _config_pipe(project: Project) -> None:
    (project.root / "site.yaml").unlink()
    os.mkfifo(project.root / "site.yaml")


def _config_folder(project: Project) -> None:
    (project.root / "site.yaml").unlink()
    (project.root / "site.yaml").mkdir()


def _config_device(project: Project) -> None:
    (project.root / "site.yaml").unlink()
    (project.root / "site.yaml").symlink_to("/dev/zero")


def _config_socket(project: Project) -> None:
    (project.root / "site.yaml").unlink()
    folder = os.open(project.root, os.O_RDONLY)
    with socket(AF_UNIX) as server:
        server.bind(f"/proc/self/fd/{folder}/site.yaml")  # the path of a socket may have 107 bytes
    os.close(folder)


def _config_large(project: Project) -> None:
    os.truncate(project.root / "site.yaml", 2_500_000_000)


def _template_pipe(project: Project) -> None:
    os.mkfifo(project.root / "themes/bare/templates/pipe.html")


def _style_large(project: Project) -> None:
    os.truncate(project.root / "themes/bare/static/site.css", 1_500_000_000)


def _picture_large(project: Project) -> None:
    os.truncate(project.file("content/large.png", b"\x89PNG"), 1_500_000_000)
    project.file(X, article(body="![A chart](../../../large.png)\n"))


UNREADABLE: dict[str, tuple[Callable[[Project], None], str, str, str]] = {
    "a pipe as site.yaml": (_config_pipe, "not-a-file", "site.yaml", "not a regular file"),
    "a folder as site.yaml": (_config_folder, "not-a-file", "site.yaml", "not a regular file"),
    "a device as site.yaml": (_config_device, "not-a-file", "site.yaml", "not a regular file"),
    "a socket as site.yaml": (_config_socket, "not-a-file", "site.yaml", "not a regular file"),
    "a large site.yaml": (
        _config_large,
        "file-too-large",
        "site.yaml",
        "2,500,000,000 bytes; expected at most 1,000,000",
    ),
    "a pipe in a theme": (_template_pipe, "not-a-file", "themes/bare/templates/pipe.html", "not a regular file"),
    "a large style sheet": (_style_large, "file-too-large", "themes/bare/static/site.css", "at most 100,000,000"),
    "a large picture": (_picture_large, "file-too-large", "content/large.png", "at most 100,000,000"),
}


@pytest.mark.parametrize(("make", "code", "path", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_not_read(
    digest: BuiltDigest, make: Callable[[Project], None], code: str, path: str, message: str
) -> None:
    make(digest.project)
    digest.assert_errors(Expected(code, 0, 0, message, path=path))


def test_a_configuration_that_cannot_be_read_is_not_missing(digest: BuiltDigest) -> None:
    config = digest.project.root / "site.yaml"
    config.unlink()
    config.symlink_to("site.yaml")
    with pytest.raises(ExternalError, match=r"cannot read site\.yaml: Too many levels of symbolic links"):
        digest.build()
    config.unlink()
    digest.assert_errors(Expected("config-missing", 0, 0, "there is no site.yaml", path="site.yaml"))


def test_a_large_file_that_no_article_uses_is_not_read(digest: BuiltDigest) -> None:
    os.truncate(digest.project.file("content/large.png", b"\x89PNG"), 1_500_000_000)
    digest.assert_accepted()


def test_a_link_inside_the_project_is_followed(digest: BuiltDigest) -> None:
    digest.project.file("content/shared.txt", article())
    (digest.project.root / X).symlink_to("../../../shared.txt")
    digest.assert_accepted()
    assert "<h1>A title</h1>" in digest.project.page("articles/x/index.html")


def test_backup_files_of_editors_are_ignored(digest: BuiltDigest) -> None:
    for name in (".x.md.swp", "x.md~", "#x.md#", ".#x.md"):
        digest.project.file(f"content/articles/2026/07/{name}", "half")
    digest.assert_accepted()


NAMES = {
    "a blank": ("a b.md", "contains ' '", "a-b.md"),
    "capitals": ("Vietnam.md", "has upper-case letters", "vietnam.md"),
    "an underscore": ("a_b.md", "contains '_'", "a-b.md"),
    "a dot": ("v1.2.md", "contains '.'", "v1-2.md"),
    "a terminal escape": ("a\x1b[31mb.md", "contains '\\x1b'", "a-31mb.md"),
    "a newline": ("a\nb.md", "contains '\\n'", "a-b.md"),
    "a device of Windows": ("aux.md", "Windows reserves", None),
    "markup": ("<script>.md", "contains '<'", "script.md"),
}


@pytest.mark.parametrize(("name", "message", "near"), NAMES.values(), ids=NAMES)
def test_a_name_that_cannot_be_a_slug(digest: BuiltDigest, name: str, message: str, near: str | None) -> None:
    path = f"content/articles/2026/07/{name}"
    digest.project.file(path, article())
    digest.assert_errors(Expected("bad-slug", 1, 0, message, near, path=path))


def test_a_name_that_is_not_utf_8(digest: BuiltDigest) -> None:
    name = os.fsdecode(b"caf\xe9.md")
    digest.project.file(f"content/articles/2026/07/{name}", article())
    result = digest.assert_rejected()
    assert [(item.code, item.location.path) for item in result.diagnostics] == [
        ("bad-name", "content/articles/2026/07/caf\N{REPLACEMENT CHARACTER}.md")
    ]


@pytest.mark.parametrize("name", ["static/caf\udce9.css", "templates/caf\udce9.html", "locale/caf\udce9.yaml"])
def test_a_name_in_a_theme_that_is_not_utf_8(digest: BuiltDigest, name: str) -> None:
    digest.project.file(f"themes/bare/{name}", "")
    result = digest.assert_rejected()
    shown = name.replace("\udce9", "\N{REPLACEMENT CHARACTER}")
    assert [(item.code, item.location.path) for item in result.diagnostics] == [("bad-name", f"themes/bare/{shown}")]


def test_a_folder_of_a_theme_whose_name_is_not_utf_8(digest: BuiltDigest) -> None:
    digest.project.file("themes/bare/static\udce9/a.css", "")
    for _ in range(2):  # the second build has the warning from the cache
        result = digest.build()
        assert result.ok
        assert [(item.code, item.location.path) for item in result.diagnostics] == [
            ("not-read", "themes/bare/static\N{REPLACEMENT CHARACTER}")
        ]
        digest.project.article("another")


def test_two_names_that_differ_by_unicode_form_alone_are_not_one_article(digest: BuiltDigest) -> None:
    """Both files are there on Linux; passing one over would lose an article without a word."""
    digest.project.file("content/articles/2026/07/caf\u00e9.md", article(id="composed-0001"))
    digest.project.file("content/articles/2026/07/cafe\u0301.md", article(id="decomposed-01"))
    result = digest.assert_rejected()
    assert all("caf" in item.location.path for item in result.diagnostics)


def test_a_markdown_file_next_to_the_articles_is_a_warning(digest: BuiltDigest) -> None:
    digest.project.file("content/about.md", "# About\n")
    result = digest.build()
    assert result.ok
    assert codes(result) == ["not-read"]
    assert result.diagnostics[0].location.path == "content/about.md"
    assert digest.project.build(strict=True).ok is False


@pytest.mark.parametrize(("name", "near"), [("edition", "content/editions"), ("notes", None)])
def test_a_folder_with_a_slip_in_its_name_is_named(digest: BuiltDigest, name: str, near: str | None) -> None:
    digest.project.file(f"content/{name}/2026-07-03.md", "---\nlang: en\n---\n\nA text.\n")
    assert only(digest.build(), "not-read").suggestion == near


def test_an_article_without_a_name_is_a_warning(digest: BuiltDigest) -> None:
    digest.project.file("content/articles/2026/07/.md", article())
    (problem,) = digest.build().diagnostics
    assert (problem.code, problem.location.path) == ("not-read", "content/articles/2026/07/.md")
    assert "no name" in problem.message


def test_files_with_another_ending_are_a_warning(digest: BuiltDigest) -> None:
    folder = "content/articles/2026/07"
    for name in ("b.markdown", "c.mkd", "d.mdx", "E.MD", "f.txt", "g.docx", "h.html", "linked.txt"):
        digest.project.file(f"{folder}/{name}", article())
    digest.project.file(X, article(body="[a](linked.txt)\n"))
    result = digest.build()
    assert result.ok
    assert [(item.code, item.location.path, item.hint) for item in result.diagnostics] == [
        ("not-read", f"{folder}/E.MD", "rename it to E.md"),
        ("not-read", f"{folder}/b.markdown", "rename it to b.md"),
        ("not-read", f"{folder}/c.mkd", "rename it to c.md"),
        ("not-read", f"{folder}/d.mdx", "rename it to d.md"),
        ("not-read", f"{folder}/f.txt", "write it as Markdown if it is an article"),
        ("not-read", f"{folder}/g.docx", "write it as Markdown if it is an article"),
        ("not-read", f"{folder}/h.html", "write it as Markdown if it is an article"),
    ]


@pytest.mark.parametrize("target", ["../../../../.env", "../../../../site.yaml", "../../../.hidden/secret"])
def test_a_link_to_a_hidden_file_or_out_of_the_content_folder(digest: BuiltDigest, target: str) -> None:
    digest.project.file(".env", "TOKEN=secret\n")
    digest.project.file("content/.hidden/secret", "TOKEN=secret\n")
    link = digest.project.root / X.replace("x.md", "s.txt")
    link.symlink_to(target)
    digest.project.file(X, article(body="[a](s.txt)\n"))
    result = digest.assert_rejected()
    assert "symlink-outside" in codes(result)


def test_hidden_files_are_not_published(digest: BuiltDigest) -> None:
    digest.project.file("content/articles/2026/07/.env", "TOKEN=secret\n")
    digest.project.file(X, article(body="[a](.env)\n"))
    digest.assert_errors(Expected("dead-link", 13, None, "there is no file 'content/articles/2026/07/.env'"))


def test_a_published_article_can_be_broken_and_fixed(digest: BuiltDigest) -> None:
    file = digest.project.root / VALID
    good = file.read_bytes()
    file.write_bytes(b"")
    digest.assert_rejected()
    file.write_bytes(good)
    result = digest.assert_accepted()
    assert result.counts.written == ()
    assert result.counts.removed == ()
