import { describe, expect, it } from 'vitest'
import { getMachine, listMachines } from '~/db/machines'
import { startSite } from './site'
import { dataOf, refusalOf, type Visitor } from './visitor'

const TRAINER = { env: { TRAINER_COMMAND: 'serve $HOST $PORT' } }
const PAGE = '/trainer/settings'

describe('Trainer → Settings', () => {
  it('shows the Hugging Face row and knows no other provider', async () => {
    const { admin, signedIn } = await startSite(TRAINER)
    const browser = signedIn(admin)
    await browser.mutate('providerTokens.save', { provider: 'civitai', token: 'CANARYnotHere' })
    for (const path of [PAGE, `${PAGE}.data`, `${PAGE}?edit=huggingface`]) {
      const { status, text } = await browser.get(path)
      expect([path, status]).toEqual([path, 200])
      expect(text).toContain('Hugging Face')
      expect(text).not.toMatch(/civitai|CANARY/i)
    }
  })

  it('is where /trainer and the navigation lead', async () => {
    const { admin, signedIn } = await startSite()
    const browser = signedIn(admin)
    const { status, headers } = await browser.get('/trainer')
    expect([status, headers.location]).toEqual([302, PAGE])
    expect((await browser.get('/machines')).text).toContain('href="/trainer"')
  })

  it('shows nothing to who isn’t signed in, and leads there afterwards', async () => {
    const { visitor } = await startSite()
    const { status, headers, text } = await visitor().get(PAGE)
    expect(status).toBe(302)
    expect(headers.location).toMatch(/^\/sign-in/)
    expect(text).not.toContain('Hugging Face')
  })

  it('saves, replaces and clears the same row as the profile, whichever of the two is used', async () => {
    const { admin, member, signedIn } = await startSite()
    const browser = signedIn(admin)
    const save = (page: string, token: string) =>
      browser.submit(page, { provider: 'huggingface', intent: 'save', token })
    const both = async (text: string) =>
      Promise.all([PAGE, '/profile'].map(async (page) => (await browser.get(page)).text.includes(text)))

    const saved = await save(PAGE, 'hf_oneCANARY')
    expect([saved.status, saved.headers.location]).toEqual([302, PAGE])
    expect(await both('hf_one••••••••••••••••')).toEqual([true, true])
    await save('/profile', 'hf_twoCANARY')
    expect(await both('hf_two••••••••••••••••')).toEqual([true, true])
    expect(await both('hf_one')).toEqual([false, false])
    expect((await signedIn(member).get(PAGE)).text).not.toContain('hf_two')
    await browser.submit(PAGE, { provider: 'huggingface', intent: 'clear' })
    expect(await both('hf_two')).toEqual([false, false])
  })

  it('refuses what is no token beside its input, without repeating it', async () => {
    const { admin, signedIn } = await startSite()
    const token = 'hf_CANARY with a blank'
    const answer = await signedIn(admin).submit(PAGE, { provider: 'huggingface', intent: 'save', token })
    expect(answer.text).toContain('A token has no blanks or line breaks inside.')
    expect(answer.text).not.toContain('hf_CANARY')
  })

  it('names the trainers that hold an older token, and relaunches them', async () => {
    const { admin, signedIn, runMachine, db } = await startSite(TRAINER)
    const browser = signedIn(admin)
    const save = (token: string) => browser.mutate('providerTokens.save', { provider: 'huggingface', token })
    await save('hf_CANARYold')
    const id = runMachine(admin, { name: 'Portraits', kind: 'trainer', service: 'trainer' })
    expect((await browser.get(PAGE)).text).toContain('Has this token')
    await save('hf_CANARYnew')
    const { text } = await browser.get(PAGE)
    expect(text).toContain('Portraits')
    expect(text).toContain('Has an older token')
    await browser.submit(PAGE, { provider: 'huggingface', intent: 'relaunch', id })
    expect(getMachine(db, admin.id, id)?.status).toBe('stopping')
    expect(listMachines(db, admin.id).map(({ kind }) => kind)).toEqual(['trainer', 'trainer'])
  })
})

describe('a trainer', () => {
  const launched = (browser: Visitor, fields: Record<string, string>) =>
    browser.submit('/machines?index', { intent: 'launch', ...fields })

  it('is launched from the form that then offers both kinds, and is called after its kind', async () => {
    const { admin, signedIn, db } = await startSite(TRAINER)
    const browser = signedIn(admin)
    expect((await browser.get('/machines')).text).toContain('<option value="trainer">Trainer</option>')
    const { status } = await launched(browser, { kind: 'trainer' })
    expect(status).toBe(302)
    expect(listMachines(db, admin.id)).toMatchObject([{ kind: 'trainer', name: 'Trainer' }])
    await launched(browser, {})
    expect(listMachines(db, admin.id).map(({ kind }) => kind)).toContain('comfyui')
  })

  it('is opened under a host name of its own', async () => {
    const { admin, signedIn, runMachine, serviceUrl } = await startSite(TRAINER)
    const browser = signedIn(admin)
    const id = runMachine(admin, { kind: 'trainer', service: 'trainer' })
    const page = await browser.get(`/machines/${id}`)
    expect(page.text).toContain('Open trainer')
    expect(page.text).toContain('Trainer<!-- --> · launched')
    const answer = await browser.mutate('machines.open', { id, service: 'trainer' })
    expect(dataOf<{ url: string }>(answer).url).toMatch(
      new RegExp(`^http://m-${id}-trainer\\.machines\\.test:3000/\\.slipway/enter`),
    )
    expect(serviceUrl(id, 'trainer')).toBe(`http://m-${id}-trainer.machines.test:3000/`)
  })

  it('is refused on its kind, with the cure, where the operator has set none up', async () => {
    const { admin, signedIn, db, jobs } = await startSite()
    const browser = signedIn(admin)
    const answer = await browser.mutate('machines.launch', { kind: 'trainer' })
    expect(answer.status).toBe(400)
    expect(refusalOf(answer)).toMatchObject({ data: { field: 'kind' } })
    expect(refusalOf(answer).message).toContain('its operator sets TRAINER_COMMAND')
    expect((await launched(browser, { kind: 'trainer' })).text).toContain('TRAINER_COMMAND')
    expect([listMachines(db, admin.id), jobs]).toEqual([[], []])
    expect((await browser.get('/machines')).text).not.toContain('value="trainer"')
    expect((await browser.get(PAGE)).text).toContain('TRAINER_COMMAND')
  })

  it('of a kind that nobody knows is refused without repeating it', async () => {
    const { admin, signedIn, db } = await startSite(TRAINER)
    const { text } = await launched(signedIn(admin), { kind: 'hf_CANARYkind' })
    expect(text).toContain('Must be one of comfyui, trainer')
    expect(text).not.toContain('CANARY')
    expect(listMachines(db, admin.id)).toEqual([])
  })
})
