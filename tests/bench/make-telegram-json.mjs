// Writes a `result.json` of Telegram Desktop of a given size in MB, for measurements: `node make-telegram-json.mjs 2000 > result.json`.
// The same size gives the same bytes. Posts are made of invented words; one in four has media, one in eight is a forward.
import { createWriteStream } from 'node:fs';

const target = Number(process.argv[2] ?? 100) * 1e6;
const out = createWriteStream(null, { fd: 1, highWaterMark: 1 << 22 });

// A generator of numbers with a seed (mulberry32).
let state = 42;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (end) => Math.floor(random() * end);

const syllables = ['на', 'ре', 'ко', 'ли', 'по', 'та', 'ве', 'го', 'ми', 'ст', 'har', 'bour', 'fer', 'ry', 'win', 'ter', 'mar', 'ket'];
const words = Array.from({ length: 5000 }, () => Array.from({ length: 1 + below(3) }, () => syllables[below(syllables.length)]).join(''));
const sentence = (count) => Array.from({ length: count }, () => words[Math.floor(words.length * random() ** 2)]).join(' ');

function message(id) {
  const unix = 1500000000 + id * 40;
  const date = new Date((unix + 3 * 3600) * 1000).toISOString().slice(0, 19);
  const entities = [{ type: 'bold', text: sentence(6) }, { type: 'plain', text: `\n\n${sentence(20 + below(60))} ` }];
  if (id % 3 === 0) entities.push({ type: 'hashtag', text: `#${words[id % 100]}` });
  if (id % 5 === 0) entities.push({ type: 'text_link', text: sentence(2), href: `https://harbour.example/${id}` });
  const text = entities.map((entity) => (entity.type === 'plain' ? entity.text : entity));
  const media = id % 4 === 0 ? { photo: `photos/photo_${id}.jpg`, photo_file_size: 100000 + id, width: 1280, height: 960 } : {};
  const forward = id % 8 === 0 ? { forwarded_from: 'Radio Lighthouse', forwarded_from_id: 'channel77' } : {};
  const from = { from: 'Harbour News', from_id: 'channel1234567890' };
  return { id, type: 'message', date, date_unixtime: String(unix), ...from, ...forward, ...media, text, text_entities: entities };
}

let written = 0;
async function write(text) {
  written += Buffer.byteLength(text);
  if (!out.write(text)) await new Promise((resolve) => out.once('drain', resolve));
}

await write('{\n "name": "Harbour News",\n "type": "public_channel",\n "id": 1234567890,\n "messages": [\n');
for (let id = 1; written < target; id++) {
  const json = JSON.stringify(message(id), null, 1).replaceAll('\n', '\n  ');
  await write(`${id > 1 ? ',\n' : ''}  ${json}`);
}
await write('\n ]\n}');
out.end();
