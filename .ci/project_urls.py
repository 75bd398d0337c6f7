"""A hook of hatchling: the addresses of the project in the metadata of a package.

The address of the repository is that of the machine that builds a release, so a fork never names another project.
"""

import os
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

VARIABLE = "SITEGEN_REPOSITORY_URL"


class ProjectUrls(MetadataHookInterface):
    """Adds `urls` if the variable has the address of a repository on GitHub or a similar host."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the addresses to the table `project`; without the variable there are none."""
        repository = os.environ.get(VARIABLE, "").strip().rstrip("/").removesuffix(".git")
        if not repository:
            metadata["urls"] = {}
            return
        if not repository.startswith("https://"):
            message = f"{VARIABLE} is {repository!r}; expected an address that begins with https://"
            raise ValueError(message)
        metadata["urls"] = {
            "Homepage": repository,
            "Documentation": f"{repository}/tree/HEAD/docs",
            "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
            "Issues": f"{repository}/issues",
            "Source": repository,
        }
