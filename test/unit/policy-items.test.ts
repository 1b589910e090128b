import { expect, test } from 'vitest';
import { inParts } from '../../services/azure-devops/policy-items.ts';

test('at most eight files are read at once, and come in their order', async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const files = Array.from({ length: 20 }, (_, index) => index);
  const reading = inParts(files, async (file) => {
    await new Promise<void>((go) => waiting.push(go));
    return file;
  });

  for (let read = 0; read < files.length; read += most) {
    most = Math.max(most, waiting.length);
    for (const go of waiting.splice(0)) go();
    await new Promise(setImmediate);
  }

  expect(most).toBe(8);
  expect(await reading).toEqual(files);
});
