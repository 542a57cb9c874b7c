import type { Check } from '../../http/shapes'

/** What an issuer says of a token, in sentences. */
export function checkText(check: Omit<Check, 'lastAnswer'> | null): string {
  if (!check) return 'Nobody asked its issuer about it: checks are off on this server.'
  const { state, account, role, expiresAt, warnings, message } = check
  if (state !== 'valid') return `${state === 'refused' ? 'Refused' : 'Not checked'}: ${message ?? ''}`
  const facts = [account, role, expiresAt && `until ${expiresAt.slice(0, 10)}`].filter(Boolean).join(', ')
  const cures = warnings.map((warning) => ` ${warning.message}${warning.link ? ` ${warning.link.href}` : ''}`)
  return `Valid: ${facts}.${cures.join('')}`
}

/** Which machines hold what is no longer saved, and the cure; lines of their own. */
export const keepingText = (keeping: readonly { machineId: string; name: string }[]): string =>
  keeping
    .map(
      ({ machineId, name }) =>
        `\n${name} (${machineId}) still holds the older value. Relaunch it: runcomfy machines relaunch ${machineId}`,
    )
    .join('')
