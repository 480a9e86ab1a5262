# A base with Node and nothing else, plus one layer of ours: the server in one file, the model and its card, and the
# files that /docs is drawn with.
# `npm run build` carries this out itself, without an engine; `docker build` on the same files makes an equal image.
# No instruction runs anything. A model that was trained before there were cards has none.
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot
FROM ${BASE_IMAGE}
COPY server.mjs model.json model-card.m[d] swagger-ui* /app/
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 MODEL_PATH=/app/model.json
EXPOSE 8000
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/nodejs/bin/node", "/app/server.mjs", "--healthcheck"]
ENTRYPOINT ["/nodejs/bin/node", "/app/server.mjs"]
