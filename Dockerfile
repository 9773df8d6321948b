# Built twice over: once with everything the build needs, once with only what the gateway needs.
FROM node:24-bookworm-slim AS build
WORKDIR /weir
COPY package.json package-lock.json ./
# Without the embedded PostgreSQL, and without lifecycle scripts: the source they would build is not here yet.
RUN npm ci --omit=optional --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /weir
# The image's user `node` (1000) owns its data and nothing else.
RUN install -d -o node -g node -m 0700 /var/lib/weir
COPY --from=build /weir/package.json /weir/weir.schema.json ./
COPY --from=build /weir/node_modules node_modules
COPY --from=build /weir/dist dist
COPY --from=build /weir/bin bin
COPY --from=build /weir/src/store/migrations src/store/migrations
COPY --from=build /weir/deploy/compose/healthy.mjs deploy/compose/healthy.mjs
USER node
VOLUME /var/lib/weir
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "/weir/deploy/compose/healthy.mjs", "http://127.0.0.1:8080/readyz"]
CMD ["node", "dist/src/cli/main.js", "serve", "--config", "/etc/weir/weir.yaml"]
