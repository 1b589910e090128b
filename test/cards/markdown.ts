/**
 * Card text as HTML, by the part of Markdown that Teams renders in Adaptive Cards: bold, italic, links, bulleted and numbered
 * lists, paragraphs, backslash escapes
 * (https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format). All else is text:
 * markup is escaped, and links lead to https, http and mailto only.
 */
export function markdownHtml(text: string): string {
  const paragraphs = text.split(/(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)\s*/);
  return paragraphs.map((paragraph) => groupsOf(paragraph).map(groupHtml).join('')).join('');
}

type Group = { readonly tag: 'p' | 'ul' | 'ol'; readonly lines: string[] };

const markers = { ul: /^\s*[-*+]\s+/, ol: /^\s*\d+[.)]\s+/ };

const inline = new RegExp(
  [
    /\\(?<literal>[!-/:-@[-`{-~])/,
    /\[(?<label>(?:\\.|[^\]\\])+)\]\((?<target>(?:https?:|mailto:)(?:\\.|[^\s)\\])+)\)/,
    /\*\*(?=\S)(?<bold>(?:\\.|[^\\])+?)(?<=\S)\*\*/,
    /\*(?=\S)(?<italic>(?:\\.|[^\\])+?)(?<=\S)\*/,
    // Not inside a word: payments_api_v2 is a name.
    /(?<![\p{L}\p{N}_])_(?=\S)(?<underlined>(?:\\.|[^\\])+?)(?<=\S)_(?![\p{L}\p{N}_])/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gsu',
);

function groupsOf(paragraph: string): Group[] {
  const groups: Group[] = [];
  for (const line of paragraph.split(/\r\n?|\n/)) {
    const tag = markers.ul.test(line) ? 'ul' : markers.ol.test(line) ? 'ol' : 'p';
    const last = groups.at(-1);
    if (last?.tag === tag) last.lines.push(line);
    else groups.push({ tag, lines: [line] });
  }
  return groups;
}

function groupHtml({ tag, lines }: Group): string {
  if (tag === 'p') return `<p>${inlineHtml(lines.join('\n'))}</p>`;
  const items = lines.map((line) => `<li>${inlineHtml(line.replace(markers[tag], ''))}</li>`);
  return `<${tag}>${items.join('')}</${tag}>`;
}

function inlineHtml(text: string): string {
  let html = '';
  let from = 0;
  for (const match of text.matchAll(inline)) {
    html += escapeHtml(text.slice(from, match.index)) + tokenHtml(match.groups ?? {});
    from = match.index + match[0].length;
  }
  return html + escapeHtml(text.slice(from));
}

function tokenHtml(token: Record<string, string | undefined>): string {
  const { literal, label, target, bold, italic = token['underlined'] } = token;
  if (literal !== undefined) return escapeHtml(literal);
  if (bold !== undefined) return `<strong>${inlineHtml(bold)}</strong>`;
  if (italic !== undefined) return `<em>${inlineHtml(italic)}</em>`;
  return `<a href="${escapeHtml(unescaped(target ?? ''))}">${inlineHtml(label ?? '')}</a>`;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
