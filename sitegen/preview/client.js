// What the preview adds to every page: it listens for rebuilds by livereload's protocol 7, swaps stylesheets, reloads,
// and shows what is wrong. It is part of answers only, never of a file.
(() => {
  "use strict";
  const script = document.currentScript;
  const state = JSON.parse(script.dataset.state);
  const address = new URL(script.src);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.pathname = address.pathname.replace(/\.js$/, "");
  const RETRY = 500; // milliseconds
  let socket = null;
  let shown = "";
  let host = null;

  const plain = (path) => {
    try {
      return decodeURIComponent(path);
    } catch {
      return path; // no UTF-8
    }
  };
  const send = (message) => socket.send(JSON.stringify(message));

  function receive(message) {
    if (message.command === "hello") {
      const path = plain(location.pathname);
      send({ command: "info", url: location.href, path, page: state.page, styles: state.styles });
    } else if (message.command === "reload") {
      if (!message.styles || !swap(message.styles)) location.reload(); // the browser keeps the place
    } else if (message.command === "alert") {
      show(message.html || "");
    }
  }

  // The new stylesheet is put beside the old one, which goes when the new one has come: nothing flickers.
  function swap(styles) {
    const pairs = state.styles.map((old, place) => [old, styles[place]]).filter(([old, now]) => old !== now);
    const links = [...document.querySelectorAll("link[rel~=stylesheet]")].filter((link) => !link.dataset.old);
    const found = pairs.map(([old, now]) => [links.filter((link) => link.getAttribute("href") === old), now]);
    if (styles.length !== state.styles.length || found.some(([members]) => !members.length)) return false;
    for (const [members, now] of found) {
      for (const link of members) {
        const next = link.cloneNode();
        link.dataset.old = "true";
        next.onload = next.onerror = () => link.remove();
        next.href = now;
        link.after(next);
      }
    }
    state.styles = styles;
    return true;
  }

  function show(html) {
    if (html === shown || state.plain) return;
    shown = html;
    if (host) host.remove();
    host = null;
    if (!html) return;
    host = document.createElement("sitegen-mistakes");
    const root = host.attachShadow({ mode: "open" });
    root.innerHTML = html;
    root.querySelector("button").onclick = () => host.remove();
    document.documentElement.append(host);
  }

  function connect() {
    socket = new WebSocket(address);
    socket.onopen = () => send({ command: "hello", protocols: ["http://livereload.com/protocols/official-7"] });
    socket.onmessage = (event) => receive(JSON.parse(event.data));
    socket.onclose = () => setTimeout(connect, RETRY);
  }

  // Drafts and scheduled articles: a ribbon on their page, a word behind links to them.
  function mark() {
    const here = plain(location.pathname);
    for (const link of document.querySelectorAll("a[href]")) {
      const words = link.origin === location.origin && state.marks[plain(link.pathname)];
      const isOther = link.pathname !== location.pathname && !link.hash && !link.hreflang;
      if (words && isOther) tag(link, words);
    }
    if (state.marks[here]) {
      const ribbon = document.createElement("sitegen-mark");
      ribbon.attachShadow({ mode: "open" }).innerHTML =
        "<style>p { position: fixed; z-index: 2147483646; inset: 0 0 auto auto; margin: 0; padding: 4px 12px;" +
        "font: 600 13px/1.5 system-ui, sans-serif; color: #fff; background: #8a4b00; border-radius: 0 0 0 4px;" +
        "pointer-events: none }</style><p lang='en'></p>";
      ribbon.shadowRoot.querySelector("p").textContent = state.marks[here];
      document.documentElement.append(ribbon);
    }
  }

  function tag(link, words) {
    const word = document.createElement("sitegen-mark");
    word.lang = "en";
    word.attachShadow({ mode: "open" }).innerHTML =
      "<style>span { margin-inline-start: .4em; padding: 0 .4em; font: 600 12px/1.5 system-ui, sans-serif;" +
      "color: #fff; background: #8a4b00; border-radius: 3px; white-space: nowrap }</style><span></span>";
    word.title = words;
    word.shadowRoot.querySelector("span").textContent = words.replace(/ for .*/, "");
    link.after(word);
  }

  connect();
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", mark);
  else mark();
})();
