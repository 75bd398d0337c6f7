"""What a run of `sitegen import` applies to every input."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from sitegen.config.model import ImportSettings


class ImportOptions(Struct, frozen=True):
    """The options of a run.

    `source_format` is the name of the format of all inputs, empty to detect it. `defaults` are values of the front
    matter for articles that do not have their own. `base_url` is the address of the site that the inputs come from,
    without its last slash, and `permalink` the form of its addresses; both replace those in the files of its generator.
    `mapping` is the name of a mapping of `settings`. `pictures` if pictures of the inputs are copied. `strict` if the
    run stops at the first loss of information, `propose` if the countries that texts mention are searched for.
    `reserved` are first parts of addresses of the digest's own pages. `addresses` are those of fetched files, by their
    paths. With `dry_run` nothing is written. `again` also imports articles whose file has been deleted.
    """

    source_format: str = ""
    defaults: Mapping[str, Any] = {}
    base_url: str = ""
    permalink: str = ""
    mapping: str = ""
    settings: ImportSettings = ImportSettings()
    pictures: bool = False
    strict: bool = False
    propose: bool = False
    reserved: frozenset[str] = frozenset()
    addresses: Mapping[str, str] = {}
    dry_run: bool = False
    again: bool = False
