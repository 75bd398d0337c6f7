// Lists of topics and countries are made once a build, here, and not again in each template.
const PER_PAGE = 20;
const slug = (name) => name.toLowerCase().replaceAll(" ", "-");
const long = new Intl.DateTimeFormat("en-US", { dateStyle: "long", timeZone: "UTC" });

function terms(articles, kind, namesOf) {
  const found = new Map();
  for (const article of articles)
    for (const name of namesOf(article.data)) {
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(article);
    }
  return [...found.keys()].sort().map((name) => ({ name, href: `/${kind}/${slug(name)}/`, articles: found.get(name) }));
}

function pages(term) {
  const last = Math.ceil(term.articles.length / PER_PAGE);
  const href = (number) => (number === 1 ? term.href : `${term.href}page/${number}/`);
  return Array.from({ length: last }, (_, index) => ({
    name: term.name,
    total: term.articles.length,
    feed: `${term.href}feed.xml`,
    href: href(index + 1),
    newer: index > 0 ? href(index) : "",
    older: index + 1 < last ? href(index + 2) : "",
    articles: term.articles.slice(index * PER_PAGE, (index + 1) * PER_PAGE),
  }));
}

export default function (config) {
  const newest = (api) => api.getFilteredByGlob("content/articles/*.md").sort((one, other) => other.date - one.date);
  const topics = (api) => terms(newest(api), "topics", (data) => [data.topic]);
  const countries = (api) => terms(newest(api), "countries", (data) => data.countries);
  const both = (api) => [...topics(api), ...countries(api)];

  config.addCollection("newest", (api) => {
    const all = newest(api);
    all.forEach((article, index) => {
      const [newer, older] = [all[index - 1], all[index + 1]];
      article.data.newer = newer && { href: newer.url, title: newer.data.title };
      article.data.older = older && { href: older.url, title: older.data.title };
    });
    return all;
  });
  config.addCollection("topics", topics);
  config.addCollection("countries", countries);
  config.addCollection("terms", both);
  config.addCollection("lists", (api) => both(api).flatMap(pages));

  config.addFilter("slug", slug);
  config.addFilter("first", (list, count) => list.slice(0, count));
  config.addFilter("long", (date) => long.format(date));
  config.addFilter("day", (date) => date.toISOString().slice(0, 10));
  config.addFilter("stamp", (date) => `${date.toISOString().slice(0, 19)}+00:00`);
  config.addFilter("rfc822", (date) => date.toUTCString().replace("GMT", "+0000"));
  config.addPassthroughCopy({ static: "/" });

  return {
    dir: { input: "content", includes: "../_includes", output: "public" },
    markdownTemplateEngine: false, // the articles are plain Markdown
  };
}
