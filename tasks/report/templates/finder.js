"use strict";
// Search over all groups, in the page alone. Citizens' words enter as text, never as markup.
{
  const STEP = 20, PAUSE = 150;
  const all = JSON.parse(document.getElementById("groupes").textContent);
  const form = document.getElementById("finder");
  const said = document.getElementById("finder-said");
  const list = document.getElementById("finder-found");
  const more = document.getElementById("finder-more");
  const filters = ["theme", "kind", "weight"].map((name) => [all[name], form.elements[name]]);

  const fold = (text) => " " + text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replaceAll("œ", "oe").replaceAll("æ", "ae").replace(/[^\p{L}\p{N}]+/gu, " ");
  const number = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const count = (value, word) => `${number(value)}\u00a0${word}${value < 2 ? "" : "s"}`;

  function node(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  let folded;
  const texts = () => folded ??= all.label.map(
    (label, at) => fold([label, ...all.examples[at].filter((_, place) => place % 3 === 1)].join(" ")));

  function search() {
    const words = fold(form.elements.words.value).trim().split(" ").filter(Boolean);
    const asked = filters.filter(([, field]) => field.value !== "");
    const onlyNew = form.elements.new.checked;
    if (!words.length && !asked.length && !onlyNew) return null;
    return [...all.id.keys()].filter((at) =>
      (!onlyNew || all.new[at])
      && asked.every(([column, field]) => column[at] === Number(field.value))
      && words.every((word) => texts()[at].includes(" " + word)));
  }

  function statements(at) {
    const box = node("ul", "examples");
    for (let place = 0; place < all.examples[at].length; place += 3) {
      const [id, words, cut] = all.examples[at].slice(place, place + 3);
      const quoted = node("p", "", "«\u202f", node("bdi", "words", words), "\u202f»");
      if (cut) quoted.append(" ", node("span", "cut", cut));
      box.append(node("li", "", node("blockquote", "", quoted), node("p", "note", node("code", "", id))));
    }
    return box;
  }

  function result(at) {
    const label = node("bdi", "words", all.label[at]);
    const title = node("h3", "", label);
    if (document.getElementById(all.id[at])) {
      const link = node("a", "", label);
      link.href = "#" + all.id[at];
      title.replaceChildren(link);
    }
    const facts = [all.kinds[all.kind[at]], all.themes[all.theme[at]], all.weights[all.weight[at]]];
    if (all.new[at]) facts.push("nouveau");
    const figure = `${count(all.contributors[at], "contributeur")}, ${count(all.statements[at], "énoncé")}`;
    const behind = node("details", "behind", node("summary", "", figure), statements(at),
      node("p", "note", "Tous ses énoncés\u202f: ", node("code", "", `assises trace ${all.id[at]}`)));
    return node("li", "", title, node("ul", "facts", ...facts.map((fact) => node("li", "", fact))), behind);
  }

  let found = null;
  function showNext() {
    const start = list.children.length;
    list.append(...found.slice(start, start + STEP).map(result));
    more.hidden = list.children.length >= found.length;
    return list.children[start];
  }

  function show() {
    found = search();
    list.replaceChildren();
    more.hidden = true;
    if (found) showNext();
    said.textContent = !found ? ""
      : found.length ? `${count(found.length, "groupe")}${found.length < 2 ? "" : ", du plus au moins partagé"}.`
      : "Aucun groupe. Essayez avec moins de mots, ou moins de filtres.";
  }

  let waiting;
  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE);
  }

  form.addEventListener("focusin", texts, { once: true });
  form.addEventListener("input", soon);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  more.addEventListener("click", () => showNext().querySelector("summary").focus());
  form.hidden = false;
}
