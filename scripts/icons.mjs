/**
 * @file Draws the icons that are committed in resources/ from their SVGs, with Chromium. To be run by
 * hand when an SVG has changed:
 *
 *     node scripts/icons.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright';

const resources = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'resources');
const sizes = [16, 24, 32, 48, 64, 128, 256, 512];
/** Windows: 0 stands for 256 pixels. */
const icoSizes = [16, 24, 32, 48, 64, 256];
/** The names that macOS gives to PNGs of these sizes. */
const icnsTypes = { 16: 'icp4', 32: 'icp5', 64: 'icp6', 128: 'ic07', 256: 'ic08', 512: 'ic09' };

const disc = 'M45 27a18 18 0 1 1 0 36a18 18 0 1 1 0-36z';
/**
 * What the tray shows of electron/shell/standing.ts, in a square of 64: each by its shape, not by its colour alone.
 */
const badges = {
  unknown: null,
  safe: { shape: disc, sign: 'M36 45.5l6.5 6.5 11.5-13', colour: '#15803d' },
  working: { shape: disc, sign: 'M45 55V36M36.5 44l8.5-8.5 8.5 8.5', colour: '#1d4ed8' },
  waiting: { shape: disc, sign: 'M35.5 45h.1M45 45h.1M54.5 45h.1', colour: '#52606a' },
  attention: { shape: 'M43 25L62 61H24z', sign: 'M43 37v10M43 55v.1', colour: '#b3370b' },
};
/** @typedef {keyof typeof badges} Standing */

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

/** @param {string} svg */
const read = (svg) => readFileSync(path.join(resources, svg), 'utf8');

/**
 * @param {string} svg
 * @param {number} pixels
 */
async function draw(svg, pixels) {
  const page = await browser.newPage({ viewport: { width: pixels, height: pixels } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${svg}`);
  const png = await page.screenshot({ omitBackground: true });
  await page.close();
  return png;
}

/** @param {Standing} standing */
function inColour(standing) {
  const badge = badges[standing];
  if (badge === null) return read('icon.svg');
  const { shape, sign, colour } = badge;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" stroke-linecap="round" stroke-linejoin="round">
    ${read('icon.svg')}
    <path d="${shape}" fill="${colour}" stroke="#fff" stroke-width="4" />
    <path d="${sign}" fill="none" stroke="#fff" stroke-width="6" />
  </svg>`;
}

/**
 * The badge is cut out of what is behind it, and the sign out of the badge.
 *
 * @param {Standing} standing
 */
function asTemplate(standing) {
  const badge = badges[standing];
  if (badge === null) return read('tray/template.svg');
  const { shape, sign } = badge;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" stroke-linecap="round" stroke-linejoin="round">
    <mask id="around"><path d="M0 0h64v64H0z" fill="#fff" /><path d="${shape}" stroke="#000" stroke-width="8" /></mask>
    <mask id="sign"><path d="M0 0h64v64H0z" fill="#fff" /><path d="${sign}" fill="none" stroke="#000" stroke-width="6" /></mask>
    <g mask="url(#around)">${read('tray/template.svg')}</g>
    <path d="${shape}" mask="url(#sign)" />
  </svg>`;
}

/** @param {readonly [number, Buffer][]} pictures */
function ico(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [i, [pixels, png]] of pictures.entries()) {
    const at = 6 + 16 * i;
    head.writeUInt8(pixels % 256, at);
    head.writeUInt8(pixels % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...pictures.map(([, png]) => png)]);
}

/** @param {readonly [string, Buffer][]} pictures */
function icns(pictures) {
  const chunks = pictures.map(([type, png]) => chunk(type, png));
  return chunk('icns', Buffer.concat(chunks));
}

/**
 * @param {string} type
 * @param {Buffer} content
 */
function chunk(type, content) {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(8 + content.length, 4);
  return Buffer.concat([head, content]);
}

try {
  /** @type {Map<number, Buffer>} */
  const icons = new Map();
  for (const pixels of sizes) icons.set(pixels, await draw(read('icon.svg'), pixels));
  for (const [pixels, png] of icons)
    writeFileSync(path.join(resources, 'icons', `${pixels}x${pixels}.png`), png);
  const known = (/** @type {number} */ pixels) => /** @type {Buffer} */ (icons.get(pixels));
  const windows = ico(icoSizes.map((pixels) => [pixels, known(pixels)]));
  writeFileSync(path.join(resources, 'icon.ico'), windows);
  const mac = icns(Object.entries(icnsTypes).map(([pixels, type]) => [type, known(+pixels)]));
  writeFileSync(path.join(resources, 'icon.icns'), mac);

  for (const [pixels, suffix] of /** @type {const} */ ([
    [16, ''],
    [32, '@2x'],
  ])) {
    const folder = path.join(resources, 'tray');
    for (const standing of /** @type {Standing[]} */ (Object.keys(badges))) {
      const [coloured, template] = [inColour(standing), asTemplate(standing)];
      writeFileSync(path.join(folder, `${standing}${suffix}.png`), await draw(coloured, pixels));
      writeFileSync(
        path.join(folder, `${standing}Template${suffix}.png`),
        await draw(template, pixels),
      );
    }
  }
} finally {
  await browser.close();
}
