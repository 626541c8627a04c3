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
