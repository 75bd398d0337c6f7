"""The built-in publish targets: each module registers one with `@publish_target`, and is imported by the registry."""
