// Solve the proof of work on the page and send the comment. Without this file the reader waits and presses the
// button. The protocol is ALTCHA's, version 2: find a counter for which the derived key begins with the prefix.
(() => {
  "use strict";

  const PARALLEL = 8; // keys derived at a time
  const MAX_ATTEMPTS = 2; // after two rejected solutions, more attempts are useless; the reader can still wait

  const fromHex = (hex) => Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
  const toHex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  async function derive({ nonce, salt, cost, keyLength }, counter) {
    const password = new Uint8Array([...fromHex(nonce), 0, 0, 0, 0]);
    new DataView(password.buffer).setUint32(password.length - 4, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt: fromHex(salt), iterations: cost };
    return toHex(new Uint8Array(await crypto.subtle.deriveBits(how, key, keyLength * 8)));
  }

  async function solve({ parameters }) {
    for (let first = 0; ; first += PARALLEL) {
      const counters = Array.from({ length: PARALLEL }, (_, place) => first + place);
      const keys = await Promise.all(counters.map((counter) => derive(parameters, counter)));
      const found = keys.findIndex((key) => key.startsWith(parameters.keyPrefix));
      if (found >= 0) return { counter: counters[found], derivedKey: keys[found] };
    }
  }

  async function begin(form) {
    const progress = form.querySelector(".progress");
    const patience = form.querySelector(".patience");
    progress.hidden = false;
    patience.hidden = true;
    try {
      const challenge = JSON.parse(form.dataset.challenge);
      const solution = await solve(challenge);
      form.elements.proof.value = btoa(JSON.stringify({ challenge, solution }));
      form.requestSubmit();
    } catch {
      // crypto needs a secure context; without it, the text for browsers without scripts applies.
      progress.hidden = true;
      patience.hidden = false;
    }
  }

  const form = document.getElementById("proof");
  if (form && Number(form.elements.attempt.value) <= MAX_ATTEMPTS) begin(form);
})();
