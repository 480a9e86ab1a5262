import {expect, test} from 'vitest';
import {codeSpan, escapeMarkdown, renderTable} from '../../pipeline/report/markdown-syntax.ts';

// what GitHub-flavoured Markdown 0.29 says of code spans, backslash escapes and table cells
test.each([
  {text: 'plain', span: '`plain`'},
  {text: '`', span: '`` ` ``'},
  {text: 'a``b', span: '```a``b```'},
  {text: ' both ', span: '`  both  `'},
  {text: 'two\n  lines', span: '`two lines`'},
  {text: '', span: ''},
])('shows $text in a code span as it is', ({text, span}) => {
  expect(codeSpan(text)).toBe(span);
});

test('takes the meaning from every character that has one', () => {
  expect(escapeMarkdown('_a_ [b](c) <i> & #d ~e~ `f` \\ x|y')).toBe(
    '\\_a\\_ \\[b\\](c) \\<i\\> \\& \\#d \\~e\\~ \\`f\\` \\\\ x\\|y',
  );
});

test('leaves readable what means nothing where it stands', () => {
  expect(escapeMarkdown('sepal_length, p < 2e-16')).toBe('sepal_length, p < 2e-16');
});

test('pads the columns of a table, and keeps each cell one cell', () => {
  const header = [
    {name: 'left', align: 'left'},
    {name: 'n', align: 'right'},
  ] as const;
  const rows = [
    ['`a|b`', '1'],
    ['`c\\\\|d`', '2'],
    [escapeMarkdown('e|f'), '−10.5'],
  ];
  expect(renderTable(header, rows)).toBe(
    [
      '| left     |     n |',
      '| -------- | ----: |',
      '| `a\\|b`   |     1 |',
      '| `c\\\\\\|d` |     2 |',
      '| e\\|f     | −10.5 |',
    ].join('\n'),
  );
});
