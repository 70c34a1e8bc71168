# syntax=docker/dockerfile:1
# The newest LTS line; the package runs on any Node from 20.19 on.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages ./packages
COPY examples ./examples
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY schema ./schema
COPY scripts ./scripts
COPY src ./src
RUN npm run build
# Before development packages are removed: the code of some is in the bundles of dist/web.
RUN npm run --silent licences -- --texts > third-party-licences.txt \
  && npm run --silent sbom > sbom.cdx.json
# Links to commands and workspaces, source maps, types and documents are not used at run time.
RUN npm prune --omit=dev \
  && find node_modules -type l -delete \
  && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.md' \) -delete \
  && find dist -name '*.map' -delete \
  && rm dist/.tsbuildinfo dist/.sources dist/web-stamps.json

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /app
COPY LICENSE package.json ./
COPY --from=build /app/third-party-licences.txt /app/sbom.cdx.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Numeric, so that Kubernetes can see that it is not root. It is the user `node` of the base image.
USER 1000:1000
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that it gets the signals. No source maps: docs/decisions.md says why.
CMD ["node", "dist/main.js"]
