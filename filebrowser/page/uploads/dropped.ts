import { joinPath } from '../format'

export interface Dropped {
  files: { file: File; folder: string }[]
  /** Folders of what was dropped, outermost first: some may be empty. */
  folders: string[]
}

/**
 * What was dropped, with all that is in its folders. The entries have to be taken before anything is awaited: the
 * browser empties the list when the event is over.
 * @param folder of the workspace, that it was dropped on
 */
export async function readDropped(items: DataTransferItemList, folder: string): Promise<Dropped> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const dropped: Dropped = { files: [], folders: [] }
  for (const entry of entries) await collect(entry, folder, dropped)
  return dropped
}

async function collect(entry: FileSystemEntry, folder: string, into: Dropped): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    into.files.push({ file, folder })
    return
  }
  const path = joinPath(folder, entry.name)
  into.folders.push(path)
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // It answers with a hundred at a time, and with none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return
    for (const each of some) await collect(each, path, into)
  }
}

/** What was chosen; files of a chosen folder say where in it they are. */
export function readChosen(files: Iterable<File>, folder: string): Dropped {
  const chosen = [...files].map((file) => {
    const below = file.webkitRelativePath.split('/').slice(0, -1).join('/')
    return { file, folder: below ? joinPath(folder, below) : folder }
  })
  return { files: chosen, folders: [] }
}
