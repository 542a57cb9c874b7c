import { secretForms } from '../../../scrub'
import type { SavePlan } from '../runtime'

/** Looks for secrets in bytes that come piece by piece. */
export interface SecretSearch {
  /** @returns what a person calls the secret that shows in this piece, or across it and the one before */
  look(piece: Buffer): string | undefined
}

/** @returns what begins a search through one file, or undefined when there is nothing to look for */
export function secretSearches(secrets: SavePlan['secrets']): (() => SecretSearch) | undefined {
  const needles = secrets.flatMap(({ label, value }) =>
    secretForms([value]).map((form) => ({ label, bytes: Buffer.from(form) })),
  )
  if (!needles.length) return undefined
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length)) - 1
  return () => {
    let tail = Buffer.alloc(0)
    return {
      look(piece) {
        const text = Buffer.concat([tail, piece])
        tail = text.subarray(Math.max(0, text.length - overlap))
        return needles.find(({ bytes }) => text.includes(bytes))?.label
      },
    }
  }
}
