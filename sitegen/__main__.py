"""The program: `sitegen`, or `python -m sitegen`."""

import gc
import sys


def run() -> int:
    """Run the command of the arguments, and return its exit code.

    Commands end soon and leave hardly any cycles, so they run without the cyclic garbage collector. `sitegen serve`,
    which runs for hours, enables it.
    """
    gc.disable()
    from sitegen.cli import main

    code = main()
    gc.freeze()  # the interpreter exits sooner if it need not search all objects for cycles
    return code


if __name__ == "__main__":
    sys.exit(run())
