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

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

/**
 * @param {string} svg
 * @param {number} pixels
 */
async function draw(svg, pixels) {
  const page = await browser.newPage({ viewport: { width: pixels, height: pixels } });
  const source = readFileSync(path.join(resources, svg), 'utf8');
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${source}`);
  const png = await page.screenshot({ omitBackground: true });
  await page.close();
  return png;
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
  for (const pixels of sizes) icons.set(pixels, await draw('icon.svg', pixels));
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
    writeFileSync(path.join(folder, `tray${suffix}.png`), known(pixels));
    const template = await draw('tray/template.svg', pixels);
    writeFileSync(path.join(folder, `trayTemplate${suffix}.png`), template);
  }
} finally {
  await browser.close();
}
