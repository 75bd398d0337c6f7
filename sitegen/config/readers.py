"""Readers that `site.yaml` and content share: texts in one or more languages, and who wrote which part."""

from typing import Final

from sitegen.config.model import LocalizedText
from sitegen.yaml_source.nodes import Mapping, Node, Scalar
from sitegen.yaml_source.reader import MappingReader, fold_spaces, is_language

TEXT_PARTS: Final = ("title", "summary", "text", "analysis")
GENERATED_PARTS: Final = (*TEXT_PARTS, "translation")
AUTHORS: Final = ("ai", "human", "mixed")


def read_authors(fields: MappingReader) -> tuple[tuple[str, str], ...]:
    """Return the parts in `generated` with the author of each."""
    inner = fields.fields("generated", hint="generated: {summary: ai, analysis: ai}")
    if inner is None:
        return ()
    authors = [(part, inner.choice(part, AUTHORS)) for part in GENERATED_PARTS]
    return tuple((part, author) for part, author in authors if author is not None)


def read_sentence(fields: MappingReader, language: str, limit: int, *, hint: str, long: str) -> LocalizedText:
    """Return the required `text` as `read_localized` does, or no text if one has more than `limit` characters.

    `hint` is for a missing text, `long` for one that is too long.
    """
    node = fields.node("text", required=True, hint=hint)
    text = LocalizedText(()) if node is None else read_localized(fields, "text", node, language)
    for _, value in text.texts:
        if len(value) > limit:
            message = f"'text' has {len(value):,} characters; expected at most {limit:,}"
            fields.error("too-long", fields.location_of("text"), message, hint=long)
    return text if all(0 < len(value) <= limit for _, value in text.texts) else LocalizedText(())


def read_localized(fields: MappingReader, key: str, node: Node, language: str) -> LocalizedText:
    """Return the text of `key`: a mapping of languages to texts, or one text in `language`.

    Errors are reported by `fields`; what is not valid is left out.
    """
    if isinstance(node, Scalar):
        text = fold_spaces(node.value)
        if not text:
            fields.error("missing-key", node.location, f"{key!r} is empty")
        return LocalizedText(((language, text),))
    if not isinstance(node, Mapping):
        fields.wrong_type(key, node, "text, or a mapping of languages to texts")
        return LocalizedText(())
    texts = []
    if not node.pairs:
        fields.error("missing-key", node.location, f"{key!r} is empty")
    for tag, value in node.pairs:
        if not is_language(tag.value):
            message = f"{tag.value!r} is not a language tag such as en or ja"
            fields.error("bad-language", tag.location, message)
        elif not isinstance(value, Scalar):
            fields.wrong_type(f"{key}.{tag.value}", value, "text")
        elif value.is_null or not value.value.strip():
            fields.error("missing-key", tag.location, f"'{key}.{tag.value}' is empty")
        else:
            fields.warn_of_language(tag.value, tag.location)
            texts.append((tag.value, fold_spaces(value.value)))
    return LocalizedText(tuple(texts))
