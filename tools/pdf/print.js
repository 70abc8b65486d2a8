// Turn the book, which is one long page, into what is printed: no frame, answers open, sliders as rows of pictures.
// Called with the parts of the table of contents: [{caption, pages: [docname, ...]}, ...].
// Returns what is wrong with it; nothing, if all is well.
async (parts) => {
  const FRAMES = 4;
  document.documentElement.dataset.theme = "light";
  document.documentElement.dataset.mode = "light";
  const article = document.querySelector("article.bd-article");
  document.body.replaceChildren(article);
  const every = (selector, change) => article.querySelectorAll(selector).forEach(change);
  const make = (name, className, ...inside) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    node.append(...inside);
    return node;
  };

  every(".headerlink, .only-dark, button, .p-noprint", (node) => node.remove());
  every("details", (node) => (node.open = true));
  every("details.hide > summary", (node) => node.remove());
  every("img", (node) => (node.loading = "eager"));
  every("[tabindex]", (node) => node.removeAttribute("tabindex"));
  every("div.cell_input", (node) => node.classList.toggle("p-long", node.textContent.split("\n").length > 45));

  // a slider: a few of its positions, evenly spread, from the first to the last
  every(".u-slider", (slider) => {
    const data = JSON.parse(slider.querySelector(".u-slider-data").textContent);
    const name = slider.querySelector(".u-slider-control > span").textContent;
    const count = Math.min(FRAMES, data.frames.length);
    const rows = [...Array(count).keys()].map((k) => {
      const at = Math.round((k * (data.frames.length - 1)) / (count - 1));
      const picture = make("img");
      picture.src = "data:image/svg+xml," + encodeURIComponent(data.frames[at]);
      picture.alt = data.alts[at];
      const label = data.labels[at].startsWith(name) ? data.labels[at] : `${name}: ${data.labels[at]}`;
      return make("div", "p-frame", make("p", "", label), picture);
    });
    slider.replaceWith(make("div", "p-frames", ...rows));
  });

  // every chapter has its own #summary: an id that stands in several chapters gets the chapter's name in front
  const pageOf = (node) => {
    for (let at = node; at; at = at.parentElement)
      if (at.previousElementSibling?.id.startsWith("document-")) return at.previousElementSibling.id.slice(9);
    return "";
  };
  const count = new Map();
  every("[id]", (node) => count.set(node.id, (count.get(node.id) ?? 0) + 1));
  every("[id]", (node) => {
    if (count.get(node.id) > 1) node.id = `${pageOf(node)}/${node.id}`;
  });

  // links inside the book lead to places in this file
  const wrong = [];
  every("a[href]", (link) => {
    const href = decodeURIComponent(link.getAttribute("href"));
    if (/^(https?:|mailto:)/.test(href)) return;
    const [file, id] = href.split("#");
    const page = file && file !== "index.html" ? file.replace(/^(\.\.?\/)+|\.html$/g, "") : pageOf(link);
    const found = [`${page}/${id}`, id].find((name) => document.getElementById(name));
    if (found) link.setAttribute("href", "#" + found);
    else {
      wrong.push(`a link leads nowhere: ${href} (${link.textContent})`);
      link.removeAttribute("href");
    }
  });

  // title, contents, and each page of the site as a chapter
  const home = article.firstElementChild;
  const paragraphs = [...home.querySelectorAll("p")].filter((p) => !p.closest(".toctree-wrapper"));
  const strong = home.querySelector("p > strong");
  const title = make("section", "p-title", make("h1", "", home.querySelector("h1").textContent));
  if (strong) title.append(make("p", "", strong.textContent));
  title.append(make("p", "p-small", paragraphs.at(-1).textContent));
  const list = make("ol", "");
  const contents = make("section", "p-contents", make("h2", "", "Contents"), list);
  for (const part of parts) {
    if (part.caption) list.append(make("li", "p-part", part.caption));
    part.pages.forEach((page, k) => {
      const mark = document.getElementById("document-" + page);
      const chapter = mark.nextElementSibling;
      chapter.classList.add("p-chapter");
      const heading = chapter.querySelector("h2");
      if (part.caption && k === 0) heading.before(make("p", "p-partname", part.caption));
      const link = make("a", "", heading.textContent);
      link.href = "#" + mark.id;
      list.append(make("li", "", link, make("i", ""), make("b", "")));
      chapter.prepend(mark);
      article.append(chapter);
    });
  }
  home.remove();
  article.prepend(title, contents);

  await Promise.all(
    [...document.images].map((picture) => picture.decode().catch(() => wrong.push("no picture: " + picture.alt))),
  );
  await document.fonts.ready;

  // what is wider than the paper is made smaller, down to two thirds; more than that is a fault
  every("pre, div.math, .pst-scrollable-table-container, .cell_output .output", (box) => {
    for (let size = 95; box.scrollWidth > box.clientWidth + 1 && size >= 65; size -= 5) box.style.fontSize = `${size}%`;
    if (box.scrollWidth > box.clientWidth + 1)
      wrong.push(`cut by ${box.scrollWidth - box.clientWidth} pixels: ${box.textContent.trim().slice(0, 60)}`);
  });
  return wrong;
};
