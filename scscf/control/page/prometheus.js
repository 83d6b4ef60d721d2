/** Prometheus' text format, read: families of samples; and what a chart shows of them. */

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Return Map(name → {name, type, help, samples: [{name, labels, value}]}) of a text. */
export function parseMetrics(text) {
  const families = new Map();
  const family = (name) => {
    if (!families.has(name)) families.set(name, { name, type: "untyped", help: "", samples: [] });
    return families.get(name);
  };
  for (const line of text.split("\n")) {
    const about = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (about) {
      family(about[2])[about[1].toLowerCase()] = about[3];
      continue;
    }
    const found = line.startsWith("#") ? null : LINE.exec(line);
    if (!found) continue;
    const [, name, inner = "", value] = found;
    const base = name.replace(/_(bucket|sum|count)$/, "");
    const owner = families.get(base)?.type === "histogram" ? base : name;
    const labels = Object.fromEntries([...inner.matchAll(LABEL)].map(([, key, text_]) => [key, text_.replace(/\\(.)/g, (_, each) => (each === "n" ? "\n" : each))]));
    family(owner).samples.push({ name, labels, value: Number(value.replace("Inf", "Infinity")) });
  }
  return families;
}

/** Return what tells samples of a family apart, as words. */
function words(labels) {
  return Object.entries(labels)
    .filter(([name]) => name !== "le")
    .map(([, value]) => value)
    .join(" ");
}

/** Return Map(series → value) of a family now: gauges and totals as they are, histograms as sums by bucket. */
export function readings(family) {
  const found = new Map();
  for (const { name, labels, value } of family.samples) {
    const key = family.type === "histogram" ? `${words(labels)}\u0000${name.slice(family.name.length)}\u0000${labels.le ?? ""}` : words(labels);
    found.set(key, (found.get(key) ?? 0) + value);
  }
  return found;
}

/**
 * Return Map(series → value) that a chart shows at one time, of the readings now and before, `seconds` apart: the value
 * of a gauge, the rate of a counter, the median and the 95th percentile of a histogram in ms.
 */
export function points(family, now, before, seconds) {
  if (family.type === "gauge" || family.type === "untyped") return now;
  if (before === null || seconds <= 0) return new Map();
  if (family.type !== "histogram") {
    return new Map([...now].map(([key, value]) => [key, Math.max(0, value - (before.get(key) ?? 0)) / seconds]));
  }
  const buckets = new Map();
  for (const [key, value] of now) {
    const [series, part, le] = key.split("\u0000");
    if (part !== "_bucket") continue;
    if (!buckets.has(series)) buckets.set(series, []);
    buckets.get(series).push([le === "+Inf" ? Infinity : Number(le), value - (before.get(key) ?? 0)]);
  }
  const found = new Map();
  for (const [series, counts] of buckets) {
    counts.sort(([a], [b]) => a - b);
    for (const [share, name] of [[0.5, "median"], [0.95, "95 %"]]) {
      const value = quantile(counts, share);
      if (value !== null) found.set(`${series} ${name}`.trim(), value * 1000);
    }
  }
  return found;
}

/** Return a quantile of cumulative buckets, as Prometheus works it out; null where there is nothing. */
export function quantile(counts, share) {
  const total = counts.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  const rank = share * total;
  let low = 0;
  let under = 0;
  for (const [le, count] of counts) {
    if (count >= rank) {
      if (le === Infinity) return low;
      return low + ((le - low) * (rank - under)) / Math.max(1e-9, count - under);
    }
    low = le;
    under = count;
  }
  return low;
}
