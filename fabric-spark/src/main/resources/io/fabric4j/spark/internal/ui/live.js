/* Shows what the page's JSON tells, and asks for what is new while a run goes on. */
(() => {
  'use strict';

  const {draw, html, number, duration} = FabricChart;
  const root = document.getElementById('fabric');
  const POLL_MILLIS = 1500;
  const RECENT = 10;
  const MAX_ROWS = 32;
  const STRAGGLER = 1.25;

  // The columns of a rank's series, as LiveRun adds them.
  const [END, ATTEMPT, STEPS, ROWS, TOTAL, DATA, FORWARD, BACKWARD, SYNC, OPTIMIZER, PROCESS, HEAP,
    DEVICE, DEVICE_TOTAL] = Array(14).keys();
  const PARTS = [
    ['data wait', '#E69F00'], ['forward', '#56B4E9'], ['backward', '#0072B2'],
    ['all-reduce', '#CC79A7'], ['optimizer', '#009E73'], ['other', '#c4c9ce']
  ];

  const state = {version: 0, series: new Map(), run: null, axis: 'time', all: false};
  const parts = {};

  function address(page) {
    const query = [root.dataset.query, 'since=' + state.version].filter(Boolean).join('&');
    return root.dataset.home + page + 'json/?' + query;
  }

  async function poll(page, take) {
    let wait = POLL_MILLIS;
    if (!document.hidden) {
      try {
        const response = await fetch(address(page), {credentials: 'same-origin'});
        if (!response.ok) {
          throw new Error('status ' + response.status);
        }
        if (!take(await response.json())) {
          return;
        }
        note('');
      } catch (error) {
        note(`Spark's UI does not answer (${error.message}); what is shown may be old.`);
        wait *= 4;
      }
    }
    setTimeout(() => poll(page, take), wait);
  }

  function note(text) {
    if (parts.note.textContent !== text) {
      parts.note.textContent = text;
    }
  }

  function badge(run) {
    return html('span', {class: 'fabric-state ' + run.state}, run.state);
  }

  function moment(millis) {
    const time = new Date(millis);
    const two = n => String(n).padStart(2, '0');
    return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} `
        + `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  }

  function table(kind, head, rows) {
    return html('div', {class: 'fabric-scroll'}, html('table', {class: kind},
        html('thead', {}, html('tr', {}, ...head.map(
            ([text, style]) => html('th', {scope: 'col', class: style || ''}, text)))),
        html('tbody', {}, ...rows)));
  }

  /* The list of runs. */

  function startList() {
    parts.note = html('p', {class: 'fabric-note', role: 'status'});
    parts.list = html('div');
    root.replaceChildren(parts.list, parts.note);
    poll('', json => {
      showList(json.runs);
      return true;
    });
  }

  function showList(runs) {
    const text = JSON.stringify(runs);
    if (text === parts.shown) {
      return;
    }
    parts.shown = text;
    if (runs.length === 0) {
      parts.list.replaceChildren(html('p', {class: 'fabric-empty'},
          'No runs yet. A run appears here when SparkFabric launches it.'));
      return;
    }
    const rows = runs.map(run => html('tr', {},
        html('td', {}, html('a', {href: root.dataset.home + 'run/?id=' + run.run}, 'Run ' + run.run)),
        html('td', {class: 'fabric-wrap'}, run.name),
        html('td', {}, badge(run)),
        html('td', {}, moment(run.started)),
        html('td', {class: 'fabric-num'}, duration((run.ended || run.updated) - run.started)),
        html('td', {class: 'fabric-num'}, run.ranks),
        html('td', {class: 'fabric-num'}, Math.max(0, run.attempt)),
        html('td', {class: 'fabric-wrap'}, run.message)));
    parts.list.replaceChildren(table('fabric-runs', [['Run'], ['Name'], ['State'], ['Started'],
      ['Duration', 'fabric-num'], ['Ranks', 'fabric-num'], ['Retries', 'fabric-num'],
      ['Failure']], rows));
  }

  /* A run. */

  function startRun() {
    for (const name of ['top', 'metrics', 'training', 'ranks', 'memory', 'checkpoints', 'incidents',
      'configuration']) {
      parts[name] = html('div');
    }
    parts.note = html('p', {class: 'fabric-note', role: 'status'});
    root.replaceChildren(parts.top, parts.note, heading('Metrics', axisSwitch()), parts.metrics,
        heading('Training'), parts.training, heading('Ranks'), parts.ranks, parts.memory,
        heading('Failures and retries'), parts.incidents, heading('Checkpoints'), parts.checkpoints,
        heading('Configuration'), parts.configuration);
    for (const name of ['metrics', 'training', 'memory']) {
      parts[name].className = 'fabric-charts';
    }
    parts.memory.style.marginTop = '.8rem';
    poll('run/', takeRun);
  }

  function heading(text, ...more) {
    return html('div', {class: 'fabric-head'}, html('h4', {}, text), ...more);
  }

  function axisSwitch() {
    const buttons = [['time', 'by time'], ['step', 'by step']].map(([axis, text]) => {
      const button = html('button', {type: 'button', 'aria-pressed': axis === state.axis}, text);
      button.addEventListener('click', () => {
        state.axis = axis;
        buttons.forEach(other => other.setAttribute('aria-pressed', other === button));
        showMetrics();
      });
      return button;
    });
    return html('span', {class: 'fabric-switch', role: 'group', 'aria-label': 'Axis of metrics'},
        ...buttons);
  }

  function takeRun(json) {
    const before = state.version;
    state.version = json.version;
    state.run = {...state.run, ...json};
    for (const series of json.series) {
      const key = series.kind + ' ' + series.name;
      const known = state.series.get(key);
      if (series.whole || !known) {
        state.series.set(key, series);
      } else {
        series.columns.forEach((column, i) => known.columns[i].push(...column));
      }
    }
    if (before !== json.version) {
      showAll();
    }
    showTop();
    return json.state === 'running';
  }

  function showAll() {
    showMetrics();
    showTraining();
    showRanks();
    showMemory();
    showIncidents();
    showCheckpoints();
    const text = state.run.explanation;
    parts.configuration.replaceChildren(text ? html('pre', {}, text)
        : html('p', {class: 'fabric-empty'}, 'Known as soon as rank 0 trains.'));
  }

  function kind(name) {
    return [...state.series.values()].filter(series => series.kind === name);
  }

  function ranks() {
    return kind('rank').sort((a, b) => a.name - b.name);
  }

  function since(millis) {
    return millis - state.run.started;
  }

  function markers() {
    const failures = state.run.incidents.map(incident => ({
      x: since(incident.time),
      kind: incident.retry ? 'retry' : 'failure',
      text: incident.text
    }));
    const saved = state.run.checkpoints.map(checkpoint => ({
      x: since(checkpoint.time),
      kind: 'checkpoint',
      text: 'checkpoint ' + checkpoint.path
    }));
    // Ranks that fail together would draw their lines over each other.
    return failures.filter((one, i) => !failures.slice(0, i).some(
        other => other.kind === one.kind && Math.abs(other.x - one.x) < 1000)).concat(saved);
  }

  /** Keeps the charts of a group, so that what the pointer shows stays. */
  function charts(group, specs) {
    while (group.children.length > specs.length) {
      group.lastChild.remove();
    }
    specs.forEach((spec, i) => {
      if (!group.children[i]) {
        group.append(html('div', {class: 'fabric-chart'}));
      }
      draw(group.children[i], {markers: markers(), axis: 'time', ...spec});
    });
  }

  function line(series, axis) {
    const [times, steps, values] = series.columns;
    return {
      name: series.name,
      points: values.map((value, i) => [axis === 'time' ? since(times[i]) : steps[i], value])
    };
  }

  /** What a metric is without the part of the data that it was computed on. */
  function subject(name) {
    const rest = name.replace(
        /(^|[/_.\- ])(train|training|val|valid|validation|test|eval)(?=$|[/_.\- ])/gi, '$1');
    return rest.replace(/^[/_.\- ]+|[/_.\- ]+$/g, '').replace(/([/_.\- ]){2,}/g, '$1') || name;
  }

  function showMetrics() {
    const groups = new Map();
    for (const series of kind('metric')) {
      const title = subject(series.name);
      groups.set(title, [...(groups.get(title) || []), series]);
    }
    if (groups.size === 0) {
      parts.metrics.replaceChildren(html('p', {class: 'fabric-empty'}, 'No metrics logged yet: call ',
          html('code', {}, 'fabric.log("loss", loss, step)'), ' in the loop.'));
      return;
    }
    if (!parts.metrics.querySelector('.fabric-chart')) {
      parts.metrics.replaceChildren();
    }
    const shown = [...groups].sort(([a], [b]) =>
        /loss/i.test(b) - /loss/i.test(a) || a.localeCompare(b));
    charts(parts.metrics, shown.map(([title, list]) => ({
      title, axis: state.axis, lines: list.map(series => line(series, state.axis))
    })));
  }

  function rate(columns, i) {
    return columns[TOTAL][i] > 0 ? columns[ROWS][i] * 1e6 / columns[TOTAL][i] : null;
  }

  /** Adds the ranks' rates up at the times of the rank that has most of them. */
  function throughput() {
    const list = ranks();
    const longest = list.reduce((a, b) =>
        b.columns[END].length > a.columns[END].length ? b : a, list[0]);
    const next = list.map(() => 0);
    return longest.columns[END].map(time => {
      let sum = 0;
      list.forEach((rank, i) => {
        const columns = rank.columns;
        while (next[i] + 1 < columns[END].length && columns[END][next[i] + 1] <= time + 500) {
          next[i]++;
        }
        sum += columns[END][next[i]] <= time + 500 ? rate(columns, next[i]) || 0 : 0;
      });
      return [since(time), sum];
    });
  }

  function showTraining() {
    const specs = [{
      title: 'Throughput', unit: 'samples/s', zero: true,
      lines: kind('rank').length ? [{name: 'all ranks', points: throughput()}] : [],
      empty: 'Known as soon as the ranks train.'
    }, {
      title: 'Learning rate', lines: kind('rate').map(series => line(series, 'time')),
      empty: 'No learning rate yet: Fabric asks the optimizers of fabric.setup.'
    }, {
      title: 'Gradient norm', lines: kind('norm').map(series => line(series, 'time')),
      empty: 'Not computed: call fabric.clipGradients(optimizer, GradientClipping.byNorm(...)), '
          + 'or log one.'
    }];
    charts(parts.training, specs);
  }

  /** Sums of a rank's last intervals, those of its present attempt. */
  function recent(rank) {
    const columns = rank.columns;
    const size = columns[END].length;
    const sums = {rank: rank.name, steps: 0, rows: 0, total: 0, parts: PARTS.map(() => 0)};
    const from = size > 1 ? Math.max(1, size - RECENT) : 0; // the first interval warms up
    for (let i = from; i < size; i++) {
      if (columns[ATTEMPT][i] !== columns[ATTEMPT][size - 1]) {
        continue;
      }
      sums.steps += columns[STEPS][i];
      sums.rows += columns[ROWS][i];
      sums.total += columns[TOTAL][i];
      [DATA, FORWARD, BACKWARD, SYNC, OPTIMIZER].forEach((column, part) => {
        sums.parts[part] += columns[column][i];
      });
    }
    const known = sums.parts.reduce((a, b) => a + b, 0);
    sums.parts[5] = Math.max(0, sums.total - known);
    const steps = Math.max(1, sums.steps);
    sums.own = (sums.total - sums.parts[3]) / steps;
    sums.step = sums.total / steps;
    sums.process = columns[PROCESS][size - 1];
    sums.device = columns[DEVICE][size - 1];
    sums.deviceTotal = columns[DEVICE_TOTAL][size - 1];
    return sums;
  }

  function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[(sorted.length - 1) >> 1];
  }

  /** Ranks wait for each other in the all-reduce, so what counts is the time without it. */
  function findStragglers(list) {
    const typical = median(list.map(one => one.own));
    for (const one of list) {
      one.slower = list.length > 1 && one.own > typical * STRAGGLER
          && one.own - typical > 0.1 * one.step ? one.own / typical : 0;
    }
  }

  function showRanks() {
    const notes = new Map(state.run.notes.map(one => [String(one.rank), one]));
    const list = ranks().map(recent);
    if (list.length === 0) {
      parts.ranks.replaceChildren(waiting(notes));
      return;
    }
    findStragglers(list);
    const longest = Math.max(...list.map(one => one.step));
    let shown = list;
    if (list.length > MAX_ROWS && !state.all) {
      shown = [...list].sort((a, b) => b.own - a.own).slice(0, MAX_ROWS);
    }
    const rows = shown.map(one => rankRow(one, notes.get(one.rank), longest));
    const legend = html('ul', {class: 'fabric-legend', 'aria-label': 'Parts of a step'},
        ...PARTS.map(([name, color]) => html('li', {}, swatch(color), name)));
    parts.ranks.replaceChildren(legend, table('fabric-ranks', [['Rank'], ['Host'],
      ['Time of a step'], ['ms per step', 'fabric-num'], ['Samples/s', 'fabric-num'],
      ['Memory', 'fabric-num']], rows));
    if (shown.length < list.length) {
      const button = html('button', {type: 'button', class: 'btn btn-sm btn-link'},
          `These are the ${MAX_ROWS} slowest: show all ${list.length} ranks`);
      button.addEventListener('click', () => {
        state.all = true;
        showRanks();
      });
      parts.ranks.append(button);
    }
  }

  function swatch(color) {
    const node = html('span', {class: 'fabric-swatch', 'aria-hidden': 'true'});
    node.style.background = color;
    return node;
  }

  function waiting(notes) {
    if (notes.size === 0) {
      return html('p', {class: 'fabric-empty'}, 'The ranks have not started yet.');
    }
    return table('fabric-ranks', [['Rank'], ['Host'], ['What it does'], ['Rows read', 'fabric-num']],
        [...notes.values()].map(one => html('tr', {}, html('td', {'data-label': 'rank'}, one.rank),
            html('td', {class: 'fabric-wrap'}, one.host), html('td', {}, one.phase),
            html('td', {class: 'fabric-num', 'data-label': 'rows'}, number(one.rows)))));
  }

  function rankRow(one, note, longest) {
    const bar = html('div', {class: 'fabric-bar', role: 'img'});
    const texts = one.parts.map((micros, i) =>
        `${PARTS[i][0]} ${number(micros / 1000 / Math.max(1, one.steps))} ms`);
    bar.setAttribute('aria-label', texts.join(', '));
    bar.title = texts.join('\n');
    bar.style.width = 100 * one.step / (longest || 1) + '%';
    one.parts.forEach((micros, i) => {
      const part = html('div');
      part.style.width = 100 * micros / (one.total || 1) + '%';
      part.style.background = PARTS[i][1];
      bar.append(part);
    });
    const slow = one.slower
        ? html('span', {class: 'fabric-slow'}, ` ⚠ straggler, ${one.slower.toFixed(1)}× the others`)
        : null;
    const memory = gibibytes(one.process)
        + (one.deviceTotal ? `, GPU ${gibibytes(one.device)} of ${gibibytes(one.deviceTotal)}` : '');
    return html('tr', {class: one.slower ? 'fabric-straggler' : ''},
        html('td', {'data-label': 'rank'}, html('b', {}, one.rank), slow),
        html('td', {class: 'fabric-wrap', 'data-label': 'on'}, note ? note.host : ''),
        html('td', {class: 'fabric-bar-cell'}, bar),
        html('td', {class: 'fabric-num', 'data-label': 'ms per step'}, number(one.step / 1000)),
        html('td', {class: 'fabric-num', 'data-label': 'samples/s'},
            number(one.total ? one.rows * 1e6 / one.total : 0)),
        html('td', {class: 'fabric-num', 'data-label': 'memory'}, memory));
  }

  function gibibytes(mebibytes) {
    return mebibytes < 1024 ? `${mebibytes} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
  }

  function showMemory() {
    const list = ranks();
    const lines = column => list.map(rank => ({
      name: 'rank ' + rank.name,
      points: rank.columns[column].map((value, i) => [since(rank.columns[END][i]), value])
    }));
    const waits = list.map(rank => ({
      name: 'rank ' + rank.name,
      points: rank.columns[END].map((time, i) => {
        const steps = rank.columns[STEPS][i];
        return [since(time), steps > 0
            ? (rank.columns[TOTAL][i] - rank.columns[SYNC][i]) / 1000 / steps : null];
      })
    }));
    const specs = [
      {title: 'Step without waiting for others', unit: 'ms', zero: true, lines: waits},
      {title: 'Memory of the process', unit: 'MiB', zero: true, lines: lines(PROCESS)},
      {title: 'Java heap', unit: 'MiB', zero: true, lines: lines(HEAP)}
    ];
    if (list.some(rank => rank.columns[DEVICE_TOTAL].some(total => total > 0))) {
      specs.push({title: 'GPU memory', unit: 'MiB', zero: true, lines: lines(DEVICE)});
    }
    charts(parts.memory, list.length ? specs : []);
  }

  function showIncidents() {
    const list = state.run.incidents;
    if (list.length === 0) {
      parts.incidents.replaceChildren(html('p', {class: 'fabric-empty'}, 'None.'));
      return;
    }
    parts.incidents.replaceChildren(table('', [['At', 'fabric-num'], ['What'], ['Attempt',
      'fabric-num'], ['Message']], list.map(one => html('tr', {},
        html('td', {class: 'fabric-num'}, duration(since(one.time))),
        html('td', {}, one.retry ? 'retry' : `rank ${one.rank} failed`),
        html('td', {class: 'fabric-num'}, one.attempt),
        html('td', {class: 'fabric-wrap'}, one.text)))));
  }

  function showCheckpoints() {
    const list = [...state.run.checkpoints].reverse();
    if (list.length === 0) {
      parts.checkpoints.replaceChildren(html('p', {class: 'fabric-empty'}, 'None saved yet: call ',
          html('code', {}, 'fabric.save(path, state)'), ', or use a run that resumes.'));
      return;
    }
    parts.checkpoints.replaceChildren(table('', [['At', 'fabric-num'], ['Path'],
      ['Size', 'fabric-num']], list.map(one => html('tr', {},
        html('td', {class: 'fabric-num'}, duration(since(one.time))),
        html('td', {class: 'fabric-wrap'}, path(one.path)),
        html('td', {class: 'fabric-num'}, bytes(one.bytes))))));
  }

  /** Browsers open web addresses only; other paths are to be copied. */
  function path(text) {
    return /^https?:\/\//.test(text)
        ? html('a', {href: text, rel: 'noreferrer'}, text) : html('code', {}, text);
  }

  function bytes(count) {
    const mebibytes = count / 1048576;
    return mebibytes >= 1 ? gibibytes(Math.round(mebibytes)) : `${Math.ceil(count / 1024)} KiB`;
  }

  function tile(name, value) {
    return html('div', {class: 'fabric-tile'}, html('small', {}, name), html('span', {}, value));
  }

  function showTop() {
    const run = state.run;
    const end = run.ended || Math.max(run.updated, run.state === 'running' ? Date.now() : 0);
    const speed = ranks().map(recent)
        .reduce((sum, one) => sum + (one.total ? one.rows * 1e6 / one.total : 0), 0);
    const steps = Math.max(0, ...ranks().map(
        rank => rank.columns[STEPS].reduce((sum, count) => sum + count, 0)));
    const slow = ranks().map(recent);
    if (slow.length) {
      findStragglers(slow);
    }
    const stragglers = slow.filter(one => one.slower).map(one => one.rank);
    const tiles = [tile('State', badge(run)), tile('Time', duration(end - run.started)),
      tile('Ranks', run.ranks), tile('Epoch', run.totalBatches ? run.epoch : '–'),
      tile('Steps', number(steps)), tile('Samples/s', number(speed)),
      tile('Retries', Math.max(0, run.attempt))];
    if (stragglers.length) {
      tiles.push(tile('Stragglers', 'rank ' + stragglers.slice(0, 3).join(', ')));
    }
    parts.top.replaceChildren(
        html('div', {class: 'fabric-run-name'}, html('a', {href: root.dataset.home}, 'All runs'),
            ' / ', html('b', {}, run.name), `, started ${moment(run.started)}`),
        html('div', {class: 'fabric-tiles'}, ...tiles));
    if (run.totalBatches) {
      parts.top.append(progress(run));
    }
    if (run.message) {
      parts.top.append(html('p', {class: 'fabric-message'}, run.message));
    }
  }

  function progress(run) {
    const done = html('div');
    done.style.width = 100 * run.batches / run.totalBatches + '%';
    const text = `batch ${run.batches} of ${run.totalBatches} in epoch ${run.epoch}`;
    return html('div', {class: 'fabric-progress', role: 'progressbar', title: text,
      'aria-label': text, 'aria-valuemin': 0, 'aria-valuemax': run.totalBatches,
      'aria-valuenow': run.batches}, done);
  }

  if (root.dataset.view === 'run') {
    startRun();
  } else {
    startList();
  }
})();
