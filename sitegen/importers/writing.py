"""Writes the files of an imported article: its own, those of its translations, and its pictures."""

from pathlib import Path

from sitegen.diagnostics import SourceLocation
from sitegen.importers.existing import article_file
from sitegen.importers.report import ImportReport, Outcome
from sitegen.util.atomic_write import atomic_write
from sitegen.util.paths import CONTENT_ROOT


def write_article(root: Path, article: ImportReport) -> ImportReport:
    """Write the files of an article into the project; return its report, refused if the system refuses a file."""
    if article.file is None or not article.values:
        return article
    target = article.file
    try:
        for target, source in article.pictures:
            picture = root / CONTENT_ROOT / target
            if not picture.exists():
                picture.parent.mkdir(parents=True, exist_ok=True)
                atomic_write(picture, source.read_bytes())
        target = article.file
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        data = article_file(article.values, article.body, article.sha256, has_kept_values=article.has_kept_values)
        if article.outcome is not Outcome.CONFLICT or _bytes_of(root / target) != data:
            atomic_write(root / target, data)
        for target, data in article.files:
            file = root / target
            if _bytes_of(file) not in {None, data}:  # it may have been edited
                file = root / f"{target}.new"
                message = "the input has another version of this translation; the file is kept, and the new one is "
                hint = f"sitegen import --diff {target}.new shows it, --accept {target}.new replaces the file by it"
                where = SourceLocation(target, 1)
                article = article.warned("import-conflict", f"{message}{target}.new", hint, location=where)
            atomic_write(file, data)
    except OSError as error:
        message = f"cannot write the file: {error.strerror or error}"
        return article.failed("write-failed", message, location=SourceLocation(target))
    return article


def _bytes_of(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None
