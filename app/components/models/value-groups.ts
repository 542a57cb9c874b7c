import type { InputCandidate } from '../../../workflows/reading'

export interface ValueGroup {
  node: string
  title: string
  nodeClass: string
  values: InputCandidate[]
}

/** The values of a workflow by their nodes. @param sought in a node's title, class or id, or a value's name or text */
export function valueGroups(candidates: readonly InputCandidate[], sought: string): ValueGroup[] {
  const words = sought.trim().toLowerCase()
  const groups = new Map<string, ValueGroup>()
  for (const candidate of candidates) {
    const { node, nodeTitle, nodeClass, field, value } = candidate
    const texts = [nodeTitle, nodeClass, `#${node}`, field, String(value)]
    if (words && !texts.some((text) => text.toLowerCase().includes(words))) continue
    const group = groups.get(node) ?? { node, title: nodeTitle, nodeClass, values: [] }
    group.values.push(candidate)
    groups.set(node, group)
  }
  return [...groups.values()]
}
