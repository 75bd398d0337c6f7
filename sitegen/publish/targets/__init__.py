"""Publish targets, one module each."""
