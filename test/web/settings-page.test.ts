import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, test } from 'vitest'
import { settingsInForce } from '~/settings-in-force'
import { PROVIDER_PREFIX, SETTING_GROUPS } from '~/settings-reference'
import { temporaryFolder } from '../support/temp-folder'
import { startSite } from './site'
import { dataOf } from './visitor'

const CANARY = 'hf_CANARYsetting'
const PROVIDER = {
  OIDC_PROVIDERS: 'my-work',
  OIDC_MY_WORK_ISSUER: 'https://work.example.org',
  OIDC_MY_WORK_CLIENT_ID: 'slipway',
}
/** Of those that don't take any text. */
const SECRETS = new Map([
  ['OAUTH_RESOURCE_SERVERS', `files:${CANARY}${'x'.repeat(32)}`],
  ['COMFYUI_COMMAND', `HF_TOKEN=${CANARY} python main.py --api-key ${CANARY}`],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', `https://traces.example.org/${CANARY}`],
])
const secretNames = SETTING_GROUPS.flatMap(({ settings }) => settings)
  .filter(({ isSecret }) => isSecret)
  .map(({ name }) => name.replace(PROVIDER_PREFIX, 'OIDC_MY_WORK_'))
const env = {
  ...PROVIDER,
  ...Object.fromEntries(secretNames.map((name) => [name, SECRETS.get(name) ?? `${CANARY}${name}`])),
  REDIS_URL: `redis://me:${CANARY}/a?b@c@redis.example.org:6379/0?password=${CANARY}`,
  SMTP_URL: `smtps://me%40example.org:${CANARY}@mail.example.org`,
  MAIL_FROM: 'Slipway <slipway@example.org>',
  HF_ENDPOINT: `https://me:${CANARY}@hub.example.org`,
}

interface Answer {
  settings: { name: string; value: string | null; from: string | null; isSecret: boolean }[]
  sizesFile: string
  sizes: { name: string }[]
}

it('no secret of any setting is in the answer, on the page or in the log; each is named as set', async () => {
  const { admin, signedIn, logged } = await startSite({ env })
  const browser = signedIn(admin)
  const answer = await browser.query('admin.settings')
  const { settings } = dataOf<Answer>(answer)
  const page = await browser.get('/admin/settings')
  const found = await browser.get(`/admin/settings?search=${CANARY}`)
  expect(secretNames).toEqual(expect.arrayContaining(['TRAINER_COMMAND', ...SECRETS.keys()]))
  for (const name of secretNames) {
    expect(settings.find((one) => one.name === name)).toMatchObject({ value: null, from: 'environment' })
    expect(page.text).toContain(name)
  }
  for (const text of [answer.text, page.text, logged.join('')]) expect(text).not.toContain('CANARY')
  expect(found.text).toContain('No such setting')
  const value = (name: string) => settings.find((one) => one.name === name)?.value
  expect(value('REDIS_URL')).toBe('redis://…@redis.example.org:6379/0?…')
  expect(value('SMTP_URL')).toBe('smtps://…@mail.example.org')
  expect(value('HF_ENDPOINT')).toBe('https://…@hub.example.org')
})

test.each([
  ['unix:///run/redis.sock?password=CANARY', 'unix:///run/redis.sock?…'],
  ['http://a.example/x http://u:CANARY@b.example/y', 'http://…@b.example/y'],
  ['smtp://me:CANARY word@mail.example', 'smtp://…@mail.example'],
  ['redis://:CANARY pa ss@host:6379', 'redis://…@host:6379'],
  ['redis://host?password=CANARY pa@CANARY ss', 'redis://…'],
  ['redis://u:CANARY@CANARY@b.example', 'redis://…@b.example'],
])('%s is shown as %s', (DATA_DIR, shown) => {
  const { settings } = settingsInForce({ DATA_DIR })
  expect(settings.find(({ name }) => name === 'DATA_DIR')?.value).toBe(shown)
})

it('each says where it came from', () => {
  const source = {
    HOST: '0.0.0.0',
    PORT: '4000',
    LOG_LEVEL: ' ',
    REDIS_URL: 'unix:///run/redis.sock',
    SLIPWAY_SETTINGS_FROM: 'PORT:.env,constructor:.env,HOST:elsewhere,REDIS_URL:npm start',
  }
  const { settings } = settingsInForce(source)
  const from = (name: string) => settings.find((one) => one.name === name)?.from
  expect(['HOST', 'PORT', 'LOG_LEVEL', 'REDIS_URL', 'RUNTIME'].map(from)).toEqual([
    'environment',
    '.env',
    null,
    'npm start',
    null,
  ])
})

it('the page finds settings, and has the sizes with the path of their file', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const MACHINES_CONFIG = join(folder.path, 'sizes.json')
  const size = { name: 'lab', label: 'The lab', cpus: 64, memoryGiB: 512, roles: ['admin'] }
  writeFileSync(MACHINES_CONFIG, JSON.stringify([size]))
  const { admin, signedIn } = await startSite({ env: { MACHINES_CONFIG } })
  const page = await signedIn(admin).get('/admin/settings')
  for (const text of ['The lab', '64 CPUs', MACHINES_CONFIG, 'SESSION_HOURS'])
    expect(page.text).toContain(text)
  const found = await signedIn(admin).get('/admin/settings?search=session+hours')
  expect(found.text).toContain('>SESSION_HOURS<')
  expect(found.text).not.toContain('>SMTP_URL<')
  expect(dataOf<Answer>(await signedIn(admin).query('admin.settings')).sizes).toMatchObject([{ name: 'lab' }])
})
