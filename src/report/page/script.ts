// The only script of a report: what lies under the pointer on a map, and the pixels of images as CSV. Without it
// everything else of the page is still there.
export const script = `
(() => {
  const box = document.getElementById('hover');
  const sprite = JSON.parse(document.getElementById('sprite')?.textContent || 'null');
  const hide = () => { box.style.display = 'none'; };
  for (const map of document.querySelectorAll('svg[data-map]')) {
    const { places, texts, thumbs } = JSON.parse(document.querySelector('[data-places="' + map.dataset.map + '"]').textContent);
    const ring = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    for (const [name, value] of Object.entries({ r: 7, fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'pointer-events': 'none' })) ring.setAttribute(name, value);
    let current = -1;
    const show = (row, x, y) => {
      current = row;
      ring.setAttribute('cx', places[2 * row] / 10);
      ring.setAttribute('cy', places[2 * row + 1] / 10);
      map.append(ring);
      box.textContent = texts[row] ?? '';
      if (sprite && thumbs) {
        const zoom = Math.max(1, Math.floor(84 / Math.max(sprite.width, sprite.height)));
        const tile = document.createElement('i');
        const at = thumbs[row];
        tile.className = 'thumb';
        tile.style.width = sprite.width * zoom + 'px';
        tile.style.height = sprite.height * zoom + 'px';
        tile.style.backgroundSize = sprite.columns * sprite.width * zoom + 'px auto';
        tile.style.backgroundPosition = -(at % sprite.columns) * sprite.width * zoom + 'px ' + -Math.floor(at / sprite.columns) * sprite.height * zoom + 'px';
        box.prepend(tile);
      }
      box.style.display = 'block';
      const right = x + 16 + box.offsetWidth > innerWidth;
      box.style.left = Math.max(4, right ? x - box.offsetWidth - 12 : x + 16) + 'px';
      box.style.top = Math.max(4, Math.min(y + 12, innerHeight - box.offsetHeight - 4)) + 'px';
    };
    const leave = () => { ring.remove(); hide(); };
    const point = (event) => {
      const frame = map.getBoundingClientRect();
      const scale = map.viewBox.baseVal.width / frame.width;
      const x = (event.clientX - frame.left) * scale * 10, y = (event.clientY - frame.top) * scale * 10;
      let best = -1, least = (14 * scale * 10) ** 2;
      for (let i = 0; i < places.length; i += 2) {
        const d = (places[i] - x) ** 2 + (places[i + 1] - y) ** 2;
        if (d < least) { least = d; best = i / 2; }
      }
      if (best < 0) leave();
      else show(best, event.clientX, event.clientY);
    };
    // The nearest mark in a quadrant towards the key; what lies aside counts double.
    const towards = (dx, dy) => {
      let best = -1, least = Infinity;
      for (let i = 0; i < places.length / 2; i++) {
        const x = places[2 * i] - places[2 * current], y = places[2 * i + 1] - places[2 * current + 1];
        const ahead = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
        if (ahead > 0 && ahead >= aside && ahead + 2 * aside < least) { least = ahead + 2 * aside; best = i; }
      }
      return best < 0 ? current : best;
    };
    const middle = () => {
      const half = map.viewBox.baseVal.width * 5;
      let best = 0, least = Infinity;
      for (let i = 0; i < places.length / 2; i++) {
        const d = (places[2 * i] - half) ** 2 + (places[2 * i + 1] - half) ** 2;
        if (d < least) { least = d; best = i; }
      }
      return best;
    };
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    map.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') return leave();
      const step = steps[event.key];
      if (!step || places.length === 0) return;
      event.preventDefault();
      const row = current < 0 ? middle() : towards(...step);
      const frame = map.getBoundingClientRect();
      const scale = frame.width / map.viewBox.baseVal.width / 10;
      show(row, frame.left + places[2 * row] * scale, frame.top + places[2 * row + 1] * scale);
    });
    map.addEventListener('blur', leave);
    map.addEventListener('pointermove', point);
    map.addEventListener('pointerdown', point);
    map.addEventListener('pointerleave', leave);
  }
  for (const link of document.querySelectorAll('a[data-pixels]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      const lines = ['panel,image,caption,width,height,channel pixels in rows 0..255'];
      for (const [p, panel] of document.getElementById(link.dataset.pixels).querySelectorAll('.panel').entries()) {
        const heading = panel.querySelector('h4')?.textContent ?? String(p + 1);
        for (const [i, image] of panel.querySelectorAll('img').entries()) {
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const pen = canvas.getContext('2d');
          pen.drawImage(image, 0, 0);
          const rgba = pen.getImageData(0, 0, canvas.width, canvas.height).data;
          const grey = rgba.every((v, k) => k % 4 === 3 || v === rgba[k - (k % 4)]);
          const pixels = rgba.filter((_, k) => (grey ? k % 4 === 0 : k % 4 < 3));
          const quote = (text) => '"' + text.replaceAll('"', '""').replaceAll('\\n', ' ') + '"';
          lines.push([quote(heading), i + 1, quote(image.alt), canvas.width, canvas.height, ...pixels].join(','));
        }
      }
      const save = document.createElement('a');
      save.href = URL.createObjectURL(new Blob([lines.join('\\r\\n')], { type: 'text/csv' }));
      save.download = link.dataset.pixels + '.csv';
      save.click();
    });
  }
})();
`;
