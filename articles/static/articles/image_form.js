/* Admin: set the focal point of an image by a click, and show the thumbnail of the image whose id is in a field. */

const [across, down] = ["id_focal_point_x", "id_focal_point_y"].map((id) => document.getElementById(id));

function setUpFocus(preview) {
  if (!preview || !across || !down || preview.classList.contains("can-be-clicked")) return;
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

setUpFocus(document.querySelector(".focus-preview"));
/* The preview replaces the status after the image was processed. */
document.addEventListener("htmx:load", () => setUpFocus(document.querySelector(".focus-preview")));

/* Django's popup reports the chosen image by a jQuery event. */
window.django?.jQuery(document).on("change", "input[data-image]", (event) => {
  const thumbnail = event.target.closest(".chosen-image").querySelector("img");
  const number = Number.parseInt(event.target.value, 10);
  thumbnail.hidden = !number;
  if (number) thumbnail.src = `/admin/articles/image/${number}/thumbnail/`;
});

/* Poll the thumbnail of an image in a form until the image has been processed. */
const THUMBNAIL = /^\/admin\/articles\/image\/(\d+)\/thumbnail\/$/;
const LOOK_AGAIN = 2000; // milliseconds

async function follow(image, address, wasWaiting = false) {
  const { pathname } = new URL(address, document.baseURI);
  const answer = await fetch(pathname.replace("/thumbnail/", "/progress/"));
  if (!answer.ok || !image.isConnected || image.src !== address) return;
  const isWaiting = answer.headers.get("Image-State") === "waiting";
  if (isWaiting) setTimeout(() => follow(image, address, true), LOOK_AGAIN);
  else if (wasWaiting) image.src = `${pathname}?processed`;
}

function followIfThumbnail(image) {
  if (!(image instanceof HTMLImageElement) || image.src.endsWith("?processed")) return;
  if (THUMBNAIL.test(new URL(image.src, document.baseURI).pathname)) follow(image, image.src);
}

document.addEventListener("load", (event) => followIfThumbnail(event.target), true);
for (const image of document.images) if (image.complete) followIfThumbnail(image);
