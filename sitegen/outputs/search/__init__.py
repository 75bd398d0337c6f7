"""The search index: terms of texts, the files of the index, and the script that reads them in a browser."""
