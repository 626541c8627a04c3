// The review by keyboard: A, R and a reason, N, U, O. Without it the same buttons are pressed.
"use strict";

const part = (id) => document.getElementById(id);

function refusing(is) {
  const panel = part("refusal");
  if (!panel) return;
  panel.hidden = !is;
  part("verdict").hidden = is;
  part("review").classList.toggle("refusing", is);
  part("refuse").setAttribute("aria-expanded", String(is));
  if (is) panel.querySelector("input[type=radio]").focus();
  else {
    panel.querySelectorAll("input[type=radio]").forEach((radio) => (radio.checked = false));
    part("approve").focus();
  }
}

function begin() {
  if (part("refusal")) refusing(false);
}

document.addEventListener("DOMContentLoaded", begin);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "review" || part("review")) begin();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#refuse")) refusing(true);
  if (event.target.closest("#cancel")) refusing(false);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const panel = part("refusal");
  const open = panel && !panel.hidden;
  if (event.key === "Escape" && open) {
    refusing(false);
    return;
  }
  if (event.target.matches("input:not([type=radio]), textarea, select")) return;
  const key = event.key.toLowerCase();
  if (open) {
    const radio = panel.querySelector(`input[data-key="${CSS.escape(key)}"]`);
    if (radio) {
      radio.checked = true;
      radio.focus();
      event.preventDefault();
    } else if (key === "enter") {
      part("send").click();
      event.preventDefault();
    }
    return;
  }
  const button = { a: "approve", r: "refuse", n: "next", u: "undo", o: "details" }[key];
  if (button && part(button) && !event.repeat) {
    part(button).click();
    event.preventDefault();
  }
});
