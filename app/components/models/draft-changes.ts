import type { InputCandidate, OutputCandidate } from '../../../workflows/reading'
import {
  type Draft,
  keyOf,
  type MarkedInput,
  type MarkedOutput,
  markedInput,
  markedOutput,
  type SourceDraft,
} from './draft'

/** A step from one draft to the next, for `useState`'s setter. */
export type Change = (draft: Draft) => Draft
export type ChangeDraft = (change: Change) => void

export const setFields =
  (fields: Partial<Draft>): Change =>
  (draft) => ({ ...draft, ...fields })

/** Marks a value of the workflow, or takes its mark away. */
export const toggleInput =
  (candidate: InputCandidate): Change =>
  (draft) => {
    const key = keyOf(candidate)
    const others = draft.inputs.filter((input) => keyOf(input) !== key)
    const isMarked = others.length < draft.inputs.length
    return { ...draft, inputs: isMarked ? others : [...others, markedInput(candidate)] }
  }

export const setInput =
  (key: string, fields: Partial<MarkedInput>): Change =>
  (draft) => ({
    ...draft,
    inputs: draft.inputs.map((input) => (keyOf(input) === key ? { ...input, ...fields } : input)),
  })

export const removeInput =
  (key: string): Change =>
  (draft) => ({ ...draft, inputs: draft.inputs.filter((input) => keyOf(input) !== key) })

/** Earlier or later in the form that callers see; what is at its end stays. */
export const moveInput =
  (key: string, by: 1 | -1): Change =>
  (draft) => {
    const inputs = [...draft.inputs]
    const from = inputs.findIndex((input) => keyOf(input) === key)
    const [moved] = inputs.splice(from, 1)
    if (moved) inputs.splice(Math.max(from + by, 0), 0, moved)
    return { ...draft, inputs }
  }

export const toggleOutput =
  (candidate: OutputCandidate): Change =>
  (draft) => {
    const others = draft.outputs.filter(({ node }) => node !== candidate.node)
    const isMarked = others.length < draft.outputs.length
    return { ...draft, outputs: isMarked ? others : [...others, markedOutput(candidate)] }
  }

export const setOutput =
  (node: string, fields: Partial<MarkedOutput>): Change =>
  (draft) => ({
    ...draft,
    outputs: draft.outputs.map((output) => (output.node === node ? { ...output, ...fields } : output)),
  })

export const setSource =
  (name: string, fields: Partial<SourceDraft>): Change =>
  (draft) => ({
    ...draft,
    sources: draft.sources.map((source) => (source.name === name ? { ...source, ...fields } : source)),
  })
