import { describe, expect, it, test } from 'vitest'
import { inputFor, PROCEDURES } from './procedures'
import { type Site, startSite } from './site'
import { type Answer, dataOf, refusalOf, type Visitor } from './visitor'

const TOKEN = 'hf_CANARYoneTwoThreeFour'
const SHOWN = 'hf_CAN••••••••••••••••'
const NO_MACHINE = 'a'.repeat(16)

interface Row {
  provider: string
  saved: boolean
  masked: string | null
}
const rowsOf = async (browser: Visitor) => dataOf<Row[]>(await browser.query('providerTokens.list'))

/** No seven characters of the token in a row, in clear, as a URL or in base64. */
function expectNoToken({ text, headers }: Answer, token = TOKEN) {
  const whole = text + JSON.stringify(headers)
  const parts = Array.from({ length: token.length - 6 }, (_, at) => token.slice(at, at + 7))
  const encoded = Buffer.from(token).toString('base64').slice(0, 12)
  expect([...parts, encoded].filter((part) => whole.includes(part))).toEqual([])
}

describe('what is refused as a token, with the sentence that names the cure', () => {
  test.each([
    [
      'huggingface',
      '',
      'Paste your Hugging Face token. You can make one at https://huggingface.co/settings/tokens.',
    ],
    [
      'civitai',
      ' \r\n\t ',
      'Paste your Civitai token. You can make one at https://civitai.com/user/account.',
    ],
    [
      'huggingface',
      'hf_CANARY one',
      'A token has no blanks or line breaks inside. Copy it again, in one piece.',
    ],
    ['civitai', 'CANARY\none', 'A token has no blanks or line breaks inside. Copy it again, in one piece.'],
    [
      'civitai',
      'CANARY\u00a0one',
      'A token has no blanks or line breaks inside. Copy it again, in one piece.',
    ],
    [
      'civitai',
      'CANARY\u0000one',
      'A token has only plain letters, digits and signs. Copy it again from where it was made.',
    ],
    [
      'civitai',
      'CANARY\u200bone',
      'A token has only plain letters, digits and signs. Copy it again from where it was made.',
    ],
    ['civitai', 'C'.repeat(513), 'A token has at most 512 characters; this has 513. Paste only the token.'],
    [
      'huggingface',
      'CANARYone',
      'A Hugging Face token begins with hf_ or api_org_. Copy it from https://huggingface.co/settings/tokens.',
    ],
    [
      'huggingface',
      'hf_',
      'A Hugging Face token begins with hf_ or api_org_. Copy it from https://huggingface.co/settings/tokens.',
    ],
  ])('%s %j', async (provider, token, sentence) => {
    const { admin, signedIn } = await startSite()
    const browser = signedIn(admin)
    const answer = await browser.mutate('providerTokens.save', { provider, token })
    expect([answer.status, refusalOf(answer).message]).toEqual([400, sentence])
    expect(refusalOf(answer).data.field).toBe('token')
    const page = await browser.submit('/profile', { provider, token, intent: 'save' })
    expect(page.status).toBe(200)
    expect(page.text).toContain(`role="alert" class="text-sm text-danger">${sentence}`)
    if (token.length > 6) expectNoToken(page, token)
    expect((await rowsOf(browser)).filter(({ saved }) => saved)).toEqual([])
  })
})

describe('what is accepted as a token', () => {
  test.each([
    ['huggingface', TOKEN, SHOWN],
    ['huggingface', ` \r\n\t${TOKEN}\r\n `, SHOWN],
    ['huggingface', 'api_org_CANARYone', 'api_or••••••••••••••••'],
    ['civitai', 'c'.repeat(512), 'cccccc••••••••••••••••'],
    ['civitai', 'hf_CANARYcivitai', 'hf_CAN••••••••••••••••'],
  ])('%s %j', async (provider, token, masked) => {
    const { admin, signedIn } = await startSite()
    const browser = signedIn(admin)
    expect((await browser.submit('/profile', { provider, token, intent: 'save' })).headers.location).toBe(
      '/profile',
    )
    expect((await rowsOf(browser)).find((row) => row.provider === provider)).toMatchObject({
      saved: true,
      masked,
    })
    expect((await browser.get('/profile')).text).toContain(masked)
  })
})

it('a provider that nobody knows is refused', async () => {
  const { admin, signedIn } = await startSite()
  const browser = signedIn(admin)
  for (const procedure of ['save', 'clear'])
    for (const provider of ['github', '__proto__', '', 7]) {
      const answer = await browser.mutate(`providerTokens.${procedure}`, { provider, token: TOKEN })
      expect(answer.status).toBe(400)
      expectNoToken(answer)
    }
})

it('a token that is replaced shows its own first characters, and one that is cleared shows none', async () => {
  const { admin, signedIn } = await startSite()
  const browser = signedIn(admin)
  const save = (token: string) =>
    browser.submit('/profile', { provider: 'huggingface', token, intent: 'save' })
  await save(TOKEN)
  await save('hf_otherCANARY')
  const page = await browser.get('/profile')
  expect(page.text).toContain('hf_oth••••••••••••••••')
  expect(page.text).not.toContain(SHOWN)
  await browser.submit('/profile', { provider: 'huggingface', intent: 'clear' })
  expect((await browser.get('/profile')).text).not.toContain('hf_oth')
  expect((await rowsOf(browser)).some(({ saved }) => saved)).toBe(false)
})

async function siteWithTokenEverywhere(): Promise<{ site: Site; browser: Visitor; ids: string[] }> {
  const site = await startSite()
  const browser = site.signedIn(site.admin)
  await browser.mutate('providerTokens.save', { provider: 'huggingface', token: TOKEN })
  await browser.mutate('providerTokens.save', { provider: 'civitai', token: TOKEN })
  return { site, browser, ids: [site.runMachine(site.admin), site.failMachine(site.admin)] }
}

it('no page ever holds more than 6 characters of a token', async () => {
  const { browser, ids } = await siteWithTokenEverywhere()
  const pages = [
    '/',
    '/sign-in',
    '/profile',
    '/profile?edit=huggingface',
    '/profile?clear=civitai',
    '/machines',
    '/admin/failed-launches',
    '/nowhere',
  ]
  for (const path of [...pages, ...ids.map((id) => `/machines/${id}`)]) {
    expectNoToken(await browser.get(path))
    expectNoToken(await browser.get(`${path.replace(/(?=\?|$)/, '.data')}`))
  }
})

it('no procedure ever answers more than 6 characters of a token', async () => {
  const { browser, ids } = await siteWithTokenEverywhere()
  const calls = PROCEDURES.filter(({ type, name }) => type !== 'subscription' && name !== 'account.signOut')
  for (const { name, type } of calls)
    for (const id of [...ids, NO_MACHINE]) {
      const input = inputFor(name, id)
      const given = name === 'providerTokens.save' ? { provider: 'huggingface', token: TOKEN } : input
      expectNoToken(await browser.call(name, type, given))
    }
})

it('no refusal repeats a token that came where none belongs', async () => {
  const { browser } = await siteWithTokenEverywhere()
  const raw = (body: string, type = 'application/json') =>
    browser.ask('/trpc/providerTokens.save', { method: 'POST', headers: { 'content-type': type }, body })
  const answers = [
    await raw(TOKEN),
    await raw(`"${TOKEN}"`),
    await raw(`{"token":${TOKEN}}`),
    await raw(`{"token":"${TOKEN}"`),
    await raw(`{"provider":"${TOKEN}","token":"x"}`),
    await raw(`provider=huggingface&token=${TOKEN}`, 'application/x-www-form-urlencoded'),
    await raw(TOKEN, 'text/plain'),
    await browser.ask(`/trpc/machines.get?input=${TOKEN}`),
    await browser.ask(`/trpc/${TOKEN}`),
    await browser.ask(`/trpc/providerTokens.save?input=${TOKEN}`),
    await browser.ask(`/trpc/machines.watch?input=${TOKEN}`),
    await browser.mutate('providerTokens.save', { provider: 'huggingface', token: TOKEN.repeat(4000) }),
    await browser.get(`/${TOKEN}`),
    await browser.get(`/machines/${TOKEN}`),
    await browser.get(`/profile?edit=${TOKEN}`),
    await browser.submit(`/${TOKEN}`),
    await browser.query('machines.get', { id: TOKEN }),
    await browser.query('machines.get', { id: { [TOKEN]: TOKEN } }),
    await browser.mutate('machines.launch', { kind: TOKEN }),
    await browser.mutate('machines.open', { id: NO_MACHINE, service: TOKEN }),
    await browser.submit('/profile', { provider: TOKEN, token: TOKEN, intent: TOKEN }),
    await browser.ask('/profile', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: TOKEN,
    }),
    await browser.ask('/profile', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data' },
      body: TOKEN,
    }),
    await browser.submit('/machines?index', { intent: 'launch', name: `${TOKEN.repeat(4)}` }),
  ]
  for (const answer of answers) expectNoToken(answer)
})

it('no log line ever holds a token', async () => {
  const { site, browser } = await siteWithTokenEverywhere()
  await browser.mutate('providerTokens.save', { provider: 'huggingface', token: `${TOKEN} with blank` })
  await browser.ask('/trpc/providerTokens.save', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: TOKEN,
  })
  site.db.$client.exec('drop table provider_tokens')
  expect(
    (await browser.mutate('providerTokens.save', { provider: 'huggingface', token: TOKEN })).status,
  ).toBe(500)
  expect(site.logged.length).toBeGreaterThan(0)
  expect(site.logged.join('\n')).not.toContain(TOKEN.slice(0, 9))
})
