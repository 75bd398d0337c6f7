"""The form of the guide "Edit in a browser" has the fields of an article."""

from typing import Any

import yaml

from sitegen.config.loader import read_config
from sitegen.diagnostics import Diagnostics
from sitegen.outputs.front_matter_schema import front_matter_schema
from tests.docs.pages import blocks
from tests.tools import REPOSITORY


def test_the_fields_are_keys_of_front_matter() -> None:
    (form,) = [
        yaml.safe_load(block.text)["collections"][0]
        for block in blocks(REPOSITORY / "docs/how-to/edit-in-a-browser.md")
        if block.language == "yaml"
    ]
    settings = read_config((REPOSITORY / "sitegen/starter/site.yaml").read_bytes(), Diagnostics())
    assert settings is not None
    schema = front_matter_schema(settings.config)
    fields: dict[str, dict[str, Any]] = {field["name"]: field for field in form["fields"]}
    assert set(schema["required"]) <= fields.keys() <= schema["properties"].keys() | {"body"}
    assert tuple(fields["topics"]["options"]) == tuple(topic.key for topic in settings.config.topics)
    for name in ("source", "generated"):
        assert {field["name"] for field in fields[name]["fields"]} <= schema["properties"][name]["properties"].keys()
