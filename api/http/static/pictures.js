// A picture that is not there leaves its coloured box, not the sign of a broken one.
const hide = (picture) => { picture.style.visibility = "hidden"; };

document.addEventListener("error", ({ target }) => target instanceof HTMLImageElement && hide(target), true);
for (const picture of document.images) if (picture.complete && !picture.naturalWidth) hide(picture);
