import { readFileSync, readSync } from 'node:fs'
import { boundedLog } from './bounded-log'
import { outputScrubber } from './output-scrubber'
import { CONFIG_FD, type WriterConfig } from './writer-config'

const READ_BYTES = 65_536

/**
 * The program that writes one service's log: its output comes on standard input, what it has to know on a
 * pipe, and the output's first byte, which was read to know that there is any, as an argument in hex. It reads no
 * faster than it writes, and ends when nobody can write to it any more.
 */
function main() {
  // Without all of it there is nobody to hide secrets for: whoever started this has died.
  const { log, bytesMax, secrets }: WriterConfig = JSON.parse(readFileSync(CONFIG_FD, 'utf8'))
  const file = boundedLog(log, bytesMax)
  const scrubber = outputScrubber(secrets)
  const chunk = Buffer.alloc(READ_BYTES)
  const tell = (text: string) => text && file.write(Buffer.from(text, 'latin1'))
  tell(scrubber.push(Buffer.from(process.argv[2] ?? '', 'hex').toString('latin1')))
  for (;;) {
    const size = readSync(0, chunk)
    if (!size) break
    tell(scrubber.push(chunk.toString('latin1', 0, size)))
  }
  tell(scrubber.end())
}

main()
