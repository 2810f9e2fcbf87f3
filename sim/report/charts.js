"use strict";
/* The charts of the report, drawn as SVG at the width that there is. Colours come from the style sheet, by class. */
(() => {
  const R = Report, data = R.data;
  const SVG = "http://www.w3.org/2000/svg";

  const node = (name, attributes = {}, text = null) => {
    const found = document.createElementNS(SVG, name);
    for (const key in attributes) found.setAttribute(key, attributes[key]);
    if (text !== null) found.textContent = text;
    return found;
  };
  const path = (points) => points.length ? "M" + points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L") : "";
  const ruler = document.createElement("canvas").getContext("2d");
  ruler.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const widths = new Map();
  const textWidth = (text) => {
    if (!widths.has(text)) widths.set(text, ruler.measureText(text).width);
    return widths.get(text);
  };

  /** Round numbers between two, about so many. */
  const ticks = (low, high, about) => {
    if (!(high > low)) return [low];
    const rough = (high - low) / Math.max(1, about);
    const size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((times) => times * size).find((one) => one >= rough * 0.999);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
    return found;
  };

  class Plot {
    constructor(host, height, margin) {
      this.host = host;
      this.width = Math.max(260, host.clientWidth || 640);
      this.height = height;
      this.margin = margin;
      this.left = margin.left;
      this.right = this.width - margin.right;
      this.top = margin.top;
      this.bottom = height - margin.bottom;
      this.svg = host.querySelector("svg") || host.appendChild(node("svg", { "aria-hidden": "true", focusable: "false" }));
      this.svg.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
      this.parts = [];
    }
    add(name, attributes, text) {
      const found = node(name, attributes, text);
      this.parts.push(found);
      return found;
    }
    line(kind, points) { return this.add("path", { class: kind, d: path(points) }); }
    area(kind, upper, lower) {
      if (upper.length) this.add("path", { class: kind, d: `${path([...upper, ...[...lower].reverse()])}Z` });
    }
    text(kind, x, y, words, anchor = "start") {
      return this.add("text", { class: kind, x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor }, words);
    }
    done() { this.svg.replaceChildren(...this.parts); }
  }

  /** A round amount in the unit of the table. */
  const tabled = (amount) => R.plain(amount * R.tableFactor);

  /** Ticks of amounts beside lines across the plot. */
  const amountsAside = (plot, y, top) => {
    for (const tick of ticks(0, top, plot.height / 70)) {
      plot.line("grid", [[plot.left, y(tick)], [plot.right, y(tick)]]);
      plot.text("tick", plot.left - 6, y(tick) + 4, tabled(tick), "end");
    }
  };
  /** Ticks of amounts below, as many as fit. */
  const amountsBelow = (plot, x, low, high) => {
    let free = -Infinity;
    for (const tick of ticks(low, high, (plot.right - plot.left) / 66)) {
      const words = tabled(tick), at = x(tick), half = textWidth(words) / 2;
      plot.line("grid", [[at, plot.top], [at, plot.bottom]]);
      if (at - half < free) continue;
      plot.text("tick", Math.min(at, plot.width - half), plot.bottom + 16, words, "middle");
      free = at + half + 8;
    }
  };
  /** Ticks of months below: years, or months where the horizon is short. */
  const monthsBelow = (plot, x, first, last) => {
    const span = last - first;
    const step = [1, 2, 3, 6, 12, 24, 60, 120].find((one) => (plot.right - plot.left) / (span / one + 1) >= (one < 12 ? 58 : 42)) || 120;
    let free = -Infinity;
    for (let month = first; month <= last; month++) {
      const absolute = data.start + month;
      if (absolute % step) continue;
      const words = step >= 12 ? String(absolute / 12) : R.month(month);
      const at = x(month), half = textWidth(words) / 2;
      if (at - half < free || at + half > plot.width) continue;
      plot.line("mark", [[at, plot.bottom], [at, plot.bottom + 4]]);
      plot.text("tick", at, plot.bottom + 17, words, "middle");
      free = at + half + 6;
    }
  };

  // Revenue by month, with the events and without.

  const drawFan = (host, found) => {
    const quantiles = R.fanned(found.w), levels = data.fan.levels, columns = R.columns;
    const plot = new Plot(host, host.clientWidth < 480 ? 240 : 300, { left: 46, right: 12, top: 30, bottom: 26 });
    const top = data.fan.top * 1.03 || 1;
    const by = data.fan.by, last = (columns - 1) * by;
    const x = (month) => plot.left + (plot.right - plot.left) * (last ? month / last : 0.5);
    const y = (amount) => plot.bottom - (plot.bottom - plot.top) * amount / top;
    // A single month is as wide as the plot.
    const points = (values) => columns > 1 ? Array.from(values, (value, c) => [x(c * by), y(value)])
      : [[plot.left, y(values[0])], [plot.right, y(values[0])]];
    amountsAside(plot, y, top);
    monthsBelow(plot, x, 0, last);
    let free = -Infinity;
    for (const mark of data.fan.marks) {
      const at = x(mark.month), long = textWidth(mark.label);
      plot.line("renewal", [[at, plot.top - 4], [at, plot.bottom]]);
      const start = Math.max(plot.left, Math.min(at - long / 2, plot.right - long));
      if (start > free) { plot.text("label", start, plot.top - 9, mark.label); free = start + long + 8; }
    }
    const half = levels.length >> 1;
    for (let k = 0; k < half; k++) {
      plot.area(`band band${k}`, points(quantiles[levels.length - 1 - k]), points(quantiles[k]));
    }
    const base = levels.map((_, l) => points(R.without.subarray(l * columns, (l + 1) * columns)));
    plot.line("without edge", base[1]);
    plot.line("without edge", base[levels.length - 2]);
    plot.line("without", base[half]);
    plot.line("with", points(quantiles[half]));
    plot.done();
    const end = columns - 1;
    const said = (value) => R.sized(value, data.fan.error);
    host.setAttribute("aria-label", `Fan chart of monthly revenue. In ${R.month(end * by)} the median is `
      + `${said(quantiles[half][end])} with events, 80 % of paths between ${said(quantiles[1][end])} and `
      + `${said(quantiles[levels.length - 2][end])}; without events the median is ${said(R.without[half * columns + end])}.`);
    return quantiles;
  };

  // Loss exceedance: on a logarithmic scale, with revenue at risk and expected shortfall.

  const drawExceedance = (host, found, base, threshold) => {
    const plot = new Plot(host, host.clientWidth < 480 ? 260 : 300, { left: 50, right: 14, top: 12, bottom: 40 });
    const least = data.rarely, widest = data.widest > 0 ? data.widest * 1.05 : 1;
    const low = Math.min(0, R.quantile(found.cdf, least).value, R.quantile(base.cdf, least).value);
    const x = (loss) => plot.left + (plot.right - plot.left) * (Math.max(low, Math.min(loss, widest)) - low) / (widest - low);
    const y = (chance) => plot.top + (plot.bottom - plot.top) * Math.log10(Math.max(chance, least)) / Math.log10(least);
    for (let decade = 1; decade >= least * 0.999; decade /= 10) {
      plot.line("grid", [[plot.left, y(decade)], [plot.right, y(decade)]]);
      plot.text("tick", plot.left - 6, y(decade) + 4, `${R.plain(100 * decade)} %`, "end");
      for (const part of [0.5, 0.2]) {
        if (decade * part > least) plot.line("grid faint", [[plot.left, y(decade * part)], [plot.right, y(decade * part)]]);
      }
    }
    amountsBelow(plot, x, low, widest);
    plot.text("axis", plot.right, plot.bottom + 34, `loss, ${data.money.table}`, "end");

    const curve = R.exceedance(found);
    const inside = curve.filter(([loss, , , high]) => loss <= widest && high >= least);
    const stepped = (one) => R.curve(one, least).map(([loss, chance]) => [x(loss), y(chance)]);
    plot.area("band band0", inside.map(([loss, , , high]) => [x(loss), y(high)]), inside.map(([loss, , under]) => [x(loss), y(under)]));
    plot.line("base", stepped(base));
    plot.line("with", stepped(found));
    if (threshold > low && threshold < widest) {
      plot.line("threshold", [[x(threshold), plot.top], [x(threshold), plot.bottom]]);
    }
    let above = -Infinity;
    for (const tail of found.tails) {
      const height = y(1 - tail.level), at = x(tail.value), further = x(tail.shortfall);
      if (tail.value > widest) continue;
      plot.line("drop", [[at, height], [at, plot.bottom]]);
      plot.line("drop", [[at, height], [Math.min(further, plot.right), height]]);
      plot.add("circle", { class: "risk", cx: at.toFixed(1), cy: height.toFixed(1), r: 5 });
      if (tail.shortfall <= widest) {
        plot.add("path", { class: "shortfall", d: `M${further},${height - 6}l6,6l-6,6l-6,-6Z` });
      }
      if (height - above < 26) continue;
      above = height;
      const risk = `RaR ${R.plain(100 * tail.level)} %`, short = `ES ${R.plain(100 * tail.level)} %`;
      const long = textWidth(risk);
      if (at - 9 - long > plot.left) plot.text("label halo", at - 9, height + 14, risk, "end");
      else plot.text("label halo", at + 4, height + 18, risk);
      if (further + 10 + textWidth(short) < plot.width) plot.text("label halo", further + 10, height - 4, short);
      else plot.text("label halo", Math.min(further, plot.right) - 4, height - 10, short, "end");
    }
    plot.done();
    const said = found.tails.map((tail) => `${R.plain(100 * tail.level)} %: revenue at risk `
      + `${R.sized(tail.value, R.halfWidth(tail))}, expected shortfall ${R.sized(tail.shortfall, tail.error && 2 * tail.error)}`);
    host.setAttribute("aria-label", `Loss exceedance curve. Chance of any loss ${R.percents(found.anyLoss).value}. ${said.join("; ")}.`);
  };

  // The surface: a measure over timing and probability.

  /** The colour table as the canvas keeps its dots: red, green, blue, opaque. */
  const shades = (() => {
    const found = new Uint8ClampedArray(4 * 256);
    const part = (color, from) => parseInt(color.slice(from, from + 2), 16);
    for (let k = 0; k < 256; k++) {
      const place = k / 255 * (data.colors.length - 1);
      const before = Math.min(data.colors.length - 2, Math.floor(place)), way = place - before;
      [1, 3, 5].forEach((from, c) => {
        found[4 * k + c] = part(data.colors[before], from) * (1 - way) + part(data.colors[before + 1], from) * way;
      });
      found[4 * k + 3] = 255;
    }
    return new Uint32Array(found.buffer);
  })();

  const numberOf = (value) => typeof value === "string" ? 12 * Number(value.slice(0, 4)) + Number(value.slice(5)) - 1 : value;

  class Surface {
    /** A grid of amounts by stop and probability; colours span no less than `interval`, else noise would be a picture. */
    constructor(host, grid, interval) {
      this.host = host;
      this.grid = grid;
      this.stops = data.timing.values.map(numberOf);
      this.least = Math.min(...grid.map((row) => Math.min(...row)));
      this.most = Math.max(...grid.map((row) => Math.max(...row)));
      // What packing the losses leaves over is no loss.
      if (Math.abs(this.least) < 1e-6 * (this.most - this.least)) this.least = 0;
      this.isFlat = this.most - this.least < interval;
      const spare = this.isFlat ? (interval - this.most + this.least) / 2 : 0;
      this.low = this.least - spare;
      this.high = this.most + spare;
      this.plot = new Plot(host, host.clientWidth < 480 ? 280 : 340, { left: 46, right: 14, top: 10, bottom: 44 });
      const plot = this.plot, stops = this.stops;
      const first = stops[0], last = stops[stops.length - 1];
      this.x = (value) => plot.left + (plot.right - plot.left) * (value - first) / (last - first);
      this.y = (chance) => plot.bottom - (plot.bottom - plot.top) * chance;
      this.paint();
      this.draw();
    }
    paint() {
      const { plot, grid, stops } = this;
      const canvas = this.host.querySelector("canvas");
      const dense = Math.min(2, window.devicePixelRatio || 1);
      canvas.width = Math.round(plot.width * dense);
      canvas.height = Math.round(plot.height * dense);
      const span = this.high - this.low || 1, last = R.chances.length - 1;
      const [left, right, top, bottom] = [plot.left, plot.right, plot.top, plot.bottom].map((one) => Math.round(one * dense));
      const wide = right - left, high = bottom - top;
      const dots = new Uint32Array(wide * high);
      for (let column = 0, stop = 0; column < wide; column++) {
        const value = stops[0] + (stops[stops.length - 1] - stops[0]) * (column + 0.5) / wide;
        while (stop < stops.length - 2 && stops[stop + 1] <= value) stop++;
        const way = (value - stops[stop]) / (stops[stop + 1] - stops[stop]);
        const before = grid[stop], after = grid[stop + 1];
        for (let line = 0; line < high; line++) {
          const place = (1 - (line + 0.5) / high) * last, k = Math.min(last - 1, Math.floor(place)), up = place - k;
          const low = before[k] + way * (after[k] - before[k]), above = before[k + 1] + way * (after[k + 1] - before[k + 1]);
          dots[line * wide + column] = shades[Math.round(255 * (low + up * (above - low) - this.low) / span)];
        }
      }
      const image = new ImageData(new Uint8ClampedArray(dots.buffer), wide, high);
      canvas.getContext("2d").putImageData(image, left, top);
    }
    draw() {
      const { plot, x, y, stops } = this;
      for (const tick of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
        plot.line("mark", [[plot.left - 4, y(tick)], [plot.left, y(tick)]]);
        plot.text("tick", plot.left - 7, y(tick) + 4, `${Math.round(100 * tick)} %`, "end");
      }
      if (data.timing.months) monthsBelow(plot, (month) => x(month + data.start), stops[0] - data.start, stops[stops.length - 1] - data.start);
      else {
        for (const tick of ticks(stops[0], stops[stops.length - 1], (plot.right - plot.left) / 70)) {
          plot.line("mark", [[x(tick), plot.bottom], [x(tick), plot.bottom + 4]]);
          plot.text("tick", x(tick), plot.bottom + 17, R.plain(tick), "middle");
        }
      }
      plot.text("axis", plot.right, plot.bottom + 36, "timing", "end");
      if (!this.isFlat) this.contours();
      const base = data.base, at = [x(numberOf(data.timing.values[base.stop])), y(base.probability)];
      const cross = `M${at[0] - 6},${at[1] - 6}l12,12m0,-12l-12,12`;
      plot.add("path", { class: "here under", d: cross });
      plot.add("path", { class: "here", d: cross });
      this.rings = ["here under", "here"].map((kind) => plot.add("circle", { class: kind, r: 8 }));
      plot.done();
    }
    contours() {
      const { plot, grid, stops, x, y } = this, chances = R.chances;
      const levels = ticks(this.low, this.high, 5).filter((level) => level > this.low && level < this.high);
      const taken = [];
      for (const level of levels) {
        const bright = (level - this.low) / (this.high - this.low) > 0.5;
        let drawn = "", places = [];
        for (let s = 0; s + 1 < stops.length; s++) {
          for (let k = 0; k + 1 < chances.length; k++) {
            const around = [grid[s][k], grid[s + 1][k], grid[s + 1][k + 1], grid[s][k + 1]];
            if (Math.min(...around) >= level || Math.max(...around) < level) continue;
            const corners = [[s, k], [s + 1, k], [s + 1, k + 1], [s, k + 1]];
            const values = around.map((value) => value - level);
            const cut = [];
            for (let e = 0; e < 4; e++) {
              const one = values[e], other = values[(e + 1) % 4];
              if ((one < 0) === (other < 0)) continue;
              const way = one / (one - other), from = corners[e], to = corners[(e + 1) % 4];
              cut.push([
                x(stops[from[0]] + way * (stops[to[0]] - stops[from[0]])),
                y(chances[from[1]] + way * (chances[to[1]] - chances[from[1]])),
              ]);
            }
            for (let c = 0; c + 1 < cut.length; c += 2) { drawn += path([cut[c], cut[c + 1]]); places.push(cut[c]); }
          }
        }
        plot.add("path", { class: bright ? "contour dark" : "contour light", d: drawn });
        const words = tabled(level), long = textWidth(words) + 8;
        const spot = places.filter(([px, py]) => px > plot.left + long && px < plot.right - long && py > plot.top + 14 && py < plot.bottom - 8)
          .find(([px, py]) => taken.every(([tx, ty, tl]) => Math.abs(px - tx) > (long + tl) / 2 + 4 || Math.abs(py - ty) > 18));
        if (spot) {
          taken.push([...spot, long]);
          plot.text(bright ? "value dark" : "value light", spot[0], spot[1] + 4, words, "middle");
        }
      }
    }
    /** Set the ring to where the dials stand. */
    mark(probability, stop) {
      for (const ring of this.rings) {
        ring.setAttribute("cx", this.x(this.stops[stop]).toFixed(1));
        ring.setAttribute("cy", this.y(probability).toFixed(1));
      }
    }
    /** Probability and stop at a point of the screen; null outside. */
    at(event) {
      const box = this.plot.svg.getBoundingClientRect();
      const px = (event.clientX - box.left) * this.plot.width / box.width;
      const py = (event.clientY - box.top) * this.plot.height / box.height;
      const { left, right, top, bottom } = this.plot;
      if (px < left - 8 || px > right + 8 || py < top - 8 || py > bottom + 8) return null;
      const value = this.stops[0] + (this.stops[this.stops.length - 1] - this.stops[0]) * (px - left) / (right - left);
      let stop = 0;
      this.stops.forEach((one, k) => { if (Math.abs(one - value) < Math.abs(this.stops[stop] - value)) stop = k; });
      return { probability: Math.min(1, Math.max(0, (bottom - py) / (bottom - top))), stop };
    }
  }

  /** Colours and what they stand for. */
  const drawScale = (host, low, high, caption) => {
    const plot = new Plot(host, 44, { left: 8, right: 8, top: 4, bottom: 28 });
    const parts = data.colors.length;
    for (let k = 0; k < parts; k++) {
      const left = plot.left + (plot.right - plot.left) * k / parts;
      plot.add("rect", { x: left.toFixed(1), y: plot.top, width: ((plot.right - plot.left) / parts + 0.6).toFixed(1), height: 12, fill: data.colors[k], "shape-rendering": "crispEdges" });
    }
    const [least, most] = [low, high].map((end) => R.number(end * R.tableFactor));
    plot.text("tick", plot.left, plot.bottom + 16, least);
    plot.text("tick", plot.right, plot.bottom + 16, most, "end");
    const ends = textWidth(least) + textWidth(most) + 24;
    if (textWidth(caption) + ends < plot.right - plot.left) plot.text("axis", plot.width / 2, plot.bottom + 16, caption, "middle");
    plot.done();
  };

  Object.assign(R, { drawFan, drawExceedance, Surface, drawScale });
})();
