import type {LogOutput} from './log-output.ts';
import type {Metric} from './metrics.ts';

/** Describes a server's connections, which the app does not see. */
export function describeConnections({
  open,
  inFlight,
  bufferedBytes,
}: {
  open: {readonly size: number};
  inFlight: number;
  bufferedBytes: number;
}): Metric[] {
  return [
    {
      name: 'http_connections',
      help: 'Open connections.',
      type: 'gauge',
      samples: [{value: open.size}],
    },
    {
      name: 'http_requests_in_flight',
      help: 'Requests taken whose answer has not ended.',
      type: 'gauge',
      samples: [{value: inFlight}],
    },
    {
      name: 'http_buffered_body_bytes',
      help: 'Bytes of request bodies that count against MAX_BUFFERED_BYTES.',
      type: 'gauge',
      samples: [{value: bufferedBytes}],
    },
  ];
}

/** Describes the log. */
export function describeLog({dropped}: Pick<LogOutput, 'dropped'>): Metric {
  return {
    name: 'log_lines_dropped_total',
    help: 'Lines of the log that were dropped because its reader was too slow.',
    type: 'counter',
    samples: [{value: dropped()}],
  };
}
