import type { PreflightView } from '../../../contract'
import type { Fault } from '../reason'

/** One thing that a person brought, and what came of asking about it; neither plan nor fault: it is being asked. */
export interface Lookup {
  id: number
  kind: 'address' | 'workflow'
  /** The address as it was pasted, or the workflow's file name. */
  label: string
  plan?: PreflightView
  fault?: Fault
}

export const isAsking = ({ plan, fault }: Lookup) => !plan && !fault

/** Each address of a text: one a line, where a backslash at a line's end goes on with the next as shells do. */
export function splitAddresses(text: string): string[] {
  const lines = text.replace(/\\\r?\n\s*/g, ' ').split(/\r?\n/)
  return [...new Set(lines.map((line) => line.trim()).filter(Boolean))]
}

/** Whether somebody pasted what must never be asked about: an issuer would read it in an address. */
export const looksLikeToken = (line: string) => /^((hf|api_org)_\w{16,}|[0-9a-f]{32})$/i.test(line)
