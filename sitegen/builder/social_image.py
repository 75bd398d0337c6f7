"""The social image of the site, which networks show with a link to it."""

from typing import Final

from sitegen.builder.scan import ScanResult
from sitegen.config.model import SOCIAL_IMAGE_SIZE, SocialImage
from sitegen.diagnostics import Diagnostics, SourceLocation, closest_match
from sitegen.util.paths import CONFIG_NAME, CONTENT_ROOT, read_bytes
from sitegen.util.pictures import PNG, picture_size

_MAX_CANDIDATES: Final = 300


def read_png_size(
    card: SocialImage | None, location: SourceLocation | None, scan: ScanResult, diagnostics: Diagnostics
) -> tuple[int, int] | None:
    """Return width and height of the social image in pixels, or None without a valid PNG image.

    Raises ExternalError for a file that cannot be read.
    """
    if card is None:
        return None
    location = location or SourceLocation(CONFIG_NAME)
    if not card.file.startswith(f"{CONTENT_ROOT}/") or not card.file.endswith(".png"):
        message = f"'card.file' is {card.file!r}; expected a PNG in content/"
        diagnostics.error("bad-card", location, message, hint="file: content/card.png")
        return None
    if card.file not in scan.files:
        near = closest_match(card.file, [file for file in scan.files if file.endswith(".png")][:_MAX_CANDIDATES])
        diagnostics.error("no-card", location, f"there is no file {card.file}", near=near)
        return None
    data = read_bytes(card.file, scan.files[card.file].file)
    size = picture_size(data) if data.startswith(PNG) else None
    if size is None:
        diagnostics.error("bad-card", location, f"{card.file} is not a valid PNG")
    elif size != SOCIAL_IMAGE_SIZE:
        expected = " × ".join(map(str, SOCIAL_IMAGE_SIZE))
        message = f"{card.file} has {size[0]} × {size[1]} pixels; expected {expected}, or networks crop it"
        diagnostics.warning("card-size", location, message)
    return size
