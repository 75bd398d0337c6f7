"""Sources: the same name, however it is written, is one source with one address."""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from typing import Final

from sitegen.content.slugs import slug_problem

_OTHER = re.compile(r"[\W_]+")
_MOST_BYTES: Final = 80
_DIGITS: Final = 8


@lru_cache(maxsize=65536)
def source_key(name: str) -> str:
    """Return the part of a source's address that its name gives.

    Letters and digits of any script in small letters, hyphens between them. A name that is too long, or that would give
    no sound address, gets digits of its SHA-256.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
    key = _OTHER.sub("-", folded).strip("-")
    if len(key.encode()) <= _MOST_BYTES and slug_problem(key) is None:
        return key
    digits = sha256(folded.encode()).hexdigest()[:_DIGITS]
    short = key.encode()[:_MOST_BYTES].decode("utf-8", "ignore").strip("-")
    longer = f"{short}-{digits}" if short else f"source-{digits}"
    return longer if slug_problem(longer) is None else f"source-{digits}"
