// Keyboard shortcuts of the moderation queue. All buttons and links work without this file.
(() => {
  "use strict";

  const page = () => document.getElementById("moderation");
  const isWriting = (element) => element.closest("input:not([type=hidden], [type=checkbox]), textarea, select, [contenteditable]");

  // A key presses the button, follows the link, opens the details or focuses the field that names it.
  function press(key) {
    const reasons = page().querySelector(".reasons");
    const named = reasons?.open && page().querySelector(`[data-digit="${CSS.escape(key)}"]`);
    const element = named || page().querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (element?.matches("[type=search]")) {
      element.closest("details").open = true;
      element.focus();
    } else element?.click();
    return Boolean(element);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isWriting(event.target)) return void (event.key === "Escape" && event.target.blur());
    // A repeating key only moves through the queue; it decides once.
    if (event.repeat && !"jk".includes(event.key)) return;
    if (event.key === "Escape") page().querySelector(".reasons")?.removeAttribute("open");
    else if (areKeysOn && press(event.key)) event.preventDefault();
  });

  // Speech input sends letters that are not shortcuts, so shortcuts can be turned off in this browser.
  const KEYS = "moderation-keys";
  let areKeysOn = true;

  function withStorage(use) {
    try {
      use(localStorage);
    } catch {
      // Storage may be blocked: then the setting applies to this page only.
    }
  }

  function offerKeys() {
    const box = page().querySelector("[name=keys]");
    box.checked = areKeysOn;
    box.closest("p").hidden = false;
  }

  withStorage((storage) => (areKeysOn = storage.getItem(KEYS) !== "off"));
  offerKeys();
  document.addEventListener("htmx:afterSwap", offerKeys);
  document.addEventListener("change", ({ target }) => {
    if (target.name !== "keys") return;
    areKeysOn = target.checked;
    withStorage((storage) => storage.setItem(KEYS, areKeysOn ? "on" : "off"));
  });

  // Scroll to opened details, also if opening them moves them.
  document.addEventListener("toggle", ({ target }) => target.open && target.scrollIntoView({ block: "nearest" }), true);

  // After the session has expired, the response is another page: go there; it leads back.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!detail.shouldSwap || detail.serverResponse.includes('id="moderation"')) return;
    detail.shouldSwap = false;
    location.assign(detail.xhr.responseURL);
  });

  // Ticked comments stay ticked while the moderator moves through the queue, even after they leave the list.
  const ticked = new Map(); // form values by id of the comment
  let walked = page().dataset.address;
  const boxes = () => [...page().querySelectorAll("[type=checkbox][name=ticked]")];
  const numberOf = (value) => value.split("-")[0];

  function rememberTicks() {
    for (const { checked, value } of boxes()) checked ? ticked.set(numberOf(value), value) : ticked.delete(numberOf(value));
  }

  function showTicks() {
    const inList = new Set(boxes().map((box) => numberOf(box.value)));
    const elsewhere = [...ticked].filter(([number]) => !inList.has(number));
    const said = page().querySelector(".ticked-elsewhere");
    if (!said) return;
    said.hidden = !elsewhere.length;
    said.querySelector("b").textContent = elsewhere.length;
    for (const old of said.querySelectorAll("input")) old.remove();
    for (const [, value] of elsewhere) {
      said.append(Object.assign(document.createElement("input"), { type: "hidden", name: "ticked", value }));
    }
  }

  document.addEventListener("change", (event) => event.target.name === "ticked" && rememberTicks());
  document.addEventListener("click", (event) => {
    if (!event.target.matches(".ticked-elsewhere button")) return;
    ticked.clear();
    for (const box of boxes()) box.checked = false;
    showTicks();
  });
  document.addEventListener("htmx:beforeSwap", rememberTicks);
  document.addEventListener("htmx:afterSwap", () => {
    if (walked !== page().dataset.address) ticked.clear();
    walked = page().dataset.address;
    // Comments that were just decided are removed. A comment that changed since was not selected in its new state.
    ticked.delete(page().querySelector(".queue-message [name=comment]")?.value);
    for (const box of boxes()) box.checked ||= ticked.get(numberOf(box.value)) === box.value;
    rememberTicks();
    showTicks();
  });

  // New content is at the top of the selected comment; the status line announces it to screen readers.
  document.addEventListener("htmx:afterSettle", () => {
    page().querySelector(".queue [aria-current]")?.scrollIntoView({ block: "nearest" });
    scrollTo({ top: 0 });
  });

  // Show the error; the comment is unchanged.
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(failure, () => {
      const said = page().querySelector(".queue-message");
      const text = document.createElement("p");
      text.className = "error";
      text.textContent = said.dataset.failed;
      said.replaceChildren(text);
    });
  }
})();
