"""Converts daily editions to items of feeds."""

from collections.abc import Iterator
from datetime import datetime

from markupsafe import Markup, escape

from sitegen.outputs import texts, views
from sitegen.outputs.editions import EditionContent
from sitegen.outputs.feed_items import FeedItem, author_label, block_attributes, disclosed, shown_title_note, text_html
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.model import last_modified
from sitegen.theme.messages import Translator, format_day


def edition_time(builder: ViewBuilder, content: EditionContent) -> datetime:
    """Return the time at which the newest of the articles of an edition was published or updated."""
    return max(last_modified(article) for article in builder.articles(content.articles))


def edition_feed_item(builder: ViewBuilder, content: EditionContent) -> FeedItem:
    """Return the item of an edition; the id is the same in all locales."""
    labels, urls = builder.labels(), builder.urls
    introduction = texts.introduction(builder, content.introduction, absolute=True)
    articles = builder.articles(content.articles)
    published, changed = min(article.published for article in articles), edition_time(builder, content)
    date = labels.label("edition", date=format_day(content.day, "long", builder.date_locale(labels.tag)))
    summary = labels.label("comma").join(
        _marked(item.title, author_label(item.machine_title, "reviewed" if item.reviewed else None), labels)
        for item in builder.summaries(content.articles)
    )
    if introduction is not None:
        first, written = introduction.sections[:1], introduction.authorship
        authors = {"title": next((item.author for item in written if introduction.title and "title" in item.parts), "")}
        if first and first[0].excerpt:
            summary, authors["summary"] = first[0].excerpt, first[0].author
        summary = disclosed(summary, authors, labels, written[0].reviewer if written else None)
    return FeedItem(
        guid=f"tag:{builder.config.tag_authority}:editions/{content.day}",
        title=f"{date}{labels.label('colon')}{introduction.title}" if introduction and introduction.title else date,
        url=urls.absolute(urls.edition(content.day)),
        published=published,
        updated=changed if changed > published else None,
        lang=builder.locale,
        creator=builder.config.title.get(builder.locale),
        summary=summary,
        html="".join(
            [
                *_introduction_html(introduction, builder),
                *_articles_html(content, builder),
                *_changes_html(content, builder),
                *_watch_html(introduction, builder),
            ]
        ),
    )


def _marked(name: str, kind: str, labels: Translator) -> str:
    """Return a name with the mark of a machine; `kind` is that of `author_label`."""
    return labels.label(f"{kind}_reading", name=name) if kind else name


def _introduction_html(introduction: views.Introduction | None, builder: ViewBuilder) -> Iterator[str]:
    """Yield the introduction in its language, and below it who wrote it if a machine did."""
    if introduction is None:
        return
    labels = builder.labels()
    yield Markup("<div {}>\n").format(block_attributes(introduction.lang))
    yield text_html(introduction.sections)  # HTML of the Markdown parser
    for item in introduction.authorship:
        names = labels.label("comma").join(labels.label(part) for part in item.parts)
        note = labels.html("machine" if item.author == "ai" else "mixed", parts=names)
        if item.reviewer:
            note += labels.html("space") + labels.html("reviewed", name=item.reviewer)
        yield Markup("<p>{}</p>\n").format(note)
    yield "</div>\n"


def _articles_html(content: EditionContent, builder: ViewBuilder) -> Iterator[str]:
    """Yield the title and the summary of each article, and the first sentences of two perspectives if it has them."""
    readings, labels = texts.readings(builder, content.leads), builder.labels()
    for article, summary in zip(builder.articles(content.articles), builder.summaries(content.articles), strict=True):
        version = article.localized(builder.locale)
        authors = version.authors(article.original)
        text = disclosed(summary.summary, authors, builder.labels(summary.lang), version.reviewer)
        attributes = block_attributes(summary.lang)
        yield Markup('<h3 {}><a href="{}">{}</a></h3>\n<p {}>{}</p>\n').format(
            attributes, builder.origin + summary.href, summary.title, attributes, text
        )
        for section in readings.get(summary.href, ()):
            name = _marked(section.name, author_label(section.author, section.reviewer), labels)
            yield Markup('<p><strong>{}</strong>{}<span lang="{}">{}</span></p>\n').format(
                name, labels.label("colon"), section.lang, section.excerpt
            )


def _changes_html(content: EditionContent, builder: ViewBuilder) -> Iterator[str]:
    """Yield the corrections and updates of earlier articles; several corrections of one are below its title."""
    changed = dict.fromkeys((*(item.article for item in content.corrections), *content.updated))
    labels = builder.labels()
    if changed:
        yield Markup("<h3>{}</h3>\n<ul>\n").format(labels.label("changed"))
        for key in changed:
            article = builder.summary(builder.article(key))
            link = Markup('<a href="{}" lang="{}">{}</a>')
            yield Markup("<li>") + link.format(builder.origin + article.href, article.lang, article.title)
            corrections = [builder.correction(item) for item in content.corrections if item.article == key]
            if corrections:
                texts = [Markup('<span lang="{}">{}</span>').format(view.lang, view.text) for view in corrections]
                yield labels.label("colon") + Markup("<br>\n").join(texts)
            note = shown_title_note(builder, key)
            if note:
                yield Markup('<br>\n<span lang="{}">{}</span>').format(builder.labels(article.lang).tag, note)
            yield "</li>\n"
        yield "</ul>\n"


def _watch_html(introduction: views.Introduction | None, builder: ViewBuilder) -> Iterator[str]:
    """Yield what to watch next."""
    labels = builder.labels()
    if introduction is not None and introduction.watch:
        yield Markup("<h3>{}</h3>\n<ul>\n").format(labels.label("watch"))
        for item in introduction.watch:
            yield "<li>"
            if item.date is not None:
                yield escape(format_day(item.date, "long", builder.date_locale(labels.tag)) + labels.label("colon"))
            if item.url:
                yield Markup('<a href="{}" lang="{}">{}</a>').format(item.url, item.lang, item.text)
            else:
                yield Markup('<span lang="{}">{}</span>').format(item.lang, item.text)
            yield "</li>\n"
        yield "</ul>\n"
