/** `a.png` → `a (2).png` → `a (3).png`. */
export function nextName(name: string): string {
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  const counted = /^(.*) \((\d+)\)$/s.exec(stem)
  const count = counted ? Number(counted[2]) + 1 : 2
  return `${counted ? counted[1] : stem} (${count})${extension}`
}
