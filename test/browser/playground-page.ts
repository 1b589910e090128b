import type { Locator, Page } from 'playwright-core';

/**
 * The Agents Playground's page as a person uses it. `fill`, `choose` and `press` act on the last card of the page, which is
 * the newest of a chat; in a channel new posts come first, so name the card there: `press('Approve', card('payments-api'))`.
 * Every step waits for what it needs and rejects after the page's default timeout.
 */
export interface PlaygroundPage {
  readonly page: Page;
  /** Writes a message and sends it, in a chat. */
  say(text: string): Promise<void>;
  /** Writes a new post in the open channel, the bot mentioned first (other posts are not delivered to it). */
  post(text: string, botName: string): Promise<void>;
  /** The last card of the page that shows this text. */
  card(text: string | RegExp): Locator;
  /** Types into the text, number or date input with this label. */
  fill(label: string, text: string, within?: Locator): Promise<void>;
  /** Picks a choice of the input with this label, in a list or among buttons. */
  choose(label: string, choice: string, within?: Locator): Promise<void>;
  press(buttonName: string, within?: Locator): Promise<void>;
  /** Resolves once the text is seen, in a message or a card. */
  waitForText(text: string | RegExp): Promise<void>;
  openPersonalChat(): Promise<void>;
  openGroupChat(name: string): Promise<void>;
  openChannel(name: string): Promise<void>;
  /** Writes a PNG of the whole page. */
  screenshot(path: string): Promise<void>;
}

/**
 * Opens the Playground and resolves once a message can be sent. The Playground then tells the bot that it was installed, at
 * every opening and reload anew.
 */
export async function openPlayground(page: Page, url: string): Promise<PlaygroundPage> {
  // Of machines that others use too.
  page.setDefaultTimeout(90_000);
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await page.getByRole('button', { name: 'Send Message' }).waitFor();
  // The log repeats messages, and would be taken for the conversation.
  await page.getByRole('button', { name: 'Hide log panel' }).click();
  return playgroundPage(page);
}

function playgroundPage(page: Page): PlaygroundPage {
  const cards = page.locator('.ac-adaptiveCard');
  const last = () => cards.last();
  const open = (name: string) => page.getByRole('treeitem', { name }).click();
  return {
    page,
    async say(text) {
      await page.getByRole('textbox').last().click();
      await page.keyboard.type(text);
      await page.getByRole('button', { name: 'Send Message' }).last().click();
    },
    async post(text, botName) {
      await page.getByRole('textbox').first().click();
      await page.keyboard.type(`@${botName.slice(0, 4)}`, { delay: 40 });
      await page.getByRole('menuitem', { name: botName }).first().click();
      await page.keyboard.type(` ${text}`);
      await page.getByRole('button', { name: 'Post', exact: true }).click();
    },
    card: (text) => cards.filter({ hasText: text }).last(),
    fill: (label, text, within = last()) => within.getByLabel(label).last().fill(text),
    async choose(label, choice, within = last()) {
      const radios = within.getByRole('radiogroup', { name: label });
      const list = within.getByRole('combobox', { name: label });
      await radios.or(list).first().waitFor();
      if ((await radios.count()) > 0) return radios.getByRole('radio', { name: choice, exact: true }).click();
      await list.click();
      await page.getByRole('option', { name: choice, exact: true }).click();
    },
    press: (buttonName, within = last()) => within.getByRole('button', { name: buttonName, exact: true }).click(),
    waitForText: (text) => page.getByText(text).first().waitFor(),
    openPersonalChat: () => open('Personal Chat'),
    openGroupChat: (name) => open(name),
    openChannel: (name) => open(` - ${name}`),
    async screenshot(path) {
      await page.screenshot({ path });
    },
  };
}
