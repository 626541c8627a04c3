// What every page does: an answer by htmx that is an error is shown as the page it is.
"use strict";

document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
  const { busy } = event.target.dataset;
  if (busy && !event.defaultPrevented) {
    const told = document.createElement("p");
    told.className = "hint";
    told.setAttribute("role", "status");
    told.textContent = busy;
    event.target.append(told);
  }
});

// "/" leads to the search for a student, from every page.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey) return;
  const field = document.getElementById("q") || document.getElementById("find");
  if (!field || event.target.matches("input:not([type=radio]), textarea, select")) return;
  field.focus();
  field.select();
  event.preventDefault();
});
