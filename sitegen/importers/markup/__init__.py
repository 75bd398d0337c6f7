"""HTML and the Markdown of other programs become Markdown that a build reads. Nothing is lost without a report."""
