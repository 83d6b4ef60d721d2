"use strict";
(function () {
  const SVG = "http://www.w3.org/2000/svg";
  const TIME = 88, LINE = 15, CHARACTER = 7.3;

  function make(name, attributes, text) {
    const element = name.startsWith("svg:")
      ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function row(places, width, height) {
    const svg = make("svg:svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    for (const x of places) svg.append(make("svg:line", { class: "life", x1: x, x2: x, y1: 0, y2: height }));
    return svg;
  }

  function cut(text, room) {
    const most = Math.max(3, Math.floor(room / CHARACTER));
    return text.length > most ? text.slice(0, most - 2) + ".." : text;
  }

  function head(names, places, gap, width) {
    const svg = make("svg:svg", { viewBox: `0 0 ${width} 24`, "aria-hidden": "true" });
    names.forEach((name, number) => svg.append(make("svg:text",
      { class: "name", x: places[number], y: 16, "text-anchor": "middle" }, cut(name, gap - 8))));
    return svg;
  }

  function drawn(rung, places, width) {
    const from = places[rung.source], to = places[rung.target];
    const right = to >= from, self = from === to, first = Math.min(from, to), y = 22;
    const svg = row(places, width, 30 + LINE * rung.notes.length);
    const classes = [rung.protocol === "diameter" ? "cx" : "sip"];
    for (const word of ["refused", "again", "lost"]) if (rung[word]) classes.push(word);
    const group = make("svg:g", { class: classes.join(" ") });
    svg.append(make("svg:text", { class: "time", x: TIME - 20, y: y + 3, "text-anchor": "end" }, rung.at.toFixed(3)));
    const said = rung.label + (rung.about ? ` (${rung.about})` : "") + (rung.again ? " again" : "")
      + (rung.lost ? " lost" : "");
    const label = self ? "to itself: " + said : cut(said, Math.abs(to - from) - 8);
    const middle = self ? from + 12 : (from + to) / 2;
    group.append(make("svg:text", { class: "label", x: middle, y: y - 6, "text-anchor": self ? "start" : "middle" }, label));
    if (!self) {
      const end = rung.lost ? to - (right ? 26 : -26) : to;
      group.append(make("svg:line", { class: "arrow", x1: from, x2: end, y1: y, y2: y }));
      const side = right ? -7 : 7;
      group.append(make("svg:path", { class: "arrow", d: rung.lost
        ? `M${end - 5} ${y - 5} L${end + 5} ${y + 5} M${end - 5} ${y + 5} L${end + 5} ${y - 5}`
        : `M${end + side} ${y - 4} L${end} ${y} L${end + side} ${y + 4}` }));
    }
    const longest = Math.max(0, ...rung.notes.map((note) => note.length)) * CHARACTER;
    const start = Math.max(TIME + 8, Math.min(first + 10, width - longest - 8));
    rung.notes.forEach((note, number) => {
      const text = cut(note, width - start - 4), top = y + 5 + LINE * number;
      group.append(make("svg:rect", { class: "back", x: start - 3, y: top, width: text.length * CHARACTER + 6, height: LINE }));
      group.append(make("svg:text", { class: "note", x: start, y: top + 11 }, text));
    });
    svg.append(group);
    return svg;
  }

  function paused(text, places, width) {
    const svg = row(places, width, 22);
    svg.append(make("svg:rect", { class: "back", x: TIME, y: 3, width: width - TIME, height: 16 }));
    svg.append(make("svg:text", { class: "pause", x: TIME + 8, y: 15 }, `${text} later`));
    return svg;
  }

  function ladder(data) {
    const names = data.columns, gap = Math.max(150, Math.min(300, 860 / Math.max(1, names.length - 1)));
    const places = names.map((_, number) => TIME + 50 + number * gap);
    const width = Math.max(960, TIME + 110 + (names.length - 1) * gap);
    const box = make("div", { class: "ladder" });
    const add = (element) => { if (width > 960) element.style.minWidth = width + "px"; box.append(element); };
    add(head(names, places, gap, width));
    for (const rung of data.rungs) {
      if (rung.pause) add(paused(rung.pause, places, width));
      const details = make("details", {});
      const summary = make("summary", { "aria-label":
        `${rung.at.toFixed(3)} s ${names[rung.source]} to ${names[rung.target]}: ${rung.label}. ${rung.notes.join(". ")}` });
      summary.append(drawn(rung, places, width));
      details.append(summary, make("pre", {}, rung.text));
      add(details);
    }
    return box;
  }

  function documents(data) {
    return data.documents.map((each) => {
      const details = make("details", { class: "document" });
      details.append(make("summary", {}, `${each.at.toFixed(3)} s to ${each.to}: ${each.said} (${each.state})`));
      const pre = make("pre", {});
      for (const line of each.lines) {
        const kind = line[0] === "+" ? "come" : line[0] === "-" ? "gone" : "";
        pre.append(kind ? make("span", { class: kind }, line) : document.createTextNode(line + "\n"));
      }
      details.append(pre);
      return details;
    });
  }

  function build(scenario) {
    const holder = scenario.querySelector("script[type='application/json']");
    if (!holder) return;
    const data = JSON.parse(holder.textContent);
    holder.remove();
    const plain = scenario.querySelector(".plain");
    const shown = document.createDocumentFragment();
    if (data.rungs.length) {
      shown.append(make("h2", {}, "Messages"));
      if (data.before) shown.append(make("p", { class: "dim" }, `${data.before} messages before are left out here`));
      shown.append(ladder(data));
    }
    if (data.documents.length) {
      shown.append(make("h2", {}, "Documents, each against the one before"), ...documents(data));
    }
    if (plain) plain.replaceWith(shown); else scenario.querySelector(".body").append(shown);
  }

  const scenarios = [...document.querySelectorAll(".scenario")];
  const search = document.getElementById("search"), tag = document.getElementById("tag");
  const outcomes = [...document.querySelectorAll("input[name=outcome]")];
  const count = document.getElementById("count");

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(outcomes.filter((box) => box.checked).map((box) => box.value));
    let shown = 0;
    for (const each of scenarios) {
      const tags = each.dataset.tags.split("\n");
      const fits = wanted.has(each.dataset.outcome) && (!tag.value || tags.includes(tag.value))
        && words.every((word) => each.dataset.text.includes(word));
      each.hidden = !fits;
      if (fits) shown += 1;
    }
    count.textContent = `${shown} of ${scenarios.length} shown`;
  }

  function follow() {
    const meant = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (meant && meant.classList.contains("scenario")) { meant.hidden = false; meant.open = true; meant.scrollIntoView(); }
  }

  document.querySelector(".filters").hidden = false;
  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.classList.contains("scenario")) build(event.target);
  }, true);
  for (const control of [search, tag, ...outcomes]) control.addEventListener("input", filter);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT)$/.test(event.target.tagName)) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape" && event.target === search) { search.value = ""; filter(); }
  });
  addEventListener("hashchange", follow);
  scenarios.filter((each) => each.open).forEach(build);
  filter();
  follow();
})();
