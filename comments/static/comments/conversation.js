// Progressive enhancement of the conversation. Everything works without this file.
(() => {
  "use strict";

  const ASK_EVERY = 20_000; // milliseconds; the server's caches add up to five seconds
  const RELATIVE_FOR = 6; // days; older times stay absolute

  const conversation = () => document.getElementById("conversation");
  const list = () => conversation()?.querySelector(".comments");
  const form = () => document.getElementById("write");
  const numberOf = (comment) => comment.id.replace("comment-", "");
  const language = document.documentElement.lang || undefined;

  // --- Reply form below the comment -------------------------------------------------------------------------------

  function replyTo(link) {
    const comment = link.closest("li");
    comment.append(form());
    answer(numberOf(comment), comment.querySelector("h3").textContent);
  }

  function restoreReply(parent) {
    const link = document.getElementById(`comment-${parent}`)?.querySelector(".reply");
    if (link) replyTo(link);
  }

  function openThreadInstead() {
    document.getElementById("conversation-headline").after(form());
    answer("", "");
  }

  function answer(parent, name) {
    const replying = document.getElementById("replying");
    form().elements.parent.value = parent;
    replying.hidden = !parent;
    replying.querySelector("bdi").textContent = name;
  }

  function write() {
    form().elements.comment.focus();
    form().elements.comment.dispatchEvent(new Event("input", { bubbles: true })); // saves the parent with the draft
  }

  // --- Relative times ---------------------------------------------------------------------------------------------

  function tellTimes() {
    const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    for (const time of document.querySelectorAll(".comment time")) {
      time.title ||= time.textContent;
      const minutes = Math.round((new Date(time.dateTime) - Date.now()) / 60_000);
      const hours = Math.round(minutes / 60);
      const days = Math.round(hours / 24);
      if (-days > RELATIVE_FOR) time.textContent = time.title;
      else if (hours <= -24) time.textContent = relative.format(days, "day");
      else if (minutes <= -60) time.textContent = relative.format(hours, "hour");
      else time.textContent = minutes < 0 ? relative.format(minutes, "minute") : conversation().dataset.now;
    }
  }

  // --- New comments, while the page is visible --------------------------------------------------------------------

  let nextTime = 0;

  // Poll once, then repeatedly. A page that becomes visible again polls immediately.
  function keepAsking() {
    clearTimeout(nextTime);
    if (document.hidden) return;
    nextTime = setTimeout(keepAsking, ASK_EVERY);
    askForNews();
  }

  async function askForNews() {
    if (!conversation()) return;
    const { address, published } = conversation().dataset;
    const response = await fetch(`${address}comments/published/`).catch(() => null);
    if (!response?.ok) return;
    const more = Number(await response.text()) - Number(published);
    if (more > 0 && published === conversation().dataset.published) tellNews(more);
  }

  function tellNews(more) {
    const news = conversation().querySelector(".news");
    const button = news.querySelector("button") ?? news.appendChild(document.createElement("button"));
    button.type = "button";
    const text = more === 1 ? news.dataset.one : news.dataset.many.replace("%s", more.toLocaleString(language));
    if (button.textContent !== text) button.textContent = text;
    news.hidden = false;
  }

  // Load the first page again, except the form, so that its text and position are kept.
  async function showNews() {
    const response = await fetch(conversation().dataset.address, { cache: "no-cache" }).catch(() => null);
    if (!response?.ok) return fail(conversation().querySelector(".news"));
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("conversation");
    const parent = form()?.elements.parent.value;
    const typing = form()?.contains(document.activeElement) ? document.activeElement : null;
    const emails = conversation().querySelector("li.about-emails"); // the reader may be typing an address there
    if (parent) document.getElementById("conversation-headline").after(form());
    for (const part of [".sorts", ".news", ".comments", ".pages", ".nothing-yet"]) {
      conversation().querySelector(`:scope > ${part}`)?.remove();
    }
    conversation().append(...[...fresh.children].filter((part) => part.matches(".sorts, .news, .comments, .pages")));
    document.getElementById("conversation-headline").textContent = fresh.querySelector("h2").textContent;
    conversation().dataset.published = fresh.dataset.published;
    htmx.process(conversation());
    if (parent) restoreReply(parent);
    history.replaceState(null, "", conversation().dataset.address);
    tellTimes();
    await addMine();
    if (emails) (list().querySelector(".is-waiting") ?? list().firstElementChild)?.after(emails);
    focusOn(typing ?? list().querySelector(".comment"));
  }

  // --- The reader's own comments and recommendations --------------------------------------------------------------

  async function addMine() {
    if (!conversation() || !/(^|; )known=1/.test(document.cookie)) return;
    const response = await fetch(`${conversation().dataset.address}comments/mine/`).catch(() => null);
    if (!response?.ok) return;
    const mine = new DOMParser().parseFromString(await response.text(), "text/html");
    mine.querySelectorAll(".comment").forEach(putInPlace);
    for (const vote of mine.querySelectorAll(".recommend")) {
      const shown = conversation().querySelector(`.recommend[action="${vote.getAttribute("action")}"]`);
      if (!shown) continue;
      shown.replaceWith(vote);
      htmx.process(vote);
    }
    tellTimes();
  }

  function putInPlace(own) {
    const shown = document.getElementById(own.id);
    if (shown) return shown.contains(form()) ? undefined : shown.replaceWith(own);
    if (!own.classList.contains("is-waiting") || list()?.classList.contains("is-flat")) return;
    if (!own.dataset.parent) {
      if (/[?&](after|thread)=/.test(location.search)) return; // it is on the first page
      if (!list()) conversation().querySelector(".nothing-yet")?.replaceWith(Object.assign(document.createElement("ol"), { className: "comments" }));
      return list()?.prepend(own);
    }
    let last = document.getElementById(`comment-${own.dataset.parent}`);
    if (!last) return;
    const level = levelOf(last);
    while (last.nextElementSibling && levelOf(last.nextElementSibling) > level) last = last.nextElementSibling;
    last.after(own);
  }

  // The reader's own reply may be on the page already. When the replies around it are loaded, move it among them.
  function joinTwins() {
    const seen = new Map();
    for (const comment of list()?.querySelectorAll(".comment[id]") ?? []) {
      const own = seen.get(comment.id);
      if (own) comment.replaceWith(own);
      else seen.set(comment.id, comment);
    }
  }

  const levelOf = (item) => Number(/level-(\d)/.exec(item.className)?.[1] ?? 1);

  // --- Comment in the URL fragment that is on another page --------------------------------------------------------

  // Its permalink redirects to the page. If that is this page, or belongs to another article, stay here.
  async function leadToNamed() {
    const [hash, number] = /^#comment-(\d+)$/.exec(location.hash) ?? [];
    if (!number || !conversation() || document.getElementById(hash.slice(1))) return;
    const response = await fetch(`/comments/${number}/`, { method: "HEAD" }).catch(() => null);
    if (!response?.ok || location.hash !== hash) return;
    const page = new URL(response.url);
    if (page.pathname !== location.pathname || page.search === location.search) return;
    location.replace(`${page.pathname}${page.search}${hash}`);
  }

  // --- Focus and errors -------------------------------------------------------------------------------------------

  function focusOn(element) {
    if (!element) return;
    if (element.tabIndex < 0) element.tabIndex = -1;
    element.focus({ preventScroll: true });
  }

  function fail(place) {
    place.querySelector(".fault")?.remove();
    const text = document.createElement("span");
    text.className = "fault";
    text.setAttribute("role", "alert");
    text.textContent = conversation().dataset.failed;
    place.append(text);
  }

  // --- Events -----------------------------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a.reply, #replying a, .in-reply a, .news button");
    if (!link) return;
    if (link.matches(".news button")) return void showNews();
    if (link.matches(".in-reply a")) {
      const parent = document.getElementById(`comment-${link.pathname.split("/")[2]}`);
      if (!parent) return;
      event.preventDefault();
      focusOn(parent);
      return parent.scrollIntoView({ block: "center" });
    }
    if (!form()) return;
    event.preventDefault();
    if (link.matches(".reply")) replyTo(link);
    else openThreadInstead();
    write();
  });

  document.addEventListener("draft:reply", (event) => restoreReply(event.detail));

  // Keep the focus on a button that htmx replaces.
  let leftFocus = null;

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target } = event.detail;
    leftFocus = target?.contains(document.activeElement) ? target : null;
    if (leftFocus?.matches(".more")) leftFocus = leftFocus.previousElementSibling;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const vote = event.detail.elt?.closest?.(".recommend");
    if (leftFocus && vote) focusOn(vote.querySelector("button"));
    else if (leftFocus?.matches?.(".comment")) focusOn(leftFocus.nextElementSibling);
    leftFocus = null;
    joinTwins();
    tellTimes();
  });

  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      const place = event.detail.elt?.closest?.(".recommend, .more");
      if (place) fail(place);
    });
  }

  tellTimes();
  addMine().then(leadToNamed); // by then the reader's own pending comments are on the page
  window.addEventListener("hashchange", leadToNamed);
  setTimeout(keepAsking, ASK_EVERY);
  setInterval(tellTimes, 60_000);
  document.addEventListener("visibilitychange", keepAsking);
})();
