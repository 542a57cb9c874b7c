import type { Page } from 'playwright-core'
import type { Demo } from './demo'

export const WIDTHS = [360, 768, 1440] as const
export const SCHEMES = ['light', 'dark'] as const
type Width = (typeof WIDTHS)[number]
type Scheme = (typeof SCHEMES)[number]

export interface Place {
  /** Of its files, and what the command is called with. */
  name: string
  /** On Slipway, or, with `files`, in the file manager. */
  path: string | ((demo: Demo) => string)
  files?: true
  /** Who looks; without it the administrator. `new` has only just come. */
  as?: 'new' | 'nobody'
  /** From the page as it opens to the state that is wanted. It changes nothing that other places show. */
  reach?: (page: Page) => Promise<void>
  /** Goes into docs/images, by this name, that wide, and that high from the top. */
  docs?: { width: Width; height: number; schemes: readonly Scheme[] }
}

const press = (name: string | RegExp) => async (page: Page) =>
  page.getByRole('button', { name, exact: true }).first().click()

/** Every page, in the states that matter. */
export const PLACES: Place[] = [
  { name: 'sign-in', path: '/sign-in', as: 'nobody' },
  {
    name: 'sign-in-refused',
    path: '/sign-in',
    as: 'nobody',
    reach: async (page) => {
      await page
        .getByLabel('E-mail address')
        .evaluate((field) => field.closest('form')?.setAttribute('novalidate', ''))
      await page.getByLabel('E-mail address').fill('ada@')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').first().waitFor()
    },
  },
  { name: 'sign-in-link-gone', path: '/sign-in/gone', as: 'nobody' },
  { name: 'sign-in-sent', path: '/sign-in/sent', as: 'nobody' },

  { name: 'machines', path: '/machines', docs: { width: 1440, height: 900, schemes: ['light', 'dark'] } },
  { name: 'machines-empty', path: '/machines', as: 'new' },
  {
    name: 'machine',
    path: ({ machines }) => `/machines/${machines.studio}`,
    docs: { width: 1440, height: 900, schemes: ['light', 'dark'] },
  },
  { name: 'machine-failed', path: ({ machines }) => `/machines/${machines.failed}` },
  { name: 'machine-queued', path: ({ machines }) => `/machines/${machines.queued}` },
  { name: 'machine-stopped', path: ({ machines }) => `/machines/${machines.stopped}` },

  { name: 'profile', path: '/profile', docs: { width: 1440, height: 900, schemes: ['light', 'dark'] } },
  { name: 'profile-empty', path: '/profile', as: 'new' },
  { name: 'profile-name', path: '/profile/name' },
  { name: 'profile-username', path: '/profile/username', as: 'new' },
  { name: 'profile-sessions', path: '/profile/sessions' },
  { name: 'profile-activity', path: '/profile/activity' },
  { name: 'api-token-form', path: '/profile/api-tokens/new' },
  { name: 'trainer-settings', path: '/trainer/settings' },
  { name: 'device-login', path: '/cli-auth' },
  { name: 'device-login-question', path: ({ grantId }) => `/cli-auth/${grantId}` },

  { name: 'usage', path: '/usage' },
  { name: 'saves', path: '/saves' },
  { name: 'saves-empty', path: '/saves', as: 'new' },

  { name: 'models', path: '/models' },
  { name: 'models-nothing-found', path: '/models?search=castle' },
  {
    name: 'model',
    path: ({ requests }) => `/models/ada/lighthouse?request=${requests.completed}`,
    docs: { width: 1440, height: 1000, schemes: ['light', 'dark'] },
  },
  { name: 'model-of-others', path: '/models/mo/upscale', as: 'new' },
  {
    name: 'model-publish',
    path: '/models/new',
    reach: async (page) => {
      await page.getByLabel('Workflow file').setInputFiles('test/workflows/fixtures/text-to-image.json')
      await page.getByText('7 nodes, 13 values').waitFor()
    },
  },
  { name: 'model-publish-empty', path: '/models/new' },
  { name: 'model-edit', path: '/models/edit?id=ada/lighthouse' },
  { name: 'requests', path: '/requests' },
  { name: 'requests-empty', path: '/requests', as: 'new' },
  { name: 'request', path: ({ requests }) => `/requests/${requests.completed}` },
  { name: 'request-failed', path: ({ requests }) => `/requests/${requests.failed}` },
  { name: 'request-running', path: ({ requests }) => `/requests/${requests.running}` },

  { name: 'not-found', path: '/nowhere' },
  { name: 'not-found-machine', path: '/machines/aaaaaaaaaaaaaaaa' },
  { name: 'forbidden', path: '/admin', as: 'new' },

  { name: 'admin', path: '/admin', docs: { width: 1440, height: 900, schemes: ['light'] } },
  { name: 'admin-machines', path: '/admin/machines' },
  { name: 'admin-machines-found', path: '/admin/machines?search=s' },
  { name: 'admin-machine', path: ({ machines }) => `/admin/machines/${machines.failed}` },
  {
    name: 'failed-launches',
    path: '/admin/failed-launches',
    docs: { width: 1440, height: 900, schemes: ['light'] },
  },
  { name: 'admin-workers', path: '/admin/workers' },
  { name: 'admin-usage', path: '/admin/usage' },
  { name: 'admin-users', path: '/admin/users' },
  { name: 'admin-user', path: ({ userIds }) => `/admin/users/${userIds.mo}` },
  { name: 'admin-audit', path: '/admin/audit' },
  { name: 'admin-settings', path: '/admin/settings' },

  { name: 'files', files: true, path: '/#/files/' },
  { name: 'files-output', files: true, path: '/#/files/output' },
  {
    name: 'files-selection',
    files: true,
    path: '/#/files/output',
    reach: async (page) => page.getByRole('checkbox', { name: 'Select all' }).click(),
  },
  { name: 'files-preview', files: true, path: '/#/files/output', reach: press('lighthouse_00003_.png') },
  {
    name: 'files-search',
    files: true,
    path: '/#/files/',
    reach: async (page) => {
      await page.getByRole('searchbox').fill('lighthouse')
      await page.getByText(/\d+ found/).waitFor()
    },
  },
  {
    name: 'files-trash',
    files: true,
    path: '/#/files/',
    reach: async (page) => {
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Recently deleted' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'downloads', files: true, path: '/' },
  {
    name: 'downloads-plan',
    files: true,
    path: '/',
    reach: async (page) => {
      await page.getByLabel('Model address').fill('black-forest-labs/FLUX.1-dev')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: /^Download \d/ }).waitFor()
    },
    docs: { width: 1440, height: 900, schemes: ['light', 'dark'] },
  },
  {
    name: 'downloads-refused',
    files: true,
    path: '/',
    reach: async (page) => {
      await page.getByLabel('Model address').fill('stabilityai/stable-diffusion-3.5-large')
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: 'Add models' }).getByText('terms').first().waitFor()
    },
  },
  { name: 'files-session', files: true, path: '/#/session' },
]

/** @returns the file below docs/images that a place gives in one scheme; the light one has the plain name */
export const docsImage = ({ name }: Place, scheme: Scheme) => `${name}${scheme === 'dark' ? '-dark' : ''}.png`
