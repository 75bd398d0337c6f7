"""Pelican's settings for the benchmark's digest: categories are the topics, tags the countries."""

SITENAME = "Benchmark Digest"
SITEURL = "https://digest.example"
SITESUBTITLE = "A digest for measuring; its articles are about nothing."
TOPICS = [
    *("Agriculture", "Borders", "Climate", "Customs", "Defence", "Education"),
    *("Energy", "Finance", "Health", "Labour", "Technology", "Transport"),
]
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
THEME = "theme"
PLUGIN_PATHS = ["plugins"]
PLUGINS = ["neighbours"]
JINJA_ENVIRONMENT = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
MARKDOWN = {
    "extension_configs": {"markdown.extensions.meta": {}, "markdown.extensions.tables": {}},
    "output_format": "html5",
}
FORMATTED_FIELDS: list[str] = []  # a summary is plain text here, not Markdown

PATH = "content"
ARTICLE_PATHS = ["articles"]
PAGE_PATHS: list[str] = []
STATIC_PATHS = ["../extra/site.css"]
EXTRA_PATH_METADATA = {"../extra/site.css": {"path": "site.css"}}
OUTPUT_PATH = "public"
DELETE_OUTPUT_DIRECTORY = False

ARTICLE_URL = "articles/{slug}/"
ARTICLE_SAVE_AS = "articles/{slug}/index.html"
CATEGORY_URL = "topics/{slug}/"
CATEGORY_SAVE_AS = "topics/{slug}/index.html"
TAG_URL = "countries/{slug}/"
TAG_SAVE_AS = "countries/{slug}/index.html"
DIRECT_TEMPLATES = ["index", "topics", "countries", "sitemap"]
INDEX_SAVE_AS = "index.html"
TOPICS_SAVE_AS = "topics/index.html"
COUNTRIES_SAVE_AS = "countries/index.html"
SITEMAP_SAVE_AS = "sitemap.xml"
AUTHOR_SAVE_AS = ""
PAGINATED_TEMPLATES = {"category": 20, "tag": 20}
PAGINATION_PATTERNS = (
    (1, "{url}", "{save_as}"),
    (2, "{base_name}/page/{number}/", "{base_name}/page/{number}/index.html"),
)

FEED_DOMAIN = SITEURL
FEED_RSS = "feed.xml"
CATEGORY_FEED_RSS = "topics/{slug}/feed.xml"
TAG_FEED_RSS = "countries/{slug}/feed.xml"
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None
FEED_MAX_ITEMS = 20
RSS_FEED_SUMMARY_ONLY = False
