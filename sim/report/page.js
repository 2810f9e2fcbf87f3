"use strict";
/* The page: dials, what they say, and what follows them. */
(() => {
  const R = Report, data = R.data;
  const find = (id) => document.getElementById(id);
  const say = (id, words) => { const at = find(id); if (at) at.textContent = words.replace(/ %/g, "\u00a0%"); };

  /** A sentence whose months are never broken at their hyphen. */
  const sayWhole = (id, words) => {
    const parts = words.replace(/ %/g, "\u00a0%").split(/(\d{4}-\d{2})/);
    find(id).replaceChildren(...parts.map((part, k) => {
      if (k % 2 === 0) return part;
      const whole = document.createElement("span");
      whole.className = "together";
      whole.textContent = part;
      return whole;
    }));
  };

  // Where the dials stand.

  const chances = data.probability ? data.probability.values : [1];
  const timings = data.timing ? data.timing.values : [null];
  const home = {
    chance: data.probability ? data.probability.base : 0,
    stop: data.timing ? data.timing.base : 0,
    threshold: data.threshold,
  };
  const state = { ...home };
  const nearest = (values, wanted) => values.reduce((best, value, k) =>
    Math.abs(value - wanted) < Math.abs(values[best] - wanted) ? k : best, 0);

  /** Whether something read is an amount that one may lose: finite, and of a size that can be written out. */
  const isAmount = (read) => Math.abs(read) < 1e18;

  const fromAddress = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    const chance = Number.parseFloat(asked.get("p")), threshold = Number.parseFloat(asked.get("x"));
    if (data.probability && chance >= 0 && chance <= 1) state.chance = nearest(chances, chance);
    if (data.timing && asked.has("t")) {
      const wanted = asked.get("t");
      if (data.timing.months) { if (timings.includes(wanted)) state.stop = timings.indexOf(wanted); }
      else if (Number.isFinite(Number.parseFloat(wanted))) state.stop = nearest(timings, Number.parseFloat(wanted));
    }
    if (isAmount(threshold) && threshold >= 0) state.threshold = threshold;
  };
  const address = () => {
    const parts = [];
    if (data.probability) parts.push(`p=${chances[state.chance]}`);
    if (data.timing) parts.push(`t=${timings[state.stop]}`);
    if (state.threshold !== home.threshold) parts.push(`x=${state.threshold}`);
    return `#${parts.join("&")}`;
  };
  const overrides = () => {
    const parts = [];
    if (data.probability) parts.push(`--set ${data.probability.path}=${chances[state.chance]}`);
    if (data.timing) parts.push(`--set ${data.timing.path}=${timings[state.stop]}`);
    return parts;
  };

  const percent = (share) => `${R.plain(Math.round(1e6 * share) / 1e4)} %`;
  /** What a stop of a dial comes to, in brackets: the median month of a delay, no event at all. */
  const comesTo = (said) => said ? ` (${said})` : "";
  const chanceInWords = () => percent(chances[state.chance]) + comesTo(data.probability.said[state.chance]);
  const timingInWords = () => (data.timing.months ? timings[state.stop] : R.plain(timings[state.stop]))
    + comesTo(data.timing.said[state.stop]);

  // What is said of the numbers.

  const weights = () => R.weigh(chances[state.chance], state.stop);
  const base = R.measured(R.weigh(data.base.probability, data.base.stop));
  let found = base, surface = null;

  /** In the unit of the table. */
  const tabled = (one) => {
    const found = {};
    for (const key of ["value", "low", "high", "error"]) if (one[key] !== undefined) found[key] = one[key] && one[key] * R.tableFactor;
    return found;
  };
  const withError = (told) => {
    const one = tabled(told);
    return { value: R.number(one.value, one.error), range: one.error === null ? "" : `± ${one.error > 0 ? R.number(one.error, one.error) : "0"}` };
  };
  const withRange = (told) => {
    const one = tabled(told), width = R.halfWidth(one);
    return { value: R.number(one.value, width), range: width === null ? "" : `${R.number(one.low, width)} … ${R.number(one.high, width)}` };
  };
  const rows = (measures) => {
    const listed = {};
    for (const [name, one] of Object.entries(measures.means)) listed[name] = [one, withError];
    for (const [name, one] of Object.entries(measures.shares)) listed[name] = [one, R.percents];
    measures.tails.forEach((tail, k) => {
      const level = data.levels[k];
      listed[`revenue_at_risk.${level}`] = [tail, withRange];
      listed[`expected_shortfall.${level}`] = [{ value: tail.shortfall, error: tail.error }, withError];
    });
    return listed;
  };
  const change = (now, before, told) => {
    const apart = now.value - before.value, sign = apart > 0 ? "+" : "";
    if (Math.abs(apart) < 1e-12 * Math.max(1, Math.abs(now.value))) return "–";
    if (told === R.percents) return `${sign}${R.fixed(100 * apart, 1)} points`;
    const width = now.error !== undefined ? now.error : R.halfWidth(now);
    return `${sign}${R.number(apart * R.tableFactor, width && width * R.tableFactor)}`;
  };

  const headline = () => {
    // As sim/words/headline.py says it.
    return [atRisk(), average(), plan(), away() ? "" : data.chief].filter(Boolean).map((part) => `${part}.`).join(" ");
  };
  const away = () => state.chance !== home.chance || state.stop !== home.stop;
  const part = (share) => {
    const text = R.fixed(100 * share, Math.abs(100 * share) >= 10 ? 0 : 1);
    return /^−?0\.0$/.test(text) ? "less than 0.1 %" : `${text} %`;
  };
  const average = () => {
    const loss = found.expectedLoss;
    if (!data.eventful || loss.value === 0) return "";
    return `On average ${R.sized(Math.abs(loss.value), loss.error && 2 * loss.error)} is ${loss.value > 0 ? "lost" : "gained"}`;
  };
  const plan = () => {
    const missed = found.shares.probability_below_target;
    if (!data.eventful || !missed || !data.plan) return "";
    const known = found.means.expected_plain_revenue;
    const expected = known ? ` (expected: ${R.sized(known.value, known.error && 2 * known.error)})` : "";
    const [how, end] = data.discounted ? [", not discounted", ","] : ["", ""];
    return `The plan of ${data.plan}${how}${expected}${end} is missed in ${part(missed.value)} of futures`;
  };
  const ends = (tail) => {
    if (tail.low === null) return " (so few paths do not tell how sure that is)";
    if ((tail.high - tail.low) / 2 <= 0.1 * Math.abs(tail.value)) return "";
    return ` (it may be from ${R.sized(tail.low, null, 2)} to ${R.sized(tail.high, null, 2)}: more paths would tell)`;
  };
  const atRisk = () => {
    const tail = found.tails[0], baseline = found.expectedBaseline, chance = found.anyLoss, span = data.period;
    if (!data.eventful) return `The scenario has no events, so that nothing could be lost over ${span}`;
    if (!(tail.value >= 0 && tail.value <= 1e-9 * baseline)) {
      const of = baseline ? ` of the ${R.sized(baseline)} expected without events (${part(tail.value / baseline)})` : "";
      const amount = R.sized(tail.value, R.halfWidth(tail));
      return `In ${data.futures[0]} the loss over ${span} does not exceed ${amount}${ends(tail)}${of}`;
    }
    if (chance.value === 0) {
      const may = chance.high ? `, whose chance is below ${R.fixed(100 * chance.high, 2)} %` : "";
      return `In no future that was simulated is anything lost over ${span}${may}`;
    }
    const times = (1 - tail.level) / chance.value;
    const amount = R.sized(times * tail.shortfall, tail.error === null ? null : 2 * times * tail.error);
    return `In ${R.percents(chance).value} of futures there is a loss over ${span}, of ${amount} on average; in the others none`;
  };
  const beneath = () => {
    const tail = found.tails[0], range = withRange(tail).range;
    const averaged = withError({ value: tail.shortfall, error: tail.error });
    return [
      range && `95 % interval: ${R.inTableUnit(range)}.`,
      `In the worst ${R.plain(100 - 100 * tail.level)} % of cases the loss averages ${R.inTableUnit(averaged.value)}`
        + `${tail.error ? ` (${averaged.range})` : ""}.`,
      `The chance of any loss is ${R.percents(found.anyLoss).value}.`,
    ].filter(Boolean).join(" ");
  };

  /** A measure that only Python can tell: it stands where the scenario does, and nowhere else. */
  const still = (row, away) => {
    const cells = [row.querySelector(".now"), row.querySelector(".error")];
    if (row.dataset.told === undefined) row.dataset.told = JSON.stringify(cells.map((cell) => cell.textContent));
    const [value, error] = JSON.parse(row.dataset.told);
    cells[0].textContent = away ? "–" : value;
    cells[1].textContent = away ? "known for the scenario as it is" : error;
  };

  const tell = () => {
    const listed = rows(found), before = rows(base);
    const away = state.chance !== home.chance || state.stop !== home.stop;
    for (const row of document.querySelectorAll("#measures tr[data-measure]")) {
      if (!listed[row.dataset.measure]) { still(row, away); continue; }
      const [one, told] = listed[row.dataset.measure];
      const words = told(one);
      row.dataset.value = one.value;
      if (one.low !== undefined && one.low !== null) { row.dataset.low = one.low; row.dataset.high = one.high; }
      if (one.error !== undefined && one.error !== null) row.dataset.error = one.error;
      row.querySelector(".now").textContent = words.value;
      row.querySelector(".error").textContent = words.range;
      const moved = row.querySelector(".change");
      if (moved) moved.textContent = change(one, before[row.dataset.measure][0], told);
    }
    sayWhole("headline", headline());
    say("beneath", beneath());
    const tail = found.tails[0];
    say("readout", R.inTableUnit(withRange(tail).value));
    const chance = R.chanceAbove(found, state.threshold), words = R.percents(chance);
    const exceeds = find("exceeds");
    exceeds.textContent = words.value;
    exceeds.dataset.value = chance.value;
    exceeds.title = chance.low === null ? "" : `95 % interval: ${words.range}`;
    say("asked", `Chance to lose more than ${R.inTableUnit(R.plain(state.threshold * R.tableFactor))}: ${words.value}`
      + `${chance.low === null ? "" : ` (95 % interval: ${words.range})`}.`);
    if (data.probability) {
      const slider = find("probability");
      slider.value = state.chance;
      slider.setAttribute("aria-valuetext", chanceInWords());
      say("probability-value", chanceInWords());
      const { within, half } = R.arising(found.w);
      // Where the timing tells its median month, that of the part within the horizon would only be mistaken for it.
      const told = data.timing && data.timing.said[state.stop];
      say("arising", `It arises by itself before ${R.month(data.months)} with a chance of ${percent(Math.round(1000 * within) / 1000)}`
        + (told ? "; in brackets: its median month" : half === null || half >= data.months ? "" : `, half of that by ${R.month(half)}`)
        + ".");
    }
    if (data.timing) {
      const slider = find("timing");
      slider.value = state.stop;
      slider.setAttribute("aria-valuetext", timingInWords());
      say("timing-value", timingInWords());
    }
    const moved = state.chance !== home.chance || state.stop !== home.stop;
    say("set", overrides().join("\n"));
    const back = find("back");
    if (back) back.disabled = !moved;
    document.body.classList.toggle("moved", moved);
    const where = [];
    if (data.probability) where.push(`${data.probability.caption}: ${chanceInWords()}`);
    if (data.timing) where.push(`${data.timing.caption}: ${timingInWords()}`);
    say("where", where.length ? `Shown for ${where.join("; ")}${moved ? "" : " (the scenario as it is)"}.` : "");
  };

  const draw = () => {
    R.drawFan(find("fan"), found);
    R.drawExceedance(find("exceedance"), found, base, state.threshold);
    if (surface) surface.mark(chances[state.chance], state.stop);
  };

  /** Everything anew for where the dials stand; milliseconds that it took. */
  const update = () => {
    const begun = performance.now();
    found = R.measured(weights());
    tell();
    draw();
    R.took = performance.now() - begun;
    return R.took;
  };

  let waiting = false, quiet = 0;
  const soon = (answer = headline) => {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(() => { waiting = false; update(); });
    }
    clearTimeout(quiet);
    // A reader of screens hears the headline once the dial rests, a copied address has where it stands.
    quiet = setTimeout(() => {
      say("said", answer());
      try { history.replaceState(null, "", address()); } catch { /* the address stays as it was */ }
    }, 600);
  };

  // The surface.

  /** Width of the 95 % interval of a measure where the scenario itself stands. */
  const interval = (kind, level) => {
    const tail = base.tails.find((one) => one.level === Number(level));
    if (kind === "risk") return 2 * (R.halfWidth(tail) || 0);
    return 4 * ((kind === "loss" ? base.expectedLoss.error : tail.error) || 0);
  };
  const paintSurface = () => {
    const host = find("surface");
    if (!host || !data.timing) return;
    const [kind, level] = find("surface-measure").value.split(":");
    const grid = R.surface(kind, Number(level));
    surface = new R.Surface(host, grid, interval(kind, level));
    surface.mark(chances[state.chance], state.stop);
    say("surface-note", surface.isFlat ? "From one corner to another it moves by less than its own 95 % interval." : "");
    const name = find("surface-measure").selectedOptions[0].textContent;
    R.drawScale(find("surface-scale"), surface.low, surface.high, `${name}, ${data.money.table}`);
    host.setAttribute("aria-label", `Heat map of ${name} over timing and probability, from `
      + `${R.sized(surface.least)} to ${R.sized(surface.most)}.`);
  };

  // What the reader does.

  const listen = (id, event, act) => { const at = find(id); if (at) at.addEventListener(event, act); };
  listen("probability", "input", (event) => { state.chance = Number(event.target.value); soon(); });
  listen("timing", "input", (event) => { state.stop = Number(event.target.value); soon(); });
  listen("threshold", "input", (event) => {
    const wanted = Number.parseFloat(event.target.value) / R.tableFactor;
    if (isAmount(wanted)) { state.threshold = wanted; soon(() => find("asked").textContent); }
  });
  listen("back", "click", () => { state.chance = home.chance; state.stop = home.stop; soon(); });
  listen("surface-measure", "change", paintSurface);
  const host = find("surface");
  if (host) {
    const move = (event) => {
      const at = surface && surface.at(event);
      if (!at) return;
      state.chance = nearest(chances, at.probability);
      state.stop = at.stop;
      soon();
    };
    let held = false;
    host.addEventListener("click", move);
    host.addEventListener("pointerdown", (event) => { held = event.pointerType === "mouse" && event.button === 0; });
    host.addEventListener("pointermove", (event) => { if (held && event.buttons) move(event); else held = false; });
  }

  const copy = async (button, words) => {
    const shown = button.textContent;
    let done = true;
    try { await navigator.clipboard.writeText(words); } catch {
      const text = document.createElement("textarea");
      text.value = words;
      document.body.append(text);
      text.select();
      try { done = document.execCommand("copy"); } catch { done = false; }
      text.remove();
    }
    button.textContent = done ? "Copied" : "Select it and copy by hand";
    setTimeout(() => { button.textContent = shown; }, 1500);
  };
  listen("copy-set", "click", (event) => copy(event.currentTarget, overrides().join(" ")));
  listen("copy-link", "click", (event) => copy(event.currentTarget, location.href.split("#")[0] + address()));
  listen("copy-command", "click", (event) => copy(event.currentTarget, find("command").textContent));

  // Paper has no fold to open.
  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details:not([open])")];
    for (const fold of unfolded) fold.open = true;
  });
  window.addEventListener("afterprint", () => { for (const fold of unfolded) fold.open = false; unfolded = []; });

  window.addEventListener("hashchange", () => { fromAddress(); setThreshold(); update(); });
  let width = 0;
  new ResizeObserver(() => {
    const now = find("fan").clientWidth;
    if (now === width || now === 0 || matchMedia("print").matches) return;
    width = now;
    draw();
    paintSurface();
  }).observe(find("fan"));
  const setThreshold = () => { find("threshold").value = Number((state.threshold * R.tableFactor).toPrecision(12)); };

  for (const tick of document.querySelectorAll(".tick[data-place]")) tick.style.left = `calc(${tick.dataset.place} * (100% - 16px) + 8px)`;
  fromAddress();
  setThreshold();
  width = find("fan").clientWidth;
  update();
  paintSurface();
  R.ready = performance.now();
  R.update = update;
  R.state = state;
  R.addressOf = address;
  document.documentElement.dataset.ready = R.ready.toFixed(1);
})();
