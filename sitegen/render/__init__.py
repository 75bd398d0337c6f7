"""Views to bytes: templates, feeds, the sitemap. Pure."""
