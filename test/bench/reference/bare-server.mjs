// What our server is measured against: node:http, JSON.parse, one sum, nothing else.
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';

const {version, targets} = JSON.parse(readFileSync(process.env.MODEL_PATH, 'utf8'));
const [{intercept, coefficients}] = targets;

createServer((request, response) => {
  if (request.method === 'GET') return response.end('ok');
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const {features} = JSON.parse(Buffer.concat(chunks).toString());
    const prediction = features.map(row =>
      row.reduce((sum, value, j) => sum + value * coefficients[j], intercept),
    );
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({prediction, model_version: version}));
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
