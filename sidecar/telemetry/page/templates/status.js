"use strict";
(() => {
  const ids = ["title", "icon", "banner", "hosts", "timeline", "tables", "commands"];
  const stale = document.getElementById("stale");
  const old = "\u2717 NO NEWS \u00b7 ";
  let heard = performance.now();

  // A screen reader is told of another verdict, and not of each second that one lasts.
  const told = document.getElementById("told");
  const verdict = () => document.querySelector("h1").textContent.replace(/^\S+\s+/, "");
  const timeless = text => text.replace(/\d+(?:\.\d+)?(?= (?:ms|s|min|h|d)\b)/g, "");
  let known = verdict();

  // What is the same stays: scroll, focus and selection with it.
  function morph(here, there) {
    if (here.isEqualNode(there)) return;
    if (here.nodeName !== there.nodeName) { here.replaceWith(document.importNode(there, true)); return; }
    if (here.nodeType !== Node.ELEMENT_NODE) { here.data = there.data; return; }
    for (const name of here.getAttributeNames()) if (!there.hasAttribute(name)) here.removeAttribute(name);
    for (const name of there.getAttributeNames())
      if (here.getAttribute(name) !== there.getAttribute(name)) here.setAttribute(name, there.getAttribute(name));
    const now = [...there.childNodes], before = [...here.childNodes];
    now.forEach((child, i) => i < before.length ? morph(before[i], child) : here.append(document.importNode(child, true)));
    before.slice(now.length).forEach(child => child.remove());
  }

  function news(html) {
    heard = performance.now();
    age();
    if (!html) return;
    const there = new DOMParser().parseFromString(html, "text/html");
    for (const id of ids) {
      const part = there.getElementById(id);
      if (part) morph(document.getElementById(id), part);
    }
    const now = verdict();
    if (timeless(now) !== timeless(known)) told.textContent = known = now;
  }

  function age() {
    const seconds = Math.floor((performance.now() - heard) / 1000);
    const fresh = seconds < 5;
    if (fresh !== stale.hidden) {
      stale.hidden = fresh;
      document.body.classList.toggle("old", !fresh);
      document.title = fresh ? document.title.replace(old, "") : old + document.title;
    }
    if (!fresh) stale.firstElementChild.textContent = ` for ${seconds} s`;
  }

  // Streams have few places: whoever finds none asks every two seconds, and tries again later.
  function follow() {
    const stream = new EventSource(`${location.pathname}/stream`);
    stream.addEventListener("part", event => news(event.data));
    stream.addEventListener("beat", () => news());
    stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) poll(15); };
  }

  async function poll(times) {
    try {
      const answer = await fetch(location.href, { signal: AbortSignal.timeout(4000) });
      const html = await answer.text();
      if (html.includes('id="banner"')) news(html);
    } catch { /* no news */ }
    setTimeout(() => times > 1 ? poll(times - 1) : follow(), 2000);
  }

  setInterval(age, 500);
  follow();
})();
