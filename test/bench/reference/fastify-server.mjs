// The server that a team would write with Fastify: its logger, its schemas, and prom-client as its manual shows.
import {readFileSync} from 'node:fs';
import Fastify from 'fastify';
import {Counter, collectDefaultMetrics, Histogram, register} from 'prom-client';

const {version, features, targets} = JSON.parse(readFileSync(process.env.MODEL_PATH, 'utf8'));
const [{intercept, coefficients}] = targets;

collectDefaultMetrics();
const labelNames = ['method', 'route', 'status_code'];
const requests = new Counter({name: 'http_requests_total', help: 'Requests answered.', labelNames});
const durations = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Time from the request to the end of its answer.',
  labelNames,
});

const app = Fastify({logger: true});

app.addHook('onResponse', async (request, reply) => {
  const labels = {
    method: request.method,
    route: request.routeOptions.url,
    status_code: reply.statusCode,
  };
  requests.inc(labels);
  durations.observe(labels, reply.elapsedTime / 1000);
});

app.get('/', async () => ({status: 'ok'}));

app.get('/metrics', async (_request, reply) => {
  reply.type(register.contentType);
  return register.metrics();
});

const row = {
  type: 'array',
  items: {type: 'number'},
  minItems: features.length,
  maxItems: features.length,
};

app.post(
  '/predict',
  {
    schema: {
      body: {
        type: 'object',
        properties: {features: {type: 'array', items: row, minItems: 1}},
        required: ['features'],
        additionalProperties: false,
      },
      response: {
        200: {
          type: 'object',
          properties: {
            prediction: {type: 'array', items: {type: 'number'}},
            model_version: {type: 'string'},
          },
        },
      },
    },
  },
  async request => ({
    prediction: request.body.features.map(values =>
      values.reduce((sum, value, j) => sum + value * coefficients[j], intercept),
    ),
    model_version: version,
  }),
);

await app.listen({port: Number(process.env.PORT), host: '127.0.0.1'});
