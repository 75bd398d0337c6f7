"""The structure of the code, as `docs/explanation/architecture.md` describes it."""

from graphlib import TopologicalSorter

from tests.stats import figures, imports_of_files


def test_no_file_imports_itself_through_others() -> None:
    imports = imports_of_files()
    order = list(TopologicalSorter(imports).static_order())
    assert order.index("sitegen.outputs.references") < order.index("sitegen.outputs.recipes")
    assert len(order) == len(imports) > 250


def test_no_package_imports_one_above_it() -> None:
    assert figures()["arrows upward"] == 0
