/** Dialogues: fields, a button that does it, and what came of it; the browser keeps the focus inside. */

import { button, el, say } from "./element.js";

/**
 * Show a dialogue and do what it asks for. `fields`: {name, label, type, value, options, min, max, help, when(values),
 * optional}; `shown` stands above them; `run(values)` does it and may return an element that shows what came of it; without one it
 * closes. The promise is kept with whether it was done.
 */
export function ask({ title, about, fields = [], submit, danger = false, run, closable = true, shown = null }) {
  const controls = new Map(fields.map((field) => [field.name, control(field)]));
  const problem = el("p", { class: "problem", role: "alert" });
  const outcome = el("div", { class: "outcome" });
  const act = el("button", { type: "submit", class: danger ? "danger" : "primary" }, submit);
  const leave = button("Cancel", () => dialog.close());
  const form = el(
    "form",
    { class: "form" },
    about ? el("p", { class: "about" }, about) : null,
    shown,
    fields.map((field) => controls.get(field.name).row),
    problem,
    outcome,
    el("div", { class: "row end" }, closable && submit !== "Close" ? leave : null, act),
  );
  const dialog = el("dialog", { "aria-label": title }, el("h2", {}, title), form);
  let is_done = false;
  const values = () => Object.fromEntries([...controls].map(([name, { read }]) => [name, read()]));
  const arrangeFields = () => {
    const given = values();
    for (const field of fields) {
      if (!field.when) continue;
      const { row, input } = controls.get(field.name);
      row.hidden = !field.when(given);
      input.disabled = row.hidden;
    }
  };
  form.addEventListener("input", arrangeFields);
  arrangeFields();
  return new Promise((done) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (is_done) {
        dialog.close();
        return;
      }
      problem.textContent = "";
      act.disabled = true;
      try {
        const shown = await run(given(values(), fields, controls));
        is_done = true;
        if (!shown) {
          dialog.close();
          return;
        }
        outcome.replaceChildren(shown);
        for (const { row } of controls.values()) row.hidden = true;
        leave.hidden = true;
        act.textContent = "Close";
        act.className = "primary";
      } catch (error) {
        say(problem, error.message);
      } finally {
        act.disabled = false;
        if (is_done && dialog.open) act.focus();
      }
    });
    dialog.addEventListener("cancel", (event) => {
      if (!closable) event.preventDefault();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(is_done);
    });
    document.body.append(dialog);
    dialog.showModal();
    (controls.values().next().value?.input ?? act).focus();
  });
}

/** Return what was filled in: no fields that are not asked for, and no empty ones. */
function given(values, fields, controls) {
  return Object.fromEntries(
    fields
      .filter(({ name }) => !controls.get(name).input.disabled)
      .map(({ name }) => [name, values[name]])
      .filter(([, value]) => value !== "" && value !== null),
  );
}

function control(field) {
  const id = `field-${field.name}`;
  const shared = { id, name: field.name, required: !field.optional && field.type !== "checkbox" };
  let input;
  let read;
  if (field.type === "select") {
    input = el(
      "select",
      shared,
      field.options.map(([value, label]) => el("option", { value, selected: value === field.value }, label)),
    );
    read = () => input.value;
  } else if (field.type === "checkbox") {
    input = el("input", { ...shared, type: "checkbox", checked: field.value === true, required: field.must === true });
    read = () => input.checked;
  } else if (field.type === "area") {
    input = el("textarea", { ...shared, rows: field.rows ?? 10, spellcheck: "false", class: "mono" });
    input.value = field.value ?? "";
    read = () => input.value;
  } else {
    const { type = "text", min, max, step, placeholder, autocomplete = "off" } = field;
    input = el("input", { ...shared, type, min, max, step, placeholder, autocomplete, spellcheck: "false" });
    input.value = field.value ?? "";
    read = () => (type === "number" ? (input.value === "" ? null : Number(input.value)) : input.value);
  }
  if (field.help) input.setAttribute("aria-describedby", `${id}-help`);
  const label = el("label", { for: id }, field.label);
  const help = field.help ? el("small", { id: `${id}-help`, class: "help" }, field.help) : null;
  const row = el("div", { class: `field ${field.type === "checkbox" ? "check" : ""}` }, label, input, help);
  return { row, input, read };
}
