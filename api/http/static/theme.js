// Light or dark at once, without a way to the server and back; the cookie is the one that the server sets too.
const YEAR_S = 31536000;

for (const link of document.querySelectorAll("[data-theme-to]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const theme = link.dataset.themeTo;
    document.documentElement.dataset.theme = theme;
    document.querySelector('meta[name="color-scheme"]').content = theme;
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
    const other = document.querySelector(`[data-theme-to="${theme === "dark" ? "light" : "dark"}"]`);
    other.focus(); // the one that was pressed is gone
  });
}
