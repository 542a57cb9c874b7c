import type { Workspace } from './workspace'
import { type FreeBytes, requireRoom } from './write-whole'

/** Frees what it can for a file at `target`, if it would fit then. @returns bytes that it may take now */
export type MakeRoom = (bytes: number, target: string) => ReturnType<FreeBytes>

/**
 * Room for a file that is about to grow; what other downloads and uploads have been promised counts as taken.
 * @param target absolute path of the file
 * @returns bytes that it may take
 */
export async function roomFor(
  bytes: number,
  target: string,
  { workspace, makeRoom }: { workspace: Workspace; makeRoom: MakeRoom },
): Promise<number> {
  let others = 0
  for (const [path, promised] of workspace.promised) if (path !== target) others += promised
  return Math.max(0, (await makeRoom(bytes + others, target)) - others)
}

/** @throws Refusal `disk_full` */
export const takeRoom = async (bytes: number, target: string, deps: Parameters<typeof roomFor>[2]) =>
  requireRoom(bytes, await roomFor(bytes, target, deps))
