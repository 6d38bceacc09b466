/* Images and embeds in the article editor. articles/content/sanitizer.py defines their stored form. */

import { crel, gettext, Node, updateAttrsDialog } from "django-prose-editor/editor";

const PICTURES = "/admin/articles/image/";

/* Figure that refers to an object, with an editable caption. */
function referring({ name, attribute, shown, label, button, command }) {
  return Node.create({
    name,
    group: "block",
    content: "inline*",
    draggable: true,
    isolating: true,

    addOptions() {
      return { hosts: [] };
    },

    addAttributes() {
      return {
        reference: {
          default: null,
          parseHTML: (element) => element.getAttribute(attribute),
          renderHTML: ({ reference }) => ({ [attribute]: reference }),
        },
      };
    },

    parseHTML() {
      return [{ tag: `figure[${attribute}]`, contentElement: (figure) => figure.querySelector("figcaption") ?? figure }];
    },

    renderHTML({ HTMLAttributes }) {
      return ["figure", HTMLAttributes, ["figcaption", 0]];
    },

    addNodeView() {
      return ({ node, editor, getPos }) => {
        const remove = crel("button", { type: "button", className: "take-out", textContent: gettext("Remove") });
        remove.addEventListener("click", () => {
          editor.chain().focus().setNodeSelection(getPos()).deleteSelection().run();
        });
        const reference = crel("div", { className: "reference", contentEditable: "false" }, [
          shown(node.attrs.reference),
          remove,
        ]);
        const caption = crel("figcaption", { "aria-label": label });
        caption.dataset.label = label;
        return { dom: crel("figure", { className: "referring" }, [reference, caption]), contentDOM: caption };
      };
    },

    addMenuItems({ buttons, menu }) {
      const choose = (editor) => command(editor, this.options);
      menu.defineItem({ name, groups: "nodes", button: buttons.text(button), command: choose });
    },
  });
}

function insert(editor, type, reference) {
  editor.chain().focus().insertContent({ type, attrs: { reference } }).run();
}

/* Django's popup for choosing or uploading an image writes the id into the field that opened it. */
function chooseImage(editor) {
  const field = crel("input", { type: "hidden", id: "id_illustration" });
  const link = crel("a", { id: "lookup_id_illustration", href: PICTURES, hidden: true });
  for (const old of document.querySelectorAll("#id_illustration, #lookup_id_illustration")) old.remove();
  document.body.append(field, link);
  window.django.jQuery(field).on("change", () => insert(editor, "illustration", field.value));
  window.showRelatedObjectLookupPopup(link);
}

async function askForAddress(editor, { hosts }) {
  const properties = {
    address: {
      title: gettext("Link"),
      description: `${hosts.join(", ")}. ${gettext("Other sites are shown as a link.")}`,
      format: "url",
      required: true,
    },
  };
  const answer = await updateAttrsDialog(properties, {
    title: gettext("Embed video, audio or chart"),
    submitText: gettext("Insert"),
  })(editor, { address: "" });
  if (answer) insert(editor, "embed", answer.address.trim());
}

export const Illustration = referring({
  name: "illustration",
  attribute: "data-image",
  shown: (number) => crel("img", { src: `${PICTURES}${Number(number)}/thumbnail/`, alt: gettext("Image not found") }),
  label: gettext("Caption for this story (optional)"),
  button: gettext("Image"),
  command: chooseImage,
});

export const Embed = referring({
  name: "embed",
  attribute: "data-embed",
  shown: (address) => crel("code", { textContent: address }),
  label: gettext("Caption"),
  button: gettext("Embed"),
  command: askForAddress,
});
