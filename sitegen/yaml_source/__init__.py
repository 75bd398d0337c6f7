"""YAML as nodes with a line and a column, and a typed reader that reports every error with its location."""
