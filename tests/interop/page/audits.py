"""Scripts that look at a page as those do who see little, have no mouse or a small screen."""

TABS = ("registrations", "watchers", "messages", "hss", "rules", "metrics")
"""The views, as the page's address names them."""
CONTRAST = """
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const seen = new Map();
const rgba = (colour) => {
  if (!seen.has(colour)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    seen.set(colour, [red, green, blue, alpha / 255]);
  }
  return seen.get(colour);
};
const over = (top, bottom, alpha = top[3]) => [0, 1, 2].map((at) => top[at] * alpha + bottom[at] * (1 - alpha));
const luminance = (colour) => {
  const [red, green, blue] = colour.map((each) => (each <= 10 ? each / 3294.6 : ((each / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const ground = (element) => {
  if (!element) return [255, 255, 255];
  const own = rgba(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
};
const opacity = (element) => (element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1);
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const poor = [];
let count = 0;
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (!texts.currentNode.data.trim() || style.visibility === "hidden" || box.width < 2 || box.height < 2) continue;
  if (element.closest("script, noscript, :disabled, [hidden]") || !element.checkVisibility()) continue;
  const paint = element instanceof SVGElement ? style.fill : style.color;
  const behind = ground(element);
  const ink = over(rgba(paint), behind, rgba(paint)[3] * opacity(element));
  const [less, more] = [luminance(ink), luminance(behind)].sort((a, b) => a - b);
  const ratio = (more + 0.05) / (less + 0.05);
  count += 1;
  if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${element.outerHTML.slice(0, 120)}`);
}
return [count, poor];
"""
"""Computes the contrast of every text that is seen (WCAG 2 §1.4.3); returns how many, and those below 4.5."""
WIDER = """
const most = document.documentElement.clientWidth;
const clipped = (element) => {
  for (let each = element.parentElement; each; each = each.parentElement)
    if (getComputedStyle(each).overflowX !== "visible") return true;
  return false;
};
return [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > most + 1 && each.checkVisibility() && !clipped(each))
  .map((each) => each.outerHTML.slice(0, 120));
"""
"""Returns what stands out of the page, but for what is scrolled or cut where it stands."""
SILENT = """
const named = (e) => e.ariaLabel || e.title || e.textContent.trim() || [...(e.labels ?? [])].some((l) => l.innerText);
const controls = 'button, input, select, textarea, [role=option], [role=tab], [role=button], dialog';
return [...document.querySelectorAll(controls)]
  .filter((e) => e.checkVisibility() && !named(e)).map((e) => e.outerHTML.slice(0, 120));
"""
"""Returns the controls that have no name."""
