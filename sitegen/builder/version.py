"""The version of this program in cache keys. It imports what takes longer than a build without changes."""

from functools import cache

from sitegen.builder.environment import code_hash
from sitegen.util.hashing import Hash, encode, hash_bytes
from sitegen.util.plugins import plugin_versions


@cache
def program_hash() -> Hash:
    """Return a hash that changes whenever the output of the same content could. It is part of every cache key."""
    return hash_bytes(code_hash(), encode(plugin_versions()))
