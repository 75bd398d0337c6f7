"""Smaller copies of pictures as WebP, made by Pillow, which is an optional package."""

from importlib import import_module
from io import BytesIO
from typing import Any, Final

from sitegen.diagnostics import ExternalError

RESIZED: Final = (".png", ".jpg", ".jpeg")
"""The pictures that get smaller copies: others may be animated, or have no pixels."""
_QUALITY: Final = 80


def encoder_version() -> str:
    """Return the versions of Pillow and of its WebP encoder, on which the bytes depend. Raises ExternalError."""
    features = _pillow("features")
    return f"{features.version('pil')} {features.version('webp')}"


def resized(path: str, data: bytes, width: int) -> bytes:
    """Return a picture as WebP with this width in pixels, upright and without metadata. Raises ExternalError."""
    image_module, ops = _pillow("Image"), _pillow("ImageOps")
    try:
        image = ops.exif_transpose(image_module.open(BytesIO(data)))
        profile = image.info.get("icc_profile")
        has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
        image = image.convert("RGBA" if has_alpha else "RGB")
        height = max(1, round(image.height * width / image.width))
        small = image.resize((width, height), image_module.Resampling.LANCZOS)
        target = BytesIO()
        small.save(target, "WEBP", quality=_QUALITY, method=4, icc_profile=profile or b"", exif=b"", xmp=b"")
    except (OSError, SyntaxError, ValueError, image_module.DecompressionBombError) as error:
        raise ExternalError(f"{path}: the picture cannot be resized: {error}") from error
    return target.getvalue()


def _pillow(name: str) -> Any:
    try:
        return import_module(f"PIL.{name}")
    except ImportError as error:
        message = "'pictures.widths' needs another package: pip install 'sitegen-digest[pictures]'"
        raise ExternalError(message) from error
