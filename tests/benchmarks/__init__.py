"""Build time compared with other generators on an equal digest: `make bench`, docs/explanation/performance.md."""
