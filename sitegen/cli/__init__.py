"""The command line: one command a module; options, a call, a report, an exit code."""

from sitegen.cli.main import main
from sitegen.config.targets import OptionReaders, set_target_types

__all__ = ["main"]


def _target_types() -> OptionReaders:
    from sitegen.publish.registry import option_readers  # noqa: PLC0415 - only for a site.yaml with targets

    return option_readers()


set_target_types(_target_types)
