// Progressive enhancement of the comment form. Everything works without this file. The conversation around it is in
// conversation.js.
(() => {
  "use strict";

  const SHOW_COUNTER_BELOW = 500; // characters left

  const form = () => document.getElementById("write");
  const fields = () => ["comment", "name"].map((name) => form()?.elements[name]).filter(Boolean);

  // Count as the server does (comments/text/clean.py): code points after cleaning, a line break as one.
  const DROPPED =
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\ufeff\ufffe\uffff]/g;
  const lengthOf = (field) => {
    const text = field.value.replace(DROPPED, "").trim();
    return [...(field.name === "name" ? text.normalize("NFC").replace(/\s+/g, " ") : text)].length;
  };

  // --- Draft that survives a reload or a crash --------------------------------------------------------------------

  const articlePath = () => location.pathname.replace(/(yours|comments)\/$/, "");
  const draftKey = () => `draft:${articlePath()}`;

  // Save the parent too; conversation.js opens the form below it again.
  function keepDraft() {
    const typed = Object.fromEntries(fields().map((field) => [field.name, field.value]));
    typed.parent = form().elements.parent.value;
    withStorage((storage) => {
      storage.setItem(draftKey(), JSON.stringify(typed));
      storage.setItem("name", typed.name);
    });
  }

  function restoreDraft() {
    withStorage((storage) => {
      const typed = { name: storage.getItem("name"), ...JSON.parse(storage.getItem(draftKey()) || "{}") };
      for (const field of fields()) field.value ||= typed[field.name] ?? "";
      if (typed.parent && typed.comment && !form().elements.parent.value) {
        const reply = new CustomEvent("draft:reply", { detail: typed.parent });
        document.addEventListener("DOMContentLoaded", () => document.dispatchEvent(reply));
      }
    });
  }

  const forgetDraft = () => withStorage((storage) => storage.removeItem(draftKey()));

  // Without htmx, the browser leaves the page on submit. If it arrives at the reader's comment, delete the draft.
  function rememberSent() {
    withStorage((sent) => sent.setItem(draftKey(), localStorage.getItem(draftKey())), sessionStorage);
  }

  function forgetSent() {
    withStorage((sent) => {
      const arrived = location.pathname.endsWith("/yours/") && location.hash.startsWith("#comment-");
      if (arrived && sent.getItem(draftKey()) === localStorage.getItem(draftKey())) forgetDraft();
      sent.removeItem(draftKey());
    }, sessionStorage);
  }

  function withStorage(use, storage = localStorage) {
    try {
      use(storage);
    } catch {
      // Storage may be blocked, full, or contain other data: then no draft is kept, and nothing else fails.
    }
  }

  // --- Duplicate submission ---------------------------------------------------------------------------------------

  // Random key per comment: the same key in a repeated form proves that it comes from the same browser.
  function makeIdempotencyKey() {
    const field = form()?.elements.idempotency_key;
    if (!field || field.value) return;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    field.value = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // --- Character counter, shown near the limit --------------------------------------------------------------------

  function count(field) {
    const left = Number(field.dataset.limit) - lengthOf(field);
    let counter = field.parentElement.querySelector(".counter");
    if (left > Math.min(SHOW_COUNTER_BELOW, Number(field.dataset.limit) / 4)) return counter?.remove();
    if (!counter) {
      counter = document.createElement("output");
      counter.className = "counter";
      counter.htmlFor = field.id;
      field.after(counter);
    }
    const number = Math.abs(left).toLocaleString(document.documentElement.lang || undefined);
    counter.textContent = `${number} ${left < 0 ? form().dataset.over : form().dataset.left}`;
    counter.classList.toggle("is-over", left < 0);
  }

  // --- Submission without a reload --------------------------------------------------------------------------------

  function sayNotSent(event) {
    form().querySelector(".not-sent")?.remove();
    const message = document.createElement("div");
    message.className = "not-sent";
    message.setAttribute("role", "alert");
    message.textContent = event.detail.xhr?.status === 413 ? form().dataset.tooLong : form().dataset.notSent;
    form().append(message);
  }

  function arrive() {
    const written = document.getElementById(location.hash.slice(1));
    if (!written) return;
    written.tabIndex = -1;
    written.focus({ preventScroll: true });
    written.scrollIntoView({ block: "center" });
  }

  // --- Events -----------------------------------------------------------------------------------------------------

  document.addEventListener("input", (event) => {
    if (!fields().includes(event.target)) return;
    keepDraft();
    count(event.target);
  });

  const isPosting = (event) => event.detail.requestConfig?.path.endsWith("/comments/");
  const isTaken = (xhr) => xhr.status === 200 && xhr.getResponseHeader("HX-Replace-Url");

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isTaken(event.detail.xhr)) forgetDraft();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (isTaken(event.detail.xhr)) arrive();
    else if (isPosting(event)) form()?.querySelector("[autofocus]")?.focus();
    fields().forEach(count);
    makeIdempotencyKey();
  });

  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      if (isPosting(event)) sayNotSent(event);
    });
  }

  document.addEventListener("submit", (event) => {
    if (event.target === form() || event.target.id === "proof") rememberSent();
  });

  forgetSent();
  restoreDraft();
  fields().forEach(count);
  makeIdempotencyKey();
})();
