import type { FormFault } from '../../guard'

/** What the server refused of a call: beside the inputs that it is about, and what belongs to none of them. */
export function inputFaults(fault: FormFault | undefined, names: readonly string[]) {
  const ofInput = new Map<string, string>()
  const general: string[] = []
  for (const { field, message } of fault?.faults ?? []) {
    const said = message.charAt(0).toUpperCase() + message.slice(1)
    if (names.includes(field)) ofInput.set(field, said)
    else general.push(field ? `${field} ${message}` : said)
  }
  if (fault && !fault.faults) general.push(fault.message)
  return { errorOf: (name: string) => ofInput.get(name), general }
}
