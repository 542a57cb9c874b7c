/**
 * How a command of the documentation is proven: it really runs in commands.test.ts, the test that runs the same
 * (or its parts) is named, or there is a reason why it can't run here.
 */
export type Proof = { runs: true } | { test: string } | { not: string }

const runs: Proof = { runs: true }
const by = (test: string): Proof => ({ test })
const not = (reason: string): Proof => ({ not: reason })

/** The first that fits counts. */
export const PROOFS: [RegExp, Proof][] = [
  [/^npm start$/, by('test/start/start.test.ts')],
  [/^npm start \| grep/, by('test/logger.test.ts')],
  [/^npm test$/, not('it would run this test again')],
  [/^kubectl /, not('it needs a cluster; test/kubernetes/manifests.test.ts reads what is applied')],
  [/^npm run keys:rotate$/, by('test/e2e/key-rotation.test.ts')],
  [/^npm run (backup|restore)\b/, by('test/backup/docs.test.ts')],
  [
    /^docker compose (up|logs|build|stop|exec web node slipway\.mjs sign-in-link)\b/,
    by('test/packaging/docker-compose.test.ts'),
  ],
  [
    /^(runuser .* build\/tools\/(backup|restore)\.js|rm -f slipway\.db-wal|cp backups\/before)/,
    by('test/backup/docs.test.ts'),
  ],
  [/^docker compose (exec -T web|run --rm migrate)\b/, by('test/packaging/docker-compose.test.ts')],
  [/^git (clone|pull)\b/, not('it asks where the sources are')],
  [
    /^(useradd|install|systemctl|runuser|journalctl|cp deploy\/systemd\/)/,
    not('it changes the system, and needs a systemd that runs'),
  ],
  [/^cd \/opt\/slipway/, not('a folder of the operator’s')],
  [/^docker ps --filter label=slipway\.request/, by('test/runtimes/docker.test.ts')],
  [/^npm run filebrowser-image$/, by('test/runtimes/docker.test.ts')],
  [/^docker build /, not('it needs a registry for the base image')],
  [/^npm install --global .*cli\.tgz$/, by('test/e2e/command-line.test.ts')],
  [/^npm run bench( |:)/, not('it takes minutes, and its figures are for people')],
  [/^[A-Z_]+=/, not('a setting, for .env')],
  [/^curl .*\/(readyz|trpc\/machines\.list)$/, runs],
  [/^curl -OJ .*\/logs\/comfyui\.log$/, by('test/web/machine-logs.test.ts')],
  [/^(curl|api) .*\/v1\/(models|requests)\//, by('test/e2e/model-api.test.ts')],
  [/^api .*\/trpc\/modelRequests\.list/, by('test/web/model-procedures.test.ts')],
  [/^FILES=.*machines\.get/, by('test/web/machine-tokens.test.ts')],
  [/^(api|curl) .*api\/(preflight|downloads)/, by('test/filebrowser/downloads-api.test.ts')],
  [/^(api|curl) .*(api|\$at)\/files?\?path=/, by('test/filebrowser/files.test.ts')],
  [/^curl .*\$at\/archive\?/, by('test/filebrowser/zip.test.ts')],
  [/^curl .*\$at\/tasks/, by('test/filebrowser/tasks.test.ts')],
  [/^curl .*\$at\/trash/, by('test/filebrowser/trash.test.ts')],
  [/^curl .*\/oauth\/device_authorization /, by('test/web/oauth-device.test.ts')],
  [/^printf 'device_code=.*\/oauth\/token /, by('test/web/oauth-device.test.ts')],
  [/^printf 'token=.*\/oauth\/revoke /, by('test/web/oauth-revoke.test.ts')],
  [/^printf 'token=.*\/oauth\/introspect /, by('test/web/oauth-introspect.test.ts')],
  [/^api .*"\$BASE\/(servers|workflows)/, by('test/web/servers-api.test.ts')],
  [/^api\(\) \{/, not('a function for the commands after it')],
  [/^runcomfy login$/, by('test/e2e/command-line.test.ts')],
  [/^runcomfy run /, by('test/cli/models-run.test.ts')],
  [/^runcomfy models /, by('test/cli/models.test.ts')],
  [/^runcomfy downloads add /, by('test/cli/downloads.test.ts')],
  [/^runcomfy provider-tokens check /, by('test/cli/provider-tokens.test.ts')],
  [/^runcomfy admin retry /, by('test/cli/admin.test.ts')],
  [/^(id=\$\()?runcomfy (machines|provider-tokens|admin) /, runs],
  [/^(at|files)=/, not('names where the commands after it ask')],
]

export const proofOf = (command: string): Proof | undefined =>
  PROOFS.find(([pattern]) => pattern.test(command))?.[1]
