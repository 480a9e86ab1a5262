import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {open, rename, rm} from 'node:fs/promises';
import {Readable} from 'node:stream';
import {nameBlob} from '../../core/release/layer.ts';
import {type Answer, describeAnswer, isRegistryError} from './answer.ts';
import {nameRequest} from './exchange.ts';
import type {Descriptor} from './manifest.ts';
import {blame, blameAnswer, explainStatus} from './registry-errors.ts';
import type {Session} from './session.ts';

/** What a repository's manifests are made of. */
export interface Blobs {
  /** Reads a blob and verifies its digest; of one that is larger than `maxBytes` the rest is not read. */
  getBlob(digest: string, maxBytes: number): Promise<Buffer>;
  /** Writes a blob into a file, which appears only once it is whole and has its digest. */
  saveBlob(blob: BlobName, path: string): Promise<void>;
  hasBlob(digest: string): Promise<boolean>;
  /** Uploads a blob, of bytes or of a file; a piece that does not arrive is sent again with the whole. */
  putBlob(blob: BlobName, content: Buffer | {path: string}): Promise<void>;
  /** Takes a blob over from another repository of the same registry; false where that cannot be done. */
  mountBlob(digest: string, from: string): Promise<boolean>;
}

type BlobName = Pick<Descriptor, 'digest' | 'size'>;

/** How long a layer may take to come or go, in ms. */
const transferMs = 600_000;
const maxWordsBytes = 2 ** 20;

/** Gives access to the blobs of a repository. */
export function openBlobs({registry, locate, send}: Session, name: string): Blobs {
  const locateBlob = (digest: string) => locate(`/v2/${name}/blobs/${digest}`);
  const corrupt = (request: string, message: string) =>
    blame(registry, request, {
      code: 'REGISTRY_CORRUPT',
      message,
      fix: 'Push that release again, or roll back to one that is whole: npm run history.',
    });
  const requireBlob = (request: string, answer: Answer) => {
    if (answer.status === 200) return;
    if (answer.status === 404 && isRegistryError(answer))
      throw corrupt(request, 'the blob is not there, though a manifest names it.');
    throw explainStatus(registry, request, answer);
  };
  const startUpload = async (query: string) => {
    const url = locate(`/v2/${name}/blobs/uploads/${query}`);
    const request = {method: 'POST', url, headers: {'content-length': '0'}, maxBytes: maxWordsBytes} as const;
    return {request, answer: await send(request)};
  };

  return {
    async getBlob(digest, maxBytes) {
      const request = {method: 'GET', url: locateBlob(digest), headers: {}, maxBytes} as const;
      const answer = await send(request);
      requireBlob(nameRequest(request), answer);
      const found = nameBlob(answer.body).digest;
      if (found === digest) return answer.body;
      throw corrupt(nameRequest(request), `the blob has digest ${found}, though a manifest names it.`);
    },
    async saveBlob({digest, size}, path) {
      const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
      const file = await open(temporary, 'wx');
      try {
        let hash = createHash('sha256');
        const request = {
          method: 'GET',
          url: locateBlob(digest),
          headers: {},
          maxBytes: size,
          deadlineMs: transferMs,
          async onData(chunk: Buffer, offset: number) {
            // another try begins at the beginning
            if (offset === 0) hash = createHash('sha256');
            hash.update(chunk);
            await file.write(chunk, 0, chunk.length, offset);
          },
        } as const;
        requireBlob(nameRequest(request), await send(request));
        const found = `sha256:${hash.digest('hex')}`;
        if (found !== digest)
          throw corrupt(nameRequest(request), `the blob has digest ${found}, though a manifest names it.`);
        await file.sync();
        await rename(temporary, path);
      } finally {
        await file.close();
        await rm(temporary, {force: true});
      }
    },
    async hasBlob(digest) {
      const request = {
        method: 'HEAD',
        url: locateBlob(digest),
        headers: {},
        maxBytes: maxWordsBytes,
      } as const;
      const answer = await send(request);
      if (answer.status === 200 || answer.status === 404) return answer.status === 200;
      throw explainStatus(registry, nameRequest(request), answer);
    },
    async putBlob({digest, size}, content) {
      const opened = await startUpload('');
      const {location} = opened.answer.headers;
      const place = location === undefined ? null : URL.parse(location, opened.request.url.href);
      if (opened.answer.status !== 202) {
        throw explainStatus(registry, nameRequest(opened.request), opened.answer, 'a place to upload to');
      }
      if (place === null || !/^https?:$/.test(place.protocol)) {
        const found = describeAnswer(opened.answer);
        throw blameAnswer(registry, nameRequest(opened.request), 'a place to upload to', found);
      }
      // behind a proxy that ends TLS, some registries call themselves http
      if (place.host === opened.request.url.host) place.protocol = opened.request.url.protocol;
      place.searchParams.set('digest', digest);
      const request = {
        method: 'PUT',
        url: place,
        headers: {'content-type': 'application/octet-stream', 'content-length': String(size)},
        body: () => (Buffer.isBuffer(content) ? Readable.from([content]) : createReadStream(content.path)),
        maxBytes: maxWordsBytes,
        deadlineMs: transferMs,
      } as const;
      const answer = await send(request);
      if (answer.status !== 201 && answer.status !== 204)
        throw explainStatus(registry, nameRequest(request), answer);
    },
    async mountBlob(digest, from) {
      const {answer} = await startUpload(`?mount=${digest}&from=${encodeURIComponent(from)}`);
      return answer.status === 201;
    },
  };
}
