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

/** Whether somebody pasted what must never be asked about: an issuer would read it in an address. */
export const looksLikeToken = (line: string) => /^((hf|api_org)_\w{16,}|[0-9a-f]{32})$/i.test(line)
