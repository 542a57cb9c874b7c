import type { FormFault } from '../guard'

/** Where the fault of a form is said: beside the field that it is about, or above all of them. */
export function formFaults(fault: FormFault | undefined, fields: readonly string[]) {
  const ofField = fault && fields.includes(fault.field ?? '') ? fault.field : undefined
  return {
    /** @returns what is wrong with this field */
    errorOf: (field: string) => (ofField === field ? fault?.message : undefined),
    /** What is wrong and belongs to none of the fields. */
    general: ofField === undefined ? fault?.message : undefined,
  }
}
