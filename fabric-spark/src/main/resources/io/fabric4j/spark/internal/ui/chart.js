/* Line charts in SVG. Names and values are always set as text, never as HTML. */
const FabricChart = (() => {
  'use strict';

  // Okabe and Ito's colours, told apart by people with any kind of colour vision.
  const COLORS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#555555'];
  const DASHES = ['', '7 3', '2 3', '9 3 2 3'];
  const HEIGHT = 230;
  const MARGIN = {top: 12, right: 14, bottom: 34, left: 56};

  function html(tag, attributes, ...children) {
    return build(document.createElement(tag), attributes, children);
  }

  function svg(tag, attributes, ...children) {
    return build(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
  }

  function build(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      node.setAttribute(name, value);
    }
    node.append(...children.filter(child => child !== null && child !== undefined));
    return node;
  }

  function number(value) {
    if (value === null || value === undefined) {
      return '–';
    }
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
      return value.toExponential(2).replace('e+', 'e');
    }
    if (size >= 1000) {
      return Math.round(value).toLocaleString('en');
    }
    return String(Number(value.toPrecision(4)));
  }

  function duration(millis) {
    const seconds = Math.max(0, Math.round(millis / 1000));
    const two = n => String(n).padStart(2, '0');
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    return hours > 0
        ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
        : `${minutes}:${two(seconds % 60)}`;
  }

  function niceStep(span, count, steps) {
    const rough = span / Math.max(1, count);
    if (steps) {
      return steps.find(step => step >= rough) || Math.ceil(rough / 86400000) * 86400000;
    }
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    return [1, 2, 5, 10].map(m => m * power).find(step => step >= rough * 0.999);
  }

  const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600,
    43200, 86400].map(seconds => seconds * 1000);

  function ticks(low, high, count, steps) {
    const step = niceStep(high - low, count, steps);
    const result = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
      result.push(i * step);
    }
    return result;
  }

  function tickLabel(value, step) {
    const size = Math.abs(value);
    if (value === 0) {
      return '0';
    }
    if (size >= 1e7 || size < 1e-4) {
      return value.toExponential(1).replace('e+', 'e');
    }
    if (size >= 10000) {
      return Number((value / 1000).toPrecision(4)) + 'k';
    }
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return value.toFixed(Math.min(8, digits));
  }

  function extent(lines, index) {
    let low = Infinity;
    let high = -Infinity;
    for (const line of lines) {
      for (const point of line.points) {
        if (point[index] !== null) {
          low = Math.min(low, point[index]);
          high = Math.max(high, point[index]);
        }
      }
    }
    return [low, high];
  }

  function style(index) {
    return {
      color: COLORS[index % COLORS.length],
      dash: DASHES[Math.floor(index / COLORS.length) % DASHES.length]
    };
  }

  /** The parts of a line between its gaps: missing values, retries, and steps that are repeated. */
  function path(points, x, y, breaks) {
    let text = '';
    let before = null;
    for (const point of points) {
      if (point[1] === null) {
        before = null;
        continue;
      }
      const isGap = before === null || point[0] < before
          || breaks.some(at => at > before && at <= point[0]);
      text += `${isGap ? 'M' : 'L'}${x(point[0]).toFixed(1)} ${y(point[1]).toFixed(1)}`;
      before = point[0];
    }
    return text;
  }

  /**
   * Draws a chart into an element, in place of what it had.
   *
   * spec.title, spec.unit; spec.axis 'time' or 'step'; spec.zero whether the axis starts at 0;
   * spec.lines [{name, points: [[x, y], ...]}] with x in ms since the start, or steps;
   * spec.markers [{x, kind: 'failure' | 'retry' | 'checkpoint', text}]; spec.empty text
   */
  function draw(element, spec) {
    const lines = spec.lines
        .map((line, index) => ({...line, ...style(index)}))
        .filter(line => line.points.some(point => point[1] !== null));
    const title = spec.unit ? `${spec.title} (${spec.unit})` : spec.title;
    element.replaceChildren(html('h5', {}, title));
    element.fabricSpec = spec;
    if (lines.length === 0) {
      element.append(html('p', {class: 'fabric-empty'}, spec.empty || 'No values yet.'));
      return;
    }
    const width = Math.max(240, element.clientWidth - 26);
    const time = spec.axis === 'time';
    let [x0, x1] = extent(lines, 0);
    if (time) {
      x0 = 0;
      x1 = Math.max(x1, 1000, ...spec.markers.map(marker => marker.x));
    }
    if (x0 === x1) {
      x0 -= 1;
      x1 += 1;
    }
    let [y0, y1] = extent(lines, 1);
    if (spec.zero) {
      y0 = Math.min(0, y0);
    }
    if (y0 === y1) {
      const pad = Math.abs(y0) * 0.1 || 1;
      y0 -= spec.zero && y0 === 0 ? 0 : pad;
      y1 += pad;
    }
    const spread = (y1 - y0) * 0.06;
    y0 -= spec.zero && y0 === 0 ? 0 : spread;
    y1 += spread;
    const x = value => MARGIN.left
        + (value - x0) / (x1 - x0) * (width - MARGIN.left - MARGIN.right);
    const y = value => HEIGHT - MARGIN.bottom
        - (value - y0) / (y1 - y0) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    const markers = time ? spec.markers : [];
    const breaks = markers.filter(marker => marker.kind === 'retry').map(marker => marker.x);
    const root = svg('svg', {
      width, height: HEIGHT, role: 'img', 'aria-label': summary(title, lines)
    });
    axes(root, {x0, x1, y0, y1, x, y, width, time});
    let last = -Infinity;
    for (const marker of markers) {
      const at = x(marker.x);
      if (marker.kind !== 'checkpoint' || at - last >= 9) {
        root.append(mark(marker, at));
        last = marker.kind === 'checkpoint' ? at : last;
      }
    }
    for (const line of lines) {
      root.append(svg('path', {
        d: path(line.points, x, y, breaks), fill: 'none', stroke: line.color,
        'stroke-width': 2, 'stroke-linejoin': 'round', 'stroke-dasharray': line.dash
      }));
      const shown = line.points.filter(point => point[1] !== null);
      const dots = shown.length <= 30 ? shown : shown.slice(-1);
      for (const point of dots) {
        root.append(svg('circle', {cx: x(point[0]), cy: y(point[1]), r: 2.5, fill: line.color}));
      }
    }
    element.append(root, legend(lines));
    hover(element, root, {lines, x, y, x0, x1, width, time, markers});
  }

  function summary(title, lines) {
    const values = lines.slice(0, 8).map(line => {
      const last = line.points.filter(point => point[1] !== null).pop();
      return `${line.name} ${number(last[1])}`;
    });
    return `${title}, last values: ${values.join(', ')}`;
  }

  function axes(root, {x0, x1, y0, y1, x, y, width, time}) {
    const rows = ticks(y0, y1, 5);
    const step = rows.length > 1 ? rows[1] - rows[0] : y1 - y0;
    for (const value of rows) {
      root.append(
          svg('line', {x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value),
            class: 'fabric-grid'}),
          svg('text', {x: MARGIN.left - 7, y: y(value) + 4, 'text-anchor': 'end'},
              tickLabel(value, step)));
    }
    const count = Math.max(2, Math.floor((width - MARGIN.left) / 80));
    const columns = ticks(x0, x1, count, time ? TIME_STEPS : null).filter(
        value => time || Number.isInteger(value));
    for (const value of columns) {
      root.append(
          svg('line', {x1: x(value), x2: x(value), y1: HEIGHT - MARGIN.bottom,
            y2: HEIGHT - MARGIN.bottom + 4, class: 'fabric-tick'}),
          svg('text', {x: x(value), y: HEIGHT - MARGIN.bottom + 17, 'text-anchor': 'middle'},
              time ? duration(value) : tickLabel(value, 1)));
    }
    root.append(
        svg('line', {x1: MARGIN.left, x2: width - MARGIN.right, y1: HEIGHT - MARGIN.bottom,
          y2: HEIGHT - MARGIN.bottom, class: 'fabric-tick'}),
        svg('text', {x: width - MARGIN.right, y: HEIGHT - 3, 'text-anchor': 'end',
          class: 'fabric-axis'}, time ? 'time since start' : 'step'));
  }

  function mark(marker, x) {
    const group = svg('g', {class: 'fabric-mark-' + marker.kind});
    group.append(svg('title', {}, marker.text));
    if (marker.kind === 'checkpoint') {
      const y = HEIGHT - MARGIN.bottom;
      group.append(svg('path', {d: `M${x - 4} ${y}L${x} ${y - 7}L${x + 4} ${y}Z`}));
    } else {
      group.append(
          svg('line', {x1: x, x2: x, y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom}),
          svg('text', {x: x + 3, y: MARGIN.top + 8}, marker.kind));
    }
    return group;
  }

  function swatch(line) {
    return svg('svg', {width: 22, height: 10, 'aria-hidden': 'true'},
        svg('line', {x1: 0, x2: 22, y1: 5, y2: 5, stroke: line.color, 'stroke-width': 3,
          'stroke-dasharray': line.dash}));
  }

  function legend(lines) {
    const list = html('ul', {class: 'fabric-legend'});
    for (const line of lines.slice(0, 12)) {
      const last = line.points.filter(point => point[1] !== null).pop();
      list.append(html('li', {title: line.name}, swatch(line),
          html('span', {class: 'fabric-name'}, line.name), html('b', {}, number(last[1]))));
    }
    if (lines.length > 12) {
      list.append(html('li', {}, `and ${lines.length - 12} more`));
    }
    return list;
  }

  function nearest(points, x) {
    let best = null;
    for (const point of points) {
      if (point[1] !== null && (best === null || Math.abs(point[0] - x) < Math.abs(best[0] - x))) {
        best = point;
      }
    }
    return best;
  }

  function hover(element, root, {lines, x, y, x0, x1, width, time}) {
    const cursor = svg('g', {visibility: 'hidden', 'pointer-events': 'none'});
    const tip = html('div', {class: 'fabric-tip', hidden: ''});
    root.append(cursor);
    element.append(tip);
    const leave = () => {
      cursor.setAttribute('visibility', 'hidden');
      tip.hidden = true;
      element.fabricHover = null;
    };
    const show = at => {
      element.fabricHover = at;
      const value = x0 + (at - MARGIN.left) / (width - MARGIN.left - MARGIN.right) * (x1 - x0);
      const found = lines.slice(0, 12).map(line => ({line, point: nearest(line.points, value)}));
      const anchor = found.reduce((a, b) =>
          Math.abs(b.point[0] - value) < Math.abs(a.point[0] - value) ? b : a).point[0];
      cursor.replaceChildren(
          svg('line', {x1: x(anchor), x2: x(anchor), y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom,
            class: 'fabric-cursor'}),
          ...found.map(({line, point}) => svg('circle', {
            cx: x(point[0]), cy: y(point[1]), r: 4, fill: line.color, stroke: '#fff'})));
      cursor.setAttribute('visibility', 'visible');
      tip.replaceChildren(
          html('div', {}, time ? duration(anchor) : 'step ' + anchor.toLocaleString('en')),
          ...found.map(({line, point}) => html('div', {class: 'fabric-row'}, swatch(line),
              html('span', {class: 'fabric-name'}, line.name), html('b', {}, number(point[1])))));
      tip.hidden = false;
      const right = x(anchor) > width / 2;
      tip.style.left = right ? 'auto' : x(anchor) + 24 + 'px';
      tip.style.right = right ? width - x(anchor) + 14 + 'px' : 'auto';
    };
    root.addEventListener('pointermove', event => {
      const at = event.clientX - root.getBoundingClientRect().left;
      if (at < MARGIN.left - 5 || at > width - MARGIN.right + 5) {
        leave();
      } else {
        show(at);
      }
    });
    root.addEventListener('pointerleave', leave);
    if (element.fabricHover) {
      show(element.fabricHover);
    }
  }

  window.addEventListener('resize', () => {
    document.querySelectorAll('.fabric-chart').forEach(
        element => element.fabricSpec && draw(element, element.fabricSpec));
  });

  return {draw, html, svg, number, duration};
})();
