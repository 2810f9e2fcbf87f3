"use strict";
/* The numbers of the report: unpacked, weighed, written for readers. Python made the weights and the strata; nothing
   here knows a law. Estimators are those of sim/estimates/mixtures.py, step by step. */
const Report = {};

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  Report.data = data;

  // Unpacking: little-endian arrays, and counts as variable-length integers with runs of zeros (sim/report/packing.py).

  const bytes = (text) => {
    const raw = atob(text);
    const found = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) found[i] = raw.charCodeAt(i);
    return found;
  };
  const array = (text, Type) => new Type(bytes(text).buffer);
  const counts = (text, size, Type) => {
    const coded = bytes(text);
    const found = new Type(size);
    let place = 0, number = 0, scale = 1, inRun = false;
    for (const byte of coded) {
      number += (byte & 127) * scale;
      if (byte & 128) { scale *= 128; continue; }
      if (inRun) { place += number; inRun = false; }
      else if (number === 0) inRun = true;
      else found[place++] = number;
      number = 0;
      scale = 1;
    }
    if (place !== size) throw new Error(`${place} counts, not ${size}`);
    return found;
  };

  const given = data.losses;
  const paths = given.paths, replications = given.replications;
  const strata = Math.max(1, data.strata.length);
  const bins = given.bins.count, merged = given.bins.merged, inCoarse = given.bins.coarse;
  const edges = bins / inCoarse;
  const Whole = paths < 65536 ? Uint16Array : Uint32Array;
  const count = counts(given.count, strata * bins, Whole);
  const mean = array(given.mean, Float32Array);
  const spread = array(given.spread, Float32Array);
  const varies = array(given.varies, Uint8Array);
  const total = array(given.total, Float64Array);
  const baseline = array(given.baseline, Float64Array);
  const weights = array(data.weights, Float64Array);
  const each = paths / replications;

  /** What one path more or less adds to losses that so many paths have: see Moments.worth in Python. */
  const worthOf = (held, losses) => {
    let number = 0, amount = 0, second = 0, third = 0;
    held.forEach((paths_, c) => { number += paths_; amount += paths_ * losses[c]; });
    held.forEach((paths_, c) => {
      const off = losses[c] - amount / Math.max(1, number);
      second += paths_ * off ** 2;
      third += paths_ * off ** 3;
    });
    return second > 0 ? Math.hypot(third / second, 2 * Math.sqrt(second / number)) : 0;
  };
  const worths = new Float64Array(strata);

  // By coarse edge, replication and stratum: paths up to the edge, and what those beyond it lose.
  const below = new Uint32Array(edges * replications * strata);
  const beyond = new Float64Array(edges * replications * strata);
  {
    const coarse = counts(given.coarse, strata * replications * edges, Whole);
    const means = new Float64Array(edges), holds = new Float64Array(edges);
    const row = replications * strata;
    for (let s = 0; s < strata; s++) {
      for (let c = 0; c < edges; c++) {
        let held = 0, amount = 0;
        for (let b = s * bins + c * inCoarse, k = c * inCoarse; k < (c + 1) * inCoarse; b++, k++) {
          held += count[b];
          amount += count[b] * mean[k];
        }
        means[c] = held ? amount / held : 0;
        holds[c] = held;
      }
      worths[s] = varies[s] ? worthOf(holds, means) : 0;
      for (let r = 0; r < replications; r++) {
        const first = (s * replications + r) * edges;
        let upto = 0, lost = 0;
        for (let c = 0; c < edges; c++) {
          upto += coarse[first + c];
          below[c * row + r * strata + s] = upto;
        }
        for (let c = edges - 1; c >= 0; c--) {
          beyond[c * row + r * strata + s] = lost;
          lost += coarse[first + c] * means[c];
        }
      }
    }
  }
  /** Strata in which some paths hit and some don't, so that one could have done otherwise. */
  const undecided = (table) => {
    const found = new Uint8Array(strata);
    for (let s = 0; s < strata; s++) {
      let hits = 0;
      for (let r = 0; r < replications; r++) hits += table[r * strata + s];
      found[s] = hits > 0 && hits < paths ? 1 : 0;
    }
    return found;
  };
  /** Counts and sums by replication and stratum of the measures that ask something of each path, by name. */
  const tables = (texts, Type) => Object.entries(texts).map(([name, text]) => [name, array(text, Type)]);
  const counted = tables(given.shares, Uint32Array).map(([name, table]) => [name, table, undecided(table)]);
  const summed = tables(given.sums, Float64Array);

  // Weighing.

  /** Weights of the strata at a probability and a stop of the timing. */
  const weigh = (probability, stop) => {
    const found = new Float64Array(strata);
    for (let s = 0; s < strata; s++) found[s] = probability * weights[stop * strata + s];
    found[strata - 1] += 1 - probability;
    return found;
  };

  /** Probability of each bin of losses. */
  const density = (w) => {
    const found = new Float64Array(bins);
    for (let s = 0; s < strata; s++) {
      const share = w[s] / paths;
      if (share === 0) continue;
      const first = s * bins;
      for (let b = 0; b < bins; b++) found[b] += share * count[first + b];
    }
    return found;
  };

  const signed = (root) => Math.sign(root) * root * root;
  /** Losses between which a bin lies. */
  const ends = (bin) => [
    signed(given.bins.low + (bin * merged - 1) * given.bins.step),
    signed(given.bins.low + (bin * merged + merged - 1) * given.bins.step),
  ];
  const single = (bin) => spread[bin] <= 1e-6 * Math.abs(mean[bin]);

  const firstAtLeast = (cdf, wanted) => {
    let low = 0, high = cdf.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cdf[middle] >= wanted) high = middle; else low = middle + 1;
    }
    return low;
  };

  /** Loss at which a distribution reaches a level; the value itself where a bin holds a single one. */
  const quantile = (cdf, level) => {
    const bin = firstAtLeast(cdf, Math.min(level, 1) - 1e-12);
    const [lower, upper] = ends(bin);
    const before = bin > 0 ? cdf[bin - 1] : 0;
    const share = cdf[bin] - before;
    const way = Math.min(1, Math.max(0, (level - before) / (share > 1e-12 ? share : 1)));
    return { bin, value: single(bin) ? mean[bin] : lower + way * (upper - lower) };
  };

  /** Probability of a loss above an amount. */
  const exceeds = (cdf, amount) => {
    const root = Math.sign(amount) * Math.sqrt(Math.abs(amount));
    const fine = given.bins.step > 0 ? Math.ceil((root - given.bins.low) / given.bins.step) : amount < mean[0] ? -1 : 0;
    if (fine < 0) return 1;
    const bin = Math.min(bins - 1, Math.floor(fine / merged));
    const before = bin > 0 ? cdf[bin - 1] : 0;
    const [lower, upper] = ends(bin);
    const way = single(bin) ? (amount >= mean[bin] * (1 - 1e-6) ? 1 : 0)
      : Math.min(1, Math.max(0, upper > lower ? (amount - lower) / (upper - lower) : 1));
    return Math.max(0, 1 - before - way * (cdf[bin] - before));
  };

  // Errors: from how far the replications lie apart.

  const row = replications * strata;
  const replicated = (table, w, first, divisor) => {
    const found = new Float64Array(replications);
    for (let r = 0; r < replications; r++) {
      let sum = 0;
      for (let s = 0; s < strata; s++) sum += w[s] * table[first + r * strata + s];
      found[r] = sum / divisor;
    }
    return found;
  };
  const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = (values) => {
    const middle = average(values);
    return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  };
  /** Standard error of a mean of replications; what is only the rounding of amounts of a size is none.
   *  As sim/estimates/replications.py has it: where all agree, one has missed or met a path by chance; where most do,
   *  as much as the others lie off is granted; else at least so much. */
  const error = (values, path = 0, atLeast = 0, size = Math.max(...values.map(Math.abs))) => {
    const count = values.length;
    if (count < 2) return null;
    const ordered = Float64Array.from(values).sort(), common = ordered[Math.floor(count / 2)];
    const near = 1e-12 * Math.max(Math.abs(ordered[0]), Math.abs(ordered[count - 1]));
    let alike = 0, off = 0;
    for (const value of ordered) {
      if (Math.abs(value - common) <= near) alike += 1;
      off = Math.max(off, Math.abs(value - common));
    }
    const granted = alike === count ? given.missed * path : alike > count / 2 ? Math.max(off, atLeast) : atLeast;
    const found = Math.sqrt((squares(values) + granted ** 2) / ((count - 1) * count));
    return found <= 1e-10 * size ? 0 : found;
  };
  const all = (w, unsure) => w.reduce((sum, weight, s) => sum + weight * unsure[s], 0);
  const heaviest = (w, unsure) => w.reduce((most, weight, s) => Math.max(most, weight * unsure[s]), 0);
  const onePath = replications / paths, never = 1 - Math.pow(0.025, 1 / paths);

  const share = (table, w, unsure) => {
    const values = replicated(table, w, 0, each);
    const value = average(values);
    const reach = given.student * error(values, all(w, unsure) * onePath, heaviest(w, unsure) * onePath);
    let high = value + reach;
    if (given.others && value === 0) high = Math.max(high, never);
    return { value, low: Math.max(0, value - reach), high: Math.min(1, high) };
  };

  /** Paths up to the coarse edge at or after a bin, by replication, as shares. */
  const coarseOf = (bin) => Math.floor(bin / inCoarse);
  const shareBelow = (w, edge) => replicated(below, w, edge * row, each);
  const reachOf = (shares, w) =>
    given.student * error(shares, all(w, varies) * onePath, heaviest(w, varies) * onePath);
  /** How far a loss that is read from a bin may be off. */
  const binned = (bin) => {
    if (single(bin)) return 0;
    const [lower, upper] = ends(bin);
    return given.binned * (upper - lower);
  };

  const tail = (w, cdf, prefix, level) => {
    const { bin, value } = quantile(cdf, level);
    const rest = 1 - cdf[bin];
    const shortfall = (prefix[bins - 1] - prefix[bin] + value * Math.max(0, 1 - level - rest)) / (1 - level);
    const edge = coarseOf(bin);
    const shares = shareBelow(w, edge);
    if (replications < 2) return { level, bin, value, low: null, high: null, shortfall, error: null };
    const reach = reachOf(shares, w);
    const [lower, upper] = [level - reach, level + reach].map((at) => quantile(cdf, at));
    const low = value - Math.hypot(lower.value - value, binned(lower.bin));
    const high = value + Math.hypot(upper.value - value, binned(upper.bin));
    const excess = replicated(beyond, w, edge * row, each).map((amount, r) =>
      (amount - value * (1 - shares[r])) / (1 - level));
    const worth = (shortfall - value) / (1 - level);
    const path = onePath * worth;
    const chance = error(excess, all(w, varies) * path, heaviest(w, varies) * path, Math.abs(shortfall));
    const unread = binned(bin) * Math.max(0, 1 - level - rest) / (1 - level) / given.student;
    return { level, bin, value, low, high, shortfall, error: Math.hypot(chance, unread) };
  };

  /** All measures at some weights of the strata. */
  const measured = (w) => {
    const cdf = density(w);
    const prefix = new Float64Array(bins);
    let amount = 0;
    for (let b = 0, upto = 0; b < bins; b++) {
      amount += cdf[b] * mean[b];
      prefix[b] = amount;
      upto += cdf[b];
      cdf[b] = upto;
    }
    const losses = replicated(total, w, 0, each);
    const mean_ = (values, path = 0) => ({ value: average(values), error: error(values, path) });
    const means = {}, shares = {}, path = heaviest(w, worths) * onePath;
    const ofLosses = (values) => {
      const one = mean_(values, path);
      // What no path shows may still happen, and cost as much as there is to lose.
      const most = Math.abs(average(baseline) / each) + given.oneOffs;
      if (one.error === 0 && given.others) one.error = never * most / given.student;
      return one;
    };
    for (const [name, [ofLoss, ofBaseline]] of Object.entries(given.means)) {
      means[name] = ofLosses(losses.map((loss, r) => ofBaseline * (baseline[r] / each) + ofLoss * loss));
    }
    for (const [name, table] of summed) {
      const values = replicated(table, w, 0, each);
      means[name] = given.ofLosses.includes(name) ? ofLosses(values) : mean_(values);
    }
    for (const [name, table, unsure] of counted) shares[name] = share(table, w, unsure);
    return {
      w, cdf,
      means, shares,
      expectedLoss: means.expected_loss,
      expectedBaseline: average(baseline) / each,
      anyLoss: shares.probability_of_loss,
      tails: given.levels.map((level) => tail(w, cdf, prefix, level)),
    };
  };

  /** Probability of a loss above an amount, with its 95 % interval. */
  const chanceAbove = (found, amount) => {
    const value = exceeds(found.cdf, amount);
    if (replications < 2) return { value, low: null, high: null };
    const bin = firstAtLeast(found.cdf, 1 - value - 1e-12);
    const reach = reachOf(shareBelow(found.w, coarseOf(bin)), found.w);
    return { value, low: Math.max(0, value - reach), high: Math.min(1, value + reach) };
  };

  /** Exceedance at the coarse edges with its 95 % interval: [loss, probability, low, high]. */
  const exceedance = (found) => {
    const curve = [];
    for (let edge = 0; edge < edges; edge++) {
      const bin = (edge + 1) * inCoarse - 1;
      const value = 1 - found.cdf[bin];
      const reach = replications < 2 ? 0 : reachOf(shareBelow(found.w, edge), found.w);
      curve.push([ends(bin)[1], value, Math.max(0, value - reach), Math.min(1, value + reach)]);
    }
    return curve;
  };

  /** The exceedance curve as points [loss, probability], down to the least probability that is drawn. */
  const curve = (found, least) => {
    const step = Math.max(1, bins / 1024), lowest = ends(0)[1];
    const points = [[Math.min(0, lowest), 1], [lowest, 1], [lowest, 1 - found.cdf[0]]];
    for (let bin = step - 1; bin < bins; bin += step) {
      const chance = 1 - found.cdf[bin];
      const before = points[points.length - 1], earlier = points[points.length - 2];
      if (chance === before[1] && chance === earlier[1]) points.pop();
      points.push([ends(bin)[1], chance]);
      if (chance < least) break;
    }
    return points;
  };

  // The surface: a measure at every stop of the timing and many probabilities.

  const chances = Array.from({ length: 51 }, (_, k) => k / 50);
  const step = Math.max(1, bins / 1024), size = bins / step;
  let thin = null;
  /** Counts and losses in wider bins, for all strata: enough for a picture. */
  const thinned = () => {
    const held = new Float64Array(strata * size), lost = new Float64Array(strata * size);
    for (let s = 0; s < strata; s++) {
      for (let k = s * size, b = 0, at = s * bins; b < bins; k++) {
        for (let last = b + step; b < last; b++, at++) {
          held[k] += count[at];
          lost[k] += count[at] * mean[b];
        }
      }
    }
    return { held, lost };
  };
  const sums = (w) => {
    thin = thin || thinned();
    const cdf = new Float64Array(size), lost = new Float64Array(size);
    for (let s = 0; s < strata; s++) {
      const share = w[s] / paths;
      if (share === 0) continue;
      for (let b = 0, k = s * size; b < size; b++, k++) { cdf[b] += share * thin.held[k]; lost[b] += share * thin.lost[k]; }
    }
    for (let b = 1; b < size; b++) { cdf[b] += cdf[b - 1]; lost[b] += lost[b - 1]; }
    return { cdf, lost };
  };
  /** Rows by stop, a value a probability; `kind` is "loss", "risk" or "shortfall". */
  const surface = (kind, level) => {
    const never = sums(weigh(0, 0));
    return Array.from({ length: weights.length / strata }, (_, stop) => {
      const certain = sums(weigh(1, stop));
      const mix = (table, p, k) => k < 0 ? 0 : p * certain[table][k] + (1 - p) * never[table][k];
      return chances.map((p) => {
        if (kind === "loss") return mix("lost", p, size - 1);
        let low = 0, high = size - 1;
        while (low < high) {
          const middle = (low + high) >> 1;
          if (mix("cdf", p, middle) >= level - 1e-12) high = middle; else low = middle + 1;
        }
        const before = mix("cdf", p, low - 1), held = mix("cdf", p, low) - before;
        const lower = ends(low * step)[0], upper = ends(low * step + step - 1)[1];
        const way = held > 1e-12 ? Math.min(1, Math.max(0, (level - before) / held)) : 1;
        const inside = (mix("lost", p, low) - mix("lost", p, low - 1)) / (held > 1e-12 ? held : 1);
        const value = single(low * step) && step === 1 ? mean[low] : low === 0 ? inside : lower + way * (upper - lower);
        if (kind === "risk") return value;
        const rest = 1 - mix("cdf", p, low);
        const amount = mix("lost", p, size - 1) - mix("lost", p, low);
        return (amount + value * Math.max(0, 1 - level - rest)) / (1 - level);
      });
    });
  };

  // The fan: monthly revenue by stratum from its own month on, as if never before it.

  const fan = data.fan;
  const columns = fan.columns, wide = fan.bins;
  const lowest = array(fan.low, Float32Array), highest = array(fan.high, Float32Array);
  const groups = fan.strata;
  const starts = [0];
  {
    let place = columns * wide;
    for (const column of groups) { starts.push(place); place += (columns - column) * wide; }
    starts.push(place);
  }
  const fanCounts = counts(fan.counts, starts[starts.length - 1], Uint16Array);
  const without = array(fan.baseline, Float32Array);
  const groupOf = data.strata.map((month) => month >= data.months ? -1 : groups.indexOf(Math.floor(month / fan.by)));

  /** Quantiles of monthly revenue by level and column. */
  const fanned = (w) => {
    const of = new Float64Array(groups.length);
    let never = groups.length ? 0 : 1;
    for (let s = 0; groups.length && s < strata; s++) {
      if (groupOf[s] < 0) never += w[s]; else of[groupOf[s]] += w[s];
    }
    const found = fan.levels.map(() => new Float64Array(columns));
    const mix = new Float64Array(wide);
    let later = of.reduce((sum, weight) => sum + weight, 0);
    for (let c = 0, g = 0; c < columns; c++) {
      while (g < groups.length && groups[g] <= c) later -= of[g++];
      mix.fill(0);
      const asNever = (never + Math.max(0, later)) / fan.paths;
      for (let b = 0, k = c * wide; b < wide; b++, k++) mix[b] = asNever * fanCounts[k];
      for (let k = 0; k < g; k++) {
        const weight = of[k] / fan.paths;
        if (weight === 0) continue;
        const first = starts[k + 1] + (c - groups[k]) * wide;
        for (let b = 0; b < wide; b++) mix[b] += weight * fanCounts[first + b];
      }
      let upto = 0, b = 0;
      for (let l = 0; l < fan.levels.length; l++) {
        while (b < wide - 1 && upto + mix[b] < fan.levels[l] - 1e-9) upto += mix[b++];
        const way = mix[b] > 0 ? Math.min(1, Math.max(0, (fan.levels[l] - upto) / mix[b])) : 0;
        const k = c * wide + b;
        found[l][c] = lowest[k] + way * (highest[k] - lowest[k]);
      }
    }
    return found;
  };

  /** Probability that the event arises by itself within the horizon, and the month by which half of that lies. */
  const arising = (w) => {
    let within = 0;
    for (let s = 0; s < strata; s++) if (data.strata[s] < data.months) within += w[s];
    let upto = 0;
    for (let s = 0; s < strata && within > 0; s++) {
      upto += w[s];
      if (upto >= within / 2 * (1 - 1e-12)) return { within, half: data.strata[s] };
    }
    return { within, half: null };
  };

  // Writing, as sim/words/numbers.py does.

  const decimals = (value, err) => {
    if (err !== null && err !== undefined && err > 0 && isFinite(err)) return Math.max(0, 1 - Math.floor(Math.log10(err)));
    if (value === 0 || !isFinite(value)) return 1;
    return Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(Math.abs(value)))));
  };
  const fixed = (value, digits) => {
    const [whole, part] = Math.abs(value).toFixed(digits).split(".");
    const text = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "");
    return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
  };
  const number = (value, err) => value === null ? "–" : fixed(value, Math.min(9, decimals(value, err)));
  /** A number as it is, in twelve digits at most. */
  const plain = (value) => {
    const places = value ? Math.max(0, Math.min(12, 11 - Math.floor(Math.log10(Math.abs(value))))) : 0;
    const text = fixed(value, places);
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  };
  const withUnit = (text) => `${data.money.before}${text}${data.money.after}`;
  /** An amount with its unit, which stay on one line as long as a narrow page has room for them. */
  const money = (value, err) => {
    const said = withUnit(number(value, err));
    return said.length <= 24 ? said.replace(/ /g, "\u00a0") : said;
  };
  const tableFactor = data.money.inTable;
  /** What is written in the unit of the table, with that unit; on one line where a narrow page has room for it. */
  const inTableUnit = (text) => {
    const said = `${data.money.tableBefore}${text}${data.money.tableAfter}`;
    return said.length <= 24 ? said.replace(/ /g, "\u00a0") : said;
  };
  /** An amount in a sentence, by its size. */
  const sized = (value, err = null, digits = 3) => {
    const unit = data.money, rounded = Number(Math.abs(value * unit.scale).toExponential(digits - 1));
    const [word, size] = unit.scales.slice().reverse().find(([, one]) => rounded >= Math.max(one, unit.writtenOut)) || ["", 1];
    const shown = value * unit.scale / size;
    let places = rounded ? Math.max(0, digits - 1 - Math.floor(Math.log10(rounded / size))) : 0;
    if (err > 0 && isFinite(err)) places = Math.min(places, Math.max(0, -Math.floor(Math.log10(err * unit.scale / size))));
    let text = fixed(shown, places);
    if (text.includes(".")) text = text.replace(/\.?0+$/, "");
    const parts = unit.code ? [unit.name, text, word] : [text, word, unit.name];
    return parts.filter(Boolean).join("\u00a0");
  };
  const halfWidth = (one) => one.low === null ? null : (one.high - one.low) / 2;
  const percents = (one) => {
    const most = one.value < 0.01 ? 4 : 2;
    const digits = one.low === null ? 1 : Math.min(most, decimals(100 * one.value, 50 * (one.high - one.low)));
    const [value, low, high] = [one.value, one.low, one.high].map((v) => v === null ? "?" : (100 * v).toFixed(digits));
    return { value: `${value}\u00a0%`, range: `${low} … ${high}\u00a0%` };
  };
  const month = (number_) => {
    const absolute = data.start + number_;
    return `${String(Math.floor(absolute / 12)).padStart(4, "0")}-${String(absolute % 12 + 1).padStart(2, "0")}`;
  };

  Object.assign(Report, {
    weigh, measured, chanceAbove, curve, exceedance, surface, chances, fanned, arising, quantile, columns, without,
    decimals, fixed, number, plain, withUnit, money, tableFactor, inTableUnit, sized, halfWidth, percents, month,
  });
})();
