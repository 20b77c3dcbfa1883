// Jumps within the clip of this page to where a product is shown; without this script the link opens the clip there.
"use strict";

const video = document.querySelector(".player video");

for (const link of document.querySelectorAll("a[data-seek]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    video.currentTime = Number(link.dataset.seek);
    video.play();
    video.scrollIntoView({ block: "nearest" });
  });
}
