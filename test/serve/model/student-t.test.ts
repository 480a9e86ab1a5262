import {expect, test} from 'vitest';
import {findStudentTBound} from '../../../serve/model/student-t.ts';

// scipy 1.16 stats.t.ppf((1 + probability) / 2, df); R's qt prints the same digits.
test.each([
  [0.95, 1, 12.706204736174694],
  [0.95, 2, 4.302652729749462],
  [0.95, 3, 3.1824463052837078],
  [0.5, 4, 0.7406970841126829],
  [0.9, 5, 2.0150483733330233],
  [0.9999, 7, 7.884584262416738],
  [0.99, 10, 3.16927267261695],
  [0.0001, 12, 0.00012796681328972447],
  [0.95, 30, 2.0422724563012378],
  [0.95, 116, 1.9806260024590894],
  [0.999, 1001, 3.3002728760660403],
  [0.95, 1_000_000, 1.959966356814107],
])('the bound for probability %d and %d degrees of freedom is %d', (probability, degrees, bound) => {
  expect(Math.abs(findStudentTBound(probability, degrees) / bound - 1)).toBeLessThan(1e-9);
});
