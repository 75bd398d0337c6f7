// Reads the search index of a site and fills in the search page. The rules for terms are those of search_terms.py, the
// packing that of shards.py.

const STOP_WORDS = new Set(("a an and are as at be been but by for from had has have in into is it its not of on or that" +
  " the their there these they this to was were which will with").split(" "));
const MAX_TERM = 40;
const PREFIX = 3;
const UNSPACED = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3041-\\u3096\\u309d-\\u309f\\u30a1-\\u30fa" +
  "\\u30fc-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7a3\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const RUN = new RegExp(`[${UNSPACED}]+`, "gu");
const PIECE = new RegExp(`(?<run>[${UNSPACED}]+)|(?<word>(?:(?![${UNSPACED}])[\\p{L}\\p{N}])+)`, "gu");
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");
const JOINED = /^[$¥€£₩]?([\p{L}\p{N}][\p{L}\p{N}.,]*)%?$/u;
const DECIMAL = /\d[.,]\d/;
const POSSESSIVE = /'s(?![\p{L}\p{N}_])/gu;
const ENDINGS = [
  [/(..)ies$/u, "$1y"], [/(..[^su])s$/u, "$1"], [/(...)(?:ing|ed)$/u, "$1"], [/([bdfgmnprt])\1$/u, "$1"], [/(...)e$/u, "$1"],
];
const FORMAT = 3;
const FIELDS = 4;
const WEIGHTS = [1, 2, 3, 6];
const BASE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const FACETS = ["topics", "countries", "sources", "perspectives", "importance", "months"];
const MAX_QUERY = 200;
const MAX_UNITS = 12;
const SHOWN = 10;
const SHOWN_VALUES = 8;
const AROUND = 70;
// The texts of a form that lacks some.
const MARKS = [
  "Machine summary", "Machine title", "Machine-written",
  "Machine-assisted summary", "Machine-assisted title", "Machine-assisted",
];
const LABELS = {
  count: "Results:", none: "No article has all these words.", common: "These words are in nearly every article.",
  failed: "The search index could not be read.", all: "All",
  machine: [...MARKS, ...MARKS.map((mark) => `${mark}, reviewed`)].join("|"),
  more: "More results", older: "Search older articles, too", comma: ", ", topics: "Topics", countries: "Countries",
  sources: "Sources", perspectives: "Perspectives", importance: "Importance", months: "Month",
};

// --- terms -----------------------------------------------------------------------------------------------------------

// Pages keep characters on one line by U+2060, and texts have soft hyphens and U+200B, also in what a reader copies.
const withoutJoiners = (text) => text.replace(/[\u00ad\u200b\u2060]/g, "");

export function normalize(text) {
  return withoutJoiners(text).normalize("NFKC").toLowerCase().replaceAll("’", "'").replace(POSSESSIVE, "");
}

// Latin letters that Unicode does not decompose.
const LATIN = { đ: "d", ł: "l", ø: "o", ß: "ss", æ: "ae", œ: "oe", ð: "d", þ: "th", ı: "i" };
const plain = (word) => {
  const letters = word.normalize("NFD").replace(/[\u0300-\u036f]+/g, "").replace(/[đłøßæœðþı]/g, (letter) => LATIN[letter]);
  return [...letters].slice(0, MAX_TERM).join("");
};

export function stem(word) {
  return ENDINGS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), plain(word));
}

const pairs = (run) => run.slice(1).map((char, index) => run[index] + char);

export function terms(text) {
  const found = new Set();
  const normal = normalize(text);
  for (const { groups, index } of normal.matchAll(PIECE)) {
    if (groups.word) {
      if (!STOP_WORDS.has(groups.word)) found.add(stem(groups.word));
    } else {
      const run = [...groups.run];
      [...pairs(run), run.at(-1)].forEach((term) => found.add(term));
      if (/[\p{L}\p{N}]$/u.test(normal.slice(0, index))) found.add(run[0]);
    }
  }
  return found;
}

export function shardOf(term, shards) {
  let value = 0x811c9dc5;
  const hashed = [...term].slice(0, IS_UNSPACED.test(term) ? 1 : PREFIX).join("");
  for (const byte of new TextEncoder().encode(hashed)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value % shards;
}

const VALUES = new Uint8Array(128);
[...BASE].forEach((char, value) => { VALUES[char.charCodeAt(0)] = value; });

export function unpack(text) {
  const found = [];
  let number = 0, shift = 0;
  for (let at = 0; at < text.length; at += 1) {
    const value = VALUES[text.charCodeAt(at)];
    number |= (value & 31) << shift;
    shift += 5;
    if (value < 32) { found.push(number); number = shift = 0; }
  }
  return found;
}

// --- query -----------------------------------------------------------------------------------------------------------

// Whether the units of a word must be adjacent in texts, too: alone, those of AI法 and 27.5 say little.
function isJoined(word, units) {
  return units.length > 1 && JOINED.test(word) && (DECIMAL.test(word) || units.some(({ run }) => run && [...run].length === 1));
}

// A unit is a word or a run of characters. `needle` is set if pairs or words alone do not prove that a text has it.
function unitsOf(text, isLast) {
  const units = [];
  for (const { groups, index } of text.matchAll(PIECE)) {
    if (groups.word) {
      if (!STOP_WORDS.has(groups.word)) units.push({ terms: [stem(groups.word)], prefix: null, word: plain(groups.word) });
    } else {
      const run = [...groups.run], all = run.length === 1 ? run : pairs(run);
      const covering = all.filter((_, index) => index % 2 === 0 || index === all.length - 1);
      // Between spaces or punctuation, a text may have more characters after this one.
      const isAlone = run.length === 1 && !/[\p{L}\p{N}]$/u.test(text.slice(0, index)) && !/^[\p{L}\p{N}]/u.test(text.slice(index + groups.run.length));
      units.push({ terms: covering, run: groups.run, prefix: isAlone ? run[0] : null, needle: run.length > 2 ? groups.run : null });
    }
  }
  const last = units.at(-1);
  if (isLast && last && last.word && text.endsWith(last.word) && last.word.length >= PREFIX) last.prefix = last.word;
  if (units.length === 1 && last.run && [...last.run].length === 1) last.prefix = last.run;
  return units;
}

export function parse(query) {
  const wanted = [], unwanted = [], needles = [];
  const text = normalize([...query].slice(0, MAX_QUERY).join(""));
  const pieces = [...text.matchAll(/(-?)"([^"]*)"?|(-?)([^\s"]+)/gu)];
  pieces.forEach((piece, index) => {
    const [, minusOfPhrase, phrase, minus, word] = piece;
    const isPhrase = phrase !== undefined;
    const isUnwanted = (isPhrase ? minusOfPhrase : minus) === "-";
    const isLast = !isPhrase && !isUnwanted && index === pieces.length - 1 && !/\s$/u.test(text);
    const units = unitsOf(isPhrase ? phrase : word, isLast);
    (isUnwanted ? unwanted : wanted).push(...units);
    if (isUnwanted) return;
    if (isPhrase && phrase.trim()) needles.push(phrase.trim().replace(/\s+/gu, " "));
    else if (isJoined(word, units)) needles.push(JOINED.exec(word)[1].replace(/[.,]+$/u, ""));
    else needles.push(...units.filter((unit) => unit.needle).map((unit) => unit.needle));
  });
  return { text, wanted: wanted.slice(0, MAX_UNITS), unwanted: unwanted.slice(0, MAX_UNITS), needles };
}

// --- index -----------------------------------------------------------------------------------------------------------

// The values of documents in a facet: `numbers` are positions in `values`, those of document n from starts[n] on.
class Column {
  constructor(values, counts, numbers) {
    Object.assign(this, { values, numbers, starts: [0] });
    counts.forEach((count, number) => this.starts.push(this.starts[number] + count));
  }

  of(number) {
    return this.numbers.slice(this.starts[number], this.starts[number + 1]).map((value) => this.values[value]);
  }

  count(number, tally) {
    for (let at = this.starts[number]; at < this.starts[number + 1]; at += 1) tally[this.numbers[at]] += 1;
  }
}

function single(list) {
  const positions = new Map([...new Set(list)].map((value, position) => [value, position]));
  return new Column([...positions.keys()], list.map(() => 1), list.map((value) => positions.get(value)));
}

class OtherBuild extends Error {}

export class Index {
  constructor(address) {
    this.address = address;
    this.files = new Map();
  }

  // Reads the list of parts. If that is done again, files are not taken from the cache of the browser any more.
  async load(isAgain = false) {
    this.files.clear();
    this.cache = isAgain ? "no-cache" : "default";
    this.index = await this.json(this.address);
    if (this.index.format !== FORMAT) throw new Error("format");
    this.parts = this.index.parts.map(([name, stamp, documents, shards]) => ({ name, stamp, documents, shards }));
  }

  async json(address) {
    const response = await fetch(address, { cache: this.cache });
    if (!response.ok) throw new OtherBuild(address);
    return response.json().catch(() => { throw new OtherBuild(address); });
  }

  file(address, stamp) {
    if (!this.files.has(address)) {
      this.files.set(address, this.json(address).then((data) => {
        if (data?.stamp !== stamp) throw new OtherBuild(address);
        return data;
      }));
      this.files.get(address).catch(() => this.files.delete(address));
    }
    return this.files.get(address);
  }

  shard(part, number) {
    return this.file(`${this.index.shards}${part.name}/${number}.json`, part.stamp);
  }

  // Returns the field of each document of a part that has a unit, by its number.
  async postings(part, unit) {
    const found = await Promise.all(unit.terms.map(async (term) => {
      const result = new Map(), { terms: exact } = await this.shard(part, shardOf(term, part.shards));
      if (Object.hasOwn(exact, term)) add(result, exact[term]);
      if (unit.prefix) {
        const { terms: all } = await this.shard(part, shardOf(unit.prefix, part.shards));
        Object.keys(all).filter((name) => name.startsWith(unit.prefix)).forEach((name) => add(result, all[name]));
      }
      return result;
    }));
    return found.reduce((one, other) => {
      const both = new Map();
      for (const [key, field] of one) if (other.has(key)) both.set(key, Math.min(field, other.get(key)));
      return both;
    });
  }

  // Returns the days and the columns of a part.
  async facets(part) {
    const data = await this.file(`${this.index.shards}${part.name}/facets.json`, part.stamp);
    if (!data.columns) {
      const days = unpack(data.days[1]).map((day) => data.days[0] + day);
      data.columns = { days, pages: data.pages, importance: single([...data.importance]), months: single(days.map(monthOf)) };
      for (const name of ["topics", "countries", "sources", "perspectives"]) {
        const [values, counts, numbers] = data[name];
        data.columns[name] = new Column(values, unpack(counts), unpack(numbers));
      }
    }
    return data.columns;
  }

  async document({ part, number, columns }) {
    const page = Math.floor(number / this.index.page);
    const { documents } = await this.file(`${this.index.documents}${part.name}-${page}.json`, columns.pages[page]);
    return documents[number % this.index.page];
  }

  // Returns all parts that may have results, the newest first: a part of a month or a year has no other months.
  partsOf({ months }) {
    return this.parts.filter(({ name }) => name === "all" || months.every((month) => month.startsWith(name.slice(0, 7))));
  }

  // Returns all results in some parts with their score and facets, unordered. Without wanted units these are all
  // documents if there is a facet.
  async search({ wanted, unwanted }, filters, parts) {
    // Nearly every query needs the facets of these parts, so they are loaded with the shards, or before the first query.
    parts.forEach((part) => this.facets(part).catch(() => {}));
    if (asksNothing(wanted, filters)) return [];
    const matches = await Promise.all(parts.map(async (part) => {
      const [yes, no] = await Promise.all([wanted, unwanted].map((units) =>
        Promise.all(units.map((unit) => this.postings(part, unit)))));
      return { part, yes, no };
    }));
    const total = parts.reduce((sum, part) => sum + part.documents, 0);
    const rarity = wanted.map((_, index) => {
      const count = matches.reduce((sum, { yes }) => sum + yes[index].size, 0);
      return Math.log(1 + total / (count || 1));
    });
    const results = await Promise.all(matches.map(async ({ part, yes, no }) => {
      let numbers = wanted.length ? [...yes[0].keys()] : [...Array(part.documents).keys()];
      numbers = numbers.filter((number) => yes.every((found) => found.has(number)) && !no.some((found) => found.has(number)));
      if (!numbers.length) return [];
      const columns = await this.facets(part), limits = FACETS.filter((name) => filters[name].length);
      return numbers
        .filter((number) => limits.every((name) => filters[name].every((value) => columns[name].of(number).includes(value))))
        .map((number) => {
          const score = yes.reduce((sum, found, index) => sum + WEIGHTS[found.get(number)] * rarity[index], 0);
          return { part, number, score, columns, day: columns.days[number] };
        });
    }));
    return results.flat();
  }
}

function add(result, packed) {
  let number = -1;
  for (const value of unpack(packed)) {
    number += Math.floor(value / FIELDS);
    result.set(number, Math.max(result.get(number) ?? 0, value % FIELDS));
  }
}

const asksNothing = (wanted, filters) => !wanted.length && Object.values(filters).every((values) => !values.length);

const MONTHS = new Map();

function monthOf(day) {
  if (!MONTHS.has(day)) MONTHS.set(day, new Date(day * 864e5).toISOString().slice(0, 7));
  return MONTHS.get(day);
}

const importanceOf = ({ columns, number }) => columns.importance.of(number)[0];

const ORDERS = {
  relevance: (one, other) => other.score - one.score || other.day - one.day,
  newest: (one, other) => other.day - one.day || other.score - one.score,
  importance: (one, other) => importanceOf(other) - importanceOf(one) || other.day - one.day,
};

// --- page ------------------------------------------------------------------------------------------------------------

function element(name, properties = {}, ...children) {
  const result = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value !== null && value !== undefined) result.setAttribute(key, value);
  }
  result.append(...children);
  return result;
}

// Returns the places of the units in a text, as pairs of start and end.
function places(text, units) {
  const same = text.normalize("NFKC").toLowerCase();
  const searched = same.length === text.length ? same : text;
  const found = [];
  for (const unit of units) {
    if (!unit.run) continue;
    for (let at = searched.indexOf(unit.run); at >= 0; at = searched.indexOf(unit.run, at + unit.run.length)) {
      found.push([at, at + unit.run.length]);
    }
  }
  const words = units.filter((unit) => unit.word);
  if (words.length) {
    for (const match of searched.matchAll(PIECE)) {
      if (!match.groups.word) continue;
      const word = plain(match.groups.word.toLowerCase());
      if (words.some((unit) => stem(word) === unit.terms[0] || (unit.prefix && word.startsWith(unit.prefix)))) {
        found.push([match.index, match.index + match[0].length]);
      }
    }
  }
  return found.sort((one, other) => one[0] - other[0]);
}

function marked(target, text, units) {
  let last = 0;
  for (const [start, end] of places(text, units)) {
    if (start < last) continue;
    target.append(text.slice(last, start), element("mark", {}, text.slice(start, end)));
    last = end;
  }
  target.append(text.slice(last));
  return target;
}

// Returns the text of an article's page, as pieces with their language.
async function textOf(address) {
  const response = await fetch(address);
  if (!response.ok) return [];
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const main = page.querySelector("main article") || page.querySelector("main") || page.body;
  for (const link of main.querySelectorAll("sup > a, a[href^='#fnref']")) link.remove();
  let blocks = ":is(p, li, td, th, dd, dt, h2, h3, h4, h5, h6, blockquote, figcaption, pre)";
  // Not what is around the text, such as links to countries and titles of other articles.
  if (main.querySelector(".text")) blocks = `h1, .summary p, .text ${blocks}`;
  return [...main.querySelectorAll(blocks)].filter((block) => !block.closest("nav, aside, footer, .note, .meta, .onward"))
    .map((block) => ({ text: withoutJoiners(block.textContent).replace(/\s+/gu, " ").trim(), lang: block.closest("[lang]")?.lang ?? "" }));
}

function excerptOf(pieces, units) {
  let best = null;
  for (const piece of pieces) {
    const found = places(piece.text, units);
    const kinds = new Set(found.map(([start, end]) => piece.text.slice(start, end).toLowerCase())).size;
    if (kinds && (!best || kinds > best.kinds)) best = { ...piece, kinds, start: found[0][0] };
  }
  if (!best) return null;
  // Whole words, if there are spaces nearby.
  const space = best.text.indexOf(" ", best.start - AROUND), last = best.text.lastIndexOf(" ", best.start + 2 * AROUND);
  const start = best.start <= AROUND ? 0 : space >= 0 && space < best.start ? space + 1 : best.start - AROUND;
  const rest = best.start + 2 * AROUND;
  const end = rest >= best.text.length ? best.text.length : last > best.start + AROUND ? last : rest;
  const cut = best.text.slice(start, end).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
  return { lang: best.lang, text: (start ? "… " : "") + cut + (end < best.text.length ? " …" : "") };
}

class SearchPage {
  constructor(form) {
    this.form = form;
    this.input = form.elements.q;
    this.labels = { ...LABELS, ...form.dataset };
    // A part that the page lacks is an element that is not shown.
    const part = (name, tag) => document.querySelector(`[data-search-${name}]`) ?? element(tag);
    this.order = form.elements.order ?? element("input");
    this.status = part("status", "p");
    this.facets = part("facets", "div");
    this.list = part("results", "ol");
    this.more = part("more", "button");
    this.locale = document.documentElement.lang;
    this.index = new Index(form.dataset.searchIndex);
    this.run = 0;
    const pages = new Set([...document.querySelectorAll("link[rel=alternate][hreflang]")].map((it) => new URL(it.href).pathname));
    this.languages = [...document.querySelectorAll("a[hreflang]")].filter((link) => pages.has(link.pathname));
    const later = (wait) => { clearTimeout(this.timer); this.timer = setTimeout(() => this.changed(false), wait); };
    this.input.addEventListener("input", (event) => { if (!event.isComposing) later(250); });
    this.input.addEventListener("compositionend", () => later(250));
    this.order.addEventListener("change", () => this.changed(true));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.changed(true); });
    this.more.addEventListener("click", () => {
      if (this.shown < this.results.length) this.show().catch((error) => this.fail(error));
      else this.search(null, this.reach + 1, this.shown + SHOWN);
    });
    this.facets.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      history.pushState(null, "", link.href);
      this.read(link.dataset.key);
    });
    addEventListener("popstate", () => this.read());
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
      event.preventDefault();
      this.input.focus();
    });
    this.observer = new IntersectionObserver((entries) => entries.forEach((entry) => {
      if (!entry.isIntersecting) return;
      this.observer.unobserve(entry.target);
      this.complete(entry.target);
    }));
    this.read();
  }

  // Fills in the form from the address, and searches.
  read(focused) {
    const parameters = new URLSearchParams(location.search);
    this.input.value = parameters.get("q") ?? "";
    this.order.value = Object.hasOwn(ORDERS, parameters.get("order")) ? parameters.get("order") : "relevance";
    this.filters = Object.fromEntries(FACETS.map((name) => [name, parameters.getAll(name)]));
    this.search(focused);
  }

  address(filters) {
    const parameters = new URLSearchParams();
    if (this.input.value.trim()) parameters.set("q", this.input.value);
    if (this.order.value !== "relevance") parameters.set("order", this.order.value);
    for (const [name, values] of Object.entries(filters)) values.forEach((value) => parameters.append(name, value));
    return `${location.pathname}?${parameters}`.replace(/\?$/, "");
  }

  changed(isNew) {
    clearTimeout(this.timer);
    const address = this.address(this.filters);
    if (address === this.searched) return; // Enter after a pause: no result in use is replaced
    history[isNew ? "pushState" : "replaceState"](null, "", address);
    this.search();
  }

  // Searches at least `reach` parts, and shows `count` results. If a file is of another build, the index is read again,
  // once.
  async search(focused, reach = 1, count = SHOWN) {
    const run = ++this.run, query = parse(this.input.value); // words typed later have their own search
    this.searched = location.pathname + location.search;
    this.languages.forEach((link) => { link.search = location.search; });
    try {
      if (!this.index.parts) await this.index.load();
      await this.find(run, query, focused, reach, count).catch(async (error) => {
        if (!(error instanceof OtherBuild) || run !== this.run) throw error;
        await this.index.load(true);
        await this.find(run, query, focused, reach, count);
      });
    } catch (error) {
      if (run === this.run) this.fail(error);
    }
  }

  async find(run, query, focused, reach, count) {
    const all = this.index.partsOf(this.filters);
    const isEnough = () => all.slice(0, reach).reduce((sum, part) => sum + part.documents, 0) >= this.index.index.newest;
    while (reach < all.length && !isEnough()) reach += 1;
    const first = this.index.search(query, this.filters, all.slice(0, reach));
    this.formats();
    let results = await first;
    while (reach < all.length && results.length < SHOWN && !asksNothing(query.wanted, this.filters)) {
      reach += 1;
      results = await this.index.search(query, this.filters, all.slice(0, reach));
    }
    if (run !== this.run) return;
    this.query = query;
    this.results = results.sort(ORDERS[this.order.value]);
    this.reach = reach;
    this.oldest = reach < all.length ? all[reach - 1].name.slice(0, 4) : null;
    this.total = results.length;
    this.shown = 0;
    this.observer.disconnect();
    this.list.replaceChildren();
    const shown = this.show(count); // the facets are made while its files load
    this.showFacets(focused);
    await shown;
    this.report();
  }

  fail(error) {
    console.error(error);
    this.searched = null;
    this.list.replaceChildren();
    this.facets.replaceChildren();
    this.more.hidden = true;
    this.status.textContent = this.labels.failed;
  }

  // The formats of dates and numbers take 50 ms when they are first made, so they are made while files load.
  formats() {
    const { dates } = this.index.index, utc = { year: "numeric", timeZone: "UTC" };
    this.format ??= {
      day: new Intl.DateTimeFormat(dates, { day: "numeric", month: "short", ...utc }),
      month: new Intl.DateTimeFormat(dates, { month: "long", ...utc }),
      number: new Intl.NumberFormat(this.locale),
    };
    return this.format;
  }

  report() {
    const { count, common, none } = this.labels;
    const { text, wanted, unwanted } = this.query;
    const isCommon = /[\p{L}\p{N}]/u.test(text) && !unwanted.length;
    if (asksNothing(wanted, this.filters)) this.status.textContent = isCommon ? common : text.trim() ? none : "";
    else if (!this.total) this.status.textContent = none;
    else {
      const newest = this.index.parts[0].name.slice(0, 4);
      const period = this.oldest ? ` (${this.oldest === newest ? newest : `${this.oldest}–${newest}`})` : "";
      this.status.textContent = count + (count.endsWith("：") ? "" : " ") + this.formats().number.format(this.total) + period;
    }
  }

  async show(count = SHOWN) {
    const run = this.run, next = this.results.slice(this.shown, this.shown + count);
    this.shown += next.length;
    const rows = await Promise.all(next.map((result) => this.index.document(result)));
    if (run !== this.run) return;
    next.forEach((result, index) => {
      const item = this.item(result, rows[index]);
      this.list.append(item);
      if (this.query.wanted.length) this.observer.observe(item);
    });
    this.more.textContent = this.shown < this.results.length ? this.labels.more : this.labels.older;
    this.more.hidden = this.shown >= this.results.length && !this.oldest;
  }

  item(result, [title, lang, href, summary, machine, source, others, sourceLang]) {
    const units = this.query.wanted, { names } = this.index.index;
    const date = new Date(result.day * 864e5);
    const countries = result.columns.countries.of(result.number).map((code) => names.countries[code] ?? code);
    const facts = element("p", { class: "facts" },
      element("time", { datetime: date.toISOString().slice(0, 10) }, this.formats().day.format(date)),
      countries.length ? `\u00a0· ${countries.join(this.labels.comma)}\u00a0· ` : "\u00a0· ", marked(element("span", { lang: sourceLang }), source, units));
    const item = element("li", {},
      element("h2", {}, marked(element("a", { href, lang }), title, units)),
      marked(element("p", { lang }), summary, units), facts);
    // Older themes have three marks: of the summary, the title and both.
    const marks = this.labels.machine.split("|"), mark = marks[machine - 1] || marks[(machine - 1) % 3];
    if (mark) item.children[1].before(element("p", { class: "machine" }, mark));
    item.pages = [href, ...others];
    item.summary = summary;
    return item;
  }

  // Adds the place of the words in the article, in the language in which it has them. An item whose article does not
  // have them is removed.
  async complete(item) {
    const { wanted, needles } = this.query, run = this.run, known = [item.summary, item.querySelector("a").textContent].map(normalize);
    let excerpt = null, isProved = !needles.length;
    for (const address of item.pages) {
      const pieces = await textOf(address).catch(() => []);
      if (run !== this.run || !pieces.length) return;
      const blocks = [...item.innerText.split("\n"), ...pieces.map((piece) => piece.text)]
        .map((block) => normalize(block).replace(/\s+/gu, " "));
      if (!needles.every((needle) => blocks.some((block) => block.includes(needle)))) continue;
      isProved = true;
      excerpt = excerptOf(pieces.filter(({ text }) => !known.includes(normalize(text))), wanted);
      if (excerpt) {
        item.querySelector("a").href = address;
        break;
      }
    }
    if (!isProved) {
      item.remove();
      this.total -= 1;
      this.report();
      await this.show(1);
    } else if (excerpt) {
      item.lastChild.before(marked(element("p", { class: "excerpt", lang: excerpt.lang || null }), excerpt.text, wanted));
    }
  }

  valueText(name, value) {
    if (name === "months" && /^\d{4}-(0[1-9]|1[0-2])$/.test(value)) return this.formats().month.format(new Date(value));
    const { names } = this.index.index;
    return Object.hasOwn(names[name] ?? {}, value) ? names[name][value] : value;
  }

  showFacets(focused) {
    const groups = FACETS.map((name) => {
      const counts = new Map(this.filters[name].map((value) => [value, 0]));
      const tallies = new Map();
      for (const { columns: { [name]: column }, number } of this.results) {
        if (!tallies.has(column)) tallies.set(column, new Uint32Array(column.values.length));
        column.count(number, tallies.get(column));
      }
      for (const [{ values }, tally] of tallies) {
        tally.forEach((count, at) => { if (count) counts.set(values[at], (counts.get(values[at]) ?? 0) + count); });
      }
      const chosen = this.filters[name];
      const byCount = (one, other) => chosen.includes(other[0]) - chosen.includes(one[0]) || other[1] - one[1];
      const byName = (one, other) => (one[0] < other[0] ? 1 : -1);
      const rows = [...counts].sort(name === "months" || name === "importance" ? byName : byCount);
      if (!rows.length || (rows.length === 1 && !chosen.length)) return null;
      const item = ([value, count]) => {
        const isChosen = chosen.includes(value);
        const others = isChosen ? chosen.filter((other) => other !== value) : [...chosen, value];
        return element("li", {}, element("a", {
          href: this.address({ ...this.filters, [name]: others }),
          "aria-current": isChosen ? "true" : null,
          "data-key": `${name} ${value}`,
        }, this.valueText(name, value)), ` ${this.formats().number.format(count)}`);
      };
      const list = element("ul", {}, ...rows.slice(0, SHOWN_VALUES).map(item));
      const group = element("section", {}, element("h2", {}, this.labels[name]), list);
      if (rows.length > SHOWN_VALUES) {
        const details = element("details", {}, element("summary", {}, this.labels.all));
        details.addEventListener("toggle", () => {
          details.append(element("ul", {}, ...rows.slice(SHOWN_VALUES).map(item)));
        }, { once: true });
        group.append(details);
      }
      return group;
    });
    this.facets.replaceChildren(...groups.filter(Boolean));
    if (focused) (this.facets.querySelector(`[data-key="${CSS.escape(focused)}"]`) ?? this.input).focus();
  }
}

const form = globalThis.document?.querySelector("form[data-search-index]");
if (form) new SearchPage(form);
