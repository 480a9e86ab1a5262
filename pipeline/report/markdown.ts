import type {Report} from './describe-run.ts';
import {
  type Block,
  type Extent,
  fitRows,
  listParts,
  pickVisible,
  type Section,
  type Text,
} from './document.ts';
import {codeBlock, codeSpan, escapeMarkdown, renderTable} from './markdown-syntax.ts';

/** Lays out a report as one screen of GitHub-flavoured Markdown, for job summaries and pull requests. */
export function renderMarkdown({title, name, version, sections}: Report): string {
  const subject = [name, version].filter(part => part !== null).map(part => ` ${codeSpan(part)}`);
  const [outcome, ...others] = sections;
  return joinParts([
    `# ${title}${subject.length > 0 ? ':' : ''}${subject.join('')}`,
    ...renderBlocks(outcome?.blocks ?? [], 'brief'),
    ...renderSections(others, 'brief'),
  ]);
}

/** Lays out sections, those without anything to show left out. */
export function renderSections(sections: readonly Section[], room: Extent): string[] {
  return pickVisible(sections, room).flatMap(({title, blocks}) => {
    const parts = renderBlocks(blocks, room);
    return parts.length === 0 ? [] : [`## ${escapeMarkdown(title)}`, ...parts];
  });
}

/** Lays out blocks; what Markdown cannot show is left out. */
export function renderBlocks(blocks: readonly Block[], room: Extent): string[] {
  return pickVisible(blocks, room).flatMap(block => renderBlock(block, room));
}

/** Puts an empty line between the parts of a document. */
export function joinParts(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

function renderBlock(block: Block, room: Extent): string[] {
  switch (block.type) {
    case 'paragraph':
      return [renderText(block.text)];
    case 'list':
      return [block.items.map(item => `- ${renderText(item)}`).join('\n')];
    case 'facts': {
      const rows = pickVisible(block.facts, room).map(({label, text}) => [label, text].map(renderText));
      return [renderTable([unnamed, unnamed], rows)];
    }
    case 'table': {
      const {shown, more} = fitRows(block, room);
      const table = renderTable(
        block.columns,
        shown.map(row => row.map(renderText)),
      );
      return [table, ...(more === '' ? [] : [more])];
    }
    case 'code':
      return [codeBlock(block.language, block.code)];
    case 'problem':
      return [codeBlock('text', `${block.code}: ${block.message}\n→ ${block.fix}`)];
    case 'row':
      return renderBlocks(block.blocks, room);
    default:
      return [];
  }
}

const unnamed = {name: '', align: 'left'} as const;

/** Words in which nothing but the marks means anything to Markdown. */
function renderText(text: Text): string {
  const words = listParts(text).map(part => {
    if (typeof part === 'string') return escapeMarkdown(part);
    if (part.as === 'code') return codeSpan(part.text);
    return part.as === 'bad' ? `**${escapeMarkdown(part.text)}**` : escapeMarkdown(part.text);
  });
  return words.join('');
}
