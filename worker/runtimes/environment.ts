import { LaunchError } from '../launch-errors'

/**
 * Values are data, whatever they hold; but what the system can't pass on as it is must not be cut short or
 * taken for another variable.
 * @throws LaunchError that names the variable, and never says its value
 */
export function assertPassable(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new LaunchError('internal', 'A variable has a name that no program could read.')
    if (value.includes('\0')) throw new LaunchError('internal', `The variable ${name} holds a NUL character.`)
  }
}
