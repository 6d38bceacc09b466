/* Videos, sounds and charts of other sites: a link, and with this script a button. Other sites are contacted only
   after a click. */

for (const place of document.querySelectorAll("[data-frame]")) {
  const button = place.querySelector("button");
  for (const hidden of place.querySelectorAll("[hidden]")) hidden.hidden = false;
  button.addEventListener("click", () => {
    const frame = document.createElement("iframe");
    frame.title = place.dataset.title;
    frame.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation");
    frame.referrerPolicy = "strict-origin-when-cross-origin"; // some players require a referrer
    frame.src = place.dataset.frame;
    place.replaceChildren(frame);
    frame.focus();
  });
}
