// The reload script that the preview adds to each page that it sends, but never to a file. It receives messages by
// livereload's protocol 7, swaps stylesheets, reloads the page, and shows the problems of a build.
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

  const decode = (path) => {
    try {
      return decodeURIComponent(path);
    } catch {
      return path; // not UTF-8
    }
  };
  const send = (message) => socket.send(JSON.stringify(message));

  function receive(message) {
    if (message.command === "hello") {
      const path = decode(location.pathname);
      send({ command: "info", url: location.href, path, page: state.page, styles: state.styles });
    } else if (message.command === "reload") {
      if (!message.styles || !swap(message.styles)) location.reload(); // the browser keeps the scroll position
    } else if (message.command === "alert") {
      show(message.html || "");
    }
  }

  // The old stylesheet is removed only when the new one has loaded, so that the page does not flicker.
  function swap(styles) {
    const pairs = state.styles.map((old, index) => [old, styles[index]]).filter(([old, next]) => old !== next);
    const links = [...document.querySelectorAll("link[rel~=stylesheet]")].filter((link) => !link.dataset.old);
    const swaps = pairs.map(([old, next]) => [links.filter((link) => link.getAttribute("href") === old), next]);
    if (styles.length !== state.styles.length || swaps.some(([old]) => !old.length)) return false;
    for (const [old, href] of swaps) {
      for (const link of old) {
        const next = link.cloneNode();
        link.dataset.old = "true";
        next.onload = next.onerror = () => link.remove();
        next.href = href;
        link.after(next);
      }
    }
    state.styles = styles;
    return true;
  }

  function show(html) {
    if (html === shown || state.hasProblems) return;
    shown = html;
    if (host) host.remove();
    host = null;
    if (!html) return;
    host = document.createElement("sitegen-overlay");
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

  // Drafts and scheduled articles have a ribbon on their page and a badge after links to them.
  function addBadges() {
    for (const link of document.querySelectorAll("a[href]")) {
      const text = link.origin === location.origin && state.badges[decode(link.pathname)];
      const isOtherPage = link.pathname !== location.pathname && !link.hash && !link.hreflang;
      if (text && isOtherPage) addBadge(link, text);
    }
    const text = state.badges[decode(location.pathname)];
    if (text) {
      const ribbon = document.createElement("sitegen-badge");
      ribbon.attachShadow({ mode: "open" }).innerHTML =
        "<style>p { position: fixed; z-index: 2147483646; inset: 0 0 auto auto; margin: 0; padding: 4px 12px;" +
        "font: 600 13px/1.5 system-ui, sans-serif; color: #fff; background: #8a4b00; border-radius: 0 0 0 4px;" +
        "pointer-events: none }</style><p lang='en'></p>";
      ribbon.shadowRoot.querySelector("p").textContent = text;
      document.documentElement.append(ribbon);
    }
  }

  function addBadge(link, text) {
    const badge = document.createElement("sitegen-badge");
    badge.lang = "en";
    badge.attachShadow({ mode: "open" }).innerHTML =
      "<style>span { margin-inline-start: .4em; padding: 0 .4em; font: 600 12px/1.5 system-ui, sans-serif;" +
      "color: #fff; background: #8a4b00; border-radius: 3px; white-space: nowrap }</style><span></span>";
    badge.title = text;
    badge.shadowRoot.querySelector("span").textContent = text.replace(/ for .*/, "");
    link.after(badge);
  }

  connect();
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", addBadges);
  else addBadges();
})();
