// Autosave of the article form, with its status, and a warning if a colleague has the article open. The form works
// without this file.
(() => {
  const settled = 1500, look = 5000, stillHere = 60000; // milliseconds

  function begin() {
    const form = document.getElementById("article_form"), note = document.getElementById("kept");
    if (!form || !note) return;
    const colleague = document.getElementById("colleague");
    let kept = null, asked = Date.now(), isBusy = false, isOver = false;

    const fields = () => {
      const data = new FormData(form);
      for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
      return data;
    };
    const words = () => new URLSearchParams(fields()).toString();
    // Changes that the editor makes to the text when it opens do not count.
    const touch = () => { kept ??= words(); };
    setTimeout(touch, settled);
    setTimeout(nameTheEditor, settled);
    setTimeout(nameTheChoices, settled);
    document.addEventListener("formset:added", () => setTimeout(nameTheChoices));
    for (const kind of ["beforeinput", "keydown", "pointerdown", "paste", "drop"]) form.addEventListener(kind, touch, { capture: true });
    form.addEventListener("submit", (event) => { isOver = event.submitter?.formTarget !== "_blank"; });
    window.addEventListener("pageshow", () => { isOver = false; });
    document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
    setInterval(keep, look);

    // Django's label belongs to the hidden field below the editor.
    function nameTheEditor() {
      for (const editor of form.querySelectorAll(".tiptap[role=textbox]")) {
        const label = editor.closest(".form-row")?.querySelector("label");
        if (label) editor.setAttribute("aria-label", label.textContent.replace(/:\s*$/, ""));
      }
    }

    // The widget of select2 announces the selected value, but not the name of the field.
    function nameTheChoices() {
      for (const choice of form.querySelectorAll("select.select2-hidden-accessible")) {
        const name = choice.getAttribute("aria-label") || choice.labels[0]?.textContent.replace(/:\s*$/, "");
        const box = choice.nextElementSibling?.querySelector("[role=combobox]");
        if (!box || !name) continue;
        box.setAttribute("aria-label", name);
        box.querySelector("[type=search]")?.setAttribute("aria-label", name);
        const chosen = box.querySelector("[role=textbox]");
        if (!chosen) continue;
        chosen.removeAttribute("role");
        chosen.removeAttribute("aria-readonly");
        box.id ||= `${chosen.id}-box`;
        box.setAttribute("aria-labelledby", `${box.id} ${chosen.id}`);
      }
    }

    async function keep() {
      const now = kept === null ? null : words();
      const isChanged = now !== kept;
      if (isBusy || isOver || (!isChanged && Date.now() - asked < stillHere)) return;
      isBusy = true;
      asked = Date.now();
      const data = isChanged ? fields() : new FormData();
      if (!isChanged) {
        data.set("open", "1");
        data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      }
      try {
        const answer = await fetch(note.dataset.keep, { method: "POST", body: data, redirect: "error" });
        if (!answer.ok) throw new Error(String(answer.status));
        const said = await answer.json();
        if (isChanged) kept = now;
        if (said.kept) note.textContent = said.kept;
        note.classList.remove("failed");
        if (colleague) {
          colleague.textContent = said.warning;
          colleague.hidden = !said.warning;
        }
      } catch {
        if (!isOver) {
          note.textContent = note.dataset.failed;
          note.classList.add("failed");
        }
      }
      isBusy = false;
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
