import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../browser/chromium.ts';

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium.close());

/** Red, green, blue and alpha of every pixel. */
async function pixelsOf(name: string): Promise<number[][]> {
  const file = await readFile(new URL(`../../manifest/icons/${name}`, import.meta.url));
  const page = await chromium.context.newPage();
  const bytes = (await page.evaluate(`(async () => {
    const blob = await (await fetch('data:image/png;base64,${file.toString('base64')}')).blob();
    const image = await createImageBitmap(blob, { premultiplyAlpha: 'none' });
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    return [...context.getImageData(0, 0, image.width, image.height).data];
  })()`)) as number[];
  await page.close();
  return Array.from({ length: bytes.length / 4 }, (_, n) => bytes.slice(n * 4, n * 4 + 4));
}

test('the outline icon is white on nothing, as Teams takes it', async () => {
  const pixels = await pixelsOf('outline.png');
  const shown = pixels.filter(([, , , alpha = 0]) => alpha > 0);
  expect(shown.length).toBeGreaterThan(100);
  expect(shown.length).toBeLessThan(pixels.length / 2);
  for (const [red = 0, green = 0, blue = 0] of shown) expect(Math.min(red, green, blue)).toBeGreaterThan(240);
});

test('the colour icon fills its square', async () => {
  const pixels = await pixelsOf('color.png');
  expect(pixels).toHaveLength(192 * 192);
  expect(pixels.every(([, , , alpha]) => alpha === 255)).toBe(true);
});
