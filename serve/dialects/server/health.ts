import {type Reply, refuseInPhase, replyJson} from '../../http/reply.ts';
import type {Service} from '../../http/service.ts';
import type {Problem} from '../../rows/problem.ts';

/** Describes a server that is ready, as `/readyz` answers. */
export function describeReady({heldOut: {checked, maxError}}: Pick<Service, 'heldOut'>) {
  return {status: 'ready', held_out: {checked, max_error: maxError}};
}

/** Creates the answers of the health checks, by path. They need nothing of the request. */
export function createHealthChecks(
  service: Pick<Service, 'heldOut' | 'phase'>,
): Record<'/healthz' | '/readyz', () => Reply | Problem> {
  const alive = replyJson(200, {status: 'alive'});
  const ready = replyJson(200, describeReady(service));
  return {
    '/healthz': () => alive,
    '/readyz': () => {
      const phase = service.phase();
      return phase === 'ready' ? ready : refuseInPhase(phase);
    },
  };
}
