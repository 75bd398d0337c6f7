"""The configuration: what `site.yaml` may say, how it is read, publish targets, and the check for secrets."""
