/* In the admin: the focus of a picture by a click on it, and the thumbnail of the picture whose number stands in a field. */

const preview = document.querySelector(".focus-preview");
const [across, down] = ["id_focus_x", "id_focus_y"].map((id) => document.getElementById(id));

if (preview && across && down) {
  const picture = preview.querySelector("img");
  const mark = document.createElement("span");
  mark.className = "focus-mark";
  const help = document.createElement("small");
  help.textContent = preview.dataset.help;
  preview.append(mark);
  preview.after(help);

  const show = () => {
    mark.style.insetInlineStart = "auto";
    mark.style.left = `${across.value}%`;
    mark.style.top = `${down.value}%`;
  };
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    across.value = Math.round(((event.clientX - box.left) / box.width) * 100);
    down.value = Math.round(((event.clientY - box.top) / box.height) * 100);
    show();
  });
  for (const field of [across, down]) field.addEventListener("input", show);
  preview.classList.add("can-be-clicked");
  show();
}

/* Django's window for choosing tells it by an event of jQuery's. */
window.django?.jQuery(document).on("change", "input[data-picture]", (event) => {
  const thumbnail = event.target.closest(".chosen-picture").querySelector("img");
  const number = Number.parseInt(event.target.value, 10);
  thumbnail.hidden = !number;
  if (number) thumbnail.src = `/admin/articles/picture/${number}/thumbnail/`;
});
