import type {Artifact} from './artifact.ts';
import {readBody} from './body.ts';
import {FieldErrors} from './field-errors.ts';
import {predictRows} from './predict.ts';
import {parsePredictRequest, rowPath} from './predict-request.ts';
import {type Handler, notServing, type Phase, type Problem, refuse} from './reply.ts';

/**
 * Answers `POST /predict`: one number per row, or one list per row when the model has several targets.
 *
 * A draining server still answers: the request was sent before its client could know.
 */
export function createPredict(
  artifact: Artifact,
  options: {maxBodyBytes: number; maxRows: number; phase: () => Phase},
): Handler {
  const limits = {features: artifact.features.map(({name}) => name), maxRows: options.maxRows};
  const afterValues = `,"model_version":${JSON.stringify(artifact.version)}}`;
  return async request => {
    if (options.phase() === 'starting') return notServing('starting');
    const refusal = refuseMediaType(request.headers);
    if (refusal !== undefined) return refusal;
    const body = await readBody(request, options.maxBodyBytes);
    if (body.status === 'incomplete') {
      return refuse(400, 'incomplete_body', 'The connection ended before the body did.');
    }
    if (body.status === 'too large') return refuseBody(body.rest, options.maxBodyBytes);

    const asked = parsePredictRequest(body.text, limits);
    if (asked.status === 'rejected') {
      const {code, message, fields} = asked;
      return refuse(code === 'too_many_rows' ? 413 : 400, code, message, {fields});
    }
    const predictions = predictRows(artifact, asked.rows);
    if (predictions.status === 'overflowed') {
      const errors = new FieldErrors();
      for (const row of predictions.rows) {
        errors.add(
          () => rowPath(asked.form, row),
          'expected smaller numbers: the prediction is too large for a double',
        );
      }
      return refuse(400, 'invalid_input', errors.summary(), {fields: errors.fields});
    }
    return {
      status: 200,
      body: `{"prediction":${JSON.stringify(predictions.values)}${afterValues}`,
      rows: asked.rows.length,
    };
  };
}

/** JSON is what a body without a declared type is taken for; one with another type or coding is refused. */
function refuseMediaType(headers: Headers): Problem | undefined {
  const type = headers.get('content-type');
  if (type !== null && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    return refuse(
      415,
      'unsupported_media_type',
      'The body must be JSON. Send the header "content-type: application/json".',
    );
  }
  const coding = headers.get('content-encoding');
  if (coding !== null && !/^identity$/i.test(coding)) {
    return refuse(415, 'unsupported_media_type', 'The body must not be compressed.', {
      headers: {'accept-encoding': 'identity'},
    });
  }
  return undefined;
}

function refuseBody(rest: Problem['rest'], maxBytes: number): Problem {
  return {...refuse(413, 'body_too_large', `The body is too large. Send at most ${maxBytes} bytes.`), rest};
}
