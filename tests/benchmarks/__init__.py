"""How long a build takes, beside other generators on an equal digest. `make bench`; see docs/performance.md."""
