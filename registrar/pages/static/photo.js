// A photo's page: the lines of the rules are shown or not.
"use strict";

document.addEventListener("change", (event) => {
  if (event.target.id !== "show-overlay") return;
  const lines = document.getElementById("overlay");
  if (event.target.checked) lines.removeAttribute("hidden");
  else lines.setAttribute("hidden", "");
});
