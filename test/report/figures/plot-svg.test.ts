import {expect, test} from 'vitest';
import {Plot} from '../../../pipeline/report/figures/plot-library.ts';
import {drawPlot} from '../../../pipeline/report/figures/plot-svg.ts';

const draw = (text: string) =>
  drawPlot(
    {
      width: 40,
      height: 30,
      margin: 0,
      x: {domain: [0, 3]},
      y: {domain: [0, 1]},
      marks: [Plot.ruleX([1], {stroke: 'var(--ink)'}), Plot.text([text], {x: [3], y: [1], text: [text]})],
    },
    'A rule & a <text>, 0.12345 wide.',
  );

test('draws one element that says what it shows, and leaves the rest to it', () => {
  const svg = draw('a');
  expect(svg).toMatch(/^<svg [^<]*aria-label="A rule &amp; a &lt;text&gt;, 0.12345 wide." role="img">/);
  expect(svg.match(/aria-label/g)).toHaveLength(1);
  expect(svg).not.toContain('<style');
});

// 1 of 0 to 3 on 40 px is 13.3333… px
test('has coordinates of two decimals', () => {
  expect(draw('a')).toContain('x1="13.33" x2="13.33"');
});

test('lets no text out of its place, and draws the same bytes again', () => {
  const svg = draw('</svg><script>"&amp;');
  expect(svg).toContain('>&lt;/svg&gt;&lt;script&gt;&quot;&amp;amp;</text>');
  expect(draw('</svg><script>"&amp;')).toBe(svg);
});
