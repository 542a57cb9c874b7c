import { sizesFile } from './machine-settings'
import { PROVIDER_PREFIX, SETTING_GROUPS, type Setting } from './settings-reference'
import { parseSignInSettings, providerPrefix } from './sign-in-settings'

/** What is set on this server, fit to be shown: secrets are named, and nothing more is here of them. */

type Source = Record<string, string | undefined>

export interface SettingInForce extends Setting {
  group: string
  /** As it was written; null where nothing is, and of a secret. */
  value: string | null
  /** Where it was written; null where nothing is. */
  from: 'environment' | '.env' | 'npm start' | null
}

export interface SettingsInForce {
  settings: SettingInForce[]
  /** Absolute path of the file that `MACHINES_CONFIG` names. */
  sizesFile: string
}

/** @param source what `parseSettings` took without a fault */
export function settingsInForce(source: Source): SettingsInForce {
  const prefixes = parseSignInSettings(source).oidcProviders.map(({ id }) => providerPrefix(id))
  const origins = originsIn(source.SLIPWAY_SETTINGS_FROM)
  const inForce = (setting: Setting, group: string): SettingInForce => {
    const text = source[setting.name]?.trim()
    const value = text && !setting.isSecret ? withoutPasswords(text) : null
    return { ...setting, group, value, from: text ? (origins.get(setting.name) ?? 'environment') : null }
  }
  const settings = SETTING_GROUPS.flatMap(({ title, settings }) =>
    settings
      .flatMap((setting) => (isOfProvider(setting) ? prefixes.map(named(setting)) : [setting]))
      .map((setting) => inForce(setting, title)),
  )
  return { settings, sizesFile: sizesFile(source) }
}

const isOfProvider = ({ name }: Setting) => name.startsWith(PROVIDER_PREFIX)
const named = (setting: Setting) => (prefix: string) => ({
  ...setting,
  name: setting.name.replace(PROVIDER_PREFIX, prefix),
})

/** What `scripts` passed on: `NAME:.env`, separated by commas. */
function originsIn(text = ''): Map<string, '.env' | 'npm start'> {
  const entries = text.split(',').map((entry) => entry.split(':') as [string, string])
  return new Map(
    entries.flatMap(([name, from]) => (from === '.env' || from === 'npm start' ? [[name, from]] : [])),
  )
}

/**
 * Takes what signs in out of an address: what stands before its last @, and its query, and all of it where an @
 * may be of either. Rather too much than too little: a password may hold any sign.
 */
const withoutPasswords = (text: string): string =>
  text
    .replace(/(:\/\/).*\?\w+=.*@.*/s, '$1…')
    .replace(/(:\/\/).*@/s, '$1…@')
    .replace(/(:\/\/[^?]*\?).*/s, '$1…')
